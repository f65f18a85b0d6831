/** The options by which a user says from which initial states a function is explored. */
import type { Command } from 'commander';
import { done, type Outcome } from '../base/outcome';
import type { StateToExplore } from '../review/explore';
import { defaultScenario } from '../scenario/defaults';
import { namedStates, stateAt } from '../scenario/named-states';
import { listOption, numberOption, type Options, UsageError } from './command';
import { defineScenario, DESCRIBING, MAX_ORDER, scenarioOf } from './scenario-options';
import { stateNames, stateOf } from './state-option';

/** Every loop over the pages of a block goes round more than once, and all paths are soon visited. */
const USUAL_ORDER = 2;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the options to a command. */
export function defineStates(command: Command): void {
  command
    .option('--order <n>', 'order of a huge page (default: 2, or what the file of a state says)')
    .option(
      '--state <name|file>',
      `an initial state, instead of all that have a name; repeatable: a file, or one of ${stateNames}`,
      collect,
    );
  defineScenario(command);
}

/**
 * Shape: at least one; those that are said, or the one that the options describe, or all that have a name.
 *
 * *Fails* as `stateOf`.
 */
export function statesOf(options: Options): Outcome<readonly StateToExplore[]> {
  const order = numberOption(options, 'order', 0, MAX_ORDER);
  const described = DESCRIBING.some((name) => options[name] !== undefined) || options['hvo'] === false;
  const said = listOption(options, 'state');
  if (described && said.length > 0)
    throw new UsageError(`--state says a whole state: leave out --no-hvo, ${DESCRIBING.map((name) => `--${name}`).join(', ')}`);
  if (described) return done([{ name: 'given', scenario: scenarioOf(options, { ...defaultScenario, order: USUAL_ORDER }) }]);
  if (said.length === 0) return done(namedStates.map((each) => ({ name: each.name, scenario: stateAt(each, order ?? USUAL_ORDER) })));
  const states: StateToExplore[] = [];
  for (const name of new Set(said)) {
    const isNamed = namedStates.some((each) => each.name === name);
    const state = stateOf(name, order ?? (isNamed ? USUAL_ORDER : undefined));
    if (state.kind !== 'done') return state;
    states.push({ name, scenario: state.value });
  }
  return done(states);
}
