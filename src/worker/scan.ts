/** A thread of a scan: reads files as long as there are any that no other thread has taken. */
import { parentPort, workerData } from 'node:worker_threads';
import { createFactTaker, type FactNotes, type FactShare } from '../worktree/read-facts';

const take = createFactTaker(workerData as FactShare);
const all: FactNotes[] = [];
for (let notes = take(); notes !== null; notes = take()) all.push(notes);
parentPort?.postMessage(all.flat());
