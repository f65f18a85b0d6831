/** The options by which a user says from which initial states a function is explored. */
import type { Command } from 'commander';
import type { StateToExplore } from '../review/explore';
import { namedStates, stateAt } from '../scenario/named-states';
import { listOption, numberOption, type Options, UsageError } from './command';
import { choicesText, MAX_ORDER, scenarioOf } from './scenario-options';

/** Every loop over the pages of a block goes round more than once, and all paths are soon visited. */
const USUAL_ORDER = 2;
/** What the options of one state are where it is not said. */
const PLAIN = { blocks: '1', folios: 'whole', faultable: 'none', hvo: true };
const OF_ONE_STATE = ['blocks', 'folios', 'faultable', 'arg'];

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the options to a command. */
export function defineStates(command: Command): void {
  command
    .option('--order <n>', 'order of a huge page', String(USUAL_ORDER))
    .option(
      '--state <name>',
      `an initial state by name, instead of all of them; repeatable: ${namedStates.map((each) => each.name).join(', ')}`,
      collect,
    )
    .option('--blocks <n>', 'huge pages of the inode, 1 or 2; this and the following describe one state, instead of all of them')
    .option('--folios <state>', `page cache of each huge page: ${choicesText('folios')}`)
    .option('--faultable <pages>', `which pages are faultable: ${choicesText('faultable')}`)
    .option('--no-hvo', 'vmemmap of huge pages is not optimised')
    .option('--arg <name=value>', 'value of a parameter, decimal or 0x…; repeatable', collect);
}

/** Shape: at least one; those named, or the one that the options describe, or all that have a name. */
export function statesOf(options: Options): readonly StateToExplore[] {
  const order = numberOption(options, 'order', 0, MAX_ORDER) ?? USUAL_ORDER;
  const described = OF_ONE_STATE.some((name) => options[name] !== undefined) || options['hvo'] === false;
  const names = listOption(options, 'state');
  if (described && names.length > 0)
    throw new UsageError('--state names whole states: leave out --blocks, --folios, --faultable, --no-hvo and --arg');
  if (described) return [{ name: 'given', scenario: scenarioOf({ ...PLAIN, ...options, order: String(order) }) }];
  const unknown = names.find((name) => !namedStates.some((each) => each.name === name));
  if (unknown !== undefined)
    throw new UsageError(`--state wants one of ${namedStates.map((each) => each.name).join(', ')}, not "${unknown}"`);
  const chosen = names.length === 0 ? namedStates : namedStates.filter((each) => names.includes(each.name));
  return chosen.map((each) => ({ name: each.name, scenario: stateAt(each, order) }));
}
