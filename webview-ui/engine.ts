/** The page's line to its worker: numbers the requests, drops stale answers, and can end a worker that does not answer. */
import type { FromWorker, GrowingList, ToWorker } from '../src/protocol/page';
import type { SimulationView } from '../src/protocol/simulation';
import { joined } from './session';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type Request = WithoutId<ToWorker>;

export interface Engine {
  ask(request: Request): void;
  /** Ends the worker, whatever it does; the next request starts a new one. */
  kill(): void;
}

type Lists = Pick<SimulationView, GrowingList>;

const nothingYet: Lists = { events: [], findings: [], choices: [] };
const fromStart = { events: 0, findings: 0, choices: 0 };
const longer = <T>(before: readonly T[], now: readonly T[]): readonly T[] => (now.length >= before.length ? now : before);

/**
 * @param source address of the worker's script; it runs from a blob because a page of the editor may not start a worker from another origin
 * @param take gets the answers to the newest request only, each view with all that is in its lists
 */
export function openEngine(source: string, take: (answer: FromWorker) => void): Engine {
  let newest = 0;
  let worker: Promise<Worker> | null = null;
  let script: Promise<string> | null = null;
  let lists = nothingYet;

  const failed = (reason: string): void =>
    take({
      kind: 'problem',
      id: newest,
      text: `The simulation's worker did not start (${reason}). Nothing can be run here. Close the page and open it again.`,
    });

  const receive = (answer: FromWorker): void => {
    if (answer.kind !== 'view') {
      if (answer.id === newest) take(answer);
      return;
    }
    // What is in a list comes once, so an answer that nobody waits for any more counts too.
    const { from, view } = answer;
    const all = {
      events: joined(lists.events, from.events, view.events),
      findings: joined(lists.findings, from.findings, view.findings),
      choices: joined(lists.choices, from.choices, view.choices),
    };
    lists = {
      events: longer(lists.events, all.events),
      findings: longer(lists.findings, all.findings),
      choices: longer(lists.choices, all.choices),
    };
    if (answer.id === newest) take({ ...answer, from: fromStart, view: { ...view, ...all } });
  };

  const start = async (): Promise<Worker> => {
    script ??= fetch(source).then(async (response) => {
      if (!response.ok) throw new Error(`status ${response.status}`);
      return URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
    });
    const started = new Worker(await script);
    started.onmessage = (event: MessageEvent<FromWorker>): void => receive(event.data);
    started.onerror = (event): void => failed(event.message || 'its script failed');
    return started;
  };

  return {
    ask(request) {
      newest += 1;
      const message = { ...request, id: newest } as ToWorker;
      if (request.kind === 'load') lists = nothingYet;
      worker ??= start();
      const asked = worker;
      asked.then(
        (ready) => ready.postMessage(message),
        (reason: unknown) => {
          if (worker === asked) worker = null;
          script = null;
          failed(reason instanceof Error ? reason.message : String(reason));
        },
      );
    },
    kill() {
      newest += 1;
      lists = nothingYet;
      worker?.then(
        (ready) => ready.terminate(),
        () => undefined,
      );
      worker = null;
    },
  };
}
