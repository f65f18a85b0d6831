/** Frames of functions of the program on a task's stack. */
import { type Cpu, FRAME_NUMBERS, type Unit } from './cpu';
import { Undecided } from './faults';
import { claimLocals } from './locals';

/** Makes the frame of a function of the program; gives its first instruction. The arguments are in place already. */
export function enter(cpu: Cpu, unit: Unit, fp: number, given: number, next: number, result: number): number {
  const { stack, records, depth } = cpu;
  const { registers } = unit.code;
  const end = fp + unit.frameSize;
  if (depth >= cpu.bounds.depth || end > cpu.stackEnd) {
    throw new Undecided(`${unit.code.name}() would be the ${depth + 1}th function on the stack: deeper than the bound of the run.`);
  }
  for (let place = fp + Math.min(given, registers) * 2; place < end; place++) stack[place] = 0;
  if (unit.poisons) cpu.poisoned.fill(0, fp >> 1, end >> 1);
  const record = depth * FRAME_NUMBERS;
  records[record] = next;
  records[record + 1] = cpu.fp;
  records[record + 2] = result;
  records[record + 3] = unit.index;
  cpu.depth = depth + 1;
  if (unit.localsSize > 0) claimLocals(cpu, unit, fp);
  cpu.fp = fp;
  cpu.unitCalls[unit.index]!++;
  return unit.entry;
}
