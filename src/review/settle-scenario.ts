/** Settles what a scenario leaves open: how a folio that is given stands, and which locks the caller holds. */
import { done, type Outcome, refused } from '../base/outcome';
import type { Scenario, SimulationSetup } from '../protocol/simulation';
import { callerLocks } from './caller-locks';
import { chooseFolioState } from './choose-folio-state';
import type { StartTrial, WantedLock } from './trial';

/**
 * The setup with its scenario settled, so that a run of it can be run again, and with what was assumed for that.
 *
 * *Fails* `simulate/state-does-not-fit`.
 */
export function settleScenario(setup: SimulationSetup, start: StartTrial): Outcome<SimulationSetup> {
  const choice = chooseFolioState(setup, (asked) => callerLocks(asked, start).trial);
  if (choice.kind === 'unfit') {
    const { met, fits, parameter } = choice;
    return refused(
      'simulate/state-does-not-fit',
      `${setup.function}() is given a folio, and with folios ${setup.scenario.folios} each way in which that can stand ends in a finding when nothing fails (${met.kind} at ${met.file}:${met.line}); with folios ${fits} there is none.`,
      'This state does not fit the function: what is found in it would be about the state.',
      `Take folios ${fits}; or say how the folio stands (${parameter}=cached), and it is run all the same.`,
    );
  }
  const { scenario } = choice;
  if (scenario.held !== undefined) {
    const held = scenario.held.map((path) => `${path} is held by the caller, as the scenario says`);
    return done({ ...setup, scenario, assumptions: held });
  }
  const names = [...new Set([setup.function, ...(setup.then ?? [])])];
  const found = names.map((name) => ({ name, locks: callerLocks({ ...setup, function: name, scenario }, start).locks }));
  const held = found.flatMap(({ name, locks }) => locks.map(({ path }) => (name === setup.function ? path : `${name}: ${path}`)));
  const assumptions = found.flatMap(({ name, locks }) => locks.map((lock) => assumption(name, lock)));
  const whole: Scenario = held.length === 0 ? scenario : { ...scenario, held };
  return done({ ...setup, scenario: whole, assumptions });
}

const assumption = (name: string, { path, because }: WantedLock): string =>
  `${path} is taken as held by the caller of ${name}(), because ${because}`;
