/** Runs a piece of C through the reader and the machine. */
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import type { Program } from '../../../src/kernel-c/program';
import type { ReadRequest } from '../../../src/kernel-c/read-request';
import { readProgram } from '../../../src/kernel-c/read-program';
import type { Machine, MachineOptions } from '../../../src/machine/api';
import { createMachine } from '../../../src/machine/machine';
import type { Primitive } from '../../../src/model/primitive';

export function programOfC(text: string, roots: readonly string[], more: Partial<ReadRequest> = {}): Program {
  const tree = { paths: ['a.c'], read: () => text };
  const index = buildTreeIndex(tree);
  const needs = { types: [], constants: [], functions: [], globals: [] };
  return readProgram(tree, index, { roots, scope: ['a.c'], modelled: new Set(), needs, config: {}, ...more });
}

export function machineOfC(
  text: string,
  primitives: readonly Primitive[] = [],
  options: Partial<MachineOptions> & { roots?: readonly string[] } = {},
): Machine {
  const program = programOfC(text, options.roots ?? ['f'], { modelled: new Set(primitives.map((primitive) => primitive.name)) });
  return createMachine({ program, primitives, ...options });
}

/** `f` run to its end with these arguments. */
export function runC(text: string, args: readonly (number | bigint)[] = [], primitives: readonly Primitive[] = []): Machine {
  const machine = machineOfC(text, primitives);
  machine.start('f', args);
  machine.run(10_000_000);
  return machine;
}
