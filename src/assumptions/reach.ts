/** Whether a folio of guest_memfd can come to a site, and by which way. */
import type { CallGraph, GraphNode } from './call-graph';
import type { FoundCall, Standing } from './facts';
import type { GuestMemory } from './guest-memory';
import type { Claim } from './claims';
import { isSystemCall } from './outline';
import type { Classified, Place, Reach } from './site';

/** A way by which a folio of guest_memfd comes to code. */
interface Way {
  readonly because: string;
  /** Functions that it begins in, with the line where the folio comes in. */
  readonly from: (node: GraphNode) => number | null;
  /** Calls for hugetlb VMAs are not gone along. */
  readonly byVma: boolean;
}

interface Reached {
  readonly way: Way;
  readonly before: GraphNode | null;
  /** Line in `before` of the call, or in the function itself where the way begins there. */
  readonly line: number;
}

/** Paths longer than this are cut in the middle: nobody follows them. */
const MAX_PATH = 12;

/**
 * The reach of each site.
 *
 * *Leaves out* what values tell: a call that is made for other folios only is gone along all the same. "Reachable" therefore says that there is a way
 * of calls that hand on a folio, a page or a VMA; "not reachable" that there is none, or that a test shuts it.
 */
export function reachOf(graph: CallGraph, memory: GuestMemory | null, claims: readonly Claim[]): (site: Classified) => Reach {
  if (memory === null) {
    const none: Reach = { is: 'cannot-tell', because: 'there is no guest_memfd in the tree', path: [] };
    return () => none;
  }
  const reached = spread(graph, memory);
  const byPlace = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    const key = `${node.file} ${node.found.name}`;
    const list = byPlace.get(key);
    if (list === undefined) byPlace.set(key, [node]);
    else list.push(node);
  }
  return (site) => reachOfSite(site, byPlace.get(`${site.file} ${site.function}`) ?? [], reached, graph, memory, claims);
}

function reachOfSite(
  site: Classified,
  nodes: readonly GraphNode[],
  reached: ReadonlyMap<GraphNode, Reached>,
  graph: CallGraph,
  memory: GuestMemory,
  claims: readonly Claim[],
): Reach {
  if (site.class === 'named' || site.class === 'sets')
    return { is: 'cannot-tell', because: 'it is no code that a folio comes to', path: [] };
  const claim = (id: Claim['id']): Claim | undefined => claims.find((one) => one.id === id);
  const operates = site.class === 'guarded' || site.class === 'contract' || site.class === 'from-folio' || site.class === 'unproven';
  const vma = claim('never-hugetlb-vma');
  if ((site.class === 'guarded' || site.class === 'contract') && vma?.verdict !== 'failing')
    return {
      is: 'not-reachable',
      because: 'only what is hugetlb by a test or by its file comes here, and a VMA of guest_memfd is never a hugetlb VMA',
      path: site.evidence,
    };
  if (operates && site.class === 'from-folio') {
    if (memory.hugetlb === null)
      return { is: 'not-reachable', because: 'only hugetlb folios come here, and guest_memfd has none in this tree', path: site.evidence };
    const mapped = claim('mapped-never-hugetlb');
    if (mapped?.verdict === 'holding')
      return {
        is: 'not-reachable',
        because: 'a folio comes here by its mappings, and guest_memfd maps none while it is hugetlb',
        path: mapped.places,
      };
  }
  const found = nodes.map((node) => ({ node, way: reached.get(node) })).find(({ way }) => way !== undefined);
  if (found?.way !== undefined) return { is: 'reachable', because: found.way.way.because, path: pathTo(found.node, site, reached) };
  if (nodes.length === 0) return { is: 'cannot-tell', because: 'its function could not be found', path: [] };
  const [node] = nodes;
  if (node !== undefined && isCalledFromNowhere(node, graph))
    return { is: 'cannot-tell', because: 'no call of its function was found in the tree', path: [] };
  if (memory.mapped === null)
    return {
      is: 'not-reachable',
      because: 'no way of calls leads here, and guest_memfd cannot be mapped in this tree: its file operations have no mmap',
      path: [],
    };
  return { is: 'not-reachable', because: 'no way of calls leads here that hands on a folio, a page or a VMA of guest_memfd', path: [] };
}

function isCalledFromNowhere(node: GraphNode, graph: CallGraph): boolean {
  return graph.callersOf(node).length === 0 && graph.addressTaken(node).length === 0 && !isSystemCall(node.found.name);
}

/** Every function that a way leads to, with the step before it. */
function spread(graph: CallGraph, memory: GuestMemory): ReadonlyMap<GraphNode, Reached> {
  const reached = new Map<GraphNode, Reached>();
  for (const way of waysOf(memory)) {
    const queue: GraphNode[] = [];
    for (const node of graph.nodes) {
      const line = reached.has(node) ? null : way.from(node);
      if (line === null) continue;
      reached.set(node, { way, before: null, line });
      queue.push(node);
    }
    for (let at = 0; at < queue.length; at += 1) {
      const node = queue[at];
      if (node === undefined) break;
      // Where nothing maps it, no VMA is found for it.
      if (memory.mapped === null && callIn(node, BY_VMA) !== null) continue;
      for (const { to, line } of stepsFrom(graph, node, way)) {
        if (reached.has(to)) continue;
        reached.set(to, { way, before: node, line });
        queue.push(to);
      }
    }
  }
  return reached;
}

