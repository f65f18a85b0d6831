/** The tables of the run: locks, fidelity, and what it left different. */
import type { FidelityRow, LockView, StateDifference } from '../../src/protocol/simulation';
import { el } from '../dom';
import type { Session } from '../session';
import { baseName, count, many } from '../words';
import { pane, placeLink, table, type Actions, type Folding, type Part } from './part';

/** The locks that are held, and by whom. */
export function locksList(folding: Folding): Part {
  const body = el('div');
  const around = pane(folding, 'locks', 'Locks held', [], body);
  return whenChanged(
    around.element,
    (session) => session.view?.memory.locks ?? [],
    (locks: readonly LockView[]) => {
      around.note(locks.length > 0 ? String(locks.length) : '');
      body.replaceChildren(
        locks.length === 0
          ? el('p', { class: 'empty' }, 'None.')
          : table('Locks held', [{ title: 'Lock', cell: (one) => one.what }, { title: 'Holder', cell: (one) => one.holder }], locks), // prettier-ignore
      );
    },
  );
}

const MODES: readonly FidelityRow['mode'][] = ['unsupported', 'unknown', 'interpreted', 'modelled'];

/** How true the run is: which functions were interpreted, modelled, unknown or not supported. */
export function fidelityCard(actions: Actions, folding: Folding, linesOf: (name: string) => number): Part {
  const body = el('div');
  const around = pane(folding, 'fidelity', 'Fidelity', [], body);
  const place = (row: FidelityRow): HTMLElement | string => {
    const line = linesOf(row.function);
    if (row.file === '') return '';
    return line > 0 ? placeLink({ file: row.file, line }, actions) : baseName(row.file);
  };
  return whenChanged(
    around.element,
    (session) => session.view?.fidelity ?? [],
    (rows: readonly FidelityRow[]) => {
      const sorted = [...rows].sort((a, b) => MODES.indexOf(a.mode) - MODES.indexOf(b.mode) || a.function.localeCompare(b.function));
      const number = (mode: FidelityRow['mode']): number => rows.filter((one) => one.mode === mode).length;
      around.note(
        rows.length === 0
          ? ''
          : MODES.filter((mode) => number(mode) > 0)
              .map((mode) => `${number(mode)} ${mode}`)
              .join(' · '),
      );
      const mode = (row: FidelityRow): HTMLElement => el('span', { class: `mode mode-${row.mode}` }, row.mode);
      const columns = [
        { title: 'Function', cell: (row: FidelityRow) => el('code', { title: row.function }, row.function) },
        { title: 'Mode', cell: mode },
        { title: 'Lines', number: true, cell: (row: FidelityRow) => (row.lines > 0 ? count(row.lines) : '') },
        { title: 'Calls', number: true, cell: (row: FidelityRow) => count(row.calls) },
        { title: 'Source', cell: place },
      ];
      body.replaceChildren(
        rows.length === 0 ? el('p', { class: 'empty' }, 'Nothing was run yet.') : table('Functions of the run', columns, sorted),
      );
    },
  );
}

/** What is different after the run; said at its end only. */
export function differencesList(folding: Folding): Part {
  const body = el('div');
  const around = pane(folding, 'differences', 'After the run', [], body);
  return whenChanged(
    around.element,
    (session) => session.end?.differences ?? null,
    (differences: readonly StateDifference[] | null) => {
      around.element.hidden = differences === null;
      if (!differences) return;
      around.note(differences.length === 0 ? '' : many(differences.length, 'difference'));
      const columns = [
        { title: 'What', cell: (one: StateDifference) => one.what },
        { title: 'Before', cell: (one: StateDifference) => one.before },
        { title: 'After', cell: (one: StateDifference) => one.after },
      ];
      body.replaceChildren(
        differences.length === 0
          ? el('p', { class: 'empty' }, 'The state is as it was before the run.')
          : table('Differences from the state before the run', columns, differences),
      );
    },
  );
}

/** A part that is drawn anew when a piece of the session is another one. */
function whenChanged<T>(element: HTMLElement, pick: (session: Session) => T, draw: (value: T) => void): Part {
  let drawn: string | null = null;
  return {
    element,
    update(session) {
      const value = pick(session);
      const now = JSON.stringify(value);
      if (now === drawn) return;
      drawn = now;
      draw(value);
    },
  };
}
