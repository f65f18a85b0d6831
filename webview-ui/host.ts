/** The page's line to the extension: typed messages, and the state that survives a reload of the page. */
import type { FromPage, ToPage } from '../src/protocol/page';
import type { Scenario, SimulationSetup } from '../src/protocol/simulation';
import { keyOf } from './session';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** Where the user was. */
export interface Remembered {
  /** Keys of the extension's setups that mean this run. */
  readonly accepts: readonly string[];
  readonly scenario: Scenario;
  readonly fail: number;
  readonly choices: readonly number[];
  readonly step: number;
  /** Panes that are folded. */
  readonly folded: readonly string[];
}

export interface Host {
  post(message: FromPage): void;
  listen(take: (message: ToPage) => void): void;
  remembered(): Partial<Remembered>;
  remember(part: Partial<Remembered>): void;
}

export function openHost(): Host {
  const api = acquireVsCodeApi();
  let state = asState(api.getState());
  return {
    post: (message) => api.postMessage(message),
    listen: (take) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (isToPage(event.data)) take(event.data);
      }),
    remembered: () => state,
    remember(part) {
      state = { ...state, ...part };
      api.setState(state);
    },
  };
}

/** The setup that the page goes on with: the extension's, or what the user made of it in this page before the reload. */
export function resumed(
  setup: SimulationSetup,
  remembered: Partial<Remembered>,
): { readonly setup: SimulationSetup; readonly step: number } {
  const { accepts, scenario, fail, choices, step } = remembered;
  if (!scenario || !accepts?.includes(keyOf(setup))) return { setup, step: 0 };
  return { setup: withScenario(setup, scenario, fail ?? 0, choices ?? []), step: step ?? 0 };
}

/** What is remembered of a setup that the user made from one of the extension's. */
export function rememberedSetup(fromExtension: SimulationSetup, now: SimulationSetup): Omit<Remembered, 'step' | 'folded'> {
  const { scenario, fail = 0, choices = [] } = now;
  // The extension was told of scenario and failing allocation, and may send them the next time; it knows nothing of other choices.
  const accepts = [keyOf(fromExtension), keyOf(withScenario(fromExtension, scenario, fail, []))];
  return { accepts, scenario, fail, choices };
}

export function withScenario(setup: SimulationSetup, scenario: Scenario, fail: number, choices: readonly number[]): SimulationSetup {
  return { program: setup.program, function: setup.function, scenario, fail, ...(choices.length > 0 ? { choices } : {}) };
}

const asState = (state: unknown): Partial<Remembered> =>
  typeof state === 'object' && state !== null ? (state as Partial<Remembered>) : {};

/** VS Code's own frame posts other messages into the page too. */
function isToPage(message: unknown): message is ToPage {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return message.kind === 'load' || message.kind === 'command' || message.kind === 'problem';
}
