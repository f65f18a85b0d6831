/** The xarray's functions over real nodes in simulated memory. */
import { finds, primitive, returns } from '../define';
import { ENOMEM, I64 } from '../fields';
import type { BoundPrimitive, Choice, Kernel, Primitive, Result } from '../primitive';
import { maySleep } from '../record';
import { bindXarray, type Xarray } from '../xarray';
import { errorEntry, ZERO_ENTRY } from '../xarray-layout';
import { allocationChoice, FAILS, reclaimBit } from './slab';

const NEEDS = { types: ['struct xarray', 'struct xa_node'] };
const LEAVES = 'Marks, RCU and the lock inside the xarray.';
const SOURCE = 'lib/xarray.c';
const VALUE = '(void *)7UL';
const EMPTY = 'struct xarray x = { 0 };';
/** `ULONG_MAX` is -1 as a signed word; no index of a run is that large. */
const lastOf = (word: number): number => (word < 0 ? Number.MAX_SAFE_INTEGER : word);

const row = (
  name: string,
  meaning: string,
  examples: Primitive['examples'],
  bind: (array: Xarray, reclaim: number) => BoundPrimitive,
  leavesOut = LEAVES,
): Primitive =>
  primitive({
    name,
    meaning,
    source: `${SOURCE}: ${name}()`,
    leavesOut,
    needs: NEEDS,
    visible: true,
    examples,
    bind: (layout) => bind(bindXarray(layout), reclaimBit(layout)),
  });

const load = row(
  'xa_load',
  'Gives the entry at an index, or NULL.',
  [returns(`${EMPTY} xa_store(&x, 300, ${VALUE}, 0); return (long)xa_load(&x, 300) * 10 + (long)xa_load(&x, 299);`, 70)],
  (array) => ({
    run: (k) => array.load(k, k.arg(0), k.arg(1)),
  }),
);

const NODE: Choice = allocationChoice('xarray node');
const choiceWhen = (array: Xarray, present: (k: Kernel) => boolean) => (k: Kernel) =>
  present(k) && array.needsNode(k, k.arg(0), k.arg(1), 0) ? NODE : null;

const gfpCheck = (k: Kernel, gfp: number, bit: number, name: string): void => {
  if ((gfp & bit) !== 0) maySleep(k, `${name}()`);
};

const store = row(
  'xa_store',
  'Stores an entry (NULL erases) and gives the old one, or an error entry when a node is needed and there is no memory: a choice.',
  [
    returns(`${EMPTY} xa_store(&x, 5, ${VALUE}, 0); return (long)xa_store(&x, 5, (void *)0, 0) * 10 + (x.xa_head == 0);`, 71),
    returns(
      `${EMPTY} xa_store(&x, 70, ${VALUE}, 0); struct xa_node *n = (struct xa_node *)((long)x.xa_head - 2); return n->shift * 10 + n->count;`,
      61,
      'nodes of 64 slots',
    ),
    finds(`${EMPTY} spinlock_t l = { 0 }; spin_lock(&l); xa_store(&x, 5, ${VALUE}, 0x400); return 0;`, 'sleep-in-atomic'),
  ],
  (array, reclaim) => ({
    choice: choiceWhen(array, (k) => k.arg(2) !== 0),
    run: (k) => {
      gfpCheck(k, k.arg(3), reclaim, 'xa_store');
      if (k.decision === FAILS) return errorEntry(ENOMEM);
      return array.store(k, k.arg(0), k.arg(1), 0, k.arg(2));
    },
  }),
);

const erase = row(
  'xa_erase',
  'Erases the entry at an index and gives it.',
  [returns(`${EMPTY} xa_store(&x, 5, ${VALUE}, 0); return (long)xa_erase(&x, 5) * 10 + (x.xa_head == 0);`, 71)],
  (array) => ({
    run: (k) => array.store(k, k.arg(0), k.arg(1), 0, 0),
  }),
);

const insert = row(
  'xa_insert',
  'Stores an entry where there is none: 0, -EBUSY or -ENOMEM.',
  [returns(`${EMPTY} return xa_insert(&x, 5, ${VALUE}, 0) * 1000 + xa_insert(&x, 5, ${VALUE}, 0);`, -16)],
  (array, reclaim) => ({
    choice: choiceWhen(array, () => true),
    run: (k) => {
      gfpCheck(k, k.arg(3), reclaim, 'xa_insert');
      if (array.load(k, k.arg(0), k.arg(1)) !== 0) return -16;
      if (k.decision === FAILS) return -ENOMEM;
      array.store(k, k.arg(0), k.arg(1), 0, k.arg(2));
      return 0;
    },
  }),
);

/** Looks from `from` on, writes the index that it finds to `*indexp`. */
const findFrom = (array: Xarray, k: Kernel, from: number): Result => {
  const found = array.find(k, k.arg(0), from, lastOf(k.arg(2)));
  if (found === null) return 0;
  k.store(k.arg(1), I64, Math.max(found.index, from));
  return found.entry;
};

