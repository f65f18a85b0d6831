/** Reads C, or explores a function, in a thread of its own. It keeps the index of a tree that it has read. May be ended at any time. */
import { parentPort } from 'node:worker_threads';
import type { Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import type { ExplorationReport } from '../protocol/exploration';
import type { FromReader, ToReader } from '../protocol/reader';
import { exploreProgram } from '../review/explore';
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
  else if (message.kind === 'read') tell({ kind: 'program', id: message.id, outcome: programOf(message) });
  else tell({ kind: 'report', id: message.id, outcome: explored(message) });
});

const tell = (message: FromReader): void => parentPort?.postMessage(message);

/** Tells the server how far the work is; whether it is wanted still the thread need not ask: it is ended where not. */
const progressOf = (id: number): Progress => ({
  report: (text, fraction) => tell({ kind: 'progress', id, text, fraction: fraction ?? -1 }),
  cancelled: false,
});

const explored = ({ id, program, function: name, states }: ToReader & { readonly kind: 'explore' }): Outcome<ExplorationReport> =>
  exploreProgram(program, { function: name, states }, progressOf(id));

function programOf(message: ToReader & { readonly kind: 'read' }): Outcome<Program> {
  const known = trees.get(message.tree) ?? indexed(message.tree, message.id);
  if ('kind' in known) return known;
  trees.set(message.tree, known);
  return programFor(known.tree, known.index, message.function, { config: kernelConfigOf(message.tree) });
}

function indexed(root: string, id: number): KnownTree | Exclude<Outcome<never>, { kind: 'done' }> {
  const tree = diskTree(root);
  const index = cachedTreeIndex(root, tree, progressOf(id));
  return index.kind === 'done' ? { tree, index: index.value } : index;
}
