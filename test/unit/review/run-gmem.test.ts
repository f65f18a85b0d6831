import { describe, expect, it } from 'vitest';
import { type Progress, unwatched } from '../../../src/base/progress';
import type { FileExtent } from '../../../src/model/host/host-model';
import type { Operation } from '../../../src/model/host/operation';
import { runsCsv, runText, table, wrapped } from '../../../src/review/gmem-report';
import { runScenario } from '../../../src/review/run-gmem';
import { ordersOf } from '../../../src/review/run-gmem-orders';
import type { DesignRun } from '../../../src/review/run-gmem-report';
import { MOST_SAMPLES } from '../../../src/review/run-gmem-samples';
import { sweepScenario } from '../../../src/review/sweep';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import type { GmemScenario } from '../../../src/scenario/gmem/scenario';
import { type Fake, fakeModel } from './fake-host-model';

const head = `scenario "x"
  designs A B
  vm td type tdx
  process vmm
  create gmem0 for td size 2GiB
`;

function scenarioOf(steps: string): GmemScenario {
  const { scenarios, problems } = readGmem(head + steps);
  expect(problems).toEqual([]);
  const [scenario] = scenarios;
  if (scenario === undefined) throw new Error('no scenario');
  return scenario;
}

function ran(steps: string, fake: Fake = {}, more: { untilLine?: number; progress?: Progress } = {}): { run: DesignRun; log: Operation[] } {
  const log: Operation[] = [];
  const { progress = unwatched, ...options } = more;
  const run = runScenario(scenarioOf(steps), 'A', progress, { create: fakeModel(fake, log), ...options });
  if (run.kind !== 'done') throw new Error(run.kind);
  return { run: run.value, log: log.slice(1) };
}

const pagesOf = (log: readonly Operation[]): number[] => log.flatMap((each) => ('range' in each ? [each.range.from] : []));
const statuses = (run: DesignRun): string[] => run.expectations.map(({ span, status, actual }) => `${span.line} ${status} ${actual}`);

