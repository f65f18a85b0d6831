/** What the page under the map's cursor is in each design, and who holds each reference of its folio. */
import type { CursorFacts, ScenarioView } from '../../src/protocol/scenario-page';
import { el } from '../dom';
import { table } from '../parts/part';
import { pagesText } from './map-drawing';
import type { MapCursor } from './map-geometry';

/** @param speak told what a screen reader is to say */
export function drawFacts(element: HTMLElement, view: ScenarioView, cursor: MapCursor | null, speak: (text: string) => void): void {
  const known = view.designs.filter((one): one is typeof one & { facts: CursorFacts } => one.facts !== null);
  if (cursor === null || known.length === 0) {
    const what = cursor === null ? '' : `${cursor.section.slice(5)}: told by amount, not page by page`;
    if (element.dataset['key'] !== what) element.replaceChildren(...(what === '' ? [] : [el('p', { class: 'empty' }, what)]));
    element.dataset['key'] = what;
    if (what !== '') speak(what);
    return;
  }
  const key = JSON.stringify([cursor, known.map(({ design, facts }) => [design, facts])]);
  if (element.dataset['key'] === key) return;
  element.dataset['key'] = key;
  const file = cursor.section.slice(5);
  const title = `${file}, page ${cursor.page.toLocaleString('en-US')} (offset 0x${(cursor.page * 4096).toString(16)})`;
  const names = known[0]!.facts.rows.map(({ name }) => name);
  const rowsOf = names.map((name, at) => ({ name, values: known.map(({ facts }) => facts.rows[at]!.value) }));
  const facts = table(
    `Facts of ${title}`,
    [
      { title: 'property', cell: (row) => row.name },
      ...known.map(({ design }, at) => ({ title: design, cell: (row: (typeof rowsOf)[number]) => row.values[at]! })),
    ],
    rowsOf,
  );
  element.replaceChildren(
    el('div', { class: 'facts-column' }, el('h3', {}, title), facts),
    el('div', { class: 'facts-column' }, el('h3', {}, 'Who holds the folio'), references(known)),
  );
  speak(
    `${title}. ${known
      .map(({ design, facts: { rows: all, from, to } }) => {
        const of = (name: string): string => all.find((row) => row.name === name)?.value ?? '';
        return `${design}: ${of('block')}, folio ${of('folio')}, ${of('sharing')}, stage 2 ${of('stage 2')}, ${pagesText(to - from)} alike`;
      })
      .join('. ')}`,
  );
}

function references(known: readonly { readonly design: string; readonly facts: CursorFacts }[]): HTMLElement {
  const rows = known.flatMap(({ design, facts: { references: held } }) => {
    if (held === null) return [{ design, who: 'there is no folio', count: '' }];
    const sum = held.expected.reduce((total, { count }) => total + count, 0);
    const verdict =
      sum === held.actual ? 'as expected' : `${sum > held.actual ? 'too few' : 'too many'}: expected ${sum.toLocaleString('en-US')}`;
    return [
      ...held.expected.map(({ who, count }) => ({ design, who, count: count.toLocaleString('en-US') })),
      { design, who: `actual count (${verdict})`, count: held.actual.toLocaleString('en-US') },
    ];
  });
  return table(
    'Who holds the folio',
    [
      { title: 'design', cell: (row) => row.design },
      { title: 'holder', cell: (row) => row.who },
      { title: 'references', number: true, cell: (row) => row.count },
    ],
    rows,
  );
}
