/** Locals that live in memory: each activation gets addresses that were never used before, so a pointer to a dead one is known as such. */
import type { MemoryLocal } from '../kernel-c/program';
import type { Address } from '../model/primitive';
import { LOCALS, LOCALS_END, PAGE_SIZE, pagesOf } from './address-space';
import { type Cpu, FRAME_NUMBERS, type Unit } from './cpu';
import { Undecided } from './faults';
import { dropPage, findSlot } from './memory';
import { highOf, wordOf } from './word';

/** Offsets of the locals from the address of the activation's locals, and the size of all; a page that is not there lies between two. */
export function layLocals(locals: readonly MemoryLocal[]): { readonly localOffsets: number[]; readonly localsSize: number } {
  let next = 0;
  const localOffsets = locals.map((local) => {
    const offset = next;
    next += (pagesOf(Math.max(local.size, 1)) + 1) * PAGE_SIZE;
    return offset;
  });
  return { localOffsets, localsSize: next };
}

/** At entry: addresses for the locals of the new frame, kept behind its registers. */
export function claimLocals(cpu: Cpu, unit: Unit, fp: number): void {
  const at = cpu.nextLocals;
  cpu.nextLocals = at + unit.localsSize;
  if (cpu.nextLocals > LOCALS_END)
    throw new Undecided('The run has used up the addresses of local variables. Take a smaller bound of steps.');
  const place = fp + unit.code.registers * 2;
  cpu.stack[place] = at | 0;
  cpu.stack[place + 1] = highOf(at);
}

/** At return: the pages of the locals are gone. */
export function dropLocals(cpu: Cpu, unit: Unit): void {
  const place = cpu.fp + unit.code.registers * 2;
  const at = wordOf(cpu.stack[place]!, cpu.stack[place + 1]!);
  for (const [index, local] of unit.code.locals.entries()) {
    const from = at + unit.localOffsets[index]!;
    for (let page = from; page < from + local.size; page += PAGE_SIZE) {
      const high = highOf(page);
      if (findSlot(cpu, page | 0, high) >= 0) dropPage(cpu, page | 0, high);
    }
  }
  if (cpu.recording !== null) cpu.recording.deadLocals.push(at - cpu.recording.localsFrom, unit.index);
  cpu.deadLocals[cpu.deadLocalsNext] = at;
  cpu.deadLocals[cpu.deadLocalsNext + 1] = unit.index;
  cpu.deadLocalsNext = (cpu.deadLocalsNext + 2) % cpu.deadLocals.length;
}

export interface FoundLocal {
  readonly unit: Unit;
  readonly local: MemoryLocal;
  readonly at: Address;
  /** False: the function has returned. */
  readonly live: boolean;
}

/** The local whose window holds the address. Null: none, or one so long dead that its name is forgotten. */
export function localAt(cpu: Cpu, address: Address): FoundLocal | null {
  if (address < LOCALS || address >= LOCALS_END) return null;
  for (const task of cpu.tasks) {
    const running = task.number === cpu.task;
    const records = running ? cpu.records : task.records;
    let fp = running ? cpu.fp : task.fp;
    for (let depth = (running ? cpu.depth : task.depth) - 1; depth >= 0; depth--) {
      const unit = cpu.units[records[depth * FRAME_NUMBERS + 3]!];
      if (unit !== undefined && unit.localsSize > 0) {
        const place = fp + unit.code.registers * 2;
        const found = inActivation(unit, wordOf(cpu.stack[place]!, cpu.stack[place + 1]!), address, true);
        if (found !== null) return found;
      }
      fp = records[depth * FRAME_NUMBERS + 1]!;
    }
  }
  for (let index = 0; index < cpu.deadLocals.length; index += 2) {
    const unit = cpu.units[cpu.deadLocals[index + 1]!];
    const at = cpu.deadLocals[index]!;
    const found = unit === undefined || at === 0 ? null : inActivation(unit, at, address, false);
    if (found !== null) return found;
  }
  return null;
}

function inActivation(unit: Unit, at: Address, address: Address, live: boolean): FoundLocal | null {
  if (address < at - PAGE_SIZE || address >= at + unit.localsSize) return null;
  let index = unit.localOffsets.length - 1;
  while (index > 0 && at + unit.localOffsets[index]! > address) index--;
  return { unit, local: unit.code.locals[index]!, at: at + unit.localOffsets[index]!, live };
}
