/** Which steps and declarations of a scenario the C of a tree cannot be asked for, and why. */
import { ORDERS, type Operation, type PageSize } from '../model/host/operation';
import { usualHost } from '../model/host/host-spec';
import { MOST_HOLDS } from '../model/userspace/record';
import { operationText } from '../scenario/gmem/print-gmem';
import type { GmemScenario, OperationStep, Step } from '../scenario/gmem/scenario';
import type { CannotRun } from './c-scenario-report';

/** The design that the series is. */
export const DESIGN = 'A';
const MOST_MAPPINGS = 2;
const PAGE = 4096;

/** Operations of the design, in the order of the text, each once. */
export function operationsOf(steps: readonly Step[]): OperationStep[] {
  return steps.flatMap((step): OperationStep[] => {
    if (step.kind === 'operation') return step.designs.length === 0 || step.designs.includes(DESIGN) ? [step] : [];
    return step.kind === 'parallel' ? step.branches.flatMap(operationsOf) : operationsOf(step.steps);
  });
}

/** The size of huge pages that the scenario's files have; null where it makes none. */
export function pageSizeOf(scenario: GmemScenario): PageSize | null {
  for (const { operation } of operationsOf(scenario.steps)) if (operation.kind === 'create') return operation.pageSize;
  return null;
}

/** Empty where the C can be asked for all of it. */
export function reasonsAgainst(scenario: GmemScenario): CannotRun[] {
  const whole = (what: string, why: string): CannotRun => ({ line: scenario.span.line, what, why });
  const reasons: CannotRun[] = [];
  if (!scenario.designs.includes(DESIGN)) reasons.push(whole(`designs ${scenario.designs.join(' ')}`, `the C is design ${DESIGN}`));
  for (const { name, value, designs } of scenario.switches) {
    if ((designs.length === 0 || designs.includes(DESIGN)) && value !== 'as-written')
      reasons.push(whole(`switch ${name} ${value}`, 'the C is as it is written'));
  }
  reasons.push(...ofHost(scenario).map(([what, why]) => whole(what, why)));
  for (const vm of scenario.vms)
    if (vm.memcgLimit !== undefined) reasons.push(whole(`vm ${vm.name} memcg-limit`, 'no limit of a memory cgroup is modelled for the C'));
  return [...reasons, ...ofSteps(operationsOf(scenario.steps))];
}

function ofHost({ host }: GmemScenario): [string, string][] {
  const reasons: [string, string][] = [];
  const pools = host.nodes.filter(({ pages1G, pages2M }) => pages1G + pages2M > 0);
  if (pools.length > 1) reasons.push(['node', 'the C runs over one node']);
  if (host.hugetlbCma) reasons.push(['host hugetlb-cma on', 'no CMA area is modelled for the C']);
  if (host.overcommit1G !== usualHost.overcommit1G || host.overcommit2M !== usualHost.overcommit2M)
    reasons.push(['host overcommit', 'the pool of the C is as large as it is']);
  return reasons;
}

/** What the operations before have made. */
interface Made {
  readonly files: Map<string, Extract<Operation, { kind: 'create' }>>;
  readonly slots: Map<string, number>;
  readonly processes: Set<string>;
}

function ofSteps(steps: readonly OperationStep[]): CannotRun[] {
  const made: Made = { files: new Map(), slots: new Map(), processes: new Set() };
  return steps.flatMap((step) => {
    const why = reasonOf(step, made);
    return why === null ? [] : [{ line: step.span.line, what: operationText(step.operation), why }];
  });
}

const NO_STEP: Readonly<Partial<Record<Operation['kind'], string>>> = {
  resize: 'nr_hugepages is not an entry that the C is run from',
  demote: 'demotion is not an entry that the C is run from',
  transfer: 'the series has no pool beside that of hugetlb',
  hugetlbfs: 'users of hugetlbfs are not run on the C',
  obstruct: 'no CMA area is modelled for the C',
  policy: 'the C runs over one node',
};

function reasonOf(step: OperationStep, made: Made): string | null {
  const { operation } = step;
  const none = NO_STEP[operation.kind];
  if (none !== undefined) return none;
  switch (operation.kind) {
    case 'create':
      return ofCreate(step, operation, made);
    case 'bind': {
      if (operation.gpa !== operation.offset) return 'the C is run with slots whose guest addresses are the offsets in the file';
      const slots = (made.slots.get(operation.file) ?? 0) + 1;
      made.slots.set(operation.file, slots);
      return slots > 1 ? 'the C is run with one memory slot' : null;
    }
    case 'mmap': {
      made.processes.add(operation.process);
      if (operation.flags === 'private') return 'the C is run with shared mappings';
      if (made.processes.size > MOST_MAPPINGS) return `the C is run with at most ${MOST_MAPPINGS} processes`;
      return isWhole(operation, made) ? null : 'the C is run with mappings of the whole file';
    }
    case 'munmap':
      return isWhole(operation, made) ? null : 'the C is run with mappings of the whole file';
    case 'pin':
    case 'reference':
      if (operation.lasting !== undefined) return 'users of the C hold pages until a step gives them back';
      return operation.range.to - operation.range.from > MOST_HOLDS ? `users of the C hold at most ${MOST_HOLDS} pages` : null;
    case 'fail':
      return operation.allocation === 'huge-page' || operation.allocation === 'contiguous'
        ? 'taking a huge page from the pool is no allocation that can fail by itself'
        : null;
    case 'host-fault':
    case 'guest-fault':
      return operation.meanwhile === undefined ? null : ofMeanwhile(operation.meanwhile);
    default:
      return null;
  }
}

function ofCreate(step: OperationStep, operation: Extract<Operation, { kind: 'create' }>, { files, slots }: Made): string | null {
  const [other] = files.values();
  if (ORDERS[operation.pageSize] === 0) return 'the C is run with files of huge pages';
  if (other !== undefined && other.pageSize !== operation.pageSize) return 'the C is run with one size of huge pages';
  const mayFail = step.expects.some(
    ({ expectation, designs }) =>
      expectation.kind === 'error' && expectation.error !== null && (designs.length === 0 || designs.includes(DESIGN)),
  );
  // One that is to be refused leaves nothing behind.
  if (other !== undefined && !mayFail) return 'the C is run with one file at a time';
  if (other === undefined) files.set(operation.file, operation);
  slots.delete(operation.file);
  return null;
}

function isWhole({ file, range }: Extract<Operation, { kind: 'mmap' | 'munmap' }>, { files }: Made): boolean {
  const size = files.get(file)?.size ?? range.to * PAGE;
  return range.from === 0 && range.to * PAGE >= size;
}

const ofMeanwhile = ({ kind }: Operation): string | null =>
  kind === 'guest-fault' || kind === 'host-fault' || kind === 'punch' || kind === 'convert' || kind === 'allocate'
    ? null
    : `${kind} is not run beside a fault on the C`;
