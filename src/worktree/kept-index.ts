/** Keeps the index of a tree in memory for as long as no file of the tree changes. */
import { join } from 'node:path';
import { done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import { diskTree } from './disk-tree';
import { cachedTreeIndex, type TreeIndexOptions } from './tree-index-cache';
import { stampOf } from './tree-stamps';

export interface IndexedTree {
  readonly tree: SourceTree;
  readonly index: TreeIndex;
}

interface Kept extends IndexedTree {
  /** Of each file in the order of the tree's paths; null where it was written too lately to be sure. */
  readonly stamps: readonly (string | null)[];
}

/**
 * Gives the tree and its index as the files are now; the same objects as the last time where nothing has changed, so that what a reader has found
 * out about them stays.
 *
 * *Fails* as `cachedTreeIndex`.
 * *Cost* a listing of the tree and one `stat` a file where nothing has changed.
 */
export function indexKeeper(
  options: TreeIndexOptions = {},
  clock: () => number = Date.now,
): (root: string, progress: Progress) => Outcome<IndexedTree> {
  const kept = new Map<string, Kept>();
  return (root, progress) => {
    const tree = diskTree(root);
    const now = clock();
    const stamps = tree.paths.map((path) => stampOf(join(root, path), now));
    const known = kept.get(root);
    if (known !== undefined && isAsBefore(known, tree, stamps)) return done(known);
    const index = cachedTreeIndex(root, tree, progress, options);
    if (index.kind !== 'done') return index;
    const made: Kept = { tree, index: index.value, stamps };
    kept.set(root, made);
    return done(made);
  };
}

const isAsBefore = (known: Kept, tree: SourceTree, stamps: readonly (string | null)[]): boolean =>
  known.stamps.length === stamps.length &&
  stamps.every((stamp, at) => stamp !== null && stamp === known.stamps[at] && tree.paths[at] === known.tree.paths[at]);
