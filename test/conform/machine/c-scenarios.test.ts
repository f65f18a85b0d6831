/**
 * Scenarios on the C of the patched tree: design A as the model has it ends each step as the C does, in every shipped scenario that both can
 * run and in random ones; what differs is listed with its reason, and no longer listed than it is so.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Progress } from '../../../src/base/progress';
import { unwatched } from '../../../src/base/progress';
import type { Program } from '../../../src/kernel-c/program';
import { programForScenarios, runScenarioOnC } from '../../../src/review/c-scenario';
import type { CScenarioRun } from '../../../src/review/c-scenario-report';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import type { GmemScenario } from '../../../src/scenario/gmem/scenario';
import { diskTree } from '../../../src/worktree/disk-tree';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import { agreementOf, type Difference } from './agreement';
import { differences as known, differencesPage, type KnownDifference, sequences, sequenceText } from './differences';
import { randomScenario } from './random-scenario';

const directory = process.env['FOLIOSCOPE_TREE'] ?? '';
/** Random scenarios of each kind; set for a long run by hand. */
const RANDOM = Number(process.env['FOLIOSCOPE_RANDOM'] ?? 20);
const SHIPPED = join(import.meta.dirname, '../../../demo/scenarios');

const program = (): Program => {
  const tree = diskTree(directory);
  const read = programForScenarios(tree, buildTreeIndex(tree));
  if (read.kind !== 'done') throw new Error('the program cannot be read');
  return read.value;
};

const files = readdirSync(SHIPPED)
  .filter((name) => name.endsWith('.gmem'))
  .sort()
  .map((name) => ({ name, text: readFileSync(join(SHIPPED, name), 'utf8') }));

const scenariosIn = (text: string): readonly GmemScenario[] => readGmem(text).scenarios;

const isAllowed = (scenario: string, { text, what }: Difference, by: KnownDifference): boolean =>
  by.scenario.test(scenario) && by.step.test(text) && by.what.test(what);

describe('docs/differences-a.md', () => {
  it('is what the table of differences and the shipped scenarios make it', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/differences-a.md'), 'utf8');
    const words = (text: string): string => text.replaceAll(/[\s-]+/g, ' ');
    expect(words(page)).toBe(words(differencesPage(files)));
  });
});

