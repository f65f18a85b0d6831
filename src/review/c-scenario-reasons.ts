/** Which steps and declarations of a scenario the C of a tree cannot be asked for, and why. */
import { ORDERS, type Operation, type PageSize } from '../model/host/operation';
import { usualHost } from '../model/host/host-spec';
import { rfcV1 } from '../model/allocators/rfc-v1';
import { NODES } from '../model/primitives/numa';
import { MOST_HOLDS } from '../model/userspace/record';
import { operationText } from '../scenario/gmem/print-gmem';
import type { GmemScenario, OperationStep, Step } from '../scenario/gmem/scenario';
import { MAPPINGS_OF_FILE } from './c-scenario-files';
import type { CannotRun } from './c-scenario-report';

/** The design that the series is. */
export const DESIGN = 'A';
/** Values of the design's switches in the series as it was posted: the first that each has. */
const SWITCHES_OF_DESIGN = new Map(rfcV1.switches.map(({ name, values }) => [name, values[0] ?? '']));

/** Operations of the design, in the order of the text, each once. */
export function operationsOf(steps: readonly Step[]): OperationStep[] {
  return steps.flatMap((step): OperationStep[] => {
    if (step.kind === 'operation') return step.designs.length === 0 || step.designs.includes(DESIGN) ? [step] : [];
    return step.kind === 'parallel' ? step.branches.flatMap(operationsOf) : operationsOf(step.steps);
  });
}

/** The size of huge pages that the scenario's files have, or users of hugetlbfs; null where it has neither. */
export function pageSizeOf(scenario: GmemScenario): PageSize | null {
  const operations = operationsOf(scenario.steps).map(({ operation }) => operation);
  const created = operations.find((each) => each.kind === 'create')?.pageSize;
  return created ?? operations.find((each) => each.kind === 'resize' || each.kind === 'hugetlbfs')?.pageSize ?? null;
}

/** Empty where the C can be asked for all of it. */
export function reasonsAgainst(scenario: GmemScenario): CannotRun[] {
  const whole = (what: string, why: string): CannotRun => ({ line: scenario.span.line, what, why });
  const reasons: CannotRun[] = [];
  if (!scenario.designs.includes(DESIGN)) reasons.push(whole(`designs ${scenario.designs.join(' ')}`, `the C is design ${DESIGN}`));
  for (const { name, value, designs } of scenario.switches) {
    const own = SWITCHES_OF_DESIGN.get(name);
    const isMeant = own !== undefined && (designs.length === 0 || designs.includes(DESIGN));
    if (isMeant && value !== own) reasons.push(whole(`switch ${name} ${value}`, `the C is as it is written: ${name} ${own}`));
  }
  reasons.push(...ofHost(scenario).map(([what, why]) => whole(what, why)));
  const limited = scenario.vms.find(({ memcgLimit }) => memcgLimit !== undefined);
  if (limited !== undefined && scenario.vms.length > 1)
    reasons.push(whole(`vm ${limited.name} memcg-limit`, 'the machine has one memory cgroup for all VMs'));
  return [...reasons, ...ofSteps(operationsOf(scenario.steps))];
}

function ofHost({ host }: GmemScenario): [string, string][] {
  const reasons: [string, string][] = [];
  if (host.nodes.length > NODES) reasons.push(['node', `the machine has ${NODES} NUMA nodes`]);
  const sizes = host.nodes.reduce((sum, { pages1G, pages2M }) => ({ large: sum.large + pages1G, small: sum.small + pages2M }), {
    large: 0,
    small: 0,
  });
  if (sizes.large > 0 && sizes.small > 0) reasons.push(['node', ONE_SIZE]);
  if (host.overcommit1G !== usualHost.overcommit1G) {
    reasons.push(['host overcommit', 'alloc_surplus_hugetlb_folio() makes no surplus of gigantic pages, and a smaller order would']);
  }
  return reasons;
}

const ONE_SIZE = 'the memory of the machine is laid out in huge pages of one size';

/** What the operations before have made. */
interface Made {
  size: PageSize | null;
  readonly mappings: Map<string, number>;
}

function ofSteps(steps: readonly OperationStep[]): CannotRun[] {
  const made: Made = { size: null, mappings: new Map() };
  return steps.flatMap((step) => {
    const why = reasonOf(step, made);
    return why === null ? [] : [{ line: step.span.line, what: operationText(step.operation), why }];
  });
}

const NO_STEP: Readonly<Partial<Record<Operation['kind'], string>>> = {
  demote: ONE_SIZE,
  transfer: 'the series has no pool beside that of hugetlb',
  obstruct: 'the series takes no folio of a CMA area: only hugetlb does, at boot',
};

function reasonOf({ operation }: OperationStep, made: Made): string | null {
  const none = NO_STEP[operation.kind];
  if (none !== undefined) return none;
  switch (operation.kind) {
    case 'create':
      if (ORDERS[operation.pageSize] === 0)
        return 'files of 4K pages take nothing of hugetlb, and the machine has no other memory for them';
      made.size ??= operation.pageSize;
      return made.size === operation.pageSize ? null : ONE_SIZE;
    case 'resize':
    case 'hugetlbfs':
      return made.size === null || made.size === operation.pageSize ? null : ONE_SIZE;
    case 'mmap': {
      const mappings = (made.mappings.get(operation.file) ?? 0) + 1;
      made.mappings.set(operation.file, mappings);
      return mappings > MAPPINGS_OF_FILE ? `there are page tables for ${MAPPINGS_OF_FILE} mappings of a file` : null;
    }
    case 'munmap':
      made.mappings.set(operation.file, Math.max((made.mappings.get(operation.file) ?? 0) - 1, 0));
      return null;
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
      return operation.meanwhile === undefined ? null : ofMeanwhile(operation.meanwhile, operation.file);
    default:
      return null;
  }
}

function ofMeanwhile(operation: Operation, file: string): string | null {
  const { kind } = operation;
  if (kind !== 'guest-fault' && kind !== 'host-fault' && kind !== 'punch' && kind !== 'convert' && kind !== 'allocate')
    return `${kind} is not run beside a fault on the C`;
  return operation.file === file ? null : 'what runs beside a fault is of the same file';
}
