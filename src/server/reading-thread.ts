/** The thread that reads C for the server, started when first asked and ended when a reading is cancelled. */
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { cancelled, type Outcome } from '../base/outcome';
import type { Program } from '../kernel-c/program';
import type { FromReader, ToReader } from '../protocol/reader';

interface Waiting {
  readonly settle: (outcome: Outcome<Program>) => void;
  readonly fail: (error: Error) => void;
  readonly report: (text: string, fraction?: number) => void;
}

export interface ReadingThread {
  /** *Fails* as `programFor`; rejects on a bug in the thread. */
  program(tree: string, functionName: string, report: Waiting['report'], onCancel: (stop: () => void) => void): Promise<Outcome<Program>>;
}

/** @param script path of the bundled thread, `dist/worker.js` */
export function readingThread(script: string): ReadingThread {
  let worker: Worker | null = null;
  let next = 0;
  const waiting = new Map<number, Waiting>();

  const started = (): Worker => {
    if (worker) return worker;
    const made = new Worker(script);
    made.on('message', (message: FromReader) => {
      const one = waiting.get(message.id);
      if (!one) return;
      if (message.kind === 'progress') one.report(message.text, message.fraction < 0 ? undefined : message.fraction);
      else if (message.kind === 'program') {
        waiting.delete(message.id);
        one.settle(message.outcome);
      }
    });
    made.on('error', (error) => {
      if (worker === made) worker = null;
      for (const [id, one] of waiting) {
        waiting.delete(id);
        one.fail(error);
      }
    });
    // The server may end although the thread is there.
    made.unref();
    worker = made;
    return made;
  };

  const post = (message: ToReader): void => started().postMessage(message);

  return {
    program: (tree, functionName, report, onCancel) =>
      new Promise((settle, fail) => {
        const id = ++next;
        waiting.set(id, { settle, fail, report });
        onCancel(() => {
          if (!waiting.delete(id)) return;
          settle(cancelled);
          // Reading is one piece of work that hears nothing: the thread goes, unless others wait for it.
          if (waiting.size === 0) {
            void worker?.terminate();
            worker = null;
          }
        });
        statSync(script);
        post({ kind: 'read', id, tree, function: functionName });
      }),
  };
}