describe.skipIf(directory === '')('scenarios on the C of the patched tree', { timeout: 3_600_000 }, () => {
  const own = directory === '' ? null : program();
  const seen = new Set<KnownDifference>();
  /** What comes after the first step with a difference is its consequence; a binding is one that both go on with. */
  const unexplained = (scenario: string, all: readonly Difference[]): string[] => {
    const first = all.find(({ text }) => !text.startsWith('bind '))?.operation ?? Infinity;
    const differences = all.filter(({ operation }) => operation <= first);
    return differences.flatMap((difference) => {
      const by = known.find((each) => isAllowed(scenario, difference, each));
      if (by !== undefined) seen.add(by);
      const { operation, text, what, model, c } = difference;
      return by === undefined ? [`${operation} ${text}: ${what}: model ${model}, C ${c}`] : [];
    });
  };
  /** Whoever waits for the test hears of it between two scenarios. */
  const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  afterEach(breathe);

  it('agree with the model of design A on the shipped scenarios', async () => {
    const counts = { scenarios: 0, operations: 0 };
    for (const scenario of files.flatMap(({ text }) => scenariosIn(text))) {
      const agreement = agreementOf(own!, scenario);
      await breathe();
      if (agreement.reasons.length > 0) continue;
      counts.scenarios += 1;
      counts.operations += agreement.operations;
      expect(unexplained(scenario.name, agreement.differences), scenario.name).toEqual([]);
    }
    expect(counts.scenarios).toBeGreaterThan(40);
    expect(counts.operations).toBeGreaterThan(400);
  });

  it('agree with it on those of other designs, run as if they were of A', async () => {
    let scenarios = 0;
    for (const scenario of files.flatMap(({ text }) => scenariosIn(text))) {
      // Hundreds of orders of whole steps are looked at above, in scenarios of the design itself.
      if (scenario.steps.some(({ kind }) => kind === 'parallel')) continue;
      if (scenario.designs.includes('A') && scenario.switches.length === 0) continue;
      const agreement = agreementOf(own!, { ...scenario, designs: ['A'], switches: [] });
      await breathe();
      if (agreement.reasons.length > 0) continue;
      scenarios += 1;
      expect(unexplained(scenario.name, agreement.differences), scenario.name).toEqual([]);
    }
    expect(scenarios).toBeGreaterThan(20);
  });

  it.each([
    { files: 1, nodes: 1, steps: 40 },
    { files: 2, nodes: 1, steps: 50 },
    { files: 2, nodes: 2, steps: 50 },
  ])('agree with it on random steps: files $files, nodes $nodes', async (bounds) => {
    for (let seed = 1; seed <= RANDOM; seed++) {
      const scenario = randomScenario(seed + 1_000_000 * bounds.files + 10_000_000 * bounds.nodes, bounds);
      const { reasons, differences } = agreementOf(own!, scenario);
      await breathe();
      expect(reasons, scenario.name).toEqual([]);
      expect(unexplained(scenario.name, differences), scenario.name).toEqual([]);
    }
  });

  it.each(sequences)('agree but for what is listed in sequence %i', (seed, steps) => {
    const [scenario] = scenariosIn(sequenceText([seed, steps]));
    const { reasons, differences } = agreementOf(own!, scenario!);
    expect(reasons).toEqual([]);
    expect(unexplained(scenario!.name, differences)).toEqual([]);
  });

  it('differ in nothing that is listed and no longer so', () => {
    expect(known.filter((each) => !seen.has(each)).map(({ reason }) => reason)).toEqual([]);
  });

  const find = (file: string, name: RegExp): GmemScenario =>
    scenariosIn(readFileSync(join(SHIPPED, file), 'utf8')).find((each) => name.test(each.name))!;

  const on = (file: string, name: RegExp, order: number): CScenarioRun => {
    const run = runScenarioOnC(own!, find(file, name), unwatched, { order });
    if (run.kind !== 'done') throw new Error('the scenario does not run');
    return run.value;
  };

  it('go step by step as the selftest of what hugetlb reports expects', () => {
    const run = on('sc-25-reporting.gmem', /^SC-25/, 9);
    expect(run.status).toBe('passed');
    const counted = run.run!.expectations.filter(({ expected }) => expected.startsWith('counter hstate.1G'));
    expect(counted.filter(({ status }) => status === 'passed').length).toBeGreaterThan(9);
    expect(counted.filter(({ status }) => status === 'failed')).toEqual([]);
  });

  it('meet in the C what the scenarios expect of it, at the line of the step', () => {
    const deadlock = on('sc-13-no-vmemmap.gmem', /^SC-13c/, 9);
    expect(deadlock.status).toBe('passed');
    expect(deadlock.findings.map(({ finding }) => finding.kind)).toContain('self-deadlock');
    const oops = on('sc-16-teardown.gmem', /^SC-16 /, 9);
    expect(oops.status).toBe('passed');
    const found = oops.findings.find(({ finding }) => finding.kind === 'null-deref');
    expect(found?.finding.file).toBe('virt/kvm/guest_memfd.c');
    expect(oops.run!.steps.find(({ line }) => line === found?.line)?.last?.error).toBe('OOPS');
  });

  it("shrink the pool and share it with hugetlbfs in the tree's own code", () => {
    expect(on('sc-11-shrink.gmem', /^SC-11 /, 9).status).toBe('passed');
    expect(on('sc-15-co-tenancy.gmem', /^SC-15 /, 9).status).toBe('passed');
    expect(on('sc-10-exhaustion.gmem', /^SC-10 /, 9).status).toBe('passed');
    expect(on('q4-all-users.gmem', /^Q4b /, 9).status).toBe('passed');
  });

  it('show that a task bound to a node takes memory of another', () => {
    const run = on('sc-26-numa.gmem', /^SC-26/, 9).run!;
    expect(run.expectations.filter(({ status }) => status === 'failed').map(({ expected, actual }) => `${expected}: ${actual}`)).toEqual([
      'ENOMEM: ok',
    ]);
    expect(run.counters['hstate.1G.node1.free_huge_pages']).toBe(7);
  });

  it('say which steps the C cannot be asked for, and why', () => {
    const obstructed = on('sc-19-cma-obstructed.gmem', /^SC-19b/, 9);
    expect(obstructed.status).toBe('not-runnable');
    expect(obstructed.run).toBeNull();
    expect(obstructed.reasons.map(({ what, why }) => `${what}: ${why}`)).toContain(
      'obstruct 0: the series takes no folio of a CMA area: only hugetlb does, at boot',
    );
    expect(obstructed.reasons.at(-1)!.line).toBeGreaterThan(1);
  });

  it('tell what they do, and end when they are cancelled', () => {
    const said: string[] = [];
    const progress: Progress = {
      report: (message) => said.push(message),
      get cancelled() {
        return said.length > 3;
      },
    };
    expect(runScenarioOnC(own!, find('sc-04-conversion-storm.gmem', /^SC-04 /), progress, { order: 9 }).kind).toBe('cancelled');
    expect(said.length).toBeGreaterThan(3);
    expect(said.some((message) => /line \d+, operation \d+: convert /.test(message))).toBe(true);
  });

  it('say that a host is larger than the machine', () => {
    const [scenario] = scenariosIn(files.find(({ name }) => name.startsWith('sc-23'))!.text);
    const nodes = scenario!.host.nodes.map((node) => ({ ...node, memory: node.memory * 4, pages1G: 200 }));
    const run = runScenarioOnC(own!, { ...scenario!, host: { ...scenario!.host, nodes } }, unwatched);
    expect(run.kind === 'done' && run.value.reasons[0]!.why).toMatch(/--order 16 makes huge pages small enough/);
  });
});
