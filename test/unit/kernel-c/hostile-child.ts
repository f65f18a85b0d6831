/** Reads hostile C in a process of its own, with little memory, and prints a line of JSON for each piece: what came of it, in how long. */
import { createTreeIndex } from '../../../src/kernel-c/tree-index';
import { indexText } from '../../../src/kernel-c/file-index';
import { readProgram } from '../../../src/kernel-c/read-program';
import { programFor } from '../../../src/review/read-for-simulation';
import { hostileCases } from './hostile-c';

export interface HostileResult {
  readonly name: string;
  readonly ms: number;
  readonly thrown: string;
  readonly said: readonly string[];
  /** Of `programFor`. */
  readonly outcome: string;
}

const needs = { types: [], constants: [], functions: [], globals: [] };
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

for (const { name, files } of hostileCases) {
  const from = cpuMs();
  let thrown = '';
  let said: readonly string[] = [];
  let outcome = '';
  try {
    const paths = Object.keys(files);
    const tree = { paths, read: (path: string) => files[path] ?? null };
    const index = createTreeIndex(paths.map((path) => indexText(path, files[path] ?? '')));
    const program = readProgram(tree, index, { roots: ['main'], scope: ['mm/a.c'], modelled: new Set(), needs, config: {} });
    said = program.problems.slice(0, 50).map((one) => one.message);
    const read = programFor(tree, index, 'main');
    outcome = read.kind;
    JSON.stringify([program, read]);
  } catch (error) {
    thrown = String(error instanceof Error ? error.stack : error);
  }
  console.log(JSON.stringify({ name, ms: cpuMs() - from, thrown, said, outcome } satisfies HostileResult));
}
