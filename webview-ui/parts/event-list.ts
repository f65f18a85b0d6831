/** The events of the run: thousands of rows, of which only those in sight are in the document. */
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { RunEvent } from '../../src/protocol/simulation';
import { el, fill } from '../dom';
import { rowWindow, scrollToRow } from '../row-window';
import type { Session } from '../session';
import { count } from '../words';
import { pane, placeLink, type Actions, type Folding, type Part } from './part';

const ROW_PIXELS = 22;
/** Rows in sight around the current event: what led to it and what comes next. */
const AROUND = 4;
/** Pixels of the list, by how many events there are. */
const HEIGHTS = [110, 220, 330];

export function eventList(actions: Actions, folding: Folding): Part {
  const filter = el('vscode-textfield', { class: 'filter' });
  filter.label = 'Filter the events';
  filter.placeholder = 'Filter';
  const rows = el('div', { class: 'rows', role: 'rowgroup' });
  const space = el('div', { class: 'rows-space', role: 'presentation' }, rows);
  const grid = el('div', { class: 'events', role: 'grid', label: 'Events', tabIndex: 0, attributes: { 'aria-colcount': '5' } }, space);
  const empty = el('p', { class: 'empty' }, 'Nothing has happened yet. Step or run.');
  const around = pane(folding, 'events', 'Events', [filter], el('div', { class: 'events-holder' }, grid, empty));

  let all: readonly RunEvent[] = [];
  let shown: readonly RunEvent[] = [];
  /** How many of all have happened by the current step. */
  let happened = 0;
  /** Row of the newest event that has happened; -1 before the first. */
  let current = -1;
  let cursor = 0;
  let wanted = '';
  /** The height that the list was given; another one comes of the user's hand. */
  let given = '';

  const matches = (event: RunEvent): boolean =>
    `${event.kind} ${event.text} ${event.function} ${event.file}`.toLowerCase().includes(wanted);
  const sift = (): void => {
    wanted = filter.value.trim().toLowerCase();
    shown = wanted === '' ? all : all.filter(matches);
  };
  const draw = (): void => {
    const sight = rowWindow(shown.length, ROW_PIXELS, grid.scrollTop, grid.clientHeight);
    space.style.height = `${sight.height}px`;
    rows.style.transform = `translateY(${sight.offset}px)`;
    grid.setAttribute('aria-rowcount', String(shown.length));
    const drawn = shown.slice(sight.from, sight.to);
    const keyOf = (event: RunEvent, at: number): string => {
      const row = at + sight.from;
      return `${row} ${event.step} ${event.times} ${event.kind} ${event.text} ${row === current ? 'now' : row > current ? 'ahead' : ''} ${row === cursor ? 'cursor' : ''}`;
    };
    fill(rows, drawn, keyOf, (event, at) => rowOf(event, at + sight.from));
    if (shown.length > 0) grid.setAttribute('aria-activedescendant', `event-${cursor}`);
    else grid.removeAttribute('aria-activedescendant');
    empty.hidden = shown.length > 0;
    empty.textContent = wanted === '' ? 'Nothing has happened yet. Step or run.' : 'No event has these words.';
  };
  const rowOf = (event: RunEvent, row: number): HTMLElement => {
    const now = row === current;
    const classes = ['event', now ? 'now' : '', row > current ? 'ahead' : '', row === cursor ? 'cursor' : '']
      .filter((one) => one !== '')
      .join(' ');
    return el(
      'div',
      {
        class: classes,
        id: `event-${row}`,
        role: 'row',
        attributes: {
          'aria-rowindex': String(row + 1),
          'aria-selected': String(row === cursor),
          ...(now ? { 'aria-current': 'step' } : {}),
        },
        click: () => jump(row),
      },
      el('span', { class: 'event-step number', role: 'gridcell' }, count(event.step)),
      el('span', { class: 'event-kind', role: 'gridcell' }, event.kind),
      el('span', { class: 'event-text', role: 'gridcell', title: event.text }, event.text),
      el('span', { class: 'event-times number', role: 'gridcell' }, event.times > 1 ? `×${count(event.times)}` : ''),
      el('span', { class: 'event-place', role: 'gridcell' }, placeLink(event, actions, -1)),
    );
  };
  const jump = (row: number): void => {
    const event = shown[row];
    if (!event) return;
    cursor = row;
    // Its instruction has this number; the state that it left is there once that one is done.
    actions.goTo(event.step + 1);
    draw();
  };
  const move = (row: number): void => {
    cursor = Math.min(Math.max(0, row), Math.max(0, shown.length - 1));
    // The height is set before, or the browser would hold the scroll back to the list's old end.
    space.style.height = `${shown.length * ROW_PIXELS}px`;
    grid.scrollTop = scrollToRow(cursor, ROW_PIXELS, grid.scrollTop, grid.clientHeight, AROUND);
    draw();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== grid || event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(grid.clientHeight / ROW_PIXELS) - 1);
    const target: Readonly<Record<string, number>> = {
      ArrowDown: cursor + 1,
      ArrowUp: cursor - 1,
      PageDown: cursor + page,
      PageUp: cursor - page,
      Home: 0,
      End: shown.length - 1,
    };
    const to = target[event.key];
    const here = shown[cursor];
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' && event.shiftKey && here) actions.reveal(here);
    else if (event.key === 'Enter' || event.key === ' ') jump(cursor);
    else return;
    event.preventDefault();
  };
  grid.addEventListener('scroll', draw, { passive: true });
  grid.addEventListener('keydown', onKey);
  new ResizeObserver(draw).observe(grid);
  /** Grows with the list, in few steps so that what is below seldom moves; a height that the user dragged stays. */
  const grow = (): void => {
    if (grid.style.height !== given) return;
    const fitting = HEIGHTS.find((one) => one >= all.length * ROW_PIXELS) ?? HEIGHTS[HEIGHTS.length - 1]!;
    given = `${fitting}px`;
    grid.style.height = given;
  };
  const follow = (): void => {
    current = (wanted === '' ? happened : all.slice(0, happened).filter(matches).length) - 1;
    move(Math.max(0, current));
  };
  filter.addEventListener('input', () => {
    sift();
    follow();
  });

  return {
    element: around.element,
    update(session: Session) {
      const now = session.view?.events.length ?? 0;
      around.note(session.events.length === 0 ? '' : `${count(session.events.length)}${session.end ? '' : ' so far'}`);
      if (session.events === all && now === happened) return;
      all = session.events;
      happened = now;
      sift();
      grow();
      follow();
    },
  };
}
