import { describe, expect, it } from 'vitest';
import { formatGmem } from '../../../src/scenario/gmem/format-gmem';
import { hoverAt } from '../../../src/scenario/gmem/hover';
import { printGmem } from '../../../src/scenario/gmem/print-gmem';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';

const text = (...lines: readonly string[]): string =>
  ['scenario "sums"', '  vm td type tdx', ...lines.map((each) => `  ${each}`)].join('\n');

/** What a parameter comes to: as the amount that is expected of a metric. */
function amount(expression: string, ...lets: readonly string[]): number | string {
  const { scenarios, problems } = readGmem(
    text(...lets, 'create gmem0 for td size 16GiB', `  expect metric vmemmap-pages = ${expression}`),
  );
  const [problem] = problems;
  if (problem !== undefined) return problem.message;
  const expectation = scenarios[0]?.steps[0]?.expects[0]?.expectation;
  return expectation?.kind === 'metric' ? expectation.value : 'none';
}

describe('sums', () => {
  it.each([
    ['5', 5],
    ['0.5', 0.5],
    ['16 + 4095 * 2', 8206],
    ['(16 + 4095) * 2', 8222],
    ['16 - 4 - 2', 10],
    ['7 / 2', 3],
    ['64 / 2 / 2', 16],
    ['max(0, 3 - 8)', 0],
    ['min(2 * 3, 4) + 1', 5],
    ['2GiB', 2 ** 31],
    ['2GiB - 4KiB', 2 ** 31 - 4096],
    ['3 * 1GiB / 2', 1.5 * 2 ** 30],
    ['2GiB / 2MiB', 1024],
    ['10ms / 3', 3333],
    ['max(0, 2MiB)', 2 ** 21],
  ])('%s is %s', (expression, value) => {
    expect(amount(expression)).toBe(value);
  });

  it.each([
    ['1 / 0', 'The result is no number that can be counted with.'],
    ['9007199254740991 * 2', 'The result is no number that can be counted with.'],
    ['1GiB + 1ms', 'Sizes, times and plain numbers stand in one sum.'],
    ['1GiB * 1GiB', 'Sizes, times and plain numbers stand in one sum.'],
    ['1GiB + 3', 'Sizes, times and plain numbers stand in one sum.'],
    ['eager', '"eager" is not a number.'],
    ['eager * 2', '"eager" is not a number.'],
    ['min(1)', '")" stands where "," should.'],
    ['max(eager, 2)', 'Words are neither less nor more.'],
    ['(1 + 2', 'The line ends too early.'],
    ['1 +', 'The line ends too early.'],
    [`${'('.repeat(20)}1`, 'Brackets are nested 17 deep.'],
    ['$none + 1', 'The parameter "$none" has no value.'],
  ])('%s is wrong', (expression, message) => {
    expect(amount(expression)).toContain(message);
  });

  it('are worked out from parameters, and again for each value of a sweep', () => {
    const source = text(
      'let blocks 2',
      'let pages 16 + 4095 * $blocks',
      'let more $pages + 1',
      'sweep blocks over 2 3',
      'create gmem0 for td size 16GiB',
      '  expect metric vmemmap-pages = $more - 1',
    );
    const valueAt = (blocks: string): unknown => {
      const { scenarios, problems } = readGmem(source, { blocks });
      expect(problems).toEqual([]);
      return scenarios[0]?.steps[0]?.expects[0]?.expectation;
    };
    expect(valueAt('2')).toMatchObject({ value: 16 + 4095 * 2 });
    expect(valueAt('3')).toMatchObject({ value: 16 + 4095 * 3 });
    const printed = printGmem(readGmem(source).scenarios);
    expect(printed).toContain('let pages 16 + 4095 * $blocks\n');
    expect(printed).toContain('= $more - 1\n');
    expect(readGmem(source, { blocks: '0', pages: '7' }).scenarios[0]?.steps[0]?.expects[0]?.expectation).toMatchObject({ value: 7 });
  });

  it('of sizes and times are sizes and times', () => {
    const { scenarios, problems } = readGmem(
      text('let low 1GiB', 'let high 4GiB - $low', 'let pause 3 * 500us', 'create gmem0 for td size $high', 'wait $pause'),
    );
    expect(problems).toEqual([]);
    expect(scenarios[0]?.steps.map((each) => each.kind === 'operation' && each.operation)).toMatchObject([
      { size: 3 * 2 ** 30 },
      { time: 1500 },
    ]);
  });

  it('keep a word or number that stands alone as it is written', () => {
    const { scenarios } = readGmem(text('let size 1G', 'let span 64MiB', 'let policy eager', 'create gmem0 for td size 2GiB pages $size'));
    expect(scenarios[0]?.parameters.map(({ value }) => value)).toEqual(['1G', '64MiB', 'eager']);
    expect(scenarios[0]?.steps).toHaveLength(1);
  });

  it('are formatted with one space around their signs, and none inside brackets', () => {
    expect(formatGmem('scenario "x"\n  let a   min( 3,  ( 4 +5 ) *2 )\n')).toBe('scenario "x"\n  let a min(3, (4 + 5) * 2)\n');
  });

  it('are said when one points at the parameter', () => {
    const source = text('let pages 16 + 4095 * 2', 'create gmem0 for td size 16GiB', '  expect metric splits = $pages');
    expect(hoverAt(source, { line: 5, column: 30 })?.text).toBe('`$pages` is 16 + 4095 * 2 (line 3)');
  });
});

