/** The page of outcomes of a tree on disk: what the generator writes and its test compares. */
import { unwatched } from '../../src/base/progress';
import { outcomesOf } from '../../src/review/outcomes';
import { outcomesDocument } from '../../src/review/outcomes-document';
import { diskTree } from '../../src/worktree/disk-tree';
import { cachedTreeIndex } from '../../src/worktree/tree-index-cache';

const FILE = 'virt/kvm/guest_memfd.c';
/** Every loop over the pages of a block goes round more than once. */
const ORDER = 2;

/** @throws where the tree has no such file, or cannot be read */
export function outcomesText(root: string): string {
  const tree = diskTree(root);
  const index = cachedTreeIndex(root, tree, unwatched);
  if (index.kind !== 'done') throw new Error(`${root} cannot be indexed: ${JSON.stringify(index)}`);
  const rows = outcomesOf(tree, index.value, FILE, ORDER, unwatched);
  if (rows.kind !== 'done' || rows.value.length === 0) throw new Error(`${FILE} of ${root} has no outcomes: ${JSON.stringify(rows)}`);
  return outcomesDocument(rows.value, { file: FILE, tree: 'a tree with the series applied', order: ORDER });
}
