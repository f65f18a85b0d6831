/** Runs a scenario on the C of a tree: what `folioscope run FILE --tree DIR` prints. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { KernelConfig } from '../kernel-c/config';
import type { Program } from '../kernel-c/program';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import type { HostModel } from '../model/host/host-model';
import { ORDERS, type Operation, type PageSize } from '../model/host/operation';
import { POOL_NEEDS, poolRoots } from '../model/userspace/steps';
import { operationText } from '../scenario/gmem/print-gmem';
import type { ExpectLine, GmemScenario, Step } from '../scenario/gmem/scenario';
import { HostOnC } from './c-scenario-host';
import { isCheckedOnC } from './c-scenario-invariants';
import { DESIGN, operationsOf, pageSizeOf, reasonsAgainst } from './c-scenario-reasons';
import type { CannotRun, CFinding, CScenarioRun } from './c-scenario-report';
import { scaledScenario, scaledPages } from './c-scenario-scale';
import type { NodePool } from './c-scenario-state';
import { MOST_FRAMES } from './prepare-simulation';
import { runScenario } from './run-gmem';
import type { DesignRun, ExpectationRun } from './run-gmem-report';
import { programForSteps } from './run-steps';

export interface RunOnCOptions {
  /** Of a huge page; that of the files where left out. */
  readonly order?: number;
  /** Called with each host that is made, for whoever wants to look at it after each operation. */
  readonly watch?: (host: HostOnC) => HostModel;
}

/** What steps enter, read once for all scenarios. *Fails* as `programForSteps`. */
export function programForScenarios(tree: SourceTree, index: TreeIndex, config?: KernelConfig): Outcome<Program> {
  return programForSteps(tree, index, config, { roots: poolRoots, needs: POOL_NEEDS });
}

/**
 * @param program as `programForScenarios` gives it
 *
 * *Fails* as `createStepSession`. A scenario that the C cannot be asked for is no failure: the reasons are given.
 */
export function runScenarioOnC(
  program: Program,
  scenario: GmemScenario,
  progress: Progress,
  options: RunOnCOptions = {},
): Outcome<CScenarioRun> {
  const size = pageSizeOf(scenario);
  const order = options.order ?? (size === null ? 0 : ORDERS[size]);
  const cannot = (reasons: readonly CannotRun[]): Outcome<CScenarioRun> =>
    done({ scenario: scenario.name, order, status: 'not-runnable', reasons, run: null, findings: [] });
  const reasons = [...reasonsAgainst(scenario), ...reasonsOfTree(scenario, program)];
  const { span } = scenario;
  if (reasons.length > 0) return cannot(reasons);
  if (size === null) return cannot([{ line: span.line, what: scenario.name, why: 'it makes no file' }]);
  const scaled = order === ORDERS[size] ? { scenario, why: '' } : scaledScenario(scenario, order);
  if (order < LEAST_HVO && asksForVmemmap(scenario))
    return cannot([{ line: span.line, what: `order ${order}`, why: `huge pages below order ${LEAST_HVO} give no vmemmap back` }]);
  if (scaled.scenario === null) return cannot([{ line: span.line, what: `order ${order}`, why: scaled.why }]);
  const own = scaled.scenario;
  const pools = poolsOf(own, size);
  const total = pools.reduce((sum, { pages, growth }) => sum + pages + growth, 0);
  if (total === 0) return cannot([{ line: span.line, what: 'node', why: `the host has no huge pages of ${size}` }]);
  if (total * 2 ** order > MOST_FRAMES) {
    const most = Math.floor(Math.log2(MOST_FRAMES / total));
    return cannot([
      {
        line: span.line,
        what: `${total} huge pages of order ${order}`,
        why: `the machine has room for ${MOST_FRAMES} pages of 4 KiB: --order ${most} makes huge pages small enough`,
      },
    ]);
  }
  const lines = new Map(operationsOf(own.steps).map((step) => [step.operation, step.span.line]));
  let host: HostOnC | null = null;
  const doneAt: number[] = [];
  const [buddy] = own.host.nodes.flatMap((node) => (node.buddy === undefined ? [] : [node.buddy]));
  const run = runScenario(own, DESIGN, progress, {
    create: (spec) => {
      const made = HostOnC.create(spec, {
        program,
        order,
        pools,
        sizeName: size,
        progress,
        ...(buddy === undefined ? {} : { buddy: scaledPages(buddy, ORDERS[size], order) }),
      });
      if (made.kind !== 'done') return made;
      host = made.value;
      const model = options.watch?.(made.value) ?? made.value;
      return done(
        withLines(model, (operation) => {
          const line = lineOf(operation, lines);
          doneAt.push(line);
          progress.report(`${scenario.name}: line ${line}, operation ${doneAt.length}: ${operationText(operation)}`);
        }),
      );
    },
  });
  if (progress.cancelled) return cancelled;
  if (run.kind !== 'done') return run;
  const known = host as HostOnC | null;
  const findings = (known?.now.findings ?? []).map((each): CFinding => ({ ...each, line: doneAt[each.operation] ?? 0 }));
  const checked = withoutUnchecked(own, run.value, order !== ORDERS[size]);
  return done({ scenario: scenario.name, order, status: checked.status, reasons: [], run: checked, findings });
}

