/** The worker's loop: work in slices, a pause that is never late, and answers to what is asked in between. */
import { describe, expect, it } from 'vitest';
import type { FromScenarioWorker, ToScenarioWorker } from '../../../src/protocol/scenario-page';
import { scenarioLoop } from '../../../webview-ui/scenario/worker-loop';

const TEXT = `scenario "long"
  designs C
  vm td type tdx
  create gmem0 for td size 1GiB
  repeat 5000
    wait 1us
    wait 2us
      expect ok

scenario "short"
  designs C
  vm td type tdx
  create gmem0 for td size 1GiB
    expect counter hstate.1G.nr_huge_pages = 77
`;

/** A thread whose time and turns are the test's. */
function thread(): {
  readonly sent: FromScenarioWorker[];
  readonly ask: (message: ToScenarioWorker) => void;
  turn(): boolean;
  last<K extends FromScenarioWorker['kind']>(kind: K): Extract<FromScenarioWorker, { kind: K }>;
  clock: number;
} {
  const sent: FromScenarioWorker[] = [];
  const waiting: (() => void)[] = [];
  const state = { clock: 0 };
  const loop = scenarioLoop({
    send: (message) => sent.push(structuredClone(message)),
    later: (work) => waiting.push(work),
    pause: (milliseconds, work) => {
      state.clock += milliseconds;
      waiting.push(work);
    },
    // Each look at the clock costs a millisecond: a slice is a few parts.
    clock: () => (state.clock += 1),
  });
  return Object.assign(state, {
    sent,
    ask: (message: ToScenarioWorker) => loop.receive(message),
    turn: () => {
      const work = waiting.shift();
      work?.();
      return work !== undefined;
    },
    last: <K extends FromScenarioWorker['kind']>(kind: K) =>
      sent.filter((one): one is Extract<FromScenarioWorker, { kind: K }> => one.kind === kind).at(-1)!,
  });
}
const load = (scenario = '', tick = 0): ToScenarioWorker => ({ kind: 'load', text: TEXT, scenario, designs: [], orders: [], tick });

describe("the worker's loop", () => {
  it('loads the first scenario, or the one of the name', () => {
    const one = thread();
    one.ask(load());
    expect(one.last('loaded')).toMatchObject({ chosen: 0, designs: [{ design: 'C', problem: '' }], problems: [] });
    one.ask(load('short'));
    expect(one.last('loaded').chosen).toBe(1);
    expect(one.last('loaded').scenarios.map(({ name, line }) => [name, line])).toEqual([
      ['long', 1],
      ['short', 10],
    ]);
  });

  it('pauses between two slices, and goes on from there', () => {
    const one = thread();
    one.ask(load());
    one.ask({ kind: 'play', rate: 0 });
    one.turn();
    expect(one.last('moved')).toMatchObject({ busy: 'playing' });
    one.ask({ kind: 'pause' });
    const { tick } = one.last('moved');
    expect(tick).toBeGreaterThan(0);
    expect(tick).toBeLessThan(1_000);
    while (one.turn());
    expect(one.last('moved')).toEqual({ kind: 'moved', tick, busy: '' });
    one.ask({ kind: 'step' });
    expect(one.last('moved').tick).toBe(tick + 1);
    one.ask({ kind: 'play', rate: 0 });
    while (one.turn());
    expect(one.last('moved')).toEqual({ kind: 'moved', tick: 10_001, busy: '' });
  });

  it('plays as many steps a second as it is told', () => {
    const one = thread();
    one.ask(load());
    while (one.turn());
    const began = one.clock;
    one.ask({ kind: 'play', rate: 100 });
    while (one.clock - began < 2_000) one.turn();
    expect(one.last('moved').tick).toBeGreaterThan(180);
    expect(one.last('moved').tick).toBeLessThanOrEqual(201);
  });

  it('answers views while it goes somewhere, names only where they are new', () => {
    const one = thread();
    one.ask(load());
    while (one.turn());
    one.ask({ kind: 'go-to', tick: 9_000 });
    const request = { windows: [], colour: 'block', cursor: null, withValues: true } as const;
    one.ask({ kind: 'view', id: 1, request });
    expect(one.last('view').view.tick).toBeLessThan(9_000);
    expect(one.last('view').view.names).toContain('vmemmap.pages');
    while (one.turn());
    one.ask({ kind: 'view', id: 2, request });
    expect(one.last('view')).toMatchObject({ id: 2, view: { tick: 9_000, line: 6, nextLine: 7 } });
    one.ask({ kind: 'view', id: 3, request });
    expect(one.last('view').view.names).toBeUndefined();
  });

  it('tells problems of the text with their lines, and plays what is left', () => {
    const one = thread();
    one.ask({ kind: 'load', text: TEXT.replace('  repeat 5000', '  repaet 5000'), scenario: '', designs: [], orders: [], tick: 0 });
    expect(one.last('loaded').problems[0]).toMatchObject({ line: 5, severity: 'error' });
    one.ask({ kind: 'load', text: '', scenario: '', designs: [], orders: [], tick: 0 });
    expect(one.last('loaded')).toMatchObject({ chosen: -1, scenarios: [] });
    one.ask({ kind: 'step' });
    expect(one.last('loaded').chosen).toBe(-1);
  });

  it('reports the whole run wherever the page is', () => {
    const one = thread();
    one.ask(load('short'));
    one.ask({ kind: 'report', format: 'text', file: 'a.gmem' });
    expect(one.last('report').text).toMatch(/a\.gmem:14: C: expected counter hstate\.1G\.nr_huge_pages = 77; it was \d+/);
    one.ask({ kind: 'report', format: 'csv', file: 'a.gmem' });
    const [head, ...rows] = one.last('report').text.trim().split('\n');
    expect(head).toMatch(/^scenario,design,step,illustrated time \(us\),/);
    expect(rows.map((row) => row.split(',').slice(0, 3))).toEqual([
      ['short', 'C', '0'],
      ['short', 'C', '1'],
    ]);
  });
});
