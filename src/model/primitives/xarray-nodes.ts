/** The nodes of the xarray, for the C of lib/xarray.c where that is interpreted: they come from the slab and go back to it. */
import { finds, primitive, returns } from '../define';
import { ENOMEM, fieldOf, I64, moved } from '../fields';
import type { FieldRef, Kernel, Layout, Primitive, Result } from '../primitive';
import { CHUNK, errorEntry, siblingOf } from '../xarray-layout';
import { allocationChoice, FAILS, gfpMaySleep, reclaimBit } from './slab';

const NEEDS = { types: ['struct xa_state', 'struct xa_node', 'struct xarray'] };
const SOURCE = 'lib/xarray.c';
const LEAVES = 'Memory control groups, and RCU: a node is freed at once.';
const STATE = 'struct xarray x = { 0 }; struct xa_state s = { 0 }; s.xa = &x;';
/** `XAS_RESTART` and the smallest of the entries in `xa_node` that are no nodes. */
const RESTART = 3;
const CHUNK_SHIFT = 6;
const NODE = allocationChoice('xarray node');

interface State {
  readonly array: FieldRef;
  readonly node: FieldRef;
  readonly alloc: FieldRef;
  readonly offset: FieldRef;
  readonly shift: FieldRef;
  readonly siblings: FieldRef;
  readonly parent: FieldRef;
  readonly nodeArray: FieldRef;
  readonly nodeShift: FieldRef;
  readonly nodeOffset: FieldRef;
  readonly count: FieldRef;
  readonly slots: number;
  readonly list: FieldRef | null;
  readonly size: number;
}

const bindState = (layout: Layout): State => ({
  array: fieldOf(layout, 'struct xa_state', 'xa'),
  node: fieldOf(layout, 'struct xa_state', 'xa_node'),
  alloc: fieldOf(layout, 'struct xa_state', 'xa_alloc'),
  offset: fieldOf(layout, 'struct xa_state', 'xa_offset'),
  shift: fieldOf(layout, 'struct xa_state', 'xa_shift'),
  siblings: fieldOf(layout, 'struct xa_state', 'xa_sibs'),
  parent: fieldOf(layout, 'struct xa_node', 'parent'),
  nodeArray: fieldOf(layout, 'struct xa_node', 'array'),
  nodeShift: fieldOf(layout, 'struct xa_node', 'shift'),
  nodeOffset: fieldOf(layout, 'struct xa_node', 'offset'),
  count: fieldOf(layout, 'struct xa_node', 'count'),
  slots: layout.offsetof('struct xa_node', 'slots'),
  list: layout.has('struct xa_node', 'private_list') ? { ...I64, offset: layout.offsetof('struct xa_node', 'private_list') } : null,
  size: layout.sizeof('struct xa_node'),
});

/** A new node, its list empty as the slab's constructor leaves it. */
function newNode(kernel: Kernel, at: State): number {
  const node = kernel.allocate(at.size, { name: 'xa_node', zeroed: true, kind: 'heap' });
  if (at.list !== null) {
    kernel.store(node, at.list, node + at.list.offset);
    kernel.store(node, moved(at.list, 8), node + at.list.offset);
  }
  return node;
}

/** Frees the nodes that the state has in hand. */
function destroy(kernel: Kernel, at: State, state: number): void {
  for (let node = kernel.load(state, at.alloc); node !== 0;) {
    const next = kernel.load(node, at.parent);
    kernel.store(state, at.alloc, next);
    kernel.free(node);
    node = next;
  }
}

function alloc(kernel: Kernel, at: State): Result {
  const state = kernel.arg(0);
  const parent = kernel.load(state, at.node);
  if (isInvalid(parent)) return 0;
  let node = kernel.load(state, at.alloc);
  if (node !== 0) kernel.store(state, at.alloc, 0);
  else if (kernel.decision === FAILS) {
    kernel.store(state, at.node, errorEntry(ENOMEM));
    return 0;
  } else node = newNode(kernel, at);
  if (parent !== 0) {
    kernel.store(node, at.nodeOffset, kernel.load(state, at.offset));
    kernel.store(parent, at.count, kernel.load(parent, at.count) + 1);
  }
  kernel.store(node, at.nodeShift, kernel.arg(1));
  kernel.store(node, at.parent, parent);
  kernel.store(node, at.nodeArray, kernel.load(state, at.array));
  return node;
}

/** The two low bits of `xa_node` say that it is no node. */
const isInvalid = (node: number): boolean => (node & 3) !== 0;

const row = (
  name: string,
  meaning: string,
  examples: Primitive['examples'],
  run: (kernel: Kernel, at: State, reclaim: number) => Result,
  chooses: ((kernel: Kernel, at: State) => boolean) | null,
): Primitive =>
  primitive({
    name,
    meaning,
    source: `${SOURCE}: ${name}()`,
    leavesOut: LEAVES,
    needs: NEEDS,
    examples,
    bind: (layout) => {
      const at = bindState(layout);
      const reclaim = reclaimBit(layout);
      return {
        run: (kernel) => run(kernel, at, reclaim),
        ...(chooses === null ? {} : { choice: (kernel: Kernel) => (chooses(kernel, at) ? NODE : null) }),
      };
    },
  });

