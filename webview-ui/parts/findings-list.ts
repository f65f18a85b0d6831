/** What the machine's checks and the model's invariants found. */
import type { RunFinding } from '../../src/protocol/simulation';
import { el } from '../dom';
import { icon } from '../icons';
import { count, placeText } from '../words';
import { cappedList, pane, type Actions, type Folding, type Part } from './part';

/** What must never happen and did. A click goes to the step and shows the line. */
export function findingsList(actions: Actions, folding: Folding): Part {
  const list = el('ul', { class: 'findings' });
  const empty = el('p', { class: 'empty' });
  const show = cappedList<RunFinding>(list, 'findings');
  const around = pane(folding, 'findings', 'Findings', [], el('div', {}, list, empty));
  const row = (finding: RunFinding): HTMLElement =>
    el(
      'li',
      {},
      el(
        'button',
        {
          class: `finding finding-${lookOf(finding)}`,
          title: `Go to step ${count(finding.step)} and show ${placeText(finding)}`,
          attributes: { type: 'button' },
          click: () => {
            // One further: the step that meets it is done.
            actions.goTo(finding.step + 1);
            actions.reveal(finding);
          },
        },
        icon(lookOf(finding)),
        el('span', { class: 'finding-kind' }, finding.kind),
        el('span', { class: 'finding-text' }, finding.message),
        el('span', { class: 'finding-place' }, `${placeText(finding)} · step ${count(finding.step)}`),
      ),
    );
  return {
    element: around.element,
    update({ findings, end }) {
      show(findings, (one) => `${one.step} ${one.kind} ${one.message} ${one.file}:${one.line}`, row);
      empty.hidden = findings.length > 0;
      empty.textContent = end ? 'No check of the machine fired in this run.' : 'None so far.';
      around.note(findings.length > 0 ? String(findings.length) : '');
      around.element.classList.toggle('alarming', findings.length > 0);
    },
  };
}

/** What is left over and what is warned of harms later, or less, than what stops the kernel. */
const lookOf = ({ kind }: RunFinding): 'warning' | 'error' => (kind === 'warn-on' || kind.startsWith('leak-') ? 'warning' : 'error');
