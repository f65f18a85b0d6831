/** The buttons that step and run. */
import { el } from '../dom';
import { icon, type IconName } from '../icons';
import type { Session } from '../session';
import type { Actions, Part } from './part';

interface Command {
  readonly icon: IconName;
  readonly text: string;
  readonly label: string;
  readonly key: string;
  readonly act: (actions: Actions) => void;
  readonly usable: (state: Usable) => boolean;
}

interface Usable {
  readonly busy: boolean;
  readonly started: boolean;
  readonly ended: boolean;
  readonly atStart: boolean;
}

const COMMANDS: readonly Command[] = [
  { icon: 'run', text: 'Run', label: 'Run to the end', key: 'F5', act: (a) => a.run(), usable: (s) => s.started && !s.busy && !s.ended },
  { icon: 'pause', text: 'Pause', label: 'Pause the run', key: 'F6', act: (a) => a.pause(), usable: (s) => s.busy },
  { icon: 'to-start', text: 'Start', label: 'Go back to the start', key: 'Alt+Shift+F11', act: (a) => a.goTo(0), usable: (s) => s.started && !s.busy && !s.atStart },
  { icon: 'step-back', text: 'Back', label: 'Step back', key: 'Alt+F11', act: (a) => a.step('step-back'), usable: (s) => s.started && !s.busy && !s.atStart },
  { icon: 'step', text: 'Step', label: 'Step', key: 'F11', act: (a) => a.step('step'), usable: (s) => s.started && !s.busy && !s.ended },
  { icon: 'step-over', text: 'Over', label: 'Step over', key: 'F10', act: (a) => a.step('step-over'), usable: (s) => s.started && !s.busy && !s.ended },
  { icon: 'step-out', text: 'Out', label: 'Step out', key: 'Shift+F11', act: (a) => a.step('step-out'), usable: (s) => s.started && !s.busy && !s.ended },
  { icon: 'restart', text: 'Restart', label: 'Restart', key: 'Ctrl+Shift+F5', act: (a) => a.restart(), usable: (s) => s.started || s.busy },
]; // prettier-ignore

export function toolbar(actions: Actions): Part {
  const buttons = COMMANDS.map((command) =>
    el(
      'button',
      {
        class: `command command-${command.icon}`,
        title: `${command.label} (${command.key})`,
        attributes: { type: 'button', 'aria-keyshortcuts': command.key.replace('Ctrl', 'Control') },
        // Not `disabled`: a button that loses focus under the user's finger throws the keyboard to the top of the page.
        click: () => {
          if (usable(command)) command.act(actions);
        },
      },
      icon(command.icon),
      el('span', {}, command.text),
    ),
  );
  let state: Usable = { busy: false, started: false, ended: false, atStart: true };
  const usable = (command: Command): boolean => command.usable(state);
  return {
    element: el('div', { class: 'toolbar', role: 'toolbar', label: 'Run and step' }, ...buttons),
    update(session) {
      state = usableOf(session);
      COMMANDS.forEach((command, at) => buttons[at]!.setAttribute('aria-disabled', String(!usable(command))));
    },
  };
}

const usableOf = ({ view, busy }: Session): Usable => ({
  busy: busy !== null,
  started: view !== null,
  ended: view !== null && view.status.kind !== 'running',
  atStart: view === null || view.step === 0,
});
