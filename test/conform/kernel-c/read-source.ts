/** Reads one piece of C, as a tree of one file. */
import { createTreeIndex } from '../../../src/kernel-c/tree-index';
import { indexText } from '../../../src/kernel-c/file-index';
import type { Program } from '../../../src/kernel-c/program';
import { readProgram } from '../../../src/kernel-c/read-program';
import type { ReadRequest } from '../../../src/kernel-c/read-request';
import type { SourceTree } from '../../../src/kernel-c/source-tree';

const FILE = 'mm/a.c';

export function programOf(source: string, roots: readonly string[], more: Partial<ReadRequest> = {}): Program {
  const tree: SourceTree = { paths: [FILE], read: (path) => (path === FILE ? source : null) };
  const index = createTreeIndex([indexText(FILE, source)]);
  const needs = { types: [], constants: [], functions: [], globals: [] };
  return readProgram(tree, index, { roots, scope: [FILE], modelled: new Set(), needs, config: {}, ...more });
}