function* stepsFrom(graph: CallGraph, node: GraphNode, way: Way): Generator<{ readonly to: GraphNode; readonly line: number }> {
  for (const { kind, symbol, line } of node.found.sites)
    if (kind === 'folio-test' || kind === 'vma-test') for (const to of graph.resolve(symbol, node.file)) yield { to, line };
  for (const call of node.found.calls) {
    if (!call.hands || (way.byVma && isForHugetlb(call))) continue;
    const targets = call.callee.startsWith('.') ? graph.behind(call.callee) : graph.resolve(call.callee, node.file);
    for (const to of targets) if (!OTHER_MEMORY.test(to.found.name)) yield { to, line: call.line };
  }
  // A function that is passed on is called back.
  for (const use of node.found.uses) {
    if (use.member !== '') continue;
    for (const to of graph.resolve(use.name, node.file)) if (!to.found.isMacro) yield { to, line: use.line };
  }
}

/** Folios of guest_memfd belong to a file: they are neither anonymous nor KSM's. */
const OTHER_MEMORY = /(?:^|_)(?:ksm|anon|swapin)(?:_|$)/;

const PAGE_OF_NUMBER = /^(?:pfn_to_page|pfn_to_online_page|pfn_folio|pfn_swap_entry_folio)$/;
const VMA_FOUND =
  /^(?:find_vma\w*|vma_lookup|find_extend_vma\w*|vma_find|vma_next|vma_iter_\w+|for_each_vma\w*|\w*vma_interval_tree_foreach|lock_vma_under_rcu|gup_vma_lookup|lock_mm_and_find_vma)$/;

const BY_VMA = /interval_tree_foreach$/;
const PAGE_OF_TABLE = /^(?:pte_page|pmd_page|pud_page|pte_pfn|pmd_pfn|vm_normal_(?:page|folio)\w*)$/;
const RECLAIMED = /^(?:lru_to_folio|isolate_lru_folios|folio_isolate_lru)$/;

/** Calls by which a way begins, or is cut. */
export const WAY_CALLS = new RegExp([PAGE_OF_NUMBER, VMA_FOUND, PAGE_OF_TABLE, RECLAIMED, BY_VMA].map(({ source }) => source).join('|'));

/** Whether what a call passes is known to be hugetlb. */
function isForHugetlb(call: FoundCall): boolean {
  const isHugetlb = (standing: Standing | null | undefined): boolean =>
    standing?.is === 'hugetlb' ? standing.lines.length > 0 : isHugetlbInside(standing);
  const isHugetlbInside = (standing: Standing | null | undefined): boolean =>
    standing !== null && standing !== undefined && standing.is !== 'hugetlb' && standing.vma?.is === 'hugetlb';
  return call.args.some(isHugetlb);
}

const callIn = (node: GraphNode, pattern: RegExp): number | null =>
  node.found.calls.find(({ callee }) => pattern.test(callee))?.line ?? null;

function waysOf(memory: GuestMemory): readonly Way[] {
  const callIn = (node: GraphNode, pattern: RegExp): number | null =>
    node.found.calls.find(({ callee }) => pattern.test(callee))?.line ?? null;
  const ways: Way[] = [
    {
      because: 'guest_memfd hands its folios on',
      from: (node) => (node.file === memory.file ? node.found.line : null),
      byVma: true,
    },
    {
      because: 'an error of memory may strike a page of guest_memfd',
      from: (node) => (node.file === 'mm/memory-failure.c' ? callIn(node, PAGE_OF_NUMBER) : null),
      byVma: true,
    },
    {
      because: 'memory is gone through page by page, whoever has it',
      from: (node) => (node.file.startsWith('mm/') || node.file.startsWith('fs/') ? callIn(node, PAGE_OF_NUMBER) : null),
      byVma: true,
    },
  ];
  if (memory.mapped !== null)
    ways.push(
      {
        because: 'guest_memfd can be mapped, and its VMAs are found as others are',
        from: (node) => callIn(node, VMA_FOUND),
        byVma: true,
      },
      {
        because: 'guest_memfd can be mapped, and page tables lead to its pages',
        from: (node) => callIn(node, PAGE_OF_TABLE),
        byVma: true,
      },
    );
  if (memory.inaccessible === null)
    ways.push({
      because: 'nothing keeps folios of guest_memfd from being reclaimed or migrated',
      from: (node) => callIn(node, RECLAIMED),
      byVma: true,
    });
  return ways;
}

function pathTo(node: GraphNode, site: Classified, reached: ReadonlyMap<GraphNode, Reached>): readonly Place[] {
  const steps: Place[] = [{ file: site.file, line: site.line }];
  let at = node;
  for (let step = reached.get(at); step !== undefined && steps.length < MAX_PATH * 2; step = reached.get(at)) {
    steps.push({ file: (step.before ?? at).file, line: step.line });
    if (step.before === null) break;
    at = step.before;
  }
  steps.reverse();
  return steps.length <= MAX_PATH ? steps : [...steps.slice(0, MAX_PATH / 2), ...steps.slice(-MAX_PATH / 2)];
}
