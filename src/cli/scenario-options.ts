/** The options by which a user says how memory looks before a function is run, and what happens on the way. */
import type { Command } from 'commander';
import type { Scenario } from '../protocol/simulation';
import { flag, listOption, numberOption, type Options, textOption, UsageError } from './command';

/** A 1G huge page has order 18; nothing larger is a folio. */
export const MAX_ORDER = 18;
const FOLIOS = ['absent', 'whole', 'split'] as const;
const FAULTABLE = ['none', 'first', 'all'] as const;

/** The words that an option takes, for its help. */
export const choicesText = (option: 'folios' | 'faultable'): string => (option === 'folios' ? FOLIOS : FAULTABLE).join(', ');

/** Adds the options to a command. */
export function defineScenario(command: Command): void {
  command
    .option('--order <n>', 'order of a huge page: 18 for 1G, 9 for 2M', '18')
    .option('--blocks <n>', 'huge pages of the inode, 1 or 2', '1')
    .option('--folios <state>', `page cache of each huge page: ${FOLIOS.join(', ')}`, 'whole')
    .option('--faultable <pages>', `which pages are faultable: ${FAULTABLE.join(', ')}`, 'none')
    .option('--no-hvo', 'vmemmap of huge pages is not optimised')
    .option('--arg <name=value>', 'value of a parameter, decimal or 0x…; repeatable', (value: string, before: readonly string[] = []) => [
      ...before,
      value,
    ]);
}

export function scenarioOf(options: Options): Scenario {
  return {
    order: numberOption(options, 'order', 0, MAX_ORDER) ?? MAX_ORDER,
    blocks: numberOption(options, 'blocks', 1, 2) ?? 1,
    folios: oneOf(options, 'folios', FOLIOS),
    faultable: oneOf(options, 'faultable', FAULTABLE),
    hvo: flag(options, 'hvo'),
    arguments: Object.fromEntries(listOption(options, 'arg').map(argument)),
  };
}

/** `0,2,1` as the options to take at the choices in order. */
export function choicesOf(options: Options): readonly number[] | undefined {
  const text = textOption(options, 'choices');
  if (text === undefined) return undefined;
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) throw new UsageError(`--choices wants numbers with commas between, not "${text}"`);
  return text.split(',').map(Number);
}

function oneOf<T extends string>(options: Options, name: string, allowed: readonly T[]): T {
  const text = textOption(options, name);
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new UsageError(`--${name} wants one of ${allowed.join(', ')}, not "${text ?? ''}"`);
  return found;
}

function argument(text: string): readonly [string, string] {
  const match = /^([A-Za-z_]\w*)=(-?(?:0[xX][0-9a-fA-F]{1,16}|\d{1,20}))$/.exec(text);
  if (match === null) throw new UsageError(`--arg wants NAME=VALUE with a decimal or 0x value, not "${text}"`);
  return [match[1] ?? '', match[2] ?? ''];
}
