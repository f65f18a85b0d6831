/** The short lists: findings, choices, locks, fidelity, and what the run left different. */
import type { FidelityRow, LockView, MadeChoice, RunFinding, StateDifference } from '../../src/protocol/simulation';
import { el, fill } from '../dom';
import { icon } from '../icons';
import { allocationNumbers, alternativesOf, type Alternative, type Session } from '../session';
import { baseName, count, many, placeText } from '../words';
import { pane, placeLink, table, type Actions, type Folding, type Part } from './part';

/** What must never happen and did. A click goes to the step and shows the line. */
export function findingsList(actions: Actions, folding: Folding): Part {
  const list = el('ul', { class: 'findings' });
  const empty = el('p', { class: 'empty' });
  const around = pane(folding, 'findings', 'Findings', [], el('div', {}, list, empty));
  const row = (finding: RunFinding): HTMLElement =>
    el(
      'li',
      {},
      el(
        'button',
        {
          class: `finding finding-${finding.kind === 'warn-on' ? 'warning' : 'error'}`,
          title: `Go to step ${count(finding.step)} and show ${placeText(finding)}`,
          attributes: { type: 'button' },
          click: () => {
            actions.goTo(finding.step);
            actions.reveal(finding);
          },
        },
        icon(finding.kind === 'warn-on' ? 'warning' : 'error'),
        el('span', { class: 'finding-kind' }, finding.kind),
        el('span', { class: 'finding-text' }, finding.message),
        el('span', { class: 'finding-place' }, `${placeText(finding)} · step ${count(finding.step)}`),
      ),
    );
  return {
    element: around.element,
    update({ findings, end }) {
      fill(list, findings, (one) => `${one.step} ${one.kind} ${one.message} ${one.file}:${one.line}`, row);
      empty.hidden = findings.length > 0;
      empty.textContent = end ? 'No check of the machine fired in this run.' : 'None so far.';
      around.note(findings.length > 0 ? String(findings.length) : '');
      around.element.classList.toggle('alarming', findings.length > 0);
    },
  };
}

/** Each point where the run could have gone another way, with a button that restarts it so. */
export function choicesList(actions: Actions, folding: Folding): Part {
  const list = el('ol', { class: 'choices' });
  const empty = el('p', { class: 'empty' });
  const around = pane(folding, 'choices', 'Choices', [], el('div', {}, list, empty));
  let drawn: readonly MadeChoice[] | null = null;
  const row = (made: MadeChoice, number: number, others: readonly Alternative[]): HTMLElement =>
    el(
      'li',
      { class: made.option === made.choice.usual ? 'choice' : 'choice unusual' },
      el('span', { class: 'choice-number number' }, number > 0 ? String(number) : ''),
      el('span', { class: 'choice-what' }, made.choice.what),
      el('span', { class: 'choice-taken' }, made.choice.options[made.option] ?? ''),
      placeLink(made, actions),
      el(
        'button',
        { class: 'tool', label: `Go to step ${count(made.step)}`, attributes: { type: 'button' }, click: () => actions.goTo(made.step) },
        `step ${count(made.step)}`,
      ),
      el(
        'span',
        { class: 'choice-others' },
        ...others.map((other) =>
          el(
            'button',
            {
              class: 'tool',
              label: `${other.label}: ${made.choice.what}${number > 0 ? `, allocation ${number}` : ''}, and restart`,
              attributes: { type: 'button' },
              click: () => actions.restart(other.setup),
            },
            other.label,
          ),
        ),
      ),
    );
  return {
    element: around.element,
    update({ setup, choices, end }) {
      if (choices === drawn) return;
      drawn = choices;
      const numbers = allocationNumbers(choices);
      const others = alternativesOf(setup, choices);
      fill(
        list,
        choices,
        (one, at) => `${at} ${one.step} ${one.option} ${one.choice.what} ${one.file}:${one.line}`,
        (one, at) => row(one, numbers[at] ?? 0, others.filter((other) => other.choice === one)), // prettier-ignore
      );
      empty.hidden = choices.length > 0;
      empty.textContent = end ? 'Nothing in this run could have gone another way.' : 'None so far.';
      const failable = numbers.filter((number) => number > 0).length;
      around.note(
        choices.length === 0
          ? ''
          : many(failable, 'allocation') + (failable < choices.length ? `, ${choices.length - failable} other` : ''),
      );
    },
  };
}

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
        { title: 'Function', cell: (row: FidelityRow) => el('code', {}, row.function) },
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
