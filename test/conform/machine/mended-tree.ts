/** Copies of a tree in which one function of a file is changed, for tests that a finding is gone where its defect is mended. */
import { indexText } from '../../../src/kernel-c/file-index';
import type { SourceTree } from '../../../src/kernel-c/source-tree';
import { createTreeIndex, type TreeIndex } from '../../../src/kernel-c/tree-index';

const FILE = 'virt/kvm/guest_memfd.c';

/** Inside the function of this name: from, to. */
export type Mending = readonly (readonly [inside: string, from: RegExp, to: string])[];

/** @throws when a function has nothing that the mending would change */
export function mendedTree(tree: SourceTree, mending: Mending): SourceTree {
  let text = tree.read(FILE) ?? '';
  for (const [inside, from, to] of mending) {
    const start = text.search(new RegExp(`^\\w[^;{}()]*\\b${inside}\\([^;{}]*\\{`, 'm'));
    const end = text.indexOf('\n}', start);
    const body = text.slice(start, end);
    const changed = body.replace(from, to);
    if (start < 0 || changed === body) throw new Error(`${inside} has nothing that could be mended`);
    text = text.slice(0, start) + changed + text.slice(end);
  }
  return { ...tree, read: (path) => (path === FILE ? text : tree.read(path)) };
}

/** The index of the tree before, with the changed file read again. */
export function reindexed(index: TreeIndex, tree: SourceTree): TreeIndex {
  const files = new Map(index.files);
  files.set(FILE, indexText(FILE, tree.read(FILE) ?? ''));
  return createTreeIndex(files.values());
}
