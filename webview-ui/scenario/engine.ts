/** The page's line to the worker that plays. */
import type { FromScenarioWorker, ToScenarioWorker } from '../../src/protocol/scenario-page';

export interface ScenarioEngine {
  ask(message: ToScenarioWorker): void;
  kill(): void;
}

/**
 * @param source address of the worker's script; it runs from a blob because a page of the editor may not start a worker from another origin
 */
export function openScenarioEngine(source: string, take: (answer: FromScenarioWorker) => void): ScenarioEngine {
  let ended = false;
  const failed = (reason: string): void => {
    if (!ended)
      take({
        kind: 'problem',
        text: `The worker of the page did not start (${reason}). Nothing can be played. Close the page and open it again.`,
      });
  };
  const started = scriptAddress(source).then((address) => {
    const worker = new Worker(address);
    worker.onmessage = (event: MessageEvent<FromScenarioWorker>): void => take(event.data);
    worker.onerror = (event): void => failed(event.message || 'its script failed');
    return worker;
  });
  started.catch((reason: unknown) => failed(reason instanceof Error ? reason.message : String(reason)));
  const withWorker = (act: (worker: Worker) => void): void => void started.then(act, () => undefined);
  return {
    ask: (message) => withWorker((worker) => worker.postMessage(message)),
    kill() {
      ended = true;
      withWorker((worker) => worker.terminate());
    },
  };
}

/** Begins to fetch the script, before anybody wants it. */
export function fetchEngine(source: string): void {
  scriptAddress(source).catch(() => undefined);
}

/** Each script is fetched once. */
const addresses = new Map<string, Promise<string>>();

function scriptAddress(source: string): Promise<string> {
  let address = addresses.get(source);
  if (address === undefined) {
    address = fetch(source).then(async (response) => {
      if (!response.ok) throw new Error(`status ${response.status}`);
      return URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
    });
    addresses.set(source, address);
  }
  return address;
}