describe('when', () => {
  const lines = (condition: string): string =>
    text('let policy eager', 'let turns 4', 'create gmem0 for td size 1GiB', `  expect metric splits = 7 when ${condition} for B C`);
  const holds = (condition: string): unknown => {
    const { scenarios, problems } = readGmem(lines(condition));
    return problems[0]?.message ?? scenarios[0]?.steps[0]?.expects[0]?.holds;
  };

  it.each([
    ['$policy = eager', true],
    ['$policy != eager', false],
    ['$policy = fault', false],
    ['$turns >= 4', true],
    ['$turns > 2 + 2', false],
    ['$turns < 5', true],
    ['$turns <= 3', false],
    ['$turns = four', false],
    ['$turns', true],
    ['$policy = eager and $turns = 4', true],
    ['$policy = eager and $turns = 5', false],
    ['$policy = fault and $turns = 4', false],
  ])('%s is %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
    expect(printGmem(readGmem(lines(condition)).scenarios)).toContain(`when ${condition} for B C\n`);
  });

  it.each([
    ['$policy < eager', 'Words are neither less nor more.'],
    ['eager', '"eager" is not a number.'],
    ['$turns = 4 and', '"for" is not a number.'],
    ['1GiB = 3', 'Sizes, times and plain numbers stand in one sum.'],
  ])('%s is wrong', (condition, message) => {
    expect(holds(condition)).toContain(message);
  });

  it('lets lines that never hold together contradict each other', () => {
    const both = text(
      'let policy eager',
      'create gmem0 for td size 1GiB',
      '  expect ok when $policy = eager',
      '  expect ENOMEM when $policy = fault',
      '  expect EINVAL when $policy != fault',
    );
    expect(readGmem(both).problems.map(({ span }) => span.line)).toEqual([7]);
    expect(readGmem(both, { policy: 'fault' }).problems).toEqual([]);
  });
});

describe('an expectation of a design that passes the step over', () => {
  it('is a problem, for it would never be checked', () => {
    const source = text('create gmem0 for td size 1GiB', 'wait 1s for B C', '  expect held L3 for A B', '  expect held NO-LEAK for C');
    const { problems, scenarios } = readGmem(source);
    expect(problems.map(({ span, message }) => [span.line, message])).toEqual([[5, expect.stringContaining('not done in design A')]]);
    expect(scenarios[0]?.steps[1]?.expects).toHaveLength(1);
  });
});
