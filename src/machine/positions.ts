/** Where a run stands: the frames of the running task with their variables. */
import type { FrameView } from '../protocol/simulation';
import { type Cpu, FRAME_NUMBERS, RESUME, type Unit } from './cpu';
import { placeOfPc } from './log';
import { variablesOf } from './variables';

interface Standing {
  readonly unit: Unit;
  readonly pc: number;
  readonly fp: number;
}

/** Innermost first. Modelled functions that wait for a callee of theirs are not frames. */
function standings(cpu: Cpu): Standing[] {
  const found: Standing[] = [];
  let { pc, fp } = cpu;
  let waiting = cpu.calls.length - 1;
  for (let depth = cpu.depth - 1; depth >= 0; depth--) {
    const record = depth * FRAME_NUMBERS;
    const unit = cpu.units[cpu.records[record + 3]!];
    if (unit !== undefined) found.push({ unit, pc, fp });
    const next = cpu.records[record]!;
    pc = next === RESUME ? (cpu.calls[waiting--]?.pc ?? -1) : next - 1;
    fp = cpu.records[record + 1]!;
  }
  return found;
}

export const stackOf = (cpu: Cpu): FrameView[] =>
  standings(cpu).map(({ unit, pc, fp }) => ({ ...placeOfPc(cpu, pc, cpu.task), variables: variablesOf(cpu, unit, pc - unit.entry, fp) }));
