/** Makes the host that a scenario describes: nodes, hugetlb's pools, the global pool or the CMA area. */
import { refused, done, type Outcome } from '../../base/outcome';
import { choicesOf } from '../allocators/switches';
import type { Design } from '../allocators/allocator';
import { emptyLog } from './event-log';
import { NO_FAILURES, type Host } from './host';
import type { ModelSpec, NodeSpec } from './host-spec';
import type { Frame, FrameStack, Hstate, HstateNode, Node } from './pools';
import { newTally, type VmState } from './state';
import { notePeak } from './vmemmap';

const PAGE = 4096;
const GIGA = 2 ** 18;
const MEGA = 512;
const MOST_NODES = 64;
const MOST_BYTES = 2 ** 50;
const MOST_VMS = 100_000;

/** Fails `model/bad-switch`, `model/bad-host`. */
export function bootHost(spec: ModelSpec, design: Design): Outcome<Host> {
  const { choices, unknown } = choicesOf(design.switches, spec.switches);
  if (unknown !== null) {
    const known = design.switches.map(({ name, values }) => `${name} (${values.join(', ')})`).join('; ');
    return refused(
      'model/bad-switch',
      `Switch ${unknown.name} with the value ${unknown.value} was set for design ${design.id}.`,
      'The design has no such switch or no such value of it.',
      `Use one of these: ${known}.`,
    );
  }
  const wrong = wrongHost(spec);
  if (wrong !== null) return refused('model/bad-host', wrong, 'No such host can be modelled.', 'Correct the numbers of the host.');
  const plan = planOf(spec, design);
  const nodes: Node[] = [];
  const large: HstateNode[] = [];
  const small: HstateNode[] = [];
  let pool: FrameStack = null;
  let cma: FrameStack = null;
  let base = 0;
  for (const [at, node] of spec.host.nodes.entries()) {
    const made = nodeOf(node, at, base, plan.besides[at] ?? 0, spec.host.hvo, plan.besidesHvo, plan.hugetlb);
    if (typeof made === 'string')
      return refused(
        'model/bad-host',
        made,
        'The node cannot hold what it is said to hold.',
        'Give the node more memory, or fewer huge pages.',
      );
    nodes.push(made.node);
    large.push(made.large);
    small.push(made.small);
    if (design.memory === 'pool') pool = joined(made.besides, pool);
    if (design.memory === 'cma') cma = joined(made.besides, cma);
    base += Math.floor(node.memory / PAGE);
  }
  const besides = plan.besides.reduce((sum, count) => sum + count, 0);
  const inPool = design.memory === 'pool' ? besides : 0;
  const inCma = design.memory === 'cma' ? besides : 0;
  const host: Host = {
    spec,
    choices,
    written: new Set([...choices].filter(([, value]) => value === 'as-written').map(([name]) => name)),
    mixedHvo: spec.host.hvo && (design.memory !== 'cma' || choices.get('cma-hvo') === 'on'),
    attributes: design.id === 'E' ? 'vm' : design.id === 'A' ? 'both' : 'file',
    hugetlbTyped: design.hugetlbTyped,
    meanwhile: null,
    meanwhileKind: '',
    epoch: 1,
    step: 0,
    time: 0,
    files: [],
    names: new Map(),
    principals: new Map(['host', ...spec.vms.map(({ name }) => name)].map((name, at) => [name, at])),
    log: emptyLog(),
    touched: [],
    facts: [],
    nodes,
    hstates: { '1G': hstate(18, large, spec.host.overcommit1G), '2M': hstate(9, small, spec.host.overcommit2M) },
    pool: { total: inPool, free: inPool, reserved: 0, stack: pool, poisoned: 0 },
    cma: { total: inCma, free: inCma, obstructed: 0, reserved: 0, stack: cma, poisoned: 0 },
    vms: spec.vms.map(({ name, type, memcgLimit }): VmState => ({ name, type, memcgLimit: memcgLimit ?? Infinity, memcg: 0, policy: -1 })),
    tally: newTally(),
    failures: NO_FAILURES,
    hugetlbfs: {},
    users: null,
    gmem1G: 0,
    gmem2M: 0,
    dead: null,
    lockEdges: 0,
    pending: [],
  };
  notePeak(host);
  host.tally.vmemmapAtBoot = host.tally.vmemmapPeak;
  return done(host);
}

function wrongHost(spec: ModelSpec): string | null {
  const { nodes, overcommit1G, overcommit2M, pool, cma } = spec.host;
  if (nodes.length === 0 || nodes.length > MOST_NODES) return `The host has ${nodes.length} nodes; 1 to ${MOST_NODES} can be.`;
  for (const [at, { node, memory, pages1G, pages2M, buddy }] of nodes.entries()) {
    if (node !== at) return `Node ${node} stands in place ${at}; nodes are numbered from 0.`;
    if (!isCount(memory) || memory > MOST_BYTES || memory < PAGE) return `Node ${node} has ${memory} bytes of memory.`;
    if (![pages1G, pages2M, buddy ?? 0].every(isCount)) return `Node ${node} has counts of pages that are no whole numbers from 0.`;
  }
  if (![overcommit1G, overcommit2M, pool ?? 0, cma ?? 0].every(isCount))
    return 'Counts of huge pages, or the size of the CMA area, are no whole numbers from 0.';
  if (spec.vms.length > MOST_VMS) return `The scenario has ${spec.vms.length} VMs; ${MOST_VMS} can be.`;
  const names = spec.vms.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at && names.length < 2000);
  if (twice !== undefined) return `Two VMs have the name ${twice}.`;
  return null;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Huge pages of the pool or the CMA area by node, and whether hugetlb keeps its own. */
