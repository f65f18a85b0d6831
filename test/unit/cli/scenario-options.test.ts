import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/command';
import { choicesOf, defineScenario, scenarioOf } from '../../../src/cli/scenario-options';
import type { Scenario } from '../../../src/protocol/simulation';
import { defaultScenario } from '../../../src/scenario/defaults';

function parsed(...argv: string[]): Record<string, unknown> {
  const command = new Command().exitOverride().option('--choices <list>').option('--order <n>');
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
    expect(scenario('--arg', 'folio=removed-locked', '--arg', 'flag=true', '--held', 'kvm->slots_lock')).toMatchObject({
      arguments: { folio: 'removed-locked', flag: 'true' },
      held: ['kvm->slots_lock'],
    });
    expect(scenario('--held', 'nothing').held).toEqual([]);
    expect(choicesOf(parsed('--choices', '0,2,1'))).toEqual([0, 2, 1]);
    expect(choicesOf(parsed())).toBeUndefined();
  });

  it('change what a state has', () => {
    const base = {
      ...defaultScenario,
      order: 3,
      blocks: 2,
      folios: 'whole',
      secondFolios: 'split',
      hvo: false,
      arguments: { a: '1' },
    } as const;
    expect(scenarioOf(parsed('--arg', 'b=2'), base)).toEqual({ ...base, arguments: { a: '1', b: '2' } });
    expect(scenarioOf(parsed('--blocks', '1'), base)).toEqual({ ...defaultScenario, order: 3, hvo: false, arguments: { a: '1' } });
    expect(scenarioOf(parsed('--folios', 'absent', '--order', '2'), base)).toMatchObject({ order: 2, blocks: 2, folios: 'absent' });
    expect(scenarioOf(parsed('--folios', 'absent'), base)).not.toHaveProperty('secondFolios');
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
    ['--arg', 'a=1=2'],
    ['--held', 'the lock'],
  ])('are refused where they cannot be: %s %s', (...argv) => {
    expect(() => scenario(...argv)).toThrow(UsageError);
  });

  it.each(['', '1,', '-1', 'a', '1 2'])('choices are refused: "%s"', (text) => {
    expect(() => choicesOf({ choices: text })).toThrow(UsageError);
  });
});
