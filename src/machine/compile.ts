/** Turns a function's instructions into closures, once, when it is first entered. */
import type { Instr, Operand, Program } from '../kernel-c/program';
import type { CalleeTable, Closure, Cpu, Unit } from './cpu';
import { FIRST_CONSTANT } from './cpu';
import type { Family, Site } from './compiling';
import { arithmetic } from './instr-arithmetic';
import { callFamily } from './instr-call';
import { comparison } from './instr-compare';
import { control } from './instr-control';
import { memoryAccess } from './instr-memory';
import { layLocals } from './locals';

const FAMILIES: readonly Family[] = [arithmetic, comparison, memoryAccess, control];

/** Numbers all instructions of a program through, function after function. */
export function unitsOf(program: Program): Unit[] {
  let entry = 0;
  return Object.values(program.functions).map((code, index): Unit => {
    const unit: Unit = {
      code,
      index,
      entry,
      frameSize: (code.registers + 1) * 2,
      ...layLocals(code.locals),
      poisons: code.code.some((instr) => instr.op === 'poison' || instr.op === 'check'),
    };
    entry += code.code.length;
    return unit;
  });
}

/** All constants of a program, each once: where each stands, and their values to be put in front of the stacks. */
export interface Constants {
  readonly values: Int32Array;
  placeOf(unit: Unit, operand: Operand): number;
}

export function constantsOf(units: readonly Unit[]): Constants {
  const known = new Map<string, number>();
  const values: number[] = new Array<number>(FIRST_CONSTANT).fill(0);
  const places = units.map(({ code }) =>
    code.constants.map(([low, high]) => {
      const key = `${low},${high}`;
      let place = known.get(key);
      if (place === undefined) {
        place = values.push(low, high) - 2;
        known.set(key, place);
      }
      return place;
    }),
  );
  return { values: new Int32Array(values), placeOf: (unit, operand) => places[unit.index]![~operand]! };
}

/**
 * Fills `cpu.code` with one closure an instruction. At first there is at each entry one that compiles its function and then runs its first
 * instruction; the others come with it.
 */
export function layCode(cpu: Cpu, constants: Constants, callees: CalleeTable): void {
  const callsOf = callFamily(cpu, callees);
  for (const unit of cpu.units) {
    const { code, entry } = unit;
    const poisoned = new Set(code.code.flatMap((instr) => (instr.op === 'poison' ? [instr.dst] : [])));
    code.statements.forEach((at) => (cpu.isStatement[entry + at] = 1));
    for (let at = 0; at < code.code.length; at++) cpu.code.push(at === 0 ? first : absent);

    function first(running: Cpu): number {
      code.code.forEach((_, index) => {
        running.code[entry + index] = compileAt(index);
      });
      return running.code[entry]!(running);
    }

    /** A write to a register that may be poisoned says that it is assigned now. */
    function assigning(instr: Instr, closure: Closure): Closure {
      if (!('dst' in instr) || instr.dst === null || instr.op === 'poison' || !poisoned.has(instr.dst)) return closure;
      const { dst } = instr;
      return (running) => {
        running.poisoned[(running.fp >> 1) + dst] = 0;
        return closure(running);
      };
    }

    function compileAt(index: number): Closure {
      const instr = code.code[index]!;
      const site: Site = {
        unit,
        code,
        pc: entry + index,
        next: entry + index + 1,
        maskOf: (operand) => (operand >= 0 ? -1 : 0),
        placeOf: (operand) => (operand >= 0 ? operand * 2 : constants.placeOf(unit, operand)),
        placeOfRegister: (register) => register * 2,
        pcOf: (target) => entry + target,
      };
      if (instr.op === 'call' || instr.op === 'call-pointer' || instr.op === 'symbol') return callsOf(instr, site);
      for (const family of FAMILIES) {
        const closure = family(instr, site);
        if (closure !== null) return assigning(instr, closure);
      }
      throw new Error(`no family of instructions has ${instr.op}`);
    }
  }
}

function absent(): never {
  throw new Error('an instruction of a function that was never entered');
}
