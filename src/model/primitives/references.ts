/** Reference counts of pages and folios: get, put, freeze; the last put frees. */
import { finds, primitive, returns } from '../define';
import { fieldIfAny, fieldOf, I64, moved } from '../fields';
import type { BoundPrimitive, FieldRef, Kernel, Layout, Primitive, Result } from '../primitive';
import { count, COUNTERS } from '../record';
import { noteFreed } from '../userspace/buddy';
import { bindUncharge } from './accounting';
import { flagOf, hugetlbType, testFlag } from './folio-flags';

const NEEDS = {
  types: ['struct page', 'struct folio', 'struct folio_batch'],
  constants: ['PG_head', 'PG_locked', 'PGTY_hugetlb'],
};

/** The reference count, at the same place in a page and a folio. */
export const refcountOf = (layout: Layout): FieldRef =>
  layout.has('struct page')
    ? fieldOf(layout, 'struct page', '_refcount.counter', '_refcount')
    : fieldOf(layout, 'struct folio', '_refcount.counter', '_refcount');

export type Put = (kernel: Kernel, folio: number, by: number) => Result;

/** Binds the dropping of references: the last one gives the folio to `free_huge_folio` or to the buddy allocator. */
export function bindPut(layout: Layout): Put {
  const ref = refcountOf(layout);
  const mapping = fieldOf(layout, 'struct folio', 'mapping');
  const type = hugetlbType(layout);
  const head = flagOf(layout, 'head');
  const locked = flagOf(layout, 'locked');
  const order = fieldIfAny(layout, 'struct folio', '_flags_1');
  const uncharge = bindUncharge(layout);
  return (kernel, folio, by) => {
    const left = kernel.load(folio, ref) - by;
    kernel.store(folio, ref, left);
    if (left > 0) return undefined;
    if (left < 0) {
      kernel.report('ref-underflow', `The reference count of the folio falls to ${left}.`);
      return undefined;
    }
    if (type.is(kernel.load(folio, type.field))) return kernel.tail('free_huge_folio', [folio]);
    if (kernel.load(folio, mapping) !== 0) {
      kernel.report('bug-on', 'The last reference of a folio is dropped while it is in a mapping.');
    }
    if (testFlag(kernel, folio, locked)) kernel.report('bug-on', 'The last reference of a folio is dropped while it is locked.');
    const pages = order !== null && testFlag(kernel, folio, head) ? 2 ** (kernel.load(folio, { ...order, size: 1 }) & 0xff) : 1;
    uncharge(kernel, folio, pages);
    count(kernel, COUNTERS.buddyPages, pages);
    noteFreed(kernel, folio, pages);
    kernel.event('free', 'a folio goes to the buddy allocator', { folio, pages });
    return undefined;
  };
}

const row = (
  name: string,
  source: string,
  meaning: string,
  examples: Primitive['examples'],
  bind: (layout: Layout) => BoundPrimitive['run'],
  more: Partial<Primitive> = {},
): Primitive => primitive({ name, meaning, source: `${source}: ${name}()`, needs: NEEDS, examples, bind, ...more });

const REF = 'include/linux/page_ref.h';
const MM = 'include/linux/mm.h';

const get = (layout: Layout): BoundPrimitive['run'] => {
  const ref = refcountOf(layout);
  return (kernel) => {
    const folio = kernel.arg(0);
    const was = kernel.load(folio, ref);
    if (was <= 0) {
      kernel.report('bug-on', `A reference is taken on a folio whose count is ${was}: it is free or frozen.`);
      return kernel.stop();
    }
    return kernel.store(folio, ref, was + 1);
  };
};

const put = (layout: Layout): BoundPrimitive['run'] => {
  const drop = bindPut(layout);
  return (kernel) => drop(kernel, kernel.arg(0), 1);
};

const GOT = 'struct folio f = { 0 }; f._refcount.counter = 1;';
const FREE_HUGE = { ...NEEDS, functions: ['free_huge_folio'] };

