/** The scenario that is taken where nobody says another. */
import type { Scenario } from '../protocol/simulation';

export const defaultScenario: Scenario = { order: 18, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: {} };

/** The same scenario at a small order, for a look at what a function does. */
export const smallOrder = (scenario: Scenario, most: number): Scenario => ({ ...scenario, order: Math.min(scenario.order, most) });
