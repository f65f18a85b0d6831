/** Runs a scenario on the model of design A and on the C of a tree, both with huge pages of 2M, and tells in what they differ after each step. */
import type { Program } from '../../../src/kernel-c/program';
import { createHostModel } from '../../../src/model/host/create-host-model';
import type { FileExtent, HostModel } from '../../../src/model/host/host-model';
import { type ErrorName, type Operation, ORDERS } from '../../../src/model/host/operation';
import { HostOnC } from '../../../src/review/c-scenario-host';
import { runScenarioOnC } from '../../../src/review/c-scenario';
import { operationsOf, pageSizeOf, reasonsAgainst } from '../../../src/review/c-scenario-reasons';
import { scaledPages, scaledScenario } from '../../../src/review/c-scenario-scale';
import { runScenario } from '../../../src/review/run-gmem';
import { operationText } from '../../../src/scenario/gmem/print-gmem';
import type { GmemScenario, Step } from '../../../src/scenario/gmem/scenario';
import { unwatched } from '../../../src/base/progress';

/** One way in which the two differ after a step. */
export interface Difference {
  /** Number of the operation, from 0. */
  readonly operation: number;
  readonly text: string;
  /** `error`, the name of a counter, or a property of pages. */
  readonly what: string;
  readonly model: string;
  readonly c: string;
}

export interface Agreement {
  /** Why it cannot be run on both; empty where it can. */
  readonly reasons: readonly string[];
  readonly operations: number;
  readonly differences: readonly Difference[];
}

/** Turns of a block that repeats: what the later ones do the first have done. */
const MOST_TURNS = 20;
const COMPARED = /^(hstate\.2M\.(nr|free|resv|surplus)_huge_pages|subpool\..*|blocks\..*|vmemmap\.(?!pages|tables).*|file\..*\.blocks)$/;
const PROPERTIES = [
  'block',
  'folioOrder',
  'sharing',
  'attribute',
  'content',
  'prepared',
  'hvo',
  'poisoned',
  'mapped',
  'pinned',
  'references',
  'stage2',
] as const;

/** The same scenario with huge pages of 2M. */
export function at2M(scenario: GmemScenario): { readonly scenario: GmemScenario | null; readonly why: string } {
  const size = pageSizeOf(scenario);
  if (size === null) return { scenario: null, why: 'it makes no file' };
  const scaled = size === '2M' ? { scenario, why: '' } : scaledScenario(scenario, ORDERS['2M']);
  if (scaled.scenario === null) return scaled;
  const nodes = scenario.host.nodes.map((node) => ({
    ...node,
    pages1G: 0,
    pages2M: node.pages2M + node.pages1G,
    ...(node.buddy === undefined ? {} : { buddy: scaledPages(node.buddy, ORDERS[size], ORDERS['2M']) }),
  }));
  // Leaves of a TDX guest are split before a zap by patches that this series does not have: the C zaps them as any other guest's.
  const vms = scenario.vms.map((vm) => (vm.type === 'tdx' ? { ...vm, type: 'snp' as const } : vm));
  const steps = scaled.scenario.steps.map(stepAt2M);
  return { scenario: { ...scaled.scenario, host: { ...scenario.host, nodes }, vms, steps }, why: '' };
}

function stepAt2M(step: Step): Step {
  switch (step.kind) {
    case 'operation': {
      const { operation } = step;
      const hasSize = operation.kind === 'create' || operation.kind === 'resize' || operation.kind === 'hugetlbfs';
      return { ...step, expects: [], operation: hasSize ? { ...operation, pageSize: '2M' } : operation };
    }
    case 'parallel':
      return { ...step, expects: [], branches: step.branches.map((branch) => branch.map(stepAt2M)) };
    default:
      return { ...step, expects: [], times: Math.min(step.times, MOST_TURNS), steps: step.steps.map(stepAt2M) };
  }
}

/** What is seen after an operation. */
interface Snapshot {
  readonly text: string;
  readonly error: string;
  readonly counters: ReadonlyMap<string, number>;
  /** By file; those whose inode is gone are not looked at. */
  readonly extents: ReadonlyMap<string, readonly FileExtent[]>;
  /** A count was overwritten: from then on nobody knows whose references are whose. */
  readonly isBroken: boolean;
}

