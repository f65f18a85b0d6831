/** The orders of parallel branches: each is played as the runner runs it, and the survey finds those in which something goes wrong. */
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { DesignId } from '../../../src/model/host/operation';
import { runScenario } from '../../../src/review/run-gmem';
import { linesOf, orderedBlocks, OrderSurvey } from '../../../src/review/scenario-orders';
import { createScenarioPlayer, type ScenarioPlayer } from '../../../src/review/scenario-player';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import type { GmemScenario } from '../../../src/scenario/gmem/scenario';
import { EITHER_FIRST } from '../../fixtures/either-first';

const TWO = `scenario "two blocks"
  designs B
  vm td type plain
  process vmm

  create gmem0 for td size 1GiB
  bind gmem0 to td gpa 0 offset 0 size 1GiB
  convert gmem0 all to shared
  mmap vmm gmem0 all
  parallel
    branch
      punch gmem0 all
    branch
      host-fault vmm gmem0 page 0 write
  parallel
    branch
      host-fault vmm gmem0 page 1 write
        expect ok
    branch
      host-fault vmm gmem0 page 2 write
  expect state gmem0 [0, 4KiB) block empty
`;

const scenarioOf = (text: string): GmemScenario => {
  const { scenarios, problems } = readGmem(text);
  expect(problems).toEqual([]);
  return scenarios[0]!;
};
const playerOf = (text: string, orders: readonly number[]): ScenarioPlayer => {
  const made = createScenarioPlayer(scenarioOf(text), [], orders);
  if (made.kind !== 'done') throw new Error(JSON.stringify(made));
  return made.value;
};
const view = (player: ScenarioPlayer) => player.view({ windows: [], colour: 'block', cursor: null, withValues: true });
const linesPlayed = (player: ScenarioPlayer): readonly string[] => {
  const lines: string[] = [];
  while (player.step()) {
    const { line, turns } = view(player);
    lines.push(`${line}${turns.length === 0 ? '' : ` ${turns.join(', ')}`}`);
  }
  return lines;
};
const surveyed = (text: string, chosen: readonly number[], designs: readonly DesignId[]): OrderSurvey => {
  const scenario = scenarioOf(text);
  const survey = new OrderSurvey(scenario, orderedBlocks(scenario.steps), chosen, designs);
  for (let turn = 0; !survey.advance(3); turn++) if (turn > 10_000) throw new Error('it never ends');
  return survey;
};

describe('orders of parallel branches', () => {
  it.each([
    [0, ['6', '7', '8', '9', '12 branch 1 of 2', '14 branch 2 of 2', '15 branch 2 of 2']],
    [1, ['6', '7', '8', '9', '14 branch 2 of 2', '12 branch 1 of 2', '15 branch 2 of 2']],
    [2, ['6', '7', '8', '9', '14 branch 2 of 2', '15 branch 2 of 2', '12 branch 1 of 2']],
    [99, ['6', '7', '8', '9', '12 branch 1 of 2', '14 branch 2 of 2', '15 branch 2 of 2']],
  ] as const)('plays order %i step by step', (order, lines) => {
    const player = playerOf(EITHER_FIRST, [order]);
    expect(linesPlayed(player)).toEqual(lines);
    expect(player.parallels).toEqual([{ line: 10, orders: [[0, 1, 1], [1, 0, 1], [1, 1, 0]], all: 3, chosen: order === 99 ? 0 : order }]); // prettier-ignore
  });

  it('goes back within an order, and to a step of it', () => {
    const player = playerOf(EITHER_FIRST, [1]);
    while (player.step());
    player.aimAt(5);
    while (!player.advance(1));
    expect(view(player)).toMatchObject({ tick: 5, line: 14, nextLine: 12 });
    player.aimForTroubleIn(0);
    while (!player.advance(1));
    expect(view(player)).toMatchObject({ tick: 7, line: 15 });
  });

  it('finds the orders in which an expectation is not met, in each design, and leaves the others alone', () => {
    const { verdicts, isWhole } = surveyed(EITHER_FIRST, [], ['B', 'C']);
    expect(isWhole).toBe(true);
    expect(verdicts.map(({ design, order, troubles }) => [design, order, troubles.length])).toEqual([
      ['B', 0, 0],
      ['B', 1, 1],
      ['B', 2, 0],
      ['C', 0, 0],
      ['C', 1, 1],
      ['C', 2, 0],
    ]);
    expect(verdicts[1]!.troubles[0]).toMatch(/^not met: .*block empty/);
  });

  it('says what the runner says: a line that is not met in some order is not met', () => {
    for (const text of [EITHER_FIRST, TWO]) {
      const scenario = scenarioOf(text);
      const run = runScenario(scenario, 'B', unwatched);
      const failed = run.kind === 'done' && run.value.expectations.some(({ status }) => status === 'failed');
      const found = surveyed(text, [], ['B']).verdicts.some(({ troubles }) => troubles.length > 0);
      expect(found).toBe(failed);
    }
  });

  it('begins the orders of a block from where the chosen orders of the blocks before it have led', () => {
    const orders = (player: ScenarioPlayer): readonly string[] => linesPlayed(player).slice(4);
    expect(orders(playerOf(TWO, [1, 1]))).toEqual(['14 branch 2 of 2', '12 branch 1 of 2', '20 branch 2 of 2', '17 branch 1 of 2']);
    expect(surveyed(TWO, [0, 0], ['B']).verdicts.map(({ block, order }) => [block, order])).toEqual([[0, 0], [0, 1], [1, 0], [1, 1]]); // prettier-ignore
  });

  it('stops at its bound, and says so', () => {
    const steps = '      convert gmem0 page 0 to shared\n      convert gmem0 page 0 to private\n'.repeat(40);
    const long = `scenario "long"\n  designs C\n  vm td type tdx\n\n  create gmem0 for td size 1GiB\n  repeat 9\n    parallel\n      branch\n${steps.replace(/^/gm, '  ').trimEnd()}\n      branch\n${steps.replace(/^/gm, '  ').trimEnd()}\n`;
    const scenario = scenarioOf(long);
    const blocks = orderedBlocks(scenario.steps);
    expect(blocks[0]!.orders.length).toBe(1_000);
    const survey = new OrderSurvey(scenario, blocks, [], ['C', 'C', 'C']);
    while (!survey.advance(5_000));
    expect(survey.isWhole).toBe(false);
    expect(survey.verdicts.length).toBeGreaterThan(1_000);
  });

  it('knows the lines of a block', () => {
    const [block] = orderedBlocks(scenarioOf(EITHER_FIRST).steps);
    expect(linesOf(block!.step)).toEqual([10, 12, 14, 15, 16]);
    expect(linesOf(undefined)).toEqual([]);
  });
});