/** Does the state say that it had no memory? */
const lacksMemory = (kernel: Kernel, at: State): boolean => kernel.load(kernel.arg(0), at.node) === errorEntry(ENOMEM);

const NO_MEMORY = `s.xa_node = (struct xa_node *)${errorEntry(ENOMEM)}L;`;

const moreMemory = (['xas_nomem', '__xas_nomem'] as const).map((name) =>
  row(
    name,
    'After a walk that had no memory: a node in hand and true, or false (a choice); otherwise frees what is in hand.',
    [
      returns(`${STATE} ${NO_MEMORY} int again = ${name}(&s, 0); return again * 10 + ((long)s.xa_node == ${RESTART});`, 11, 'again'),
      returns(`${STATE} return ${name}(&s, 0) * 10 + (s.xa_alloc == 0);`, 1, 'nothing lacked'),
    ],
    (kernel, at, reclaim) => {
      const state = kernel.arg(0);
      if (!lacksMemory(kernel, at)) {
        destroy(kernel, at, state);
        return 0;
      }
      if (name === 'xas_nomem') gfpMaySleep(kernel, kernel.arg(1), reclaim, `${name}()`);
      if (kernel.decision === FAILS) return 0;
      kernel.store(state, at.alloc, newNode(kernel, at));
      kernel.store(state, at.node, RESTART);
      return 1;
    },
    lacksMemory,
  ),
);

const splitAlloc = row(
  'xas_split_alloc',
  'Nodes in hand, filled with the entry, for splitting one of a higher order; the state says when there is no memory (a choice).',
  [
    returns(
      `${STATE} xas_split_alloc(&s, (void *)7UL, 6, 0); return (long)s.xa_alloc->slots[63] * 10 + (s.xa_alloc->array == &x);`,
      71,
      'a node',
    ),
    returns(`${STATE} s.xa_shift = 6; xas_split_alloc(&s, (void *)7UL, 6, 0); return s.xa_alloc == 0;`, 1, 'the order needs none'),
  ],
  (kernel, at, reclaim) => {
    const [state, entry, order] = [kernel.arg(0), kernel.arg(1), kernel.arg(2)];
    if (!needsSplitNodes(kernel, at)) return undefined;
    gfpMaySleep(kernel, kernel.arg(3), reclaim, 'xas_split_alloc()');
    if (kernel.decision === FAILS) {
      destroy(kernel, at, state);
      return kernel.store(state, at.node, errorEntry(ENOMEM));
    }
    const mask = kernel.load(state, at.siblings);
    for (let left = 2 ** (order % CHUNK_SHIFT); left > 0; left--) {
      const node = newNode(kernel, at);
      kernel.store(node, at.nodeArray, kernel.load(state, at.array));
      let first = 0;
      for (let slot = 0; slot < CHUNK; slot++) {
        if ((slot & mask) === 0) first = slot;
        kernel.store(node, moved(I64, at.slots + slot * 8), first === slot ? entry : siblingOf(first));
      }
      kernel.store(node, at.parent, kernel.load(state, at.alloc));
      kernel.store(state, at.alloc, node);
    }
    return undefined;
  },
  needsSplitNodes,
);

function needsSplitNodes(kernel: Kernel, at: State): boolean {
  return kernel.load(kernel.arg(0), at.shift) + CHUNK_SHIFT <= kernel.arg(2);
}

export const xarrayNodes: readonly Primitive[] = [
  row(
    'xas_alloc',
    'A node below the one that the walk is at: the one in hand, or a new one; NULL, and the state says so, when there is no memory (a choice).',
    [
      returns(`${STATE} struct xa_node *n = xas_alloc(&s, 6); return n->shift * 10 + (n->array == &x);`, 61),
      returns(`${STATE} ${NO_MEMORY} return (long)xas_alloc(&s, 6);`, 0, 'a walk that failed'),
    ],
    alloc,
    (kernel, at) => !isInvalid(kernel.load(kernel.arg(0), at.node)) && kernel.load(kernel.arg(0), at.alloc) === 0,
  ),
  ...moreMemory,
  splitAlloc,
  row(
    'xas_destroy',
    'Frees the nodes that the state has in hand.',
    [returns(`${STATE} ${NO_MEMORY} xas_nomem(&s, 0); xas_destroy(&s); return s.xa_alloc == 0;`, 1)],
    (kernel, at) => destroy(kernel, at, kernel.arg(0)),
    null,
  ),
  primitive({
    name: 'xa_node_free',
    meaning: 'Frees a node that is out of the tree.',
    source: `${SOURCE}: xa_node_free()`,
    leavesOut: LEAVES,
    needs: NEEDS,
    examples: [
      returns(`${STATE} struct xa_node *n = xas_alloc(&s, 0); xa_node_free(n); return n != 0;`, 1),
      finds(`${STATE} struct xa_node *n = xas_alloc(&s, 0); xa_node_free(n); return n->shift;`, 'use-after-free'),
    ],
    bind: () => (kernel) => kernel.free(kernel.arg(0)),
  }),
];