const readers = (['folio_ref_count', 'page_count', 'page_ref_count'] as const).map((name) =>
  row(
    name,
    REF,
    'Reads the reference count.',
    [returns(`struct ${name.startsWith('folio') ? 'folio' : 'page'} f = { 0 }; f._refcount.counter = 3; return ${name}(&f);`, 3)],
    (layout) => {
      const ref = refcountOf(layout);
      return (kernel) => kernel.load(kernel.arg(0), ref);
    },
  ),
);

const setters = (['folio_set_count', 'set_page_count'] as const).map((name) =>
  row(
    name,
    REF,
    'Stores the reference count, losing what others added meanwhile.',
    [returns(`struct ${name.startsWith('folio') ? 'folio' : 'page'} f = { 0 }; ${name}(&f, 4); return f._refcount.counter;`, 4)],
    (layout) => {
      const ref = refcountOf(layout);
      return (kernel) => kernel.store(kernel.arg(0), ref, kernel.arg(1));
    },
  ),
);

const adders = (['folio_ref_add', 'folio_ref_sub', 'folio_ref_inc', 'folio_ref_dec'] as const).map((name) => {
  const sign = name.endsWith('add') || name.endsWith('inc') ? 1 : -1;
  const one = name.endsWith('c');
  return row(
    name,
    REF,
    `${sign > 0 ? 'Adds to' : 'Takes from'} the reference count, without freeing.`,
    [
      returns(
        `struct folio f = { 0 }; f._refcount.counter = 5; ${name}(&f${one ? '' : ', 2'}); return f._refcount.counter;`,
        5 + sign * (one ? 1 : 2),
      ),
    ],
    (layout) => {
      const ref = refcountOf(layout);
      return (kernel) => {
        const left = kernel.load(kernel.arg(0), ref) + sign * (one ? 1 : kernel.arg(1));
        if (left < 0) kernel.report('ref-underflow', `The reference count of the folio falls to ${left}.`);
        return kernel.store(kernel.arg(0), ref, left);
      };
    },
  );
});

const freezers = (['folio_ref_freeze', 'page_ref_freeze'] as const).map((name) =>
  row(
    name,
    REF,
    'Sets the count to 0 when it is what the caller expects, else says false.',
    [
      returns(
        `struct ${name.startsWith('folio') ? 'folio' : 'page'} f = { 0 }; f._refcount.counter = 1; return ${name}(&f, 1) * 10 + f._refcount.counter;`,
        10,
      ),
      returns(
        `struct ${name.startsWith('folio') ? 'folio' : 'page'} f = { 0 }; f._refcount.counter = 2; return ${name}(&f, 1) * 10 + f._refcount.counter;`,
        2,
        'another reference',
      ),
    ],
    (layout) => {
      const ref = refcountOf(layout);
      return (kernel) => {
        const page = kernel.arg(0);
        if (kernel.load(page, ref) !== kernel.arg(1)) return 0;
        kernel.store(page, ref, 0);
        return 1;
      };
    },
    { visible: true },
  ),
);

const unfreezers = (['folio_ref_unfreeze', 'page_ref_unfreeze', 'set_page_refcounted', 'init_page_count'] as const).map((name) => {
  const counted = name.endsWith('unfreeze');
  const type = name.startsWith('folio') ? 'folio' : 'page';
  return row(
    name,
    counted ? REF : name === 'set_page_refcounted' ? 'mm/internal.h' : MM,
    'Sets the count of a page that must have none.',
    [
      returns(`struct ${type} f = { 0 }; ${name}(&f${counted ? ', 3' : ''}); return f._refcount.counter;`, counted ? 3 : 1),
      ...(name === 'init_page_count'
        ? []
        : [finds(`struct ${type} f = { 0 }; f._refcount.counter = 1; ${name}(&f${counted ? ', 3' : ''}); return 0;`, 'bug-on')]),
    ],
    (layout) => {
      const ref = refcountOf(layout);
      return (kernel) => {
        const page = kernel.arg(0);
        const was = name === 'init_page_count' ? 0 : kernel.load(page, ref);
        if (was !== 0) {
          kernel.report('bug-on', `${name}() on a page whose reference count is ${was}, not 0.`);
          return kernel.stop();
        }
        return kernel.store(page, ref, counted ? kernel.arg(1) : 1);
      };
    },
  );
});

