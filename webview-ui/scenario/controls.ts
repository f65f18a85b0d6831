/** The buttons that play and step, the timeline with what went wrong on it, and the line that says where it stands. */
import type { DesignView, SeenTrouble } from '../../src/protocol/scenario-page';
import { el, fill, setText } from '../dom';
import { icon, type IconName } from '../icons';
import { count, timeText, type PageActions, type PageNow, type ScenarioPart } from './page-now';

interface Button {
  readonly icon: IconName;
  readonly text: (now: PageNow | null) => string;
  readonly label: (now: PageNow | null) => string;
  readonly key: string;
  readonly act: (actions: PageActions, now: PageNow) => void;
  readonly usable: (now: PageNow) => boolean;
}

const isPlaying = (now: PageNow | null): boolean => now !== null && now.busy !== '';
const always = (text: string) => (): string => text;

const BUTTONS: readonly Button[] = [
  {
    icon: 'to-start',
    text: always('Start'),
    label: always('Go back to the start'),
    key: 'Alt+Shift+F11',
    act: (actions) => actions.goTo(0),
    usable: ({ view }) => view.tick > 0,
  },
  {
    icon: 'step-back',
    text: always('Back'),
    label: always('Step back'),
    key: 'Alt+F11',
    act: (actions) => actions.stepBack(),
    usable: ({ view }) => view.tick > 0,
  },
  {
    icon: 'run',
    text: (now) => (isPlaying(now) ? 'Pause' : 'Play'),
    label: (now) => (isPlaying(now) ? 'Pause' : 'Play at the speed chosen'),
    key: 'F5',
    act: (actions, now) => (isPlaying(now) ? actions.pause() : actions.play()),
    usable: ({ view, busy }) => busy !== '' || !view.ended,
  },
  {
    icon: 'step',
    text: always('Step'),
    label: always('Step'),
    key: 'F11',
    act: (actions) => actions.step(),
    usable: ({ view }) => !view.ended,
  },
  {
    icon: 'step-over',
    text: always('End'),
    label: always('Go on to the end'),
    key: 'Shift+F5',
    act: (actions) => actions.seek('end'),
    usable: ({ view }) => !view.ended,
  },
  {
    icon: 'error',
    text: always('Violation'),
    label: always('Go on to the next violation'),
    key: 'F8',
    act: (actions) => actions.seek('violation'),
    usable: ({ view }) => !view.ended,
  },
  {
    icon: 'warning',
    text: always('Unmet'),
    label: always('Go on to the next expectation that is not met'),
    key: 'Shift+F8',
    act: (actions) => actions.seek('failure'),
    usable: ({ view }) => !view.ended,
  },
];

export function scenarioToolbar(actions: PageActions): ScenarioPart {
  let state: PageNow | null = null;
  const made = BUTTONS.map((one) => {
    const text = el('span', {}, one.text(null));
    const button = el(
      'button',
      {
        class: `command command-${one.icon}`,
        attributes: { type: 'button', 'aria-keyshortcuts': one.key },
        // Not `disabled`: a button that loses focus under the user's finger throws the keyboard to the top of the page.
        click: () => {
          if (state && one.usable(state)) one.act(actions, state);
        },
      },
      icon(one.icon),
      text,
    );
    return { one, text, button };
  });
  return {
    element: el('div', { class: 'toolbar', role: 'toolbar', label: 'Play and step' }, ...made.map(({ button }) => button)),
    update(now) {
      state = now;
      for (const { one, text, button } of made) {
        setText(text, one.text(now));
        const title = `${one.label(now)} (${one.key})`;
        if (button.title !== title) button.title = title;
        const off = String(!one.usable(now));
        if (button.getAttribute('aria-disabled') !== off) button.setAttribute('aria-disabled', off);
      }
    },
  };
}

/** Does what a button with this key does. False where none has it. */
export function pressKey(key: string, actions: PageActions, now: PageNow | null): boolean {
  const found = BUTTONS.find((one) => one.key === key);
  if (found === undefined) return false;
  if (now !== null && found.usable(now)) found.act(actions, now);
  return true;
}

/** Marks closer than this part of the timeline are one. */
const CLOSEST = 1 / 200;

