import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FOLIO_STATES } from '../../../src/protocol/scenario-words';
import type { Scenario } from '../../../src/protocol/simulation';
import { defaultScenario } from '../../../src/scenario/defaults';
import { namedStates, stateAt } from '../../../src/scenario/named-states';
import { readState, stateText } from '../../../src/scenario/state-text';

const blockFolios = fc.constantFrom('absent' as const, 'whole' as const, 'split' as const);
const name = fc.stringMatching(/^[A-Za-z_]\w{0,12}$/);
const value = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((number) => `0x${number.toString(16)}`),
  fc.constantFrom('true', 'false', 'NULL', ...FOLIO_STATES),
);
const path = fc
  .tuple(
    name,
    fc.array(
      fc.oneof(
        name.map((one) => `->${one}`),
        name.map((one) => `.${one}`),
        fc.nat(99).map((one) => `[${one}]`),
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom('', ' (shared)'),
  ) // prettier-ignore
  .map(([root, steps, mode]) => root + steps.join('') + mode)
  .filter((one) => one !== 'nothing');
const held = fc.uniqueArray(
  fc.oneof(
    path,
    fc.tuple(name, path).map((pair) => pair.join(': ')),
  ),
  { maxLength: 3 },
);

/** Scenarios as they are after a reading: nothing in them that says nothing. */
const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    order: fc.nat(18),
    blocks: fc.constantFrom(1, 2),
    folios: blockFolios,
    secondFolios: blockFolios,
    faultable: fc.constantFrom('none' as const, 'first' as const, 'all' as const),
    hvo: fc.boolean(),
    arguments: fc.uniqueArray(fc.tuple(name, value), { maxLength: 4, selector: ([one]) => one }).map((list) => Object.fromEntries(list)),
    held: fc.option(held),
    bound: fc.boolean(),
    references: fc.uniqueArray(fc.record({ index: fc.nat(9), count: fc.integer({ min: 1, max: 2000 }) }), { maxLength: 3, selector: (one) => one.index }), // prettier-ignore
  })
  .map(({ secondFolios, held: locks, bound, references, ...rest }): Scenario => {
    const there = references.filter((each) => each.index < rest.blocks * 2 ** rest.order);
    return {
      ...rest,
      ...(rest.blocks === 2 && secondFolios !== rest.folios ? { secondFolios } : {}),
      ...(locks === null ? {} : { held: locks }),
      ...(bound ? {} : { bound }),
      ...(there.length === 0 ? {} : { references: there }),
    };
  });

describe('states as text', () => {
  it('read back as what they are', () => {
    fc.assert(
      fc.property(scenario, (so) => {
        expect(readState(stateText(so))).toEqual({ scenario: so, problems: [] });
      }),
    );
  });

  it('are the same text again in their plain form, whatever the text was', () => {
    const line = fc.oneof(
      fc.string(),
      scenario.map(stateText),
      fc.constantFrom(
        'folios split',
        'order 3 # small',
        'blocks 2',
        'held',
        'argument a=1',
        'reference page 1 +1',
        'state two-blocks',
        '=',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const read = readState(lines.join('\n'));
        const plain = stateText(read.scenario);
        expect(readState(plain)).toEqual({ scenario: read.scenario, problems: [] });
      }),
    );
  });

  it('may begin from a named one', () => {
    const split = namedStates.find((each) => each.name === 'split-pinned');
    if (split === undefined) throw new Error('no such state');
    expect(readState('state split-pinned\norder 2\n').scenario).toEqual(stateAt(split, 2));
    expect(readState('order 2\nstate split-pinned').scenario).toEqual(stateAt(split, 2));
  });

  it('have spaces and comments where people put them', () => {
    const { scenario: so, problems } = readState(
      '# a state\r\n\r\n  folios   split  # both\r\n\targument folio=removed-locked\r\nblocks 2\r\n',
    );
    expect(problems).toEqual([]);
    expect(so).toEqual({ ...defaultScenario, folios: 'split', blocks: 2, arguments: { folio: 'removed-locked' } });
  });

  it.each<[string, string, number, number, number]>([
    ['colour blue', 'state/unknown-word', 1, 1, 6],
    ['\norder', 'state/missing-word', 2, 1, 5],
    ['order 19', 'state/bad-number', 1, 7, 2],
    ['order two', 'state/bad-number', 1, 7, 3],
    ['folios half', 'state/unknown-value', 1, 8, 4],
    ['folios whole split', 'state/no-second-block', 1, 1, 6],
    ['faultable all of them', 'state/too-much', 1, 15, 2],
    ['hvo on\nhvo off', 'state/said-twice', 2, 1, 3],
    ['argument folio removed', 'state/missing-word', 1, 16, 7],
    ['argument 2nd = 1', 'state/unknown-value', 1, 10, 3],
    ['argument a = lots', 'state/unknown-value', 1, 14, 4],
    ['held the lock', 'state/unknown-value', 1, 6, 8],
    ['reference page 1 1', 'state/bad-number', 1, 18, 1],
    ['order 1\nreference page 2 +1', 'state/no-such-page', 2, 1, 9],
    ['state nothing', 'state/unknown-value', 1, 7, 7],
  ])('have a problem at its place: %j', (text, code, line, column, length) => {
    const { problems } = readState(text);
    expect(problems).toHaveLength(1);
    const [problem] = problems;
    expect(problem).toMatchObject({ code, line, column, length });
    for (const part of [problem?.met, problem?.means, problem?.todo]) expect(part).toMatch(/\S.*\.$/);
  });

  it('keep what is right beside what is wrong', () => {
    const { scenario: so, problems } = readState('order 3\nfolios\nfaultable all\ncolour blue');
    expect(so).toEqual({ ...defaultScenario, order: 3, faultable: 'all' });
    expect(problems.map((problem) => problem.line)).toEqual([2, 4]);
  });

  it('are bounded: long texts, long words and many problems', () => {
    expect(readState('x'.repeat(100_000)).problems).toMatchObject([{ code: 'state/too-long' }]);
    const rude = readState('?'.repeat(60_000)).problems;
    expect(rude).toHaveLength(1);
    expect(rude[0]?.met.length).toBeLessThan(200);
    expect(readState('?\n'.repeat(30_000)).problems).toHaveLength(100);
    expect(readState('argument __proto__ = 1\nargument constructor = 2').scenario.arguments).toEqual(
      Object.fromEntries([
        ['__proto__', '1'],
        ['constructor', '2'],
      ]),
    );
  });
});