const tries = row(
  'folio_try_get',
  REF,
  'Takes a reference unless the count is 0.',
  [
    returns('struct folio f = { 0 }; return folio_try_get(&f);', 0, 'free'),
    returns(`${GOT} return folio_try_get(&f) + f._refcount.counter;`, 3),
  ],
  (layout) => {
    const ref = refcountOf(layout);
    return (kernel) => {
      const was = kernel.load(kernel.arg(0), ref);
      if (was <= 0) return 0;
      kernel.store(kernel.arg(0), ref, was + 1);
      return 1;
    };
  },
  { visible: true },
);

const batchRelease = row(
  'folio_batch_release',
  'include/linux/pagevec.h',
  'Puts every folio of the batch and empties it.',
  [
    returns(
      `${GOT} struct folio_batch b = { 0 }; f._refcount.counter = 2; b.nr = 1; b.folios[0] = &f; folio_batch_release(&b); return f._refcount.counter * 10 + b.nr;`,
      10,
    ),
  ],
  (layout) => {
    const drop = bindPut(layout);
    const nr = fieldOf(layout, 'struct folio_batch', 'nr');
    const folios = layout.offsetof('struct folio_batch', 'folios');
    return (kernel) => {
      const batch = kernel.arg(0);
      const held = kernel.load(batch, nr);
      for (let index = kernel.phase; index < held; index++) {
        const result = drop(kernel, kernel.load(batch, moved(I64, folios + index * 8)), 1);
        if (typeof result === 'object' && result.control === 'tail') return kernel.call(result.callee, result.args, index + 1);
      }
      return kernel.store(batch, nr, 0);
    };
  },
  { leavesOut: 'Draining the LRU caches.', needs: FREE_HUGE },
);

export const references: readonly Primitive[] = [
  row(
    'folio_get',
    MM,
    'Takes a reference; a bug when the count is 0 or less.',
    [returns(`${GOT} folio_get(&f); return f._refcount.counter;`, 2), finds('struct folio f = { 0 }; folio_get(&f); return 0;', 'bug-on')],
    get,
  ),
  row(
    'get_page',
    MM,
    'Takes a reference of the page; a bug when the count is 0 or less.',
    [returns(`struct page f = { 0 }; f._refcount.counter = 1; get_page(&f); return f._refcount.counter;`, 2)],
    get,
    {
      leavesOut: 'Finding the head of a tail page.',
    },
  ),
  row(
    'folio_put',
    MM,
    'Drops a reference; the last one frees the folio.',
    [
      returns(`${GOT} f._refcount.counter = 2; folio_put(&f); return f._refcount.counter;`, 1),
      finds('struct folio f = { 0 }; folio_put(&f); return 0;', 'ref-underflow'),
    ],
    put,
    { needs: FREE_HUGE, leavesOut: 'Removal from the LRU of a folio that goes to the buddy allocator.' },
  ),
  row(
    'put_page',
    MM,
    'Drops a reference of the page; the last one frees it.',
    [returns('struct page f = { 0 }; f._refcount.counter = 2; put_page(&f); return f._refcount.counter;', 1)],
    put,
    {
      needs: FREE_HUGE,
      leavesOut: 'Finding the head of a tail page.',
    },
  ),
  row(
    'folio_put_refs',
    MM,
    'Drops several references; when none is left the folio is freed.',
    [
      returns(`${GOT} f._refcount.counter = 5; folio_put_refs(&f, 3); return f._refcount.counter;`, 2),
      finds(`${GOT} folio_put_refs(&f, 3); return 0;`, 'ref-underflow'),
    ],
    (layout) => {
      const drop = bindPut(layout);
      return (kernel) => drop(kernel, kernel.arg(0), kernel.arg(1));
    },
    { needs: FREE_HUGE },
  ),
  ...readers,
  ...setters,
  ...adders,
  ...freezers,
  ...unfreezers,
  tries,
  batchRelease,
];
