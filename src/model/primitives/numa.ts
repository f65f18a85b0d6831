/** NUMA with two nodes: the node of a page, the order in which nodes are asked, and memory policies as the task has them. */
import { primitive, returns } from '../define';
import { fieldOf, I64 } from '../fields';
import type { BoundPrimitive, Kernel, Layout, Primitive, Result } from '../primitive';
import { POLICY } from '../record';

/** Where the node stands in a page's flags: x86-64 with room for 1,024 nodes and without sections in the flags. */
export const NODE_SHIFT = 54;
export const NODES = 2;
const NODE_MASK = 1023n;

const PAGE = { types: ['struct page'] };
const ONE_CPU = 'Processors of other nodes: all tasks run on node 0.';

const nodeOf = (layout: Layout): BoundPrimitive['run'] => {
  const flags = fieldOf(layout, 'struct page', 'flags');
  return (kernel) => (kernel.loadBig(kernel.arg(0), flags) >> BigInt(NODE_SHIFT)) & NODE_MASK;
};

const nodes = (
  [
    ['folio_nid', 'folio'],
    ['page_to_nid', 'page'],
  ] as const
).map(([name, type]) =>
  primitive({
    name,
    meaning: `The node of the ${type}, from its flags.`,
    source: `include/linux/mm.h: ${name}()`,
    needs: PAGE,
    examples: [
      returns(`struct ${type} f = { 0 }; f.flags = 1UL << ${NODE_SHIFT}; return ${name}(&f);`, 1, 'the second node'),
      returns(`struct ${type} f = { 0 }; f.flags = 127; return ${name}(&f);`, 0, 'the first node'),
    ],
    bind: nodeOf,
  }),
);

const here = (['numa_node_id', 'numa_mem_id'] as const).map((name) =>
  primitive({
    name,
    meaning: 'Node 0, where all tasks run.',
    source: `include/linux/topology.h: ${name}()`,
    leavesOut: ONE_CPU,
    examples: [returns(`return ${name}();`, 0)],
    bind: () => () => 0,
  }),
);

const THIS_NODE = 0x200000;

/** Nodes in the order of the zonelist of `preferred`, those of the mask alone. */
function zonelist(kernel: Kernel, gfp: number, preferred: number, mask: number): number[] {
  const first = preferred < 0 ? 0 : preferred;
  const all = Array.from({ length: NODES }, (_, index) => (first + index) % NODES);
  const list = (gfp & THIS_NODE) !== 0 ? all.slice(0, 1) : all;
  if (mask === 0) return list;
  const allowed = kernel.load(mask, I64);
  return list.filter((node) => (allowed & (2 ** node)) !== 0);
}

const POOL =
  'struct hstate h = { 0 }; struct folio f = { 0 }; INIT_LIST_HEAD(&h.hugepage_freelists[0]); INIT_LIST_HEAD(&h.hugepage_freelists[1]); list_add(&f.lru, &h.hugepage_freelists[1]);';

const dequeue = primitive({
  name: 'dequeue_hugetlb_folio_nodemask',
  meaning:
    'Takes a huge page from the free list of the node, or else of the other one; nodes that the mask lacks are left out. NULL when there is none.',
  source: 'mm/hugetlb.c: dequeue_hugetlb_folio_nodemask()',
  leavesOut: 'Zones, and cpusets that change meanwhile.',
  needs: { functions: ['dequeue_hugetlb_folio_node_exact'] },
  examples: [
    returns(`${POOL} return dequeue_hugetlb_folio_nodemask(&h, 0, 0, 0) == (long)&f;`, 1, 'the other node has one'),
    returns(`${POOL} return dequeue_hugetlb_folio_nodemask(&h, 0, -1, 0) == (long)&f;`, 1, 'no node is preferred'),
    returns(`${POOL} nodemask_t m = { 1 }; return dequeue_hugetlb_folio_nodemask(&h, 0, 0, &m);`, 0, 'the mask has only the node without'),
    returns(`${POOL} nodemask_t m = { 2 }; return dequeue_hugetlb_folio_nodemask(&h, 0, 0, &m) == (long)&f;`, 1, 'the mask has the node'),
    returns(`${POOL} return dequeue_hugetlb_folio_nodemask(&h, ${THIS_NODE}, 0, 0);`, 0, 'this node alone'),
    returns(`${POOL} list_del(&f.lru); return dequeue_hugetlb_folio_nodemask(&h, 0, 0, 0);`, 0, 'the pool is empty'),
  ],
  bind:
    () =>
    (kernel): Result => {
      if (kernel.phase > 0 && kernel.returned !== 0) return kernel.returned;
      const list = zonelist(kernel, kernel.arg(1), kernel.arg(2), kernel.arg(3));
      const node = list[kernel.phase];
      return node === undefined ? 0 : kernel.call('dequeue_hugetlb_folio_node_exact', [kernel.arg(0), node], kernel.phase + 1);
    },
});

const allowed = primitive({
  name: 'allowed_mems_nr',
  meaning: 'How many huge pages are free on the nodes that the task may use: on all.',
  source: 'mm/hugetlb.c: allowed_mems_nr()',
  leavesOut: 'Cpusets and memory policies that bind.',
  needs: { types: ['struct hstate'] },
  examples: [
    returns('struct hstate h = { 0 }; h.free_huge_pages = 7; return allowed_mems_nr(&h);', 7),
    returns('struct hstate h = { 0 }; return allowed_mems_nr(&h);', 0, 'none is free'),
  ],
  bind: (layout) => {
    const free = fieldOf(layout, 'struct hstate', 'free_huge_pages');
    return (kernel) => kernel.load(kernel.arg(0), free);
  },
});

const policies = [
  primitive({
    name: 'get_task_policy',
    meaning: "The memory policy of the task: the system's default one, all zero.",
    source: 'mm/mempolicy.c: get_task_policy()',
    leavesOut: 'Policies that a task has set, and the preference for its own node.',
    needs: { types: ['struct mempolicy'] },
    examples: [returns('return get_task_policy(0) != 0;', 1)],
    bind: () => (kernel) => kernel.symbol(POLICY),
  }),
  primitive({
    name: '__mpol_put',
    meaning: 'Drops a reference of a policy; the last one frees it.',
    source: 'mm/mempolicy.c: __mpol_put()',
    needs: { types: ['struct mempolicy'] },
    examples: [
      returns('struct mempolicy p = { { 2 } }; __mpol_put(&p); return p.refcnt.counter;', 1),
      returns(
        'struct mempolicy *p = kzalloc(sizeof(*p), 0); p->refcnt.counter = 2; __mpol_put(p); __mpol_put(p); return 1;',
        1,
        'the last one',
      ),
    ],
    bind: (layout) => {
      const ref = fieldOf(layout, 'struct mempolicy', 'refcnt.counter', 'refcnt');
      return (kernel) => {
        const left = kernel.load(kernel.arg(0), ref) - 1;
        kernel.store(kernel.arg(0), ref, left);
        return left === 0 ? kernel.free(kernel.arg(0)) : undefined;
      };
    },
  }),
];

export const numa: readonly Primitive[] = [...nodes, ...here, dequeue, allowed, ...policies];
