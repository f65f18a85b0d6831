/** Programs of one function written by hand, instruction by instruction. */
import type { Instr, Program } from '../../../src/kernel-c/program';
import type { CType } from '../../../src/kernel-c/types';
import { createMachine } from '../../../src/machine/machine';
import type { Machine } from '../../../src/machine/api';

const TYPES: readonly CType[] = [
  { kind: 'int', bits: 64, signed: true, name: 'long' },
  { kind: 'function', returns: 0, params: [], variadic: false },
];

/** `long f(register 0, register 1, …)`. */
export function programOf(
  code: readonly Instr[],
  registers: number,
  constants: readonly bigint[] = [],
  memory: readonly number[] = [],
): Program {
  return {
    types: TYPES,
    typeNames: {},
    functions: {
      f: {
        name: 'f',
        file: 'f.c',
        line: 1,
        endLine: code.length + 1,
        type: 1,
        inline: false,
        params: [],
        returnsThrough: false,
        registers,
        locals: memory.map((size, index) => ({ name: `l${index}`, size, align: 8, type: 0 })),
        variables: [],
        constants: constants.map((value) => [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]),
        code,
        lines: code.map((_, index) => index + 1),
        statements: code.map((_, index) => index),
      },
    },
    globals: {},
    prototypes: {},
    constants: {},
    problems: [],
  };
}

export function machineOf(program: Program): Machine {
  return createMachine({ program, primitives: [] });
}

export function valueOf(machine: Machine, args: readonly (number | bigint)[]): string {
  machine.start('f', args);
  machine.run(100_000);
  const status = machine.status();
  return status.kind === 'returned' ? status.value : status.kind === 'stopped' ? status.finding.kind : JSON.stringify(status);
}
