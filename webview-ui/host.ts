/** The page's line to the extension: typed messages, and the state that survives a reload of the page. */
import type { FromPage, ToPage } from '../src/protocol/page';
import type { Remembered } from './remembered';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

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

const asState = (state: unknown): Partial<Remembered> =>
  typeof state === 'object' && state !== null ? (state as Partial<Remembered>) : {};

/** VS Code's own frame posts other messages into the page too. */
function isToPage(message: unknown): message is ToPage {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return message.kind === 'load' || message.kind === 'command' || message.kind === 'problem';
}
