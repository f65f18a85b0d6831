/** The scenario that is taken where nobody says another. */
import type { Scenario } from '../protocol/simulation';

export const defaultScenario: Scenario = { order: 18, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: {} };

/** The same scenario at a small order, for a look at what a function does. */
export function smallOrder(scenario: Scenario, most: number): Scenario {
  const order = Math.min(scenario.order, most);
  if (scenario.references === undefined) return { ...scenario, order };
  const last = scenario.blocks * 2 ** order - 1;
  return { ...scenario, order, references: scenario.references.map((each) => ({ ...each, index: Math.min(each.index, last) })) };
}
