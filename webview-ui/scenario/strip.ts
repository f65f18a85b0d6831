/** Pages that hold the struct pages of each file, against those that it would have without HVO. */
import { el, fill, setText } from '../dom';
import { pane, table, toggle, type Folding } from '../parts/part';
import type { PageNow, ScenarioPart } from './page-now';
import { count } from './page-now';

/** Struct pages of so many pages fill one page. */
const PAGES_A_PAGE = 64;
/** Blocks of 512 bytes in a page, as i_blocks counts. */
const SECTORS = 8;
const MOST_FILES = 24;

interface StripRow {
  readonly file: string;
  readonly design: string;
  readonly kept: number;
  readonly full: number;
}

export function vmemmapOfFiles(folding: Folding): ScenarioPart {
  const bars = el('div', { class: 'strip' });
  const asTable = toggle('Table', 'Show vmemmap as a table', () => last && draw(last));
  const holder = el('div');
  const around = pane(folding, 'vmemmap', 'vmemmap', [asTable.button], el('div', {}, bars, holder));
  let last: PageNow | null = null;
  let shown = '';
  const draw = (now: PageNow): void => {
    const rows = rowsOf(now);
    const key = JSON.stringify([asTable.on(), rows]);
    if (key === shown) return;
    shown = key;
    bars.hidden = asTable.on();
    holder.hidden = !asTable.on();
    around.note(rows.length === 0 ? 'no file has memory' : '');
    if (asTable.on()) {
      holder.replaceChildren(
        table(
          'vmemmap of files',
          [
            { title: 'file', cell: (row: StripRow) => row.file },
            { title: 'design', cell: (row) => row.design },
            { title: 'pages of vmemmap', number: true, cell: (row) => count(row.kept) },
            { title: 'without HVO', number: true, cell: (row) => count(row.full) },
          ],
          rows,
        ),
      );
      return;
    }
    fill(bars, rows, ({ file, design }) => `${file} ${design}`, ({ file, design }) => {
        const kept = el('span', { class: 'vmemmap-kept' });
        return el('div', { class: 'strip-row' }, el('span', {}, `${file} ${design}`), el('span', { class: 'vmemmap-bar' }, kept), el('span', { class: 'vmemmap-words' }));
      }); // prettier-ignore
    rows.forEach(({ kept, full }, at) => {
      const row = bars.children[at]!;
      row.querySelector<HTMLElement>('.vmemmap-kept')!.style.width = `${full === 0 ? 0 : Math.min(100, (kept / full) * 100)}%`;
      setText(row.lastElementChild!, `${count(kept)} of ${count(full)}`);
    });
  };
  return {
    element: around.element,
    update(now) {
      last = now;
      if (!around.element.classList.contains('folded')) draw(now);
    },
  };
}

export function rowsOf(now: Pick<PageNow, 'view' | 'names'>): readonly StripRow[] {
  const files = now.view.sections.filter(({ id }) => id.startsWith('file:')).slice(0, MOST_FILES);
  const numbers = new Map(now.names.map((name, at) => [name, at]));
  return files.flatMap(({ title }) =>
    now.view.designs.flatMap(({ design, values }) => {
      const of = (name: string): number => values[numbers.get(name) ?? -1] ?? NaN;
      const kept = of(`vmemmap.${title}`);
      const full = Math.ceil(of(`file.${title}.i_blocks`) / SECTORS / PAGES_A_PAGE);
      return Number.isNaN(kept) || Number.isNaN(full) ? [] : [{ file: title, design: design, kept, full: Math.max(full, kept) }];
    }),
  );
}
