/** A thread for each exploration: it ends with it, and at once when it is cancelled. */
import { Worker } from 'node:worker_threads';
import { cancelled, type Outcome } from '../base/outcome';
import type { Program } from '../kernel-c/program';
import type { ExplorationReport } from '../protocol/exploration';
import type { FromReader, ToReader } from '../protocol/reader';
import type { ExploreParams } from '../protocol/requests';

/** What a thread tells while it works. */
type Report = (text: string, fraction?: number) => void;

/**
 * The report on a function of a program.
 *
 * @param script path of the bundled thread, `dist/worker.js`
 * @param onCancel is given what ends the thread; the outcome is then `cancelled`
 *
 * *Fails* as `exploreProgram`; rejects on a bug in the thread.
 */
export function exploredInThread(
  script: string,
  program: Program,
  { function: name, states }: Pick<ExploreParams, 'function' | 'states'>,
  report: Report,
  onCancel: (stop: () => void) => void,
): Promise<Outcome<ExplorationReport>> {
  return new Promise((settle, fail) => {
    const worker = new Worker(script);
    // The server may end although the thread is at work.
    worker.unref();
    const end = (): void => void worker.terminate();
    worker.on('message', (message: FromReader) => {
      if (message.kind === 'progress') return report(message.text, message.fraction < 0 ? undefined : message.fraction);
      if (message.kind !== 'report') return;
      settle(message.outcome);
      end();
    });
    worker.on('error', (error) => {
      fail(error);
      end();
    });
    // Out of memory ends a thread without an answer.
    worker.on('exit', () => {
      fail(new Error('the thread of the exploration ended without an answer'));
    });
    onCancel(() => {
      settle(cancelled);
      end();
    });
    const message: ToReader = { kind: 'explore', id: 1, program, function: name, states };
    worker.postMessage(message);
  });
}
