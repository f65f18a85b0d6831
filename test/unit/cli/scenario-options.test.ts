import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/command';
import { choicesOf, defineScenario, scenarioOf } from '../../../src/cli/scenario-options';
import type { Scenario } from '../../../src/protocol/simulation';

function parsed(...argv: string[]): Record<string, unknown> {
  const command = new Command().exitOverride().option('--choices <list>');
  defineScenario(command);
  return command.parse(argv, { from: 'user' }).opts();
}

const scenario = (...argv: string[]): Scenario => scenarioOf(parsed(...argv));

describe('the options of a scenario', () => {
  it('have the real 1G page as what is meant without them', () => {
    expect(scenario()).toEqual({ order: 18, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: {} });
  });

  it('are taken over', () => {
    expect(
      scenario(
        '--order',
        '4',
        '--blocks',
        '2',
        '--folios',
        'split',
        '--faultable',
        'all',
        '--no-hvo',
        '--arg',
        'start=0x10',
        '--arg',
        'end=-1',
      ),
    ).toEqual({
      order: 4,
      blocks: 2,
      folios: 'split',
      faultable: 'all',
      hvo: false,
      arguments: { start: '0x10', end: '-1' },
    });
    expect(choicesOf(parsed('--choices', '0,2,1'))).toEqual([0, 2, 1]);
    expect(choicesOf(parsed())).toBeUndefined();
  });

  it.each([
    ['--order', '19'],
    ['--order', '-1'],
    ['--order', '4.5'],
    ['--blocks', '0'],
    ['--blocks', '3'],
    ['--folios', 'half'],
    ['--faultable', 'some'],
    ['--arg', 'start'],
    ['--arg', 'start=ten'],
    ['--arg', '=1'],
  ])('are refused where they cannot be: %s %s', (...argv) => {
    expect(() => scenario(...argv)).toThrow(UsageError);
  });

  it.each(['', '1,', '-1', 'a', '1 2'])('choices are refused: "%s"', (text) => {
    expect(() => choicesOf({ choices: text })).toThrow(UsageError);
  });
});
