/** Entry of the worker of the memory model's page: its mailbox, its clock, its turn of other messages. */
import type { FromScenarioWorker, ToScenarioWorker } from '../src/protocol/scenario-page';
import { scenarioLoop } from './scenario/worker-loop';

/** What is used of a worker's global scope; a page's has other types under the same names. */
interface Scope {
  postMessage(message: FromScenarioWorker): void;
  onmessage: ((event: MessageEvent<ToScenarioWorker>) => void) | null;
}

const scope = self as unknown as Scope;
const channel = new MessageChannel();
let waiting: (() => void) | null = null;
channel.port1.onmessage = (): void => {
  const work = waiting;
  waiting = null;
  work?.();
};
const loop = scenarioLoop({
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
