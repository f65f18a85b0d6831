/**
 * Scenarios on the C of the patched tree: design A as the model has it ends each step as the C does, in every shipped scenario that both can
 * run and in random ones; what differs is listed with its reason, and no longer listed than it is so.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { Program } from '../../../src/kernel-c/program';
import { programForScenarios, runScenarioOnC } from '../../../src/review/c-scenario';
import type { CScenarioRun } from '../../../src/review/c-scenario-report';
import type { Operation } from '../../../src/model/host/operation';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import type { GmemScenario, OperationStep } from '../../../src/scenario/gmem/scenario';
import { diskTree } from '../../../src/worktree/disk-tree';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import { agreementOf, type Difference } from './agreement';
import { randomScenario } from './random-scenario';

const directory = process.env['FOLIOSCOPE_TREE'] ?? '';
const SHIPPED = join(import.meta.dirname, '../../../demo/scenarios');

interface Allowed {
  /** Part of the scenario's name. */
  readonly scenario: RegExp;
  readonly step: RegExp;
  readonly what: RegExp;
  readonly reason: string;
}

/** As docs/differences-a.md tells them. */
const allowed: readonly Allowed[] = [
  {
    scenario: /./,
    step: /^bind /,
    what: /^error$/,
    reason: 'In this tree kvm_gmem_bind() never sets its result to 0: the binding stands, and the caller is told -EINVAL.',
  },
];

const program = (): Program => {
  const tree = diskTree(directory);
  const read = programForScenarios(tree, buildTreeIndex(tree));
  if (read.kind !== 'done') throw new Error('the program cannot be read');
  return read.value;
};

const shipped = (): GmemScenario[] =>
  readdirSync(SHIPPED)
    .filter((name) => name.endsWith('.gmem'))
    .sort()
    .flatMap((name) => readGmem(readFileSync(join(SHIPPED, name), 'utf8')).scenarios);

const isAllowed = (scenario: string, { text, what }: Difference, by: Allowed): boolean =>
  by.scenario.test(scenario) && by.step.test(text) && by.what.test(what);

describe.skipIf(directory === '')('scenarios on the C of the patched tree', { timeout: 600_000 }, () => {
  const own = directory === '' ? null : program();
  const seen = new Set<Allowed>();
  const unexplained = (scenario: string, differences: readonly Difference[]): string[] =>
    differences.flatMap((difference) => {
      const by = allowed.find((each) => isAllowed(scenario, difference, each));
      if (by !== undefined) seen.add(by);
      const { operation, text, what, model, c } = difference;
      return by === undefined ? [`${operation} ${text}: ${what}: model ${model}, C ${c}`] : [];
    });

  it('agree with the model of design A on the shipped scenarios', async () => {
    let scenarios = 0;
    let operations = 0;
    for (const scenario of shipped()) {
      // The runner asks now and then whether the test is alive.
      await new Promise(setImmediate);
      const agreement = agreementOf(own!, scenario);
      if (agreement.reasons.length > 0) continue;
      scenarios += 1;
      operations += agreement.operations;
      expect(unexplained(scenario.name, agreement.differences), scenario.name).toEqual([]);
    }
    expect(scenarios).toBeGreaterThan(25);
    expect(operations).toBeGreaterThan(200);
  });

  it('agree with it on random steps', () => {
    for (const seed of [...Array.from({ length: 24 }, (_, number) => number + 1), 41, 57]) {
      const scenario = randomScenario(seed, 30);
      const { reasons, differences } = agreementOf(own!, scenario);
      expect(reasons, scenario.name).toEqual([]);
      // What comes after the first difference is its consequence.
      const first = differences.find(({ text }) => !text.startsWith('bind '))?.operation ?? Infinity;
      expect(
        unexplained(
          scenario.name,
          differences.filter(({ operation }) => operation <= first),
        ),
        scenario.name,
      ).toEqual([]);
    }
  });

  it('agree with it on what another thread does while a process faults', () => {
    const begun = randomScenario(1, 0);
    const range = { from: 8, to: 9 };
    const convert = (from: number, to: number, wanted: 'shared' | 'private'): Operation => ({
      kind: 'convert',
      vm: 'td',
      file: 'gmem0',
      range: { from, to },
      to: wanted,
    });
    const others: Operation[] = [
      convert(0, 512, 'private'),
      convert(8, 9, 'private'),
      convert(9, 10, 'shared'),
      { kind: 'punch', file: 'gmem0', offset: 0, size: 2 ** 21 },
    ];
    for (const meanwhile of others) {
      const operations: Operation[] = [
        convert(8, 9, 'shared'),
        { kind: 'host-fault', process: 'vmm', file: 'gmem0', range, access: 'write', meanwhile },
        { kind: 'guest-fault', vm: 'td', file: 'gmem0', range, access: 'write', each: 'page' },
      ];
      const steps = operations.map((operation): OperationStep => ({
        kind: 'operation',
        operation,
        designs: [],
        expects: [],
        span: begun.span,
      }));
      const { reasons, differences } = agreementOf(own!, { ...begun, name: 'a race', steps: [...begun.steps, ...steps] });
      expect(reasons).toEqual([]);
      expect(unexplained('a race', differences), JSON.stringify(meanwhile)).toEqual([]);
    }
  });

  it('differ in nothing that is listed and no longer so', () => {
    expect(allowed.filter((each) => !seen.has(each)).map(({ reason }) => reason)).toEqual([]);
  });

  it('have no differences that the page does not tell', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/differences-a.md'), 'utf8').replaceAll(/\s+/g, ' ');
    for (const { reason } of allowed) expect(page).toContain(reason);
  });

  const on = (file: string, name: RegExp, order: number): CScenarioRun => {
    const scenario = readGmem(readFileSync(join(SHIPPED, file), 'utf8')).scenarios.find((each) => name.test(each.name));
    const run = runScenarioOnC(own!, scenario!, unwatched, { order });
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

  it('say which steps the C cannot be asked for, and why', () => {
    const shrink = on('sc-11-shrink.gmem', /^SC-11 /, 9);
    expect(shrink.status).toBe('not-runnable');
    expect(shrink.run).toBeNull();
    expect(shrink.reasons.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      'resize 1G to 3: nr_hugepages is not an entry that the C is run from',
    ]);
    expect(shrink.reasons[0]!.line).toBeGreaterThan(1);
  });
});
