/** Reads C in a thread of its own: indexes a tree once, keeps the index, and answers with programs. May be ended at any time. */
import { parentPort } from 'node:worker_threads';
import type { Outcome } from '../base/outcome';
import type { Program } from '../kernel-c/program';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import type { FromReader, ToReader } from '../protocol/reader';
import { programFor } from '../review/read-for-simulation';
import { diskTree } from '../worktree/disk-tree';
import { kernelConfigOf } from '../worktree/kernel-config';
import { cachedTreeIndex } from '../worktree/tree-index-cache';

interface KnownTree {
  readonly tree: SourceTree;
  readonly index: TreeIndex;
}

const trees = new Map<string, KnownTree>();

parentPort?.on('message', (message: ToReader) => {
  if (message.kind === 'changed') trees.delete(message.tree);
  else tell({ kind: 'program', id: message.id, outcome: programOf(message) });
});

const tell = (message: FromReader): void => parentPort?.postMessage(message);

function programOf(message: ToReader & { readonly kind: 'read' }): Outcome<Program> {
  const known = trees.get(message.tree) ?? indexed(message.tree, message.id);
  if ('kind' in known) return known;
  trees.set(message.tree, known);
  return programFor(known.tree, known.index, message.function, { config: kernelConfigOf(message.tree) });
}

function indexed(root: string, id: number): KnownTree | Exclude<Outcome<never>, { kind: 'done' }> {
  const tree = diskTree(root);
  const report = (text: string, fraction?: number): void => tell({ kind: 'progress', id, text, fraction: fraction ?? -1 });
  const index = cachedTreeIndex(root, tree, { report, cancelled: false });
  return index.kind === 'done' ? { tree, index: index.value } : index;
}