const PAGE = 4096;
/** The least order of a huge page whose struct pages take more than a page. */
const LEAST_HVO = 7;

const asksForVmemmap = ({ host, steps }: GmemScenario): boolean =>
  host.nodes.some(({ buddy }) => buddy !== undefined) ||
  operationsOf(steps).some(({ operation }) => operation.kind === 'fail' && operation.allocation === 'vmemmap');

/** By node: the huge pages that the pool has, and those that the scenario's largest resize asks for besides, as far as the node has memory. */
function poolsOf({ host, steps }: GmemScenario, size: PageSize): NodePool[] {
  const own = host.nodes.map(({ pages1G, pages2M }) => (size === '2M' ? pages2M : pages1G));
  const total = own.reduce((sum, pages) => sum + pages, 0);
  const asked = operationsOf(steps).map(({ operation }) => {
    if (operation.kind !== 'resize' || operation.pageSize !== size) return 0;
    return operation.node === undefined ? operation.count - total : operation.count - (own[operation.node] ?? 0);
  });
  const growth = Math.max(...asked, size === '2M' ? host.overcommit2M : 0, 0);
  return host.nodes.map(({ memory, pages1G, pages2M, buddy }, node): NodePool => {
    const left = buddy ?? (memory - pages1G * BYTES['1G'] - pages2M * BYTES['2M']) / PAGE;
    return { pages: own[node] ?? 0, growth: Math.min(growth, Math.max(Math.floor((left * PAGE) / BYTES[size]), 0)) };
  });
}

const BYTES: Readonly<Record<PageSize, number>> = { '4K': PAGE, '2M': 2 ** 21, '1G': 2 ** 30 };

/** What a tree has to have for the steps on the pool. */
function reasonsOfTree({ steps }: GmemScenario, program: Program): CannotRun[] {
  const needed: Partial<Record<Operation['kind'], readonly string[]>> = {
    resize: poolRoots.slice(0, 1),
    hugetlbfs: poolRoots.slice(1),
  };
  return operationsOf(steps).flatMap(({ operation, span }): CannotRun[] => {
    const missing = (needed[operation.kind] ?? []).find((name) => program.functions[name] === undefined);
    return missing === undefined
      ? []
      : [{ line: span.line, what: operationText(operation), why: `the tree has no function ${missing}() to enter for it` }];
  });
}

/** One that was moved on in a block that repeats is another object: the first of its kind on the file stands for it. */
function lineOf(operation: Operation, lines: ReadonlyMap<Operation, number>): number {
  const own = lines.get(operation);
  if (own !== undefined) return own;
  for (const [each, line] of lines) {
    const isAlike = each.kind === operation.kind && 'file' in each && 'file' in operation && each.file === operation.file;
    if (isAlike) return line;
  }
  return 0;
}

/** Tells of each operation before it is done. */
const withLines = (model: HostModel, tell: (operation: Operation) => void): HostModel => ({
  spec: model.spec,
  apply(operation) {
    tell(operation);
    return model.apply(operation);
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

/** Counters whose value depends on how many pages a huge page has. */
const OF_PAGES = /^(vmemmap|charge)\.|\.(i_blocks|filemap_nodes)$|^vm\.|^buddy/;

/** What nobody looked at in the C is neither met nor not met. */
function withoutUnchecked(scenario: GmemScenario, run: DesignRun, isScaled: boolean): DesignRun {
  const lines = new Map(expectLines(scenario.steps).map((line) => [line.span.line, line]));
  const stopped = run.steps.some(({ last }) => last?.error === 'OOPS' || last?.error === 'HANG');
  const expectations = run.expectations.map((each): ExpectationRun => {
    const why = whyUnchecked(lines.get(each.span.line), each, { isScaled, stopped });
    return why === null ? each : { ...each, status: 'not-run', actual: why };
  });
  const isMet = expectations.every(({ status }) => status !== 'failed') && run.steps.every(({ refusal }) => refusal === null || stopped);
  return { ...run, expectations, status: isMet ? 'passed' : 'failed' };
}

interface Circumstances {
  readonly isScaled: boolean;
  /** The kernel has stopped in some step. */
  readonly stopped: boolean;
}

function whyUnchecked(
  line: ExpectLine | undefined,
  { status, actual }: ExpectationRun,
  { isScaled, stopped }: Circumstances,
): string | null {
  if (line === undefined) return null;
  const { expectation } = line;
  if (stopped && status === 'failed' && actual.startsWith('not done')) return 'the kernel has stopped before';
  switch (expectation.kind) {
    case 'invariant':
      if (!isCheckedOnC(expectation.name)) return 'nothing in the C is checked for it';
      return stopped && status === 'failed' ? 'after a step that does not return nothing is checked' : null;
    case 'metric':
      return 'metrics are those of a model';
    case 'counter':
      if (actual === 'there is none') return 'the C has no such counter here';
      return isScaled && OF_PAGES.test(expectation.name) ? 'it counts pages of huge pages of the real order' : null;
    default:
      return null;
  }
}

const expectLines = (steps: readonly Step[]): ExpectLine[] =>
  steps.flatMap((step) => [
    ...step.expects,
    ...(step.kind === 'operation' ? [] : step.kind === 'parallel' ? step.branches.flatMap(expectLines) : expectLines(step.steps)),
  ]);
