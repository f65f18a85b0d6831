/** The player of scenarios: one clock for several designs, forth and back, and the same run as the runner's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { DesignId } from '../../../src/model/host/operation';
import type { ScenarioView, ViewRequest } from '../../../src/protocol/scenario-page';
import { runScenario } from '../../../src/review/run-gmem';
import { operationsOf } from '../../../src/review/scenario-clock';
import { createScenarioPlayer, type ScenarioPlayer } from '../../../src/review/scenario-player';
import { METRIC } from '../../../src/review/scenario-values';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import type { GmemScenario } from '../../../src/scenario/gmem/scenario';

const STORM = `scenario "storm"
  designs A C
  vm td type tdx

  create gmem0 for td size 4GiB
  bind gmem0 to td gpa 0 offset 0 size 4GiB
  guest-fault td gmem0 all
  repeat 50
    convert gmem0 page 0 to shared
      expect ok
    convert gmem0 page 0 to private
      expect ok
  random 40 seed 7
    convert gmem0 page 3 to shared
    convert gmem0 page 3 to private
    convert gmem0 page 5 to shared
  expect state gmem0 [0, 4KiB) sharing shared
`;

const scenarioOf = (text: string): GmemScenario => {
  const { scenarios, problems } = readGmem(text);
  expect(problems).toEqual([]);
  return scenarios[0]!;
};
const playerOf = (text: string, designs: readonly DesignId[] = []): ScenarioPlayer => {
  const made = createScenarioPlayer(scenarioOf(text), designs);
  if (made.kind !== 'done') throw new Error(JSON.stringify(made));
  return made.value;
};
const nothing: ViewRequest = { windows: [], colour: 'block', cursor: null, withValues: true };
const arrived = (player: ScenarioPlayer, slice = 7): ScenarioView => {
  for (let turn = 0; turn < 10_000; turn++) if (player.advance(slice)) return player.view(nothing);
  throw new Error('it never comes there');
};
const valueOf = (player: ScenarioPlayer, view: ScenarioView, name: string): readonly number[] =>
  view.designs.map(({ values }) => values[player.names().indexOf(name)]!);

describe('the player of scenarios', () => {
  it('ends in the state of the runner, for each design', () => {
    const player = playerOf(STORM);
    expect(player.total).toBe(3 + 100 + 40);
    player.aimFor('end');
    const view = arrived(player);
    expect(view).toMatchObject({ tick: 143, ended: true, nextLine: 0 });
    for (const [at, design] of (['A', 'C'] as const).entries()) {
      const run = runScenario(scenarioOf(STORM), design, unwatched);
      if (run.kind !== 'done') throw new Error(run.kind);
      const of = (name: string): number => view.designs[at]!.values[player.names().indexOf(name)]!;
      for (const [name, value] of Object.entries(run.value.counters)) expect([name, of(name)]).toEqual([name, value]);
      for (const [name, value] of Object.entries(run.value.metrics)) expect([name, of(METRIC + name)]).toEqual([name, value]);
      expect(view.designs[at]!.time).toBe(run.value.time);
      const seen = view.expectations.map(({ line, results }) => {
        const { status, times, actual } = results.find((each) => each.design === design)!;
        return { line, status, times, actual };
      });
      expect(seen).toEqual(run.value.expectations.map(({ span, status, times, actual }) => ({ line: span.line, status, times, actual })));
    }
  });

  it('ends as the runner does in each scenario that ships', () => {
    const folder = join(__dirname, '../../../demo/scenarios');
    const scenarios = readdirSync(folder)
      .filter((name) => name.endsWith('.gmem'))
      .flatMap((name) => readGmem(readFileSync(join(folder, name), 'utf8')).scenarios);
    expect(scenarios.length).toBeGreaterThan(20);
    let played = 0;
    for (const scenario of scenarios) {
      // The runner tries all orders of what is parallel; the page shows the first.
      if (JSON.stringify(scenario.steps).includes('"branches"') || (operationsOf(scenario) ?? Infinity) > 300) continue;
      const [design] = scenario.designs;
      const made = createScenarioPlayer(scenario, [design!]);
      const run = runScenario(scenario, design!, unwatched);
      expect([scenario.name, made.kind]).toEqual([scenario.name, run.kind]);
      if (made.kind !== 'done' || run.kind !== 'done') continue;
      made.value.aimFor('end');
      const { designs, expectations } = arrived(made.value, 1_000);
      const failed = expectations.flatMap(({ line, results }) => results.filter(({ status }) => status === 'failed').map(() => line));
      expect([scenario.name, designs[0]!.time, failed]).toEqual([
        scenario.name,
        run.value.time,
        run.value.expectations.filter(({ status }) => status === 'failed').map(({ span }) => span.line),
      ]);
      const values = Object.entries(run.value.counters).map(([name]) => [name, designs[0]!.values[made.value.names().indexOf(name)]]);
      expect([scenario.name, values]).toEqual([scenario.name, Object.entries(run.value.counters)]);
      played += 1;
    }
    expect(played).toBeGreaterThan(15);
  });

  it('comes back to each state as it was, from wherever it goes there', () => {
    const player = playerOf(STORM);
    // A value that nobody had yet is not told at all.
    const state = (view: ScenarioView): string =>
      JSON.stringify(
        view.designs.map(({ values, ...rest }) => [rest, values.flatMap((value, at) => (Number.isNaN(value) ? [] : [[at, value]]))]),
      );
    const forth: string[] = [state(player.view(nothing))];
    while (player.step()) forth.push(state(player.view(nothing)));
    expect(forth).toHaveLength(144);
    for (const tick of [142, 141, 3, 100, 0, 143, 57]) {
      player.aimAt(tick);
      const view = arrived(player);
      expect(view.tick).toBe(tick);
      expect(state(view)).toBe(forth[tick]);
    }
  });

  it('steps back over thousands of steps without doing all of them again', () => {
    const player = playerOf(STORM.replace('repeat 50', 'repeat 6000'));
    player.aimFor('end');
    arrived(player, 100_000);
    player.aimAt(9_000);
    arrived(player, 100_000);
    for (let tick = 8_999; tick > 8_980; tick--) {
      player.aimAt(tick);
      expect(player.tick()).toBeGreaterThan(tick - 300);
      arrived(player, 300);
      expect(player.tick()).toBe(tick);
    }
  });

  it('finds violations, unmet expectations and lines', () => {
    const player = playerOf(STORM);
    player.aimFor('violation');
    const first = arrived(player);
    expect(first.troubles.find(({ tick }) => tick === first.tick)).toMatchObject({ kind: 'violation', design: 'A' });
    player.aimFor('failure');
    const failed = arrived(player);
    const trouble = failed.troubles.find(({ kind }) => kind === 'expectation')!;
    expect(trouble).toMatchObject({ tick: failed.tick });
    player.aimAtLine(11);
    expect(arrived(player)).toMatchObject({
      line: 11,
      tick: 5,
      text: 'convert gmem0 page 0 to private',
      turns: ['turn 1 of 50'],
      nextLine: 9,
    });
  });

  it('has bounded series that begin at the start and end at the end', () => {
    const player = playerOf(STORM.replace('repeat 50', 'repeat 2000'));
    player.aimFor('end');
    arrived(player, 100_000);
    const [a, c] = player.series(['metric splits']);
    expect([a!.design, c!.design]).toEqual(['A', 'C']);
    expect(c!.ticks.length).toBeLessThanOrEqual(256);
    expect([c!.ticks[0], c!.ticks.at(-1)]).toEqual([0, 4_043]);
    expect(c!.values.at(-1)).toBeGreaterThanOrEqual(2_000);
  });

  it('passes over steps that are for other designs', () => {
    const player = playerOf(
      STORM.replace('bind gmem0 to td gpa 0 offset 0 size 4GiB', 'bind gmem0 to td gpa 0 offset 0 size 4GiB\n  wait 1s for A'),
    );
    player.aimAt(3);
    const view = arrived(player);
    expect(view.designs.map(({ answer }) => answer.kind)).toEqual(['ok', 'passed-over']);
    expect(view.designs[0]!.time - view.designs[1]!.time).toBeGreaterThan(900_000);
  });

  it('repeats nothing without end', () => {
    const player = playerOf('scenario "empty"\n  designs A C\n  vm td type tdx\n  repeat 1000000\n    wait 1s for C\n', ['A']);
    expect(player.total).toBe(1_000_000);
    player.aimAt(5);
    expect(valueOf(player, arrived(player), 'vmemmap.pages')).toHaveLength(1);
  });

  it('refuses where no design can run, and says which cannot beside others', () => {
    const bad = { ...scenarioOf(STORM), switches: [{ name: 'merge', value: 'never-heard', designs: ['C' as const] }] };
    const made = createScenarioPlayer(bad, []);
    expect(made.kind === 'done' && made.value.designs.map(({ design, problem }) => [design, problem !== ''])).toEqual([
      ['A', false],
      ['C', true],
    ]);
    expect(createScenarioPlayer(bad, ['C'])).toMatchObject({ kind: 'refused', refusal: { code: 'scenario/no-design' } });
  });
});
