/** The tables of the run: expectations by line, what went wrong, and where designs differ. */
import type { ExpectationView, ScenarioView } from '../../src/protocol/scenario-page';
import { differencesOf, METRIC, type ValueDifference } from '../../src/review/scenario-values';
import { el, fill, setText } from '../dom';
import { cappedList, pane, type Folding } from '../parts/part';
import { many } from '../words';
import { count, designsOf, valueName, valueText, type PageActions, type PageNow, type ScenarioPart } from './page-now';

export function expectationTable(actions: PageActions, folding: Folding): ScenarioPart {
  const head = el('tr');
  const body = el('tbody');
  const made = el('table', {}, el('caption', { class: 'unseen' }, 'Expectations'), el('thead', {}, head), body);
  const empty = el('p', { class: 'empty' }, 'No step with an expectation was done yet.');
  const holder = el('div', { class: 'table', role: 'region', label: 'Expectations', tabIndex: 0 }, made);
  const around = pane(folding, 'expectations', 'Expectations', [], el('div', {}, holder, empty));
  let shown: ScenarioView['expectations'] | null = null;
  let key = '';
  return {
    element: around.element,
    update(now) {
      const designs = designsOf(now);
      const { expectations, line } = now.view;
      if (shown === expectations && key === `${line} ${designs.join()}`) return;
      key = `${line} ${designs.join()}`;
      shown = expectations;
      empty.hidden = expectations.length > 0;
      holder.hidden = expectations.length === 0;
      const failed = expectations.flatMap(({ results }) => results).filter(({ status }) => status === 'failed').length;
      const checked = expectations.reduce((sum, { results }) => sum + results.length, 0);
      around.note(checked === 0 ? '' : `${count(checked - failed)} met, ${count(failed)} not met`);
      around.element.classList.toggle('alarming', failed > 0);
      fill(head, ['line', 'expected', ...designs], (title) => title, (title) => el('th', { attributes: { scope: 'col' } }, title)); // prettier-ignore
      fill(body, expectations.slice(0, MOST_ROWS), (one) => JSON.stringify(one) + designs.join(), (one) => expectationRow(one, designs, actions)); // prettier-ignore
    },
  };
}

/** A text may have thousands of expectations; what failed is in the list of troubles too. */
const MOST_ROWS = 300;

function expectationRow({ line, expected, results }: ExpectationView, designs: readonly string[], actions: PageActions): HTMLElement {
  const cells = designs.map((design) => {
    const result = results.find((each) => each.design === design);
    if (result === undefined) return el('td', { class: 'unchecked' }, '–');
    const times = result.times > 1 ? ` ×${count(result.times)}` : '';
    if (result.status === 'passed') return el('td', { class: 'met' }, `✓ met${times}`);
    return el(
      'td',
      { class: 'unmet' },
      el(
        'button',
        {
          class: 'link',
          label: `✗ ${result.actual}${times}, not met in ${design}: go to step ${count(result.tick)}`,
          attributes: { type: 'button' },
          click: () => actions.goTo(result.tick),
        },
        `✗ ${result.actual}${times}`,
      ),
    );
  });
  return el('tr', {}, el('td', {}, lineLink(line, actions)), el('td', {}, el('code', { title: expected }, expected)), ...cells);
}

export const lineLink = (line: number, actions: PageActions, tabIndex = 0): HTMLElement =>
  el(
    'button',
    {
      class: 'link',
      label: `Line ${line}, show in the editor`,
      tabIndex,
      attributes: { type: 'button' },
      click: () => actions.reveal(line),
    },
    `line ${line}`,
  );

