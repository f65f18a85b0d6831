/** The page's line to the extension: typed messages, and the state that survives a reload of the page. */
import type { DesignId } from '../../src/model/host/operation';
import type { FromScenarioPage, MapColour, ToScenarioPage } from '../../src/protocol/scenario-page';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** Where the user was. */
export interface RememberedPage {
  /** Document of the scenarios: the extension opens it again. */
  readonly uri: string;
  readonly scenario: string;
  /** Those that were chosen by hand; empty: as the scenario says. */
  readonly designs: readonly DesignId[];
  /** Number of the order of each `parallel`. */
  readonly orders: readonly number[];
  readonly tick: number;
  readonly colour: MapColour;
  readonly rate: number;
  readonly follow: boolean;
  readonly chart: string;
  /** Panes that are folded. */
  readonly folded: readonly string[];
  /** Of the text that came with the HTML: it is played once, not again when the frame is made anew. */
  readonly born: string;
}

/** The text that comes with the HTML, so that nothing has to be asked for. */
export interface FirstLoad {
  readonly born: string;
  readonly load: Extract<ToScenarioPage, { kind: 'load' }>;
}

export function firstLoad(): FirstLoad | null {
  const text = document.getElementById('first-load')?.textContent ?? '';
  // Written by the extension, as the HTML around it.
  return text === '' ? null : (JSON.parse(text) as FirstLoad);
}

export interface ScenarioHost {
  post(message: FromScenarioPage): void;
  listen(take: (message: ToScenarioPage) => void): void;
  remembered(): Partial<RememberedPage>;
  remember(part: Partial<RememberedPage>): void;
}

export function openScenarioHost(): ScenarioHost {
  const api = acquireVsCodeApi();
  const before = api.getState();
  let state: Partial<RememberedPage> = typeof before === 'object' && before !== null ? before : {};
  return {
    post: (message) => api.postMessage(message),
    listen: (take) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (isMessage(event.data)) take(event.data);
      }),
    remembered: () => state,
    remember(part) {
      state = { ...state, ...part };
      api.setState(state);
    },
  };
}

const KINDS: readonly ToScenarioPage['kind'][] = ['load', 'line', 'command', 'speed', 'export'];

/** VS Code's own frame posts other messages into the page too. */
const isMessage = (message: unknown): message is ToScenarioPage =>
  typeof message === 'object' && message !== null && 'kind' in message && KINDS.some((kind) => kind === message.kind);
