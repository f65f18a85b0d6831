import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { runScenario } from '../../../src/review/run-gmem';
import { sweepScenario } from '../../../src/review/sweep';
import { formatGmem } from '../../../src/scenario/gmem/format-gmem';
import { printGmem } from '../../../src/scenario/gmem/print-gmem';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../demo/scenarios');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.gmem'))
  .sort();
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
const placeless = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'span' || key === 'lastLine' ? undefined : each)));

describe('the shipped scenarios', () => {
  it('are the 26 canonical ones, and the questions', () => {
    const numbers = (start: string): number[] =>
      [...new Set(files.flatMap((name) => (name.startsWith(start) ? [Number(/\d+/.exec(name)?.[0])] : [])))].sort(
        (left, right) => left - right,
      );
    expect(numbers('sc-')).toEqual(Array.from({ length: 26 }, (_, index) => index + 1));
    expect(numbers('q')).toEqual(Array.from({ length: 27 }, (_, index) => index + 1));
  });

  it.each(files)('%s is right, formatted, and printed as it is read', (name) => {
    const text = textOf(name);
    const { scenarios, problems } = readGmem(text);
    expect(problems).toEqual([]);
    expect(formatGmem(text)).toBe(text);
    expect(placeless(readGmem(printGmem(scenarios)).scenarios)).toEqual(placeless(scenarios));
    for (const { name: of, labels, about } of scenarios) expect([of, labels.length > 0, about.length > 0]).toEqual([of, true, true]);
  });

  const runs = files.flatMap((name) =>
    readGmem(textOf(name)).scenarios.flatMap((scenario) => scenario.designs.map((design) => ({ name, scenario, design }))),
  );

  it.each(runs.map((each) => [each.scenario.name, each.design, each] as const))(
    '"%s" comes out as expected in design %s',
    (_name, _design, { scenario, design }) => {
      const run = runScenario(scenario, design, unwatched);
      if (run.kind !== 'done') throw new Error(JSON.stringify(run));
      expect(run.value.steps.filter(({ refusal }) => refusal !== null)).toEqual([]);
      expect(run.value.expectations.filter(({ status }) => status !== 'passed')).toEqual([]);
      // An expectation that speaks of designs is of those that the scenario has.
      expect(run.value.operations).toBeGreaterThan(0);
    },
  );

  it('expect something in each design that they run, where they sweep nothing', () => {
    const silent = runs.flatMap(({ scenario, design }) => {
      const run = runScenario(scenario, design, unwatched);
      const isSilent = run.kind === 'done' && scenario.sweeps.length === 0 && run.value.expectations.length === 0;
      return isSilent ? [`${scenario.name}: ${design}`] : [];
    });
    expect(silent).toEqual([]);
  });

  const sweeping = files.flatMap((name) => {
    const text = textOf(name);
    return readGmem(text).scenarios.flatMap((scenario) => (scenario.sweeps.length > 0 ? [[scenario.name, text] as const] : []));
  });

  it.each(sweeping)('"%s" meets its expectations at every value', (name, text) => {
    const swept = sweepScenario(text, name, null, unwatched);
    if (swept.kind !== 'done') throw new Error(JSON.stringify(swept));
    expect(swept.value.rows.filter(({ unmet }) => unmet > 0)).toEqual([]);
  });
});

describe('sweeps', () => {
  const failures = (file: string, name: string): (number | string)[][] => {
    const swept = sweepScenario(textOf(file), name, null, unwatched);
    if (swept.kind !== 'done') throw new Error(JSON.stringify(swept));
    return swept.value.rows.map(({ values, design, failed }) => [...values, design, failed]);
  };

  it('over the free pages of the host let one conversion go well for each 4095, or 4692 with slab pages', () => {
    for (const [buddy = 0, , failed] of failures('sc-13-no-vmemmap.gmem', 'SC-13d how many blocks can be split'))
      expect(failed).toBe(16 - Math.floor(Number(buddy) / 4095));
    for (const [buddy = 0, , failed] of failures('sc-13-no-vmemmap.gmem', 'SC-13e how many blocks can be split, slab pages counted'))
      expect(failed).toBe(16 - Math.floor(Number(buddy) / 4692));
  });

  it('over the windows that are obstructed leave the rest to CMA', () => {
    for (const [windows = 0, , failed] of failures('sc-19-cma-obstructed.gmem', 'SC-19b how many huge pages are left'))
      expect(failed).toBe(windows);
  });
});