export function scenarioTimeline(actions: PageActions): ScenarioPart {
  const slider = el('input', {
    class: 'timeline-slider',
    label: 'Step of the run',
    attributes: { type: 'range', min: '0', max: '0', step: '1' },
  });
  const marks = el('div', { class: 'timeline-marks' });
  const text = el('output', { class: 'timeline-text' });
  let dragging = false;
  slider.addEventListener('input', () => {
    dragging = true;
    actions.goTo(Number(slider.value));
  });
  slider.addEventListener('change', () => {
    dragging = false;
  });
  const markOf = (trouble: SeenTrouble, last: number): HTMLElement => {
    const words = `${trouble.kind === 'violation' ? trouble.name : `not met: ${trouble.name}`} in ${trouble.design}`;
    const button = el('button', {
      class: `timeline-mark timeline-${trouble.kind}`,
      label: `Go to ${words} at step ${count(trouble.tick)}`,
      title: `${words}: ${trouble.text}`,
      attributes: { type: 'button' },
      click: () => actions.goTo(trouble.tick),
    });
    button.style.setProperty('--at', String(last > 0 ? trouble.tick / last : 0));
    return button;
  };
  let marked = '';
  return {
    element: el('div', { class: 'timeline' }, el('div', { class: 'timeline-track' }, slider, marks), text),
    update({ view, loaded }) {
      const last = Math.max(view.total ?? view.known, view.tick);
      if (slider.max !== String(last)) slider.max = String(last);
      if (!dragging) slider.value = String(view.tick);
      const words = `step ${count(view.tick)} of ${count(last)}${view.total === null ? ' seen' : ''}`;
      if (text.textContent !== words) {
        slider.setAttribute('aria-valuetext', words);
        text.textContent = words;
      }
      const key = `${view.troubles.length} ${last} ${loaded.chosen} ${view.troubles.at(-1)?.tick ?? 0}`;
      if (marked === key) return;
      marked = key;
      let taken = -Infinity;
      const apart = view.troubles.filter(({ tick }) => {
        const free = tick - taken > last * CLOSEST;
        if (free) taken = tick;
        return free;
      });
      fill(marks, apart, (one) => `${one.tick} ${last} ${one.kind} ${one.name} ${one.design}`, (one) => markOf(one, last)); // prettier-ignore
    },
  };
}

export function scenarioStatus(actions: PageActions): ScenarioPart {
  const step = el('button', { class: 'link', attributes: { type: 'button' } });
  const text = el('span', { class: 'status-text', role: 'status', attributes: { 'aria-live': 'polite' } });
  const answers = el('ul', { class: 'answers', label: 'What the step gave' });
  let line = 0;
  step.addEventListener('click', () => actions.reveal(line));
  return {
    element: el('div', { class: 'status-block' }, el('div', { class: 'status' }, step, text), answers),
    update({ view, busy, orders }) {
      line = view.line || view.nextLine;
      setText(step, line > 0 ? `line ${line}` : '');
      if (step.hidden !== (line === 0)) step.hidden = line === 0;
      // While it plays a screen reader is left alone.
      const live = busy === 'playing' ? 'off' : 'polite';
      if (text.getAttribute('aria-live') !== live) text.setAttribute('aria-live', live);
      setText(text, statusText(view, busy, orders));
      fill(
        answers,
        view.designs,
        ({ design }) => design,
        ({ design }) =>
          el('li', { class: 'answer' }, el('b', {}, design), el('span', { class: 'answer-text' }), el('span', { class: 'answer-more' })),
      );
      view.designs.forEach((one, at) => drawAnswer(answers.children[at]!, one));
    },
  };
}

/** Changed in place: while it plays this comes at every frame. */
function drawAnswer(row: Element, { answer, time, violations, failed }: DesignView): void {
  const kind = `answer answer-${answer.kind}`;
  if (row.className !== kind) row.className = kind;
  setText(row.children[1]!, answer.kind === 'none' ? 'at the start' : answer.kind === 'refused' ? `not done: ${answer.text}` : answer.text);
  const unmet = failed > 0 ? ` · ${count(failed)} not met` : '';
  setText(
    row.children[2]!,
    `· ${timeText(time)} (illustrated) · ${violations === 1 ? '1 violation' : `${count(violations)} violations`}${unmet}`,
  );
}

export function statusText(view: PageNow['view'], busy: PageNow['busy'], orders: string): string {
  if (busy === 'seeking') return `going there: step ${count(view.tick)}`;
  if (view.tick === 0) return 'at the start';
  const turns = view.turns.map((turn) => (turn.startsWith('branch') && orders !== '' ? `${orders}, ${turn}` : turn));
  return turns.length === 0 ? view.text : `${view.text} (${turns.join(', ')})`;
}