export function agreementOf(program: Program, given: GmemScenario): Agreement {
  const none = (reasons: readonly string[]): Agreement => ({ reasons, operations: 0, differences: [] });
  const reasons = reasonsAgainst(given).map(({ what, why }) => `${what}: ${why}`);
  if (reasons.length > 0) return none(reasons);
  const { scenario, why } = at2M(given);
  if (scenario === null) return none([why]);
  const onModel: Snapshot[] = [];
  const onC: Snapshot[] = [];
  const model = runScenario(scenario, 'A', unwatched, {
    create: (spec) => {
      const made = createHostModel(spec);
      return made.kind === 'done' ? { kind: 'done', value: watched(made.value, onModel) } : made;
    },
  });
  const c = runScenarioOnC(program, scenario, unwatched, { watch: (host) => watched(host, onC) });
  if (model.kind !== 'done' || c.kind !== 'done') return none(['it does not run']);
  if (c.value.reasons.length > 0) return none(c.value.reasons.map(({ what, why: reason }) => `${what}: ${reason}`));
  const files = new Set(operationsOf(scenario.steps).flatMap(({ operation }) => ('file' in operation ? [operation.file] : [])));
  if (files.size === 0) return none(['it makes no file']);
  return { reasons: [], operations: onModel.length, differences: differencesOf(onModel, onC) };
}

const watched = (model: HostModel, snapshots: Snapshot[]): HostModel => ({
  spec: model.spec,
  apply(operation) {
    const outcome = model.apply(operation);
    // An oops of either thread ends what is compared.
    const other = outcome.kind === 'done' ? outcome.value.meanwhile?.error : null;
    const own: ErrorName | null | 'not done' = outcome.kind === 'done' ? outcome.value.error : 'not done';
    const error = other === 'OOPS' ? other : own;
    snapshots.push(snapshotOf(model, operation, error ?? 'ok'));
    return outcome;
  },
  steps: () => model.steps(),
  time: () => model.time(),
  counters: () => model.counters(),
  metrics: () => model.metrics(),
  files: () => model.files(),
  extents: (file) => model.extents(file),
  references: (file, page) => model.references(file, page),
  events: () => model.events(),
  violations: () => model.violations(),
  mark: () => model.mark(),
  restore: (mark) => {
    model.restore(mark);
  },
  hash: () => model.hash(),
});

function snapshotOf(model: HostModel, operation: Operation, error: string): Snapshot {
  const isStopped = error === 'OOPS' || error === 'HANG';
  const counters = isStopped ? [] : Object.entries(model.counters()).filter(([name]) => COMPARED.test(name));
  const isOpen = (name: string): boolean =>
    !(model instanceof HostOnC) || model.now.files.some((file) => file.name === name && !file.isGone);
  return {
    text: operationText(operation),
    error,
    counters: new Map(counters),
    extents: new Map(
      isStopped
        ? []
        : model
            .files()
            .filter(isOpen)
            .map((name) => [name, model.extents(name)]),
    ),
    isBroken: model.violations().some(({ invariant }) => invariant === 'REF-SAFE'),
  };
}

/** Up to the first step after which a kernel is not looked at any more. */
function differencesOf(onModel: readonly Snapshot[], onC: readonly Snapshot[]): Difference[] {
  const differences: Difference[] = [];
  for (let operation = 0; operation < Math.max(onModel.length, onC.length); operation++) {
    const [model, c] = [onModel[operation], onC[operation]];
    if (model === undefined || c === undefined) {
      differences.push({ operation, text: '', what: 'operations', model: String(onModel.length), c: String(onC.length) });
      break;
    }
    const add = (what: string, ofModel: string, ofC: string): void => {
      if (ofModel !== ofC) differences.push({ operation, text: model.text, what, model: ofModel, c: ofC });
    };
    // An invalidation has overtaken the fault: KVM, and the model, fault again by themselves; the step on the C ends.
    if (c.error === 'EAGAIN' && model.text.startsWith('guest-fault ')) break;
    add('error', model.error, c.error);
    if ([model, c].some(({ error, isBroken }) => error === 'OOPS' || error === 'HANG' || isBroken)) break;
    for (const [name, value] of model.counters) {
      const other = c.counters.get(name);
      if (other !== undefined) add(name, String(value), String(other));
    }
    for (const [name, extents] of model.extents) {
      const other = c.extents.get(name) ?? [];
      if (extents.length === 0 || other.length === 0) continue;
      for (const property of PROPERTIES) add(property, runsOf(extents, property), runsOf(other, property));
    }
  }
  return differences;
}

/** `[0, 512) whole, [512, 1024) empty`: a property over the pages of a file. */
function runsOf(extents: readonly FileExtent[], property: (typeof PROPERTIES)[number]): string {
  const runs: { from: number; to: number; value: string }[] = [];
  for (const extent of extents) {
    // Of what is no longer in the file nothing is looked at but that.
    const isAway = extent.block === 'orphan' || extent.block === 'draining';
    const value = isAway && property !== 'block' ? '-' : String(extent[property]);
    const last = runs.at(-1);
    if (last?.value === value) last.to = extent.to;
    else runs.push({ from: extent.from, to: extent.to, value });
  }
  return runs.map(({ from, to, value }) => `[${from}, ${to}) ${value}`).join(', ');
}
