/** The kernel's counters: value now, before the run, and the change. */
import { counterGroups, type CounterGroup, type CounterRow } from '../counters';
import { el, fill } from '../dom';
import type { MemoryView } from '../../src/protocol/simulation';
import { count, signed } from '../words';
import { pane, type Folding, type Part } from './part';

export function countersTable(folding: Folding): Part {
  const bodies = el('table', { class: 'counters' });
  const head = el(
    'tr',
    {},
    ...['Counter', 'Now', 'Before', 'Change'].map((title, at) =>
      el('th', { ...(at > 0 ? { class: 'number' } : {}), attributes: { scope: 'col' } }, title),
    ),
  );
  const caption = el('caption', { class: 'unseen' }, 'Counters now and before the run');
  const around = pane(folding, 'counters', 'Counters', [], el('div', {}, bodies));
  bodies.append(caption, el('thead', {}, head));
  const groups = el('tbody');
  bodies.append(groups);
  let drawn: MemoryView | null = null;
  return {
    element: around.element,
    update({ view, initial, previous }) {
      if (!view || view.memory === drawn) return;
      drawn = view.memory;
      const all = counterGroups(view.memory.counters, initial?.memory.counters ?? [], (previous ?? view).memory.counters);
      const rows = all.flatMap((group) => [group, ...group.rows]);
      fill(groups, rows, keyOfRow, (row) => ('rows' in row ? groupRow(row) : counterRow(row)));
      const changed = all.flatMap((group) => group.rows).filter((row) => row.change !== 0).length;
      around.note(changed === 0 ? 'as before the run' : `${changed} changed`);
    },
  };
}

const keyOfRow = (row: CounterGroup | CounterRow): string =>
  'rows' in row ? row.group : `${row.group} ${row.name} ${row.value} ${row.before ?? ''} ${row.moved ? 'moved' : ''}`;

const groupRow = (group: CounterGroup): HTMLElement =>
  el('tr', { class: 'group' }, el('th', { attributes: { scope: 'rowgroup', colspan: '4' } }, group.group));

function counterRow(row: CounterRow): HTMLElement {
  const marks = [row.change !== 0 ? 'changed' : '', row.moved ? 'moved' : ''].join(' ').trim();
  return el(
    'tr',
    { class: marks, ...(row.moved ? { title: 'Changed since the last stop' } : {}) },
    el('th', { class: 'name', attributes: { scope: 'row' } }, row.name),
    el('td', { class: 'number' }, count(row.value)),
    el('td', { class: 'number' }, row.before === null ? '' : count(row.before)),
    el('td', { class: 'number change' }, row.change === 0 ? '' : signed(row.change)),
  );
}
