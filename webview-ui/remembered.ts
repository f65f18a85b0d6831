/** Where the user was in which run, so that a page that is made anew goes on there. */
import type { Scenario, SimulationSetup } from '../src/protocol/simulation';
import { keyOf } from './session';

/** Where the user was. */
export interface Remembered {
  /** Keys of the extension's setups that mean this run. */
  readonly accepts: readonly string[];
  readonly scenario: Scenario;
  readonly fail: number;
  readonly choices: readonly number[];
  readonly step: number;
  /** Panes that are folded. */
  readonly folded: readonly string[];
}

/** The setup that the page goes on with: the extension's, or what the user made of it in this page before the reload. */
export function resumed(
  setup: SimulationSetup,
  remembered: Partial<Remembered>,
): { readonly setup: SimulationSetup; readonly step: number } {
  const { accepts, scenario, fail, choices, step } = remembered;
  if (!scenario || !accepts?.includes(keyOf(setup))) return { setup, step: 0 };
  return { setup: withScenario(setup, scenario, fail ?? 0, choices ?? []), step: step ?? 0 };
}

/** What is remembered of a setup that the user made from one of the extension's. */
export function rememberedSetup(fromExtension: SimulationSetup, now: SimulationSetup): Omit<Remembered, 'step' | 'folded'> {
  const { scenario, fail = 0, choices = [] } = now;
  // The extension was told of scenario and failing allocation, and may send them the next time; it knows nothing of other choices.
  const accepts = [keyOf(fromExtension), keyOf(withScenario(fromExtension, scenario, fail, []))];
  return { accepts, scenario, fail, choices };
}

export function withScenario(setup: SimulationSetup, scenario: Scenario, fail: number, choices: readonly number[]): SimulationSetup {
  const { program, function: name, then } = setup;
  return { program, function: name, ...(then ? { then } : {}), scenario, fail, ...(choices.length > 0 ? { choices } : {}) };
}
