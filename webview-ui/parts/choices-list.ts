/** The points where the run could have gone another way. */
import type { MadeChoice } from '../../src/protocol/simulation';
import { el } from '../dom';
import { allocationNumbers, alternativesOf, type Alternative } from '../session';
import { count, many } from '../words';
import { cappedList, pane, placeLink, type Actions, type Folding, type Part } from './part';

/** Each point where the run could have gone another way, with a button that restarts it so. */
export function choicesList(actions: Actions, folding: Folding): Part {
  const list = el('ol', { class: 'choices' });
  const empty = el('p', { class: 'empty' });
  const around = pane(folding, 'choices', 'Choices', [], el('div', {}, list, empty));
  const show = cappedList<MadeChoice>(list, 'choices');
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
              click: () => actions.restart(other.setup()),
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
      show(
        choices,
        (one, at) => `${at} ${one.step} ${one.option} ${one.choice.what} ${one.file}:${one.line}`,
        (one, at) => row(one, numbers[at] ?? 0, others[at] ?? []),
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
