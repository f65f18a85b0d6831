/** The memory that holds the struct pages of each block: pages kept against pages without HVO. */
import type { VmemmapView } from '../../src/protocol/simulation';
import { el, fill } from '../dom';
import { count, sizeOfPages } from '../words';
import { pane, table, toggle, type Folding, type Part } from './part';

export function vmemmapStrip(folding: Folding): Part {
  const picture = el('div', { class: 'vmemmap' });
  const holder = el('div', { hidden: true });
  let rows: readonly VmemmapView[] = [];
  const asTable = toggle('Table', 'Table: vmemmap', () => show());
  const around = pane(folding, 'vmemmap', 'vmemmap', [asTable.button], el('div', {}, picture, holder));
  const show = (): void => {
    picture.hidden = asTable.on();
    holder.hidden = !asTable.on();
    if (asTable.on()) holder.replaceChildren(tableOf(rows));
    else fill(picture, rows, (row) => JSON.stringify(row), rowOf);
  };
  return {
    element: around.element,
    update({ view }) {
      if (!view || view.memory.vmemmap === rows) return;
      rows = view.memory.vmemmap;
      const kept = rows.reduce((sum, row) => sum + row.pages, 0);
      const without = rows.reduce((sum, row) => sum + row.pagesWithoutHvo, 0);
      around.note(rows.length === 0 ? '' : `${sizeOfPages(kept)} of ${sizeOfPages(without)}`);
      show();
    },
  };
}

function rowOf(row: VmemmapView): HTMLElement {
  const share = row.pagesWithoutHvo > 0 ? row.pages / row.pagesWithoutHvo : 1;
  const kept = el('span', { class: 'vmemmap-kept' });
  kept.style.width = `${Math.min(1, share) * 100}%`;
  const words = `${count(row.pages)} of ${count(row.pagesWithoutHvo)} pages kept`;
  const bar = el('span', { class: 'vmemmap-bar', role: 'img', label: `block ${row.block}: ${words}` }, kept);
  return el(
    'div',
    { class: 'vmemmap-row' },
    el('span', { class: 'vmemmap-block' }, `block ${row.block}`),
    bar,
    el('span', { class: 'vmemmap-words' }, `${words} · ${row.optimised ? 'optimised (HVO)' : 'not optimised'}`),
  );
}

const tableOf = (rows: readonly VmemmapView[]): HTMLElement =>
  table(
    'Pages of vmemmap by block',
    [
      { title: 'Block', number: true, cell: (row) => String(row.block) },
      { title: 'Optimised', cell: (row) => (row.optimised ? 'yes' : 'no') },
      { title: 'Pages kept', number: true, cell: (row) => count(row.pages) },
      { title: 'Pages without HVO', number: true, cell: (row) => count(row.pagesWithoutHvo) },
      { title: 'Memory kept', number: true, cell: (row) => sizeOfPages(row.pages) },
    ],
    rows,
  );
