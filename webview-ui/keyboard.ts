/** The keys of the page, wherever the focus is in it. */
import type { Actions } from './parts/part';
import type { Session } from './session';

type Act = (actions: Actions) => void;

const KEYS: Readonly<Record<string, Act>> = {
  F5: (actions) => actions.run(),
  F10: (actions) => actions.step('step-over'),
  F11: (actions) => actions.step('step'),
  'Shift+F11': (actions) => actions.step('step-out'),
  'Alt+F11': (actions) => actions.step('step-back'),
  'Alt+Shift+F11': (actions) => actions.goTo(0),
};
const ALWAYS: Readonly<Record<string, Act>> = {
  F6: (actions) => actions.pause(),
  'Ctrl+Shift+F5': (actions) => actions.restart(),
};

export function onKeys(actions: Actions, now: () => Session | null): void {
  document.addEventListener(
    'keydown',
    (event) => {
      const key = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.key}`;
      const always = ALWAYS[key];
      const act = KEYS[key];
      if (!always && !act) return;
      // VS Code listens on the window and would toggle full screen at F11, or step twice where the extension binds the same key.
      event.preventDefault();
      event.stopPropagation();
      const session = now();
      if (!session) return;
      if (always) {
        if (key !== 'F6' || session.busy) always(actions);
        return;
      }
      const ended = session.view !== null && session.view.status.kind !== 'running';
      const usable = session.view !== null && !session.busy && (!ended || key.startsWith('Alt+'));
      if (usable) act!(actions);
    },
    { capture: true },
  );
}