export function troubleList(actions: PageActions, folding: Folding): ScenarioPart {
  const list = el('ul', { class: 'troubles' });
  const show = cappedList<ScenarioView['troubles'][number]>(list, 'violations');
  const empty = el('p', { class: 'empty' }, 'Nothing went wrong so far.');
  const around = pane(folding, 'troubles', 'Violations and unmet', [], el('div', {}, list, empty));
  let shown = -1;
  return {
    element: around.element,
    update({ view: { troubles, tick } }) {
      empty.hidden = troubles.length > 0;
      around.note(troubles.length === 0 ? '' : count(troubles.length));
      around.element.classList.toggle('alarming', troubles.length > 0);
      if (shown !== troubles.length) {
        shown = troubles.length;
        show(
          troubles,
          (one) => JSON.stringify(one),
          (one) =>
            el(
              'li',
              {},
              el(
                'button',
                {
                  class: 'trouble',
                  attributes: { type: 'button', 'data-tick': String(one.tick) },
                  click: () => {
                    actions.goTo(one.tick);
                    actions.reveal(one.line);
                  },
                },
                el('b', {}, `${one.design} ${one.kind === 'violation' ? one.name : 'not met'}`),
                one.label === '' ? null : badge(one.label),
                el('span', {}, one.kind === 'violation' ? one.text : `${one.name}: ${one.text}`),
                el('span', { class: 'trouble-place' }, `step ${count(one.tick)}, line ${one.line}`),
              ),
            ),
        );
      }
      for (const button of list.querySelectorAll<HTMLElement>('.trouble'))
        button.classList.toggle('ahead', Number(button.dataset['tick']) > tick);
    },
  };
}

const LABELS: Readonly<Record<string, string>> = {
  code: 'read in code',
  doc: 'said in the documentation',
  thread: 'said on the list',
  derived: 'follows from what was read',
  assumption: 'assumed: nobody has said so',
};

/** How sure a rule of the model is. */
export const badge = (label: string): HTMLElement => el('span', { class: `badge badge-${label}`, title: LABELS[label] ?? label }, label);

export function differenceTable(folding: Folding): ScenarioPart {
  const head = el('tr');
  const body = el('tbody');
  const made = el('table', {}, el('caption', { class: 'unseen' }, 'Where the designs differ'), el('thead', {}, head), body);
  const holder = el('div', { class: 'table', role: 'region', label: 'Where the designs differ', tabIndex: 0 }, made);
  const empty = el('p', { class: 'empty' });
  const around = pane(folding, 'differences', 'Differences', [], el('div', {}, holder, empty));
  return {
    element: around.element,
    update(now) {
      const designs = designsOf(now);
      if (around.element.classList.contains('folded')) return;
      const rows = allDifferences(now);
      holder.hidden = rows.length === 0;
      empty.hidden = rows.length > 0;
      setText(
        empty,
        designs.length < 2
          ? 'One design is shown: choose a second one to compare.'
          : 'The designs agree in all counters, metrics and answers.',
      );
      around.note(rows.length === 0 ? '' : many(rows.length, 'value'));
      fill(head, ['value', ...designs], (title) => title, (title, at) => el('th', { class: at > 0 ? 'number' : '', attributes: { scope: 'col' } }, title)); // prettier-ignore
      fill(
        body,
        rows,
        ({ name, cells }) => `${name} ${cells.length}`,
        ({ name, cells }) => el('tr', {}, el('td', {}, valueName(name, now.loaded)), ...cells.map(() => el('td', { class: 'number' }))),
      );
      rows.forEach(({ cells }, at) => cells.forEach((text, index) => setText(body.children[at]!.children[index + 1]!, text)));
    },
  };
}

interface DifferenceRow {
  readonly name: string;
  readonly cells: readonly string[];
}

/** The answer of the step first, then values; those of which the text of the page is long are cut by the table's own scrolling. */
export function allDifferences({ view, names }: Pick<PageNow, 'view' | 'names'>): readonly DifferenceRow[] {
  const answers = view.designs.map(({ answer }) => answer.text);
  const own = new Set(answers).size > 1 ? [{ name: 'answer of the step', cells: answers }] : [];
  const values = differencesOf(
    names,
    view.designs.map((design) => design.values),
  );
  const rank = ({ name }: ValueDifference): number => (name.startsWith(METRIC) ? 0 : 1);
  const sorted = [...values].sort((left, right) => rank(left) - rank(right));
  return [...own, ...sorted.map(({ name, values: each }) => ({ name, cells: each.map(valueText) }))];
}
