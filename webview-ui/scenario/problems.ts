/** What cannot be read in the text of the scenario, each at its line. */
import type { ShownProblem } from '../../src/protocol/scenario-page';
import { el, fill } from '../dom';
import { icon } from '../icons';
import { count } from './page-now';

interface ProblemList {
  readonly element: HTMLElement;
  show(problems: readonly ShownProblem[], inAll: number): void;
}

const MOST_SHOWN = 5;

export function problemList(reveal: (line: number) => void): ProblemList {
  const list = el('ul', { class: 'problems', label: 'Problems of the text', attributes: { 'aria-live': 'polite' } });
  list.hidden = true;
  return {
    element: list,
    show(problems, inAll) {
      list.hidden = problems.length === 0;
      const left = inAll - Math.min(MOST_SHOWN, problems.length);
      const rows: readonly (ShownProblem | null)[] = left > 0 ? [...problems.slice(0, MOST_SHOWN), null] : problems;
      fill(
        list,
        rows,
        (one) => JSON.stringify(one) + (one === null ? left : ''),
        (one) => (one === null ? el('li', {}, `and ${count(left)} more`) : row(one, reveal)),
      );
    },
  };
}

const row = ({ line, severity, message }: ShownProblem, reveal: (line: number) => void): HTMLElement =>
  el(
    'li',
    { class: `problem finding-${severity}` },
    icon(severity),
    line > 0
      ? el(
          'button',
          { class: 'link', label: `Line ${line}, show in the editor`, attributes: { type: 'button' }, click: () => reveal(line) },
          `line ${line}`,
        )
      : null,
    el('span', {}, message),
  );
