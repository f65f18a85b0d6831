/** A thread that indexes files beside the one that asked for them; bundled as `dist/index-worker.js`. */
import { workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { indexParts, type IndexShare } from './index-share';

const { share, port } = workerData as { share: IndexShare; port: MessagePort };
indexParts(share, (result) => {
  // Text is copied faster than a thousand small arrays are.
  port.postMessage(JSON.stringify(result));
  Atomics.add(share.counters, 1, 1);
  Atomics.notify(share.counters, 1);
  return true;
});
