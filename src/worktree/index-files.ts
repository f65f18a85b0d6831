/** Indexes files with all cores, and waits for it. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { IndexRows } from '../kernel-c/index-rows';
import { indexParts, type IndexShare, PART, type PartResult } from './index-share';

/** Fewer files than this are read sooner than a thread has started. */
const WORTH_A_THREAD = 400;
/** Threads beyond this wait for memory. */
const MOST_THREADS = 6;
/** A thread that says nothing for so long will not: its part is done here. */
const PATIENCE_MS = 5000;

/**
 * For each path the id of its content and its rows; null where it is no text.
 *
 * @param script path of the bundled thread; where there is none, or none can start, this thread does all
 * @param goOn hears how many are done; false stops, and null is given
 */
export function indexFiles(
  root: string,
  paths: readonly string[],
  script: string,
  goOn: (done: number) => boolean,
): (readonly [string, IndexRows] | null)[] | null {
  const share: IndexShare = { root, paths, counters: new Int32Array(new SharedArrayBuffer(8)) };
  const results = new Map<number, PartResult[1]>();
  const parts = Math.ceil(paths.length / PART);
  const threads = paths.length < WORTH_A_THREAD || !existsSync(script) ? [] : startThreads(script, share);
  const receive = (): void => {
    for (const { port } of threads)
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        const [part, rows] = JSON.parse(String(got.message)) as PartResult;
        results.set(part, rows);
      }
  };
  const report = (): boolean => {
    receive();
    return goOn(Math.min(paths.length, results.size * PART));
  };
  let stopped = false;
  try {
    indexParts(share, ([part, rows]) => {
      results.set(part, rows);
      stopped = !report();
      return !stopped;
    });
    while (threads.length > 0 && !stopped && results.size < parts) {
      const posted = Atomics.load(share.counters, 1);
      receive();
      if (results.size >= parts) break;
      if (Atomics.wait(share.counters, 1, posted, PATIENCE_MS) === 'timed-out') break;
      stopped = !report();
    }
    if (stopped) return null;
    for (let part = 0; part < parts; part++) {
      if (results.has(part)) continue;
      const own: IndexShare = {
        root,
        paths: paths.slice(part * PART, (part + 1) * PART),
        counters: new Int32Array(new SharedArrayBuffer(8)),
      };
      indexParts(own, ([, rows]) => (results.set(part, rows), false));
    }
    return Array.from({ length: parts }, (_, part) => results.get(part) ?? []).flat();
  } finally {
    for (const { worker, port } of threads) {
      port.close();
      void worker.terminate();
    }
  }
}

function startThreads(script: string, share: IndexShare): { worker: Worker; port: MessagePort }[] {
  const count = Math.min(MOST_THREADS, availableParallelism() - 1, Math.ceil(share.paths.length / WORTH_A_THREAD));
  const threads: { worker: Worker; port: MessagePort }[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const { port1, port2 } = new MessageChannel();
      const worker = new Worker(script, { workerData: { share, port: port2 }, transferList: [port2], stdout: true, stderr: true });
      // What it does not do is done here.
      worker.on('error', () => undefined);
      worker.unref();
      threads.push({ worker, port: port1 });
    }
  } catch {
    // The system gives no more threads.
  }
  return threads;
}