interface Plan {
  readonly besides: readonly number[];
  readonly besidesHvo: boolean;
  readonly hugetlb: boolean;
}

function planOf(spec: ModelSpec, design: Design): Plan {
  const own = spec.host.nodes.map(({ pages1G }) => pages1G);
  const none = own.map(() => 0);
  if (design.memory === 'pool') {
    return spec.host.pool === undefined
      ? { besides: own, besidesHvo: spec.host.hvo, hugetlb: false }
      : { besides: spread(spec.host.pool, own.length), besidesHvo: spec.host.hvo, hugetlb: true };
  }
  if (design.memory === 'cma') {
    // The area is ordinary memory while nobody has a window of it: no vmemmap is optimised away.
    return spec.host.cma === undefined
      ? { besides: own, besidesHvo: false, hugetlb: false }
      : { besides: spread(Math.floor(spec.host.cma / (GIGA * PAGE)), own.length), besidesHvo: false, hugetlb: true };
  }
  return { besides: none, besidesHvo: false, hugetlb: true };
}

function spread(count: number, nodes: number): readonly number[] {
  return Array.from({ length: nodes }, (_, at) => Math.floor(count / nodes) + (at < count % nodes ? 1 : 0));
}

interface MadeNode {
  readonly node: Node;
  readonly large: HstateNode;
  readonly small: HstateNode;
  readonly besides: FrameStack;
}

function nodeOf(
  spec: NodeSpec,
  at: number,
  base: number,
  besides: number,
  hvo: boolean,
  besidesHvo: boolean,
  hugetlb: boolean,
): MadeNode | string {
  const total = Math.floor(spec.memory / PAGE);
  const large = hugetlb ? spec.pages1G : 0;
  const huge = (large + besides) * GIGA + spec.pages2M * MEGA;
  if (huge > total) return `Node ${at} has ${total} pages and is to have ${huge} of them in huge pages.`;
  const vmemmap = large * (hvo ? 1 : GIGA / 64) + besides * (besidesHvo ? 1 : GIGA / 64) + spec.pages2M * (hvo ? 1 : MEGA / 64);
  const vmemmapTables = (hvo ? 8 * large + Math.ceil(spec.pages2M / 64) : 0) + (besidesHvo ? 8 * besides : 0);
  const restVmemmap = Math.ceil((total - huge) / 64);
  const left = total - huge - vmemmap - vmemmapTables - restVmemmap;
  const buddy = spec.buddy ?? left;
  if (left < 0 || buddy > left)
    return `Node ${at} has ${left} pages left beside its huge pages and their struct pages, and is to have ${buddy}.`;
  const first = Math.ceil(base / GIGA) * GIGA;
  const firstSmall = first + (large + besides) * GIGA;
  return {
    node: {
      total,
      nextPfn: firstSmall + spec.pages2M * MEGA,
      returned: null,
      buddy,
      vmemmap,
      vmemmapTables,
      restVmemmap,
      gmem: 0,
      twins: 0,
      slab: 0,
      taken: left - buddy,
      stuck: 0,
    },
    large: place(large, frames(first, large, GIGA, at, hvo)),
    small: place(spec.pages2M, frames(firstSmall, spec.pages2M, MEGA, at, hvo)),
    besides: frames(first + large * GIGA, besides, GIGA, at, besidesHvo),
  };
}

const place = (count: number, stack: FrameStack): HstateNode => ({
  nr: count,
  free: count,
  surplus: 0,
  stack,
  poisoned: 0,
  leaked: 0,
  inUse: 0,
});

/** The lowest is given out first. What they hold is unknown: someone's before. */
function frames(first: number, count: number, pages: number, node: number, hvo: boolean): FrameStack {
  let stack: FrameStack = null;
  for (let at = count - 1; at >= 0; at--) {
    const frame: Frame = { pfn: first + at * pages, node, content: STALE_OF_HOST, hvo, vmemmapSplit: hvo, remoteVmemmap: 0 };
    stack = { frame, next: stack };
  }
  return stack;
}

const STALE_OF_HOST = 2;

/** The frames of the first before those of the second. */
function joined(first: FrameStack, second: FrameStack): FrameStack {
  const list: Frame[] = [];
  for (let cell = second; cell !== null; cell = cell.next) list.push(cell.frame);
  for (let cell = first; cell !== null; cell = cell.next) list.push(cell.frame);
  let stack: FrameStack = null;
  for (const frame of list.reverse()) stack = { frame, next: stack };
  return stack;
}

function hstate(order: number, nodes: HstateNode[], overcommit: number): Hstate {
  return { order, pages: 2 ** order, resv: 0, max: nodes.reduce((sum, { nr }) => sum + nr, 0), overcommit, nodes };
}
