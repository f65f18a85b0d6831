/** The calls that are open, innermost first, with their variables. */
import type { FrameView, VariableView } from '../../src/protocol/simulation';
import { el, fill, setText } from '../dom';
import { icon } from '../icons';
import { placeText } from '../words';
import { pane, type Actions, type Folding, type Part } from './part';

export function callStack(actions: Actions, folding: Folding): Part {
  const list = el('ol', { class: 'frames' });
  const around = pane(folding, 'stack', 'Call stack', [], el('div', {}, list));
  /** Frames by distance from the outermost: those that the user folded or unfolded keep that. */
  const open = new Map<number, boolean>();
  let frames: readonly Frame[] = [];
  let drawn: readonly FrameView[] | null = null;

  return {
    element: around.element,
    update({ view, previous }) {
      if (!view || view.stack === drawn) return;
      drawn = view.stack;
      while (frames.length < view.stack.length) frames = [...frames, frame(actions, open, `frame ${frames.length}`)];
      frames = frames.slice(0, view.stack.length);
      fill(list, frames, (one) => one.key, (one) => one.element); // prettier-ignore
      view.stack.forEach((one, at) => {
        const depth = view.stack.length - 1 - at;
        const before = previous?.stack[previous.stack.length - 1 - depth];
        frames[at]!.show(one, at, depth, before?.function === one.function ? before.variables : []);
      });
      around.note(view.stack.length === 0 ? 'returned' : String(view.stack.length));
    },
  };
}

interface Frame {
  readonly key: string;
  readonly element: HTMLElement;
  show(view: FrameView, at: number, depth: number, before: readonly VariableView[]): void;
}

function frame(actions: Actions, open: Map<number, boolean>, key: string): Frame {
  const name = el('span', { class: 'frame-name' });
  const fold = el('button', { class: 'frame-fold', attributes: { type: 'button' } }, icon('fold'), name);
  const link = el('button', { class: 'place link', attributes: { type: 'button' } });
  const rows = el('tbody');
  const variables = el('table', { class: 'variables' }, el('caption', { class: 'unseen' }, 'Variables'), rows);
  const element = el('li', { class: 'frame' }, el('div', { class: 'frame-head' }, fold, link), variables);
  let shown: FrameView | null = null;
  let place = 0;
  const unfold = (on: boolean): void => {
    fold.setAttribute('aria-expanded', String(on));
    variables.hidden = !on;
    element.classList.toggle('folded', !on);
  };
  fold.addEventListener('click', () => {
    open.set(place, variables.hidden);
    unfold(variables.hidden);
  });
  link.addEventListener('click', () => {
    if (shown) actions.reveal(shown);
  });
  return {
    key,
    element,
    show(view, at, depth, before) {
      shown = view;
      place = depth;
      setText(name, `${view.function}()`);
      setText(link, placeText(view));
      link.title = `${view.file}:${view.line}`;
      link.setAttribute('aria-label', `${placeText(view)}, show in the editor`);
      unfold(open.get(depth) ?? at === 0);
      element.classList.toggle('innermost', at === 0);
      const old = new Map(before.map((one) => [one.name, one.value]));
      const changed = (one: VariableView): boolean => old.has(one.name) && old.get(one.name) !== one.value;
      fill(rows, view.variables, (one) => `${one.name} ${one.type} ${one.value} ${changed(one) ? 'changed' : ''}`, (one) => variableRow(one, changed(one))); // prettier-ignore
    },
  };
}

const variableRow = (variable: VariableView, changed: boolean): HTMLElement =>
  el(
    'tr',
    changed ? { class: 'changed', title: 'Changed since the last stop' } : {},
    el('th', { attributes: { scope: 'row' }, title: variable.type }, variable.name),
    el('td', { class: 'variable-value', title: variable.type }, variable.value),
  );
