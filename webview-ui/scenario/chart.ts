/** A chart of one counter or metric over the run, a line a design, and the same as a table. */
import { METRIC } from '../../src/review/scenario-values';
import { el, fill, setText, svg } from '../dom';
import { pane, table, toggle, type Folding } from '../parts/part';
import { boundsOf, pointsOf } from './counters';
import { count, valueText, type PageActions, type PageNow, type ScenarioPart } from './page-now';
import { DESIGN_TINTS } from './palette';

const HEIGHT = 150;
const LEFT = 70;
const WIDTH = 560;
export const FIRST_CHART = `${METRIC}vmemmap-pages`;

export function valueChart(actions: PageActions, folding: Folding, first: string, chosen: (name: string) => void): ScenarioPart {
  const choice = el('select', { label: 'Value of the chart' });
  const asTable = toggle('Table', 'Show the chart as a table', () => last && draw(last));
  const body = el('div', { class: 'chart' });
  const legend = el('ul', { class: 'legend' });
  const note = el('p', { class: 'hint' });
  const around = pane(folding, 'chart', 'Chart', [choice, asTable.button], el('div', {}, body, legend, note));
  let last: PageNow | null = null;
  let name = first;
  choice.addEventListener('change', () => {
    name = choice.value;
    chosen(name);
    actions.changed();
    if (last) draw(last);
  });
  const draw = (now: PageNow): void => {
    const sorted = [...now.names].sort(
      (left, right) => Number(right.startsWith(METRIC)) - Number(left.startsWith(METRIC)) || (left < right ? -1 : 1),
    );
    if (choice.options.length !== sorted.length) {
      choice.replaceChildren(...sorted.map((one) => el('option', { attributes: { value: one } }, one)));
      choice.value = name;
    }
    const series = now.series.get(name) ?? [];
    setText(note, (now.loaded.notes[name]?.text ?? '').replace('\n', '. '));
    const bounds = boundsOf(series);
    fill(
      legend,
      series.map((one, at) => ({ design: one.design, at })),
      ({ design, at }) => `${design} ${at}`,
      ({ design, at }) =>
        el(
          'li',
          {},
          svg(
            'svg',
            { width: 28, height: 8, 'aria-hidden': 'true' },
            svg('line', { class: `series series-${at}`, x1: 0, x2: 28, y1: 4, y2: 4, 'stroke-dasharray': DESIGN_TINTS[at]?.dash ?? '' }),
          ),
          `design ${design}`,
        ),
    );
    if (series.length === 0 || !(bounds.high >= bounds.low)) {
      body.replaceChildren(el('p', { class: 'empty' }, `Nothing is known of ${name} yet.`));
      return;
    }
    if (asTable.on()) {
      const ticks = [...new Set(series.flatMap((one) => one.ticks))].sort((left, right) => left - right);
      const valueAt = (tick: number, at: number): string => {
        const index = series[at]!.ticks.indexOf(tick);
        return index < 0 ? '' : valueText(series[at]!.values[index]);
      };
      body.replaceChildren(
        table(
          `${name} over the run`,
          [
            { title: 'step', number: true, cell: (tick: number) => count(tick) },
            ...series.map(({ design }, at) => ({ title: design, number: true, cell: (tick: number) => valueAt(tick, at) })),
          ],
          ticks,
        ),
      );
      return;
    }
    const inner = HEIGHT - 24;
    const label = `${name}: ${series.map((one) => `${one.design} from ${valueText(one.values[0])} to ${valueText(one.values.at(-1))}`).join(', ')}`;
    const x = LEFT + (now.view.tick / Math.max(1, bounds.last)) * (WIDTH - LEFT - 4);
    const axis = (value: number, y: number): SVGElement =>
      svg('text', { class: 'tick-text', x: LEFT - 6, y, 'text-anchor': 'end' }, valueText(value));
    body.replaceChildren(
      svg(
        'svg',
        { class: 'chart-picture', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
        svg('rect', { class: 'lane', x: LEFT, y: 4, width: WIDTH - LEFT - 4, height: inner }),
        axis(bounds.high, 12),
        ...(bounds.high > bounds.low ? [axis(bounds.low, inner + 4)] : []),
        svg('text', { class: 'tick-text', x: LEFT, y: HEIGHT - 6 }, 'step 0'),
        svg('text', { class: 'tick-text', x: WIDTH - 4, y: HEIGHT - 6, 'text-anchor': 'end' }, `step ${count(bounds.last)}`),
        svg('line', { class: 'chart-now', x1: x, x2: x, y1: 4, y2: inner + 4 }),
        svg(
          'g',
          { transform: `translate(${LEFT} 6)` },
          ...series.map((one, at) =>
            svg('polyline', {
              class: `series series-${at}`,
              points: pointsOf(one, bounds, WIDTH - LEFT - 4, inner - 4),
              'stroke-dasharray': DESIGN_TINTS[at]?.dash ?? '',
            }),
          ),
        ),
      ),
    );
  };
  return {
    element: around.element,
    wanted: () => [name],
    update(now) {
      last = now;
      if (!around.element.classList.contains('folded')) draw(now);
    },
  };
}
