/** Steps of the administrator on the pool of huge pages, and how a scenario spreads the pool over nodes. */
import { constantIfAny, fieldIfAny, I32, I64, PAGE_SIZE } from '../fields';
import { pageOf } from '../memmap';
import type { Address, Kernel, Layout } from '../primitive';
import { NODE_SHIFT, NODES } from '../primitives/numa';
import { hugetlbFlagOf, testFlag } from '../primitives/folio-flags';
import { POLICY } from '../record';
import type { World } from '../world';
import { Writer } from '../writer';
import { HOST, hostOf, USERS, usersOf } from './record';
import { intOf, type Step } from './step';

const HSTATE = 'struct hstate';
/** What sysfs is told to have read: any number of bytes. */
const LENGTH = 1;

const resize: Step = {
  name: 'resize',
  params: ['hstate', 'count', 'node'],
  meaning: 'The administrator sets how many huge pages the pool has, on all nodes (-1) or on one (nr_hugepages).',
  enters: '__nr_hugepages_store_common()',
  source: 'mm/hugetlb.c: nr_hugepages_store()',
  leavesOut: 'sysfs.',
  bind: () => (kernel) => {
    if (kernel.phase === 1) return Math.min(intOf(kernel.returned), 0);
    return kernel.call('__nr_hugepages_store_common', [0, kernel.arg(0), kernel.arg(2), kernel.arg(1), LENGTH], 1);
  },
};

export const poolSteps: readonly Step[] = [resize];

/**
 * Spreads a pool of which every huge page is free on node 0 over the nodes, and says that the buddy allocator has no other huge pages than it is
 * given by the pool.
 *
 * @param counts huge pages of each node; their sum is what the pool has
 */
export function spreadPool(kernel: Kernel, layout: Layout, world: World, counts: readonly number[]): void {
  kernel.store(hostOf(kernel), HOST.counted, 1);
  const size = layout.sizeof('struct page');
  const pages = 2 ** world.order;
  const flags = { ...(fieldIfAny(layout, 'struct page', 'flags') ?? I64), signed: true };
  const optimised = constantIfAny(layout, 'HPG_vmemmap_optimized') === null ? null : hugetlbFlagOf(layout, 'vmemmap_optimized');
  const writer = new Writer(kernel, layout);
  const lists = writer.inside(world.hstate, HSTATE, 'hugepage_freelists');
  const inside = layout.offsetof('struct folio', 'lru');
  let block = counts[0] ?? 0;
  for (let node = 1; node < Math.min(counts.length, NODES); node++) {
    for (const end = block + (counts[node] ?? 0); block < end; block++) {
      const head = pageOf(kernel.peek(usersOf(kernel), USERS.firstPfn) + block * pages, size);
      const own = optimised !== null && testFlag(kernel, head, optimised) ? Math.min(pages, PAGE_SIZE / size) : pages;
      for (let page = 0; page < own; page++) {
        const at = head + page * size;
        kernel.storeBig(at, flags, kernel.loadBig(at, flags) | (BigInt(node) << BigInt(NODE_SHIFT)));
      }
      unlink(kernel, head + inside);
      append(kernel, head + inside, lists + node * 16);
    }
  }
  for (const name of ['max_huge_pages', 'nr_huge_pages', 'free_huge_pages']) {
    const first = writer.inside(world.hstate, HSTATE, `${name}_node`);
    if (first !== 0) counts.slice(0, NODES).forEach((count, node) => kernel.store(first + node * 4, I32, count));
  }
}

const PREV = { ...I64, offset: 8 };

function unlink(kernel: Kernel, entry: Address): void {
  const [next, prev] = [kernel.load(entry, I64), kernel.load(entry, PREV)];
  kernel.store(prev, I64, next);
  kernel.store(next, PREV, prev);
}

function append(kernel: Kernel, entry: Address, list: Address): void {
  const last = kernel.load(list, PREV);
  kernel.store(entry, I64, list);
  kernel.store(entry, PREV, last);
  kernel.store(last, I64, entry);
  kernel.store(list, PREV, entry);
}

/** MPOL_BIND and the default policy, which says nothing. */
const BIND = 2;
const NO_NODE = -1;

/** The memory policy of the task that runs from now on. @param node the only one that it may take memory of; -1: any */
export function setPolicy(kernel: Kernel, layout: Layout, node: number): void {
  const policy = kernel.symbol(POLICY);
  if (policy === 0 || !layout.has('struct mempolicy')) return;
  const type = 'struct mempolicy';
  kernel.zero(policy, layout.sizeof(type));
  if (node < 0) return;
  const writer = new Writer(kernel, layout);
  writer.set(policy, type, 'mode', constantIfAny(layout, 'MPOL_BIND') ?? BIND);
  writer.set(policy, type, 'home_node', NO_NODE);
  const nodes = writer.inside(policy, type, 'nodes');
  if (nodes !== 0) kernel.store(nodes, I64, 2 ** node);
}
