/** NUMA with two nodes: the node of a page, the order in which nodes are asked, and memory policies as the task has them. */
import { primitive, returns } from '../define';
import { fieldOf } from '../fields';
import type { BoundPrimitive, Layout, Primitive } from '../primitive';
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

/** Room for a zone or a list of zones of any configuration. */
const ROOM = 4096;

const POOL =
  'struct hstate h = { 0 }; struct folio f = { 0 }; INIT_LIST_HEAD(&h.hugepage_freelists[0]); INIT_LIST_HEAD(&h.hugepage_freelists[1]); list_add(&f.lru, &h.hugepage_freelists[1]);';
const FIND = 'dequeue_hugetlb_folio_nodemask';

const zonelist = primitive({
  name: 'node_zonelist',
  meaning:
    'The zones in the order in which they are asked for memory: one of the node, then one of the other; the node alone with __GFP_THISNODE.',
  source: 'include/linux/gfp.h: node_zonelist()',
  leavesOut: 'More than one zone a node.',
  needs: { types: ['struct zone', 'struct zoneref'] },
  examples: [
    returns(
      'struct zonelist *l = node_zonelist(1, 0); return l->_zonerefs[0].zone->node * 10 + l->_zonerefs[1].zone->node;',
      10,
      'the node first',
    ),
    returns(`struct zonelist *l = node_zonelist(1, ${THIS_NODE}); return l->_zonerefs[1].zone == 0;`, 1, 'the node alone'),
    returns(`${POOL} return ${FIND}(&h, 0, 0, 0) == &f;`, 1, 'a huge page of the other node'),
    returns(`${POOL} return ${FIND}(&h, 0, -1, 0) == &f;`, 1, 'a huge page where no node is preferred'),
    returns(`${POOL} return (long)${FIND}(&h, ${THIS_NODE}, 0, 0);`, 0, 'no huge page on this node'),
    returns(`${POOL} nodemask_t m = { { 1 } }; return (long)${FIND}(&h, 0, 0, &m);`, 0, 'no huge page on the nodes of the mask'),
    returns(`${POOL} nodemask_t m = { { 2 } }; return ${FIND}(&h, 0, 0, &m) == &f;`, 1, 'a huge page on the nodes of the mask'),
    returns(`${POOL} list_del(&f.lru); return (long)${FIND}(&h, 0, 0, 0);`, 0, 'an empty pool'),
  ],
  bind: (layout) => {
    const node = fieldOf(layout, 'struct zone', 'node');
    const zone = fieldOf(layout, 'struct zoneref', 'zone');
    const size = layout.sizeof('struct zoneref');
    return (kernel) => {
      const list = kernel.allocate(ROOM, { name: 'zonelist', zeroed: true, kind: 'model' });
      const first = Math.max(0, kernel.arg(0));
      const many = (kernel.arg(1) & THIS_NODE) === 0 ? NODES : 1;
      for (let index = 0; index < many; index++) {
        const one = kernel.allocate(Math.max(ROOM, layout.sizeof('struct zone')), { name: 'zone', zeroed: true, kind: 'model' });
        kernel.store(one, node, (first + index) % NODES);
        kernel.store(list + index * size, zone, one);
      }
      return list;
    };
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

export const numa: readonly Primitive[] = [...nodes, ...here, zonelist, ...policies];
