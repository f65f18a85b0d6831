/** What every part of the page is made of, and what it can ask for. */
import type { RunPlace, SimulationSetup } from '../../src/protocol/simulation';
import { el, fill, setText } from '../dom';
import { icon } from '../icons';
import type { Session } from '../session';
import { count, placeText } from '../words';

export interface Part {
  readonly element: HTMLElement;
  /** Shows the session; does nothing where what it shows is the same. */
  update(session: Session): void;
}

export type StepKind = 'step' | 'step-over' | 'step-out' | 'step-back';

/** What the user can do, wherever the button is. */
export interface Actions {
  run(): void;
  pause(): void;
  step(kind: StepKind): void;
  /** From the beginning, with the setup as it is or another one. */
  restart(setup?: SimulationSetup): void;
  goTo(step: number): void;
  /** Shows a line in the editor. */
  reveal(place: Pick<RunPlace, 'file' | 'line'>): void;
}

/** Which panes are folded, kept over a reload. */
export interface Folding {
  isFolded(id: string): boolean;
  fold(id: string, folded: boolean): void;
}

interface Pane {
  readonly element: HTMLElement;
  readonly body: HTMLElement;
  /** A word or two beside the title: how many there are. */
  note(text: string): void;
}

/** A titled section that folds. */
export function pane(folding: Folding, id: string, title: string, tools: readonly HTMLElement[], body: HTMLElement): Pane {
  const note = el('span', { class: 'pane-note' });
  const button = el(
    'button',
    { class: 'pane-title', attributes: { type: 'button' } },
    icon('fold'),
    el('span', { id: `${id}-title` }, title),
  );
  const heading = el('h2', {}, button);
  const header = el('div', { class: 'pane-header' }, heading, note, el('div', { class: 'pane-tools' }, ...tools));
  body.classList.add('pane-body');
  const element = el('section', { class: 'pane', id, attributes: { 'aria-labelledby': `${id}-title` } }, header, body);
  const show = (folded: boolean): void => {
    button.setAttribute('aria-expanded', String(!folded));
    body.hidden = folded;
    element.classList.toggle('folded', folded);
  };
  button.addEventListener('click', () => {
    const folded = !element.classList.contains('folded');
    show(folded);
    folding.fold(id, folded);
  });
  show(folding.isFolded(id));
  return { element, body, note: (text) => setText(note, text) };
}

interface Toggle {
  readonly button: HTMLButtonElement;
  on(): boolean;
}

/** A button that is pressed or not. */
export function toggle(text: string, label: string, changed: (on: boolean) => void): Toggle {
  let on = false;
  const button = el('button', { class: 'tool', label, attributes: { type: 'button', 'aria-pressed': 'false' } }, text);
  button.addEventListener('click', () => {
    on = !on;
    button.setAttribute('aria-pressed', String(on));
    changed(on);
  });
  return { button, on: () => on };
}

export const tool = (text: string, label: string, click: () => void): HTMLButtonElement =>
  el('button', { class: 'tool', label, title: label, attributes: { type: 'button' }, click }, text);

/** `guest_memfd.c:123` as a link to the editor; nothing where there is no place. */
export function placeLink(place: Pick<RunPlace, 'file' | 'line'>, actions: Actions, tabIndex = 0): HTMLElement {
  const text = placeText(place);
  if (text === '') return el('span', { class: 'place' });
  return el(
    'button',
    {
      class: 'place link',
      title: `${place.file}:${place.line}`,
      label: `${text}, show in the editor`,
      tabIndex,
      attributes: { type: 'button' },
      click: (event) => {
        event.stopPropagation();
        actions.reveal(place);
      },
    },
    text,
  );
}

interface Column<T> {
  readonly title: string;
  readonly number?: boolean;
  readonly cell: (row: T) => string | HTMLElement;
}

/** Rows put into a table at once; a button brings the rest. */
const MOST_ROWS = 500;

/** A plain table of rows. `caption` is read out, not shown. */
export function table<T>(caption: string, columns: readonly Column<T>[], rows: readonly T[], most = MOST_ROWS): HTMLElement {
  const row = (one: T): HTMLElement =>
    el('tr', {}, ...columns.map((column) => el('td', column.number ? { class: 'number' } : {}, column.cell(one))));
  const body = el('tbody', {}, ...rows.slice(0, most).map(row));
  const head = el(
    'tr',
    {},
    ...columns.map((column) => el('th', { ...(column.number ? { class: 'number' } : {}), attributes: { scope: 'col' } }, column.title)),
  );
  const made = el('table', {}, el('caption', { class: 'unseen' }, caption), el('thead', {}, head), body);
  const holder = el('div', { class: 'table', role: 'region', label: caption, tabIndex: 0 }, made);
  if (rows.length > most) {
    const more = tool(`Show all ${rows.length} rows`, `Show all ${rows.length} rows of ${caption}`, () => {
      body.append(...rows.slice(most).map(row));
      more.remove();
    });
    holder.append(more);
  }
  return holder;
}

/** Rows of a list that are in the document before the user asks for more. */
const MOST_ITEMS = 200;

type ShowList<T> = (items: readonly T[], keyOf: (item: T, at: number) => string, make: (item: T, at: number) => Element) => void;

/** Fills a list with the first items, and a button at its end that brings the rest. A warning in a loop over a 1G folio may come 262,144 times. */
export function cappedList<T>(list: Element, name: string): ShowList<T> {
  let all = false;
  const show: ShowList<T> = (items, keyOf, make) => {
    const left = all ? 0 : Math.max(0, items.length - MOST_ITEMS);
    const more = (): Element =>
      el(
        'li',
        {},
        tool(`Show ${count(left)} more`, `Show ${count(left)} more ${name}`, () => {
          all = true;
          show(items, keyOf, make);
        }),
      );
    const rows: readonly (T | null)[] = left > 0 ? [...items.slice(0, MOST_ITEMS), null] : items;
    fill(list, rows, (item, at) => (item === null ? `more ${left}` : keyOf(item, at)), (item, at) => (item === null ? more() : make(item, at))); // prettier-ignore
  };
  return show;
}
