/** `jump`, `branch`, `switch`, `return`, `symbol`, `poison`, `check` and the instructions that end a run. */
import type { Family, InstrOf, Site } from './compiling';
import { type Closure, type Cpu, FRAME_NUMBERS } from './cpu';
import { Fault, Undecided } from './faults';
import { dropLocals } from './locals';
import { addFinding } from './log';
import { belowSigned, highOfBig, lowOfBig } from './word';

export const control: Family = (instr, site) => {
  switch (instr.op) {
    case 'jump': {
      const to = site.pcOf(instr.to);
      return () => to;
    }
    case 'branch':
      return branch(instr, site);
    case 'switch':
      return switchOver(instr, site);
    case 'return':
      return returnFrom(instr, site);
    case 'poison': {
      const { next } = site;
      const { dst } = instr;
      const place = site.placeOfRegister(dst);
      return ({ poisoned, stack, fp }) => {
        poisoned[(fp >> 1) + dst] = 1;
        stack[fp + place] = 0;
        stack[fp + place + 1] = 0;
        return next;
      };
    }
    case 'check':
      return check(instr, site);
    case 'unreachable':
      return () => {
        throw new Fault('unreachable', 'The run reaches code that the compiler is told is never reached.');
      };
    case 'unsupported': {
      const { what } = instr;
      return (cpu) => {
        if (!cpu.unsupported.includes(site.code.name)) cpu.unsupported = [...cpu.unsupported, site.code.name];
        throw new Undecided(
          `${what} (${site.code.file}:${site.code.lines[site.pc - site.unit.entry] ?? 0}) is C that the reader does not lower.`,
        );
      };
    }
    default:
      return null;
  }
};

function branch(instr: InstrOf<'branch'>, site: Site): Closure {
  const [am, a] = [site.maskOf(instr.a), site.placeOf(instr.a)];
  const [then, otherwise] = [site.pcOf(instr.then), site.pcOf(instr.else)];
  return ({ stack, fp }) => {
    const x = (fp & am) + a;
    return (stack[x]! | stack[x + 1]!) === 0 ? otherwise : then;
  };
}

/** Cases are sorted and searched by halves; their ranges do not overlap (C11 6.8.4.2p3). */
function switchOver(instr: InstrOf<'switch'>, site: Site): Closure {
  const [am, a] = [site.maskOf(instr.a), site.placeOf(instr.a)];
  const otherwise = site.pcOf(instr.otherwise);
  const ranges = instr.cases
    .map((each) => ({ from: BigInt.asIntN(64, BigInt(each.from)), to: BigInt.asIntN(64, BigInt(each.to)), target: site.pcOf(each.target) }))
    .sort((one, other) => (one.from < other.from ? -1 : 1));
  const bounds = new Int32Array(ranges.flatMap(({ from, to }) => [lowOfBig(from), highOfBig(from), lowOfBig(to), highOfBig(to)]));
  const targets = new Int32Array(ranges.map(({ target }) => target));
  return ({ stack, fp }) => {
    const x = (fp & am) + a;
    const low = stack[x]!;
    const high = stack[x + 1]!;
    let from = 0;
    let to = targets.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const at = middle * 4;
      if (belowSigned(low, high, bounds[at]!, bounds[at + 1]!)) to = middle;
      else if (belowSigned(bounds[at + 2]!, bounds[at + 3]!, low, high)) from = middle + 1;
      else return targets[middle]!;
    }
    return otherwise;
  };
}

function returnFrom(instr: InstrOf<'return'>, site: Site): Closure {
  const { unit } = site;
  const value = instr.a ?? null;
  // A void function gives 0: nobody looks.
  const [am, a] = value === null ? [0, 2] : [site.maskOf(value), site.placeOf(value)];
  const hasLocals = unit.localsSize > 0;
  return (cpu) => {
    const { stack, fp, records } = cpu;
    const x = (fp & am) + a;
    const low = stack[x]!;
    const high = stack[x + 1]!;
    if (hasLocals) dropLocals(cpu, unit);
    return leave(cpu, records, low, high);
  };
}

/** Ends the frame on top; gives the instruction to go on with. */
function leave(cpu: Cpu, records: Int32Array, low: number, high: number): number {
  const record = --cpu.depth * FRAME_NUMBERS;
  cpu.fp = records[record + 1]!;
  const result = records[record + 2]!;
  if (result >= 0) {
    cpu.stack[result] = low;
    cpu.stack[result + 1] = high;
    cpu.poisoned[result >> 1] = 0;
  }
  return records[record]!;
}

/** The run goes on with 0, and one cause is told once. */
function check(instr: InstrOf<'check'>, site: Site): Closure {
  const { next } = site;
  const { a, name } = instr;
  return (cpu) => {
    const register = (cpu.fp >> 1) + a;
    if (cpu.poisoned[register] === 1) {
      cpu.poisoned[register] = 0;
      addFinding(cpu, 'uninitialised-read', `The variable ${name} is read, and nothing was assigned to it on this path.`);
    }
    return next;
  };
}
