/** The options by which a user says how memory looks before a function is run, and what happens on the way. */
import type { Command } from 'commander';
import { FOLIO_STATES, isArgumentValue, isHeld, isName } from '../protocol/scenario-words';
import type { Scenario } from '../protocol/simulation';
import { defaultScenario } from '../scenario/defaults';
import { listOption, numberOption, type Options, textOption, UsageError } from './command';

/** A 1G huge page has order 18; nothing larger is a folio. */
export const MAX_ORDER = 18;
const FOLIOS = ['absent', 'whole', 'split'] as const;
const FAULTABLE = ['none', 'first', 'all'] as const;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the options that describe one state, beside its order. */
export function defineScenario(command: Command): void {
  command
    .option('--blocks <n>', 'huge pages of the inode, 1 or 2')
    .option('--folios <state>', `page cache of each huge page: ${FOLIOS.join(', ')}`)
    .option('--faultable <pages>', `which pages are faultable: ${FAULTABLE.join(', ')}`)
    .option('--no-hvo', 'vmemmap of huge pages is not optimised')
    .option(
      '--arg <name=value>',
      `value of a parameter: decimal, 0x…, true, false, NULL; of a folio: ${FOLIO_STATES.join(', ')}; repeatable`,
      collect,
    )
    .option('--held <lock>', 'a lock that the caller holds, as C names it: kvm->slots_lock; repeatable; "nothing" for none', collect);
}

/** The options of `defineScenario` by which a state is described. */
export const DESCRIBING = ['blocks', 'folios', 'faultable', 'arg', 'held'] as const;

/** The state that the options describe; what they leave open is as in `base`. */
export function scenarioOf(options: Options, base: Scenario = defaultScenario): Scenario {
  const blocks = numberOption(options, 'blocks', 1, 2) ?? base.blocks;
  const folios = oneOf(options, 'folios', FOLIOS);
  const held = listOption(options, 'held').map(lock);
  const { secondFolios, ...rest } = base;
  return {
    ...rest,
    // Folios that are said are those of each block.
    ...(secondFolios === undefined || folios !== undefined || blocks === 1 ? {} : { secondFolios }),
    order: numberOption(options, 'order', 0, MAX_ORDER) ?? base.order,
    blocks,
    folios: folios ?? base.folios,
    faultable: oneOf(options, 'faultable', FAULTABLE) ?? base.faultable,
    hvo: options['hvo'] === false ? false : base.hvo,
    arguments: { ...base.arguments, ...Object.fromEntries(listOption(options, 'arg').map(argument)) },
    ...(held.length === 0 ? {} : { held: held.filter((each) => each !== 'nothing') }),
  };
}

/** `0,2,1` as the options to take at the choices in order. */
export function choicesOf(options: Options): readonly number[] | undefined {
  const text = textOption(options, 'choices');
  if (text === undefined) return undefined;
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) throw new UsageError(`--choices wants numbers with commas between, not "${text}"`);
  return text.split(',').map(Number);
}

function oneOf<T extends string>(options: Options, name: string, allowed: readonly T[]): T | undefined {
  const text = textOption(options, name);
  const found = allowed.find((one) => one === text);
  if (found === undefined && text !== undefined) throw new UsageError(`--${name} wants one of ${allowed.join(', ')}, not "${text}"`);
  return found;
}

function argument(text: string): readonly [string, string] {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  if (isName(name) && isArgumentValue(value)) return [name, value];
  throw new UsageError(
    `--arg wants NAME=VALUE, a decimal or 0x value, true, false, NULL, or one of ${FOLIO_STATES.join(', ')}; not "${text}"`,
  );
}

function lock(text: string): string {
  if (text === 'nothing' || isHeld(text)) return text;
  throw new UsageError(`--held wants a lock as C names it, for example kvm->slots_lock, not "${text}"`);
}
