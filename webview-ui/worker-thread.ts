/** Runs the worker's loop in a real worker: its mailbox, its clock, its turn of other messages. */
import type { FromWorker, ToWorker } from '../src/protocol/page';
import type { CreateSimulation } from '../src/review/simulation-contract';
import { workerLoop } from './worker-loop';

/** What is used of a worker's global scope; a page's has other types under the same names. */
interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

export function serve(create: CreateSimulation): void {
  const scope = self as unknown as Scope;
  const channel = new MessageChannel();
  let waiting: (() => void) | null = null;
  channel.port1.onmessage = (): void => {
    const work = waiting;
    waiting = null;
    work?.();
  };
  const loop = workerLoop(create, {
    send: (message) => scope.postMessage(message),
    later(work) {
      // A message to oneself comes after those of the page that wait already, and is not delayed as timers are.
      waiting = work;
      channel.port2.postMessage(null);
    },
    pause: (milliseconds, work) => void setTimeout(work, milliseconds),
    clock: () => performance.now(),
  });
  scope.onmessage = (event): void => loop.receive(event.data);
}
