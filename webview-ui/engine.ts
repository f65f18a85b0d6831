/** The page's line to its worker: numbers the requests, drops stale answers, and can end a worker that does not answer. */
import type { FromWorker, ToWorker } from '../src/protocol/page';
import type { RunEvent } from '../src/protocol/simulation';
import { joinedEvents } from './session';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type Request = WithoutId<ToWorker>;

export interface Engine {
  ask(request: Request): void;
  /** Ends the worker, whatever it does; the next request starts a new one. */
  kill(): void;
}

/**
 * @param source address of the worker's script; it runs from a blob because a page of the editor may not start a worker from another origin
 * @param take gets the answers to the newest request only, each view with all its events
 */
export function openEngine(source: string, take: (answer: FromWorker) => void): Engine {
  let newest = 0;
  let worker: Promise<Worker> | null = null;
  let script: Promise<string> | null = null;
  let events: readonly RunEvent[] = [];

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
    // Events come once, so those of an answer that nobody waits for any more count too.
    const all = joinedEvents(events, answer.eventsFrom ?? 0, answer.view.events);
    if (all.length >= events.length) events = all;
    if (answer.id === newest) take({ ...answer, eventsFrom: 0, view: { ...answer.view, events: all } });
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
      if (request.kind === 'load') events = [];
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
      events = [];
      worker?.then(
        (ready) => ready.terminate(),
        () => undefined,
      );
      worker = null;
    },
  };
}
