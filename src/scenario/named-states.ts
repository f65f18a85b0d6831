/** The initial states that have a name: what a user picks from, and what an exploration of all states goes through. */
import type { Scenario } from '../protocol/simulation';
import { defaultScenario, smallOrder } from './defaults';

export interface NamedState {
  /** Kebab-case, as `--state` takes it. */
  readonly name: string;
  /** One sentence on how memory stands. */
  readonly what: string;
  /** At the order of 1G pages; `stateAt` gives it at another. */
  readonly scenario: Scenario;
}

const named = (name: string, what: string, scenario: Partial<Scenario>): NamedState => ({
  name,
  what,
  scenario: { ...defaultScenario, ...scenario },
});

export const namedStates: readonly NamedState[] = [
  named('absent', 'Nothing is in the page cache, and no page is faultable.', { folios: 'absent' }),
  named('absent-faultable', 'Nothing is in the page cache; the first page is faultable.', { folios: 'absent', faultable: 'first' }),
  named('whole', 'The block is one huge page in the page cache, and no page is faultable.', {}),
  named('whole-faultable', 'The block is one huge page in the page cache, although its first page is faultable: as before a split.', {
    faultable: 'first',
  }),
  named('split', 'The block is split into single pages, all of them faultable.', { folios: 'split', faultable: 'all' }),
  named('split-private', 'The block is split into single pages, and none is faultable any more: as before a reconstruction.', {
    folios: 'split',
  }),
  named('split-pinned', 'The block is split into single pages, none faultable any more, and somebody still has a reference on page 1.', {
    folios: 'split',
    references: [{ index: 1, count: 1 }],
  }),
  named('two-blocks', 'Of two blocks the first is one huge page and the second is split; the first page is faultable.', {
    blocks: 2,
    secondFolios: 'split',
    faultable: 'first',
  }),
  named('unbound', 'Nothing is in the page cache, and the memory slot is not bound to the file yet.', { folios: 'absent', bound: false }),
  named('no-hvo', 'The block is one huge page in the page cache, whose vmemmap is not optimised.', { hvo: false }),
];

/** The scenario of a named state with huge pages of this order. */
export const stateAt = ({ scenario }: NamedState, order: number): Scenario => smallOrder(scenario, order);