describe('a run', () => {
  it('does the steps in order, those of other designs not', () => {
    const { run, log } = ran('  wait 1us\n  wait 2us for B\n  wait 3us for A\n');
    expect(log.map((each) => (each.kind === 'wait' ? each.time : 0))).toEqual([1, 3]);
    expect(run).toMatchObject({ scenario: 'x', design: 'A', status: 'passed', operations: 3 });
    expect(run.steps.map(({ line, text, times }) => [line, text, times])).toEqual([
      [5, 'create gmem0 for td size 2GiB', 1],
      [6, 'wait 1us', 1],
      [8, 'wait 3us', 1],
    ]);
  });

  it('repeats blocks, and moves ranges on in each turn of the innermost', () => {
    const { log } = ran(
      '  repeat 2\n    repeat 3\n      convert gmem0 page 1 to shared moving 8K\n    dontneed vmm gmem0 page 9 moving 4K\n',
    );
    expect(pagesOf(log)).toEqual([1, 3, 5, 9, 1, 3, 5, 10]);
  });

  it('draws evenly, the same for the same seed', () => {
    const draw = (seed: number): number[] => {
      const { log } = ran(`  random 3000 seed ${seed}\n    wait 1us\n    wait 2us\n    wait 3us\n`);
      return log.map((each) => (each.kind === 'wait' ? each.time : 0));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    for (const each of [1, 2, 3]) expect(draw(7).filter((time) => time === each).length).toBeGreaterThan(900);
  });

  it('tries every order of the branches of a parallel, and goes on from the first', () => {
    const { run, log } = ran(
      '  parallel\n    branch\n      wait 1us\n      wait 2us\n    branch\n      wait 3us\n    branch\n  expect metric splits = 4\n  wait 9us\n',
    );
    const times = log.map((each) => (each.kind === 'wait' ? each.time : 0));
    expect(times).toEqual([1, 3, 2, 3, 1, 2, 1, 2, 3, 9]);
    expect(run.orders).toEqual([{ line: 6, run: 3, all: 3 }]);
    expect(run.expectations).toMatchObject([{ status: 'passed', times: 3 }]);
  });

  it('tells an expectation that fails in one order only', () => {
    const text = '  parallel\n    branch\n      wait 1us\n        expect metric splits = 2\n    branch\n      wait 3us\n';
    expect(statuses(ran(text).run)).toEqual(['9 failed 3']);
  });

  it('stops behind the step of a line', () => {
    const { log } = ran('  repeat 5\n    wait 1us\n    wait 2us\n  wait 3us\n', {}, { untilLine: 7 });
    expect(log).toHaveLength(1);
  });

  it('can be cancelled', () => {
    let looks = 0;
    const progress: Progress = {
      report: () => undefined,
      get cancelled() {
        looks += 1;
        return looks > 2;
      },
    };
    const run = runScenario(scenarioOf('  repeat 100000\n    wait 1us\n'), 'A', progress, { create: fakeModel({}, []) });
    expect(run).toEqual({ kind: 'cancelled' });
  });

  it('samples metrics within a bound, the first and the last among them', () => {
    const { run } = ran('  repeat 3000\n    wait 1us\n');
    expect(run.samples.length).toBeLessThanOrEqual(MOST_SAMPLES + 1);
    expect(run.samples.length).toBeGreaterThan(MOST_SAMPLES / 3);
    expect(run.samples[0]?.step).toBe(0);
    expect(run.samples.at(-1)).toEqual({ step: 3001, time: 30_010, metrics: { splits: 3001 } });
    expect(run.samples.map(({ step }) => step)).toEqual([...run.samples.map(({ step }) => step)].sort((left, right) => left - right));
  });

  it('counts the errors of a step over its turns', () => {
    const { run } = ran('  repeat 4\n    close gmem0\n', { answer: (_, step) => (step > 2 ? { error: 'EBADF' } : {}) });
    expect(run.steps[1]).toMatchObject({ times: 4, errors: { EBADF: 2 }, last: { error: 'EBADF' } });
  });

  it('has failed where a step could not be done', () => {
    const { run } = ran('  close gmem0\n    expect ok\n', { answer: ({ kind }) => (kind === 'close' ? 'refused' : undefined) });
    expect(run.status).toBe('failed');
    expect(run.steps[1]).toMatchObject({ refusal: 'There is no such thing.', last: null });
    expect(statuses(run)).toEqual(['7 failed not done: There is no such thing.']);
  });

  it('hands on what the model refuses', () => {
    const scenario = scenarioOf('  wait 1us\n');
    const none = runScenario({ ...scenario, host: { ...scenario.host, nodes: [] } }, 'A', unwatched);
    expect(none).toMatchObject({ kind: 'refused', refusal: { code: 'model/bad-host' } });
  });
});

describe('expectations', () => {
  const extent = { from: 0, to: 524_288, block: 'whole', mapped: 0, hvo: true, contentOf: 'td', folioOrder: 18 } as FileExtent;
  const fake: Fake = {
    answer: ({ kind }) =>
      kind === 'close'
        ? { error: 'EAGAIN', errorOffset: 4096 }
        : kind === 'host-fault'
          ? { meanwhile: { error: 'EBUSY', errorOffset: -1, pages: 0 } }
          : {},
    violations: () => [{ invariant: 'NO-LEAK', step: 1, met: 'a page is lost', label: 'derived' }],
    extents: [extent, { ...extent, from: 0, to: 7, mapped: 1 }]
      .sort((left, right) => left.to - right.to)
      .map((each, at) => (at === 1 ? { ...each, from: 7 } : each)),
  };

  it.each([
    ['close gmem0', 'EAGAIN', 'passed EAGAIN at 4KiB'],
    ['close gmem0', 'EAGAIN at 4KiB', 'passed EAGAIN at 4KiB'],
    ['close gmem0', 'EAGAIN at 0', 'failed EAGAIN at 4KiB'],
    ['close gmem0', 'ok', 'failed EAGAIN at 4KiB'],
    ['wait 1us', 'ok', 'passed ok'],
    ['wait 1us', 'EAGAIN', 'failed ok'],
    ['wait 1us', 'counter pool.free = 2', 'passed 2'],
    ['wait 1us', 'counter pool.free > 2', 'failed 2'],
    ['wait 1us', 'counter pool.total = 2', 'failed there is none'],
    ['wait 1us', 'metric splits != 3', 'passed 2'],
    ['wait 1us', 'held L1', 'passed held'],
    ['wait 1us', 'held NO-LEAK', 'failed violated: a page is lost'],
    ['wait 1us', 'violated NO-LEAK', 'passed violated: a page is lost'],
    ['wait 1us', 'violated L1', 'failed held'],
    ['wait 1us', 'state gmem0 [0, 2GiB) block whole', 'passed block whole'],
    ['wait 1us', 'state gmem0 [0, 2GiB) mapped 0', 'failed mapped 1 in pages 0..7'],
    ['wait 1us', 'state gmem0 page 7 mapped 0', 'passed mapped 0'],
    ['wait 1us', 'state gmem0 [0, 2GiB) hvo no', 'failed hvo yes in pages 0..7'],
    ['wait 1us', 'state gmem0 [0, 2GiB) folio-order 18', 'passed folio-order 18'],
    ['wait 1us', 'state gmem0 [0, 2GiB) content-of td', 'passed content-of td'],
    ['host-fault vmm gmem0 page 0', 'meanwhile EBUSY', 'passed EBUSY'],
    ['wait 1us', 'meanwhile ok', 'failed nothing happened meanwhile'],
  ])('behind "%s": "%s" has %s', (step, expected, outcome) => {
    const { run } = ran(`  ${step}\n    expect ${expected}\n`, fake);
    expect(statuses(run)).toEqual([`7 ${outcome}`]);
    expect(run.expectations[0]?.expected).toBe(expected);
  });

  it('compare to as many decimals as are written', () => {
    expect(statuses(ran('  wait 1us\n    expect metric splits = 2.0\n').run)).toEqual(['7 passed 2']);
    const { scenarios } = readGmem('scenario "y"\n  wait 1us\n    expect metric hvo-kept = 0.33');
    expect(scenarios[0]?.steps[0]?.expects[0]?.expectation).toMatchObject({ value: 0.33 });
  });

  it('that no step came to are told as such, and are no failure', () => {
    const { run } = ran('  repeat 0\n    wait 1us\n      expect EAGAIN\n');
    expect(statuses(run)).toEqual(['8 not-run ']);
    expect(run.status).toBe('passed');
  });

  it('of other designs are none of the run', () => {
    expect(ran('  wait 1us\n    expect ok for B\n  wait 1us for B\n    expect ok\n').run.expectations).toEqual([]);
  });
});

describe('orders of branches', () => {
  it('are as many as there are ways, each once', () => {
    for (const lengths of [[], [0], [3], [2, 2], [1, 1, 1], [3, 2, 1]]) {
      const { orders, all } = ordersOf(lengths, 1_000);
      expect(orders).toHaveLength(all);
      expect(new Set(orders.map((each) => each.join())).size).toBe(all);
      for (const order of orders) expect(lengths.map((_, branch) => order.filter((each) => each === branch).length)).toEqual(lengths);
    }
    expect(ordersOf([2, 2], 9).all).toBe(6);
    expect(ordersOf([3, 2, 1], 99).all).toBe(60);
  });

  it('stop at the bound, and are counted beyond it', () => {
    const { orders, all } = ordersOf([20, 20], 10);
    expect(orders).toHaveLength(10);
    expect(all).toBe(137_846_528_820);
  });
});

describe('reports', () => {
  it('have at most 75 columns, and say what failed at its line', () => {
    const long = `  hugetlbfs vmm map 123456789 of 1G\n    expect EAGAIN\n    expect metric splits = 9\n`;
    const runs = (['A', 'B', 'B2', 'C', 'D', 'E'] as const).map((design) => ({ ...ran(long).run, design }));
    const text = runText({ file: `${'far/'.repeat(30)}x.gmem`, scenario: scenarioOf(long), runs });
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
    expect(text.replace(/\s+/g, '')).toContain('x.gmem:7:A:');
    expect(text.replace(/\s+/g, ' ')).toContain('expected EAGAIN; it was ok');
    expect(text).toContain('0 expectations met, 12 not met');
  });

  it('are CSV without a cell that a spreadsheet would run', () => {
    const scenario = { ...scenarioOf('  wait 1us\n'), name: '=cmd "x", y' };
    const [first, second] = runsCsv([{ file: 'x', scenario, runs: [ran('  wait 1us\n').run] }]).split('\n');
    expect(first).toBe('scenario,design,line,what,name,value,times');
    expect(second).toBe(`"'=cmd ""x"", y",A,5,step,create gmem0 for td size 2GiB,ok,1`);
  });

  it('cut tables and words that are too wide', () => {
    expect(wrapped('x'.repeat(200), '  ').every((line) => line.length <= 75)).toBe(true);
    const lines = table(['line', 'step', ...Array.from({ length: 9 }, () => 'DESIGN')], [['1', 'y'.repeat(90)]]);
    expect(lines.every((line) => line.length <= 75)).toBe(true);
  });
});

describe('a sweep', () => {
  const text = `scenario "s"
  designs B
  let n 1
  let split direct
  sweep n over 1 2
  sweep split over direct two-level
  switch split $split
  vm td type tdx
  create gmem0 for td size 2GiB
  bind gmem0 to td gpa 0 offset 0 size 2GiB
  guest-fault td gmem0 all
  repeat $n
    convert gmem0 page 0 to shared moving 1GiB
`;

  it('runs every combination, the last parameter fastest', () => {
    const swept = sweepScenario(text, 's', null, unwatched);
    if (swept.kind !== 'done') throw new Error(JSON.stringify(swept));
    expect(swept.value.parameters).toEqual(['n', 'split']);
    expect(swept.value.rows.map(({ values, metrics }) => [...values, metrics['vmemmap-pages']])).toEqual([
      [1, 'direct', 4097],
      [1, 'two-level', 520],
      [2, 'direct', 8192],
      [2, 'two-level', 1038],
    ]);
  });

  it.each([
    ['a scenario that is not there', text, 'other', 'gmem/no-scenario'],
    ['no sweep', 'scenario "s"\n  wait 1us', 's', 'gmem/no-sweep'],
    ['a value that makes the text wrong', text.replace('over 1 2', 'over 1 x'), 's', 'gmem/problems'],
  ])('refuses %s', (_what, from, name, code) => {
    expect(sweepScenario(from, name, null, unwatched)).toMatchObject({ kind: 'refused', refusal: { code } });
  });
});
