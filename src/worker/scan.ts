/** A thread of a scan: compares what was kept with the disk, then reads files as long as there are any that no other thread has taken. */
import { parentPort, workerData } from 'node:worker_threads';
import { createFactTaker, type FactNotes, type FactShare } from '../worktree/read-facts';
import { compareIn, type ThreadStart } from '../worktree/scan-threads';

compareIn(workerData as ThreadStart);
parentPort?.on('message', (share: FactShare) => {
  const take = createFactTaker(share);
  const all: FactNotes[] = [];
  for (let notes = take(); notes !== null; notes = take()) all.push(notes);
  parentPort?.postMessage(all.flat());
});
