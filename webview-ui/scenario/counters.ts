/** Counters and metrics of each design, with a line of how each went over the run. */
import type { ValueSeries } from '../../src/protocol/scenario-page';
import { el, fill, setText, svg } from '../dom';
import { pane, toggle, type Folding } from '../parts/part';
import { count, designsOf, valueName, valueText, type PageActions, type PageNow, type ScenarioPart } from './page-now';
import { DESIGN_TINTS } from './palette';

/** Rows that are in the document; the filter brings the others. */
const MOST_ROWS = 150;
const LINE = { width: 64, height: 16 };

export function counterTable(actions: PageActions, folding: Folding): ScenarioPart {
  const filter = el('input', {
    class: 'plain-filter',
    label: 'Filter counters and metrics',
    attributes: { type: 'search', placeholder: 'Filter' },
  });
  const all = toggle('All', 'All: show values that are nought in every design too', () => refresh());
  const head = el('tr');
  const body = el('tbody');
  const made = el(
    'table',
    { class: 'scenario-counters' },
    el('caption', { class: 'unseen' }, 'Counters and metrics'),
    el('thead', {}, head),
    body,
  );
  const holder = el('div', { class: 'table', role: 'region', label: 'Counters and metrics', tabIndex: 0 }, made);
  const more = el('p', { class: 'empty' });
  const around = pane(folding, 'counters', 'Counters and metrics', [filter, all.button], el('div', {}, holder, more));
  let last: PageNow | null = null;
  let shown: readonly string[] = [];
  const refresh = (): void => {
    if (last) draw(last);
    actions.changed();
  };
  filter.addEventListener('input', refresh);

  const draw = (now: PageNow): void => {
    const { names, view } = now;
    const designs = designsOf(now);
    const wanted = filter.value.trim().toLowerCase();
    const fitting = names
      .map((name, number) => ({ name, number }))
      .filter(({ name, number }) => {
        if (wanted !== '' && !name.toLowerCase().includes(wanted)) return false;
        return (
          all.on() ||
          wanted !== '' ||
          view.designs.some(({ values }) => (values[number] ?? 0) !== 0 && !Number.isNaN(values[number] ?? NaN))
        );
      })
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    const rows = fitting.slice(0, MOST_ROWS);
    shown = rows.map(({ name }) => name);
    around.note(count(fitting.length));
    setText(more, fitting.length > rows.length ? `${count(fitting.length - rows.length)} more: filter to see them.` : '');
    fill(head, ['name', ...designs, 'over the run'], (title) => title, (title, at) => el('th', { class: at > 0 && at <= designs.length ? 'number' : '', attributes: { scope: 'col' } }, title)); // prettier-ignore
    fill(
      body,
      rows,
      ({ name }) => `${name} ${designs.length}`,
      ({ name }) =>
        el(
          'tr',
          {},
          el('td', {}, valueName(name, now.loaded)),
          ...designs.map(() => el('td', { class: 'number' })),
          el('td', { class: 'spark' }),
        ),
    );
    made.style.setProperty('--designs', String(designs.length));
    rows.forEach(({ name, number }, at) => {
      const row = body.children[at]!;
      view.designs.forEach(({ values }, index) => setText(row.children[index + 1]!, valueText(values[number])));
      drawLine(row.lastElementChild as HTMLElement, name, now.series.get(name) ?? []);
    });
  };
  return {
    element: around.element,
    wanted: () => (around.element.classList.contains('folded') ? [] : shown),
    update(now) {
      last = now;
      if (!around.element.classList.contains('folded')) draw(now);
    },
  };
}

const drawn = new WeakMap<HTMLElement, readonly ValueSeries[]>();

/** One line a design over the run; nothing where the value never moved. */
function drawLine(cell: HTMLElement, name: string, series: readonly ValueSeries[]): void {
  if (drawn.get(cell) === series) return;
  drawn.set(cell, series);
  const { low, high, last } = boundsOf(series);
  if (!(high > low) || last === 0) return cell.replaceChildren();
  const paths = series.map((one, at) =>
    svg('polyline', {
      class: `series series-${at}`,
      points: pointsOf(one, { low, high, last }, LINE.width, LINE.height),
      'stroke-dasharray': DESIGN_TINTS[at]?.dash ?? '',
    }),
  );
  const label = `${name} over the run: ${series.map((one) => `${one.design} from ${valueText(one.values[0])} to ${valueText(one.values.at(-1))}`).join(', ')}`;
  cell.replaceChildren(
    svg(
      'svg',
      { viewBox: `0 -1 ${LINE.width} ${LINE.height + 2}`, width: LINE.width, height: LINE.height, role: 'img', 'aria-label': label },
      ...paths,
    ),
  );
}

export interface SeriesBounds {
  readonly low: number;
  readonly high: number;
  /** The last step. */
  readonly last: number;
}

export function boundsOf(series: readonly ValueSeries[]): SeriesBounds {
  let low = Infinity;
  let high = -Infinity;
  let last = 0;
  for (const { ticks, values } of series) {
    last = Math.max(last, ticks.at(-1) ?? 0);
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { low, high, last };
}

/** Points of a polyline: a value holds until the next one. */
export function pointsOf({ ticks, values }: ValueSeries, { low, high, last }: SeriesBounds, width: number, height: number): string {
  const points: string[] = [];
  let before = '';
  values.forEach((value, at) => {
    if (Number.isNaN(value)) return;
    const x = (((ticks[at] ?? 0) / Math.max(1, last)) * width).toFixed(1);
    const y = (high > low ? height - ((value - low) / (high - low)) * height : height / 2).toFixed(1);
    if (before !== '' && before !== y) points.push(`${x},${before}`);
    points.push(`${x},${y}`);
    before = y;
  });
  return points.join(' ');
}
