/** Reads C, or explores a function, in a thread of its own. It keeps the index of a tree while no file changes. May be ended at any time. */
import { parentPort } from 'node:worker_threads';
import type { Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import type { ExplorationReport } from '../protocol/exploration';
import type { FromReader, ToReader } from '../protocol/reader';
import { exploreProgram } from '../review/explore';
import { programFor } from '../review/read-for-simulation';
import { indexKeeper } from '../worktree/kept-index';
import { kernelConfigOf } from '../worktree/kernel-config';

const indexed = indexKeeper();

parentPort?.on('message', (message: ToReader) => {
  if (message.kind === 'read') tell({ kind: 'program', id: message.id, outcome: programOf(message) });
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
  const known = indexed(message.tree, progressOf(message.id));
  if (known.kind !== 'done') return known;
  const { tree, index } = known.value;
  return programFor(tree, index, message.function, { config: kernelConfigOf(message.tree) });
}