const FILTERS = 'Marks: every present entry is found.';
const finders = [
  row(
    'xa_find',
    'Gives the first present entry in [*index, max] and its index.',
    [returns(`${EMPTY} unsigned long i = 3; xa_store(&x, 300, ${VALUE}, 0); return (long)xa_find(&x, &i, 1000, 8) * 1000 + i;`, 7300)],
    (array) => ({ run: (k) => findFrom(array, k, k.load(k.arg(1), I64)) }),
    FILTERS,
  ),
  row(
    'xa_find_after',
    'Gives the first present entry in (*index, max] and its index.',
    [
      returns(
        `${EMPTY} unsigned long i = 300; xa_store(&x, 300, ${VALUE}, 0); return (long)xa_find_after(&x, &i, 1000, 8) * 1000 + i;`,
        300,
        'nothing after it',
      ),
      returns(
        `${EMPTY} unsigned long i = 3; xa_store(&x, 300, ${VALUE}, 0); return (long)xa_find_after(&x, &i, 1000, 8) * 1000 + i;`,
        7300,
        'an entry after it',
      ),
    ],
    (array) => ({
      run: (k) => {
        const after = k.load(k.arg(1), I64);
        const here = array.find(k, k.arg(0), after, after);
        return findFrom(array, k, here === null ? after + 1 : here.index + 2 ** here.order);
      },
    }),
    FILTERS,
  ),
];

/** The largest aligned piece that starts at `first` and ends by `last`. */
function pieceOrder(first: number, last: number): number {
  let order = 0;
  while (first % 2 ** (order + 1) === 0 && first + 2 ** (order + 1) - 1 <= last) order++;
  return order;
}

const storeRange = row(
  'xa_store_range',
  'Stores one entry over all indices of [first, last] in aligned pieces; NULL erases whole entries that overlap.',
  [
    returns(
      `${EMPTY} xa_store_range(&x, 0, 11, ${VALUE}, 0); return (long)xa_load(&x, 0) * 100 + (long)xa_load(&x, 11) * 10 + (long)xa_load(&x, 12);`,
      770,
    ),
  ],
  (array, reclaim) => ({
    choice: (k) => (k.arg(3) !== 0 && k.arg(2) > 0 ? NODE : null),
    run: (k) => {
      gfpCheck(k, k.arg(4), reclaim, 'xa_store_range');
      if (k.decision === FAILS) return errorEntry(ENOMEM);
      const last = k.arg(2);
      for (let first = k.arg(1); first <= last;) {
        const order = pieceOrder(first, last);
        array.store(k, k.arg(0), first, order, k.arg(3));
        first += 2 ** order;
      }
      return 0;
    },
  }),
);

const small = [
  row(
    'xa_empty',
    'Says whether there is no entry.',
    [returns(`${EMPTY} return xa_empty(&x);`, 1), returns(`${EMPTY} xa_store(&x, 5, ${VALUE}, 0); return xa_empty(&x);`, 0, 'an entry')],
    (array) => ({
      run: (k) => (array.isEmpty(k, k.arg(0)) ? 1 : 0),
    }),
  ),
  row('xa_init', 'Makes it empty.', [returns('struct xarray x; xa_init(&x); return x.xa_head == 0;', 1)], (array) => ({
    run: (k) => array.init(k, k.arg(0)),
  })),
  row('xa_init_flags', 'Makes it empty.', [returns('struct xarray x; xa_init_flags(&x, 0); return x.xa_head == 0;', 1)], (array) => ({
    run: (k) => array.init(k, k.arg(0)),
  })),
  row(
    'xa_destroy',
    'Frees all nodes; the entries are not touched.',
    [returns(`${EMPTY} xa_store(&x, 70, ${VALUE}, 0); xa_destroy(&x); return x.xa_head == 0;`, 1)],
    (array) => ({ run: (k) => array.destroy(k, k.arg(0)) }),
  ),
  row(
    'xa_reserve',
    'Makes room for an entry where there is none: 0, or -ENOMEM (a choice). The reserved entry reads as NULL; a store there needs no memory.',
    [
      returns(`${EMPTY} return xa_reserve(&x, 5, 0) * 10 + (x.xa_head != 0) + (xa_load(&x, 5) != 0);`, 1),
      returns(`${EMPTY} unsigned long i = 0; xa_reserve(&x, 5, 0); return (long)xa_find(&x, &i, 9, 8);`, 0, 'not found'),
      returns(`${EMPTY} xa_store(&x, 5, ${VALUE}, 0); xa_reserve(&x, 5, 0); return (long)xa_load(&x, 5);`, 7, 'an entry is there'),
      returns(`${EMPTY} xa_reserve(&x, 5, 0); return (long)xa_store(&x, 5, ${VALUE}, 0) * 10 + (long)xa_load(&x, 5);`, 7, 'then stored'),
    ],
    (array, reclaim) => ({
      choice: choiceWhen(array, () => true),
      run: (k) => {
        gfpCheck(k, k.arg(2), reclaim, 'xa_reserve');
        if (k.decision === FAILS) return -ENOMEM;
        if (!array.isTaken(k, k.arg(0), k.arg(1))) array.store(k, k.arg(0), k.arg(1), 0, ZERO_ENTRY);
        return 0;
      },
    }),
  ),
];

export const xarrays: readonly Primitive[] = [load, store, erase, insert, ...finders, storeRange, ...small];
