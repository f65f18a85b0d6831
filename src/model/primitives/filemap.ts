/** The page cache: adding, finding and removing folios over the mapping's own xarray. */
import { finds, primitive, returns } from '../define';
import { EEXIST, ENOENT, ENOMEM, fieldIfAny, fieldOf, I64, moved } from '../fields';
import type { BoundPrimitive, Choice, FieldRef, Kernel, Layout, Primitive, Result } from '../primitive';
import { bindXarray, type Xarray } from '../xarray';
import { isValue } from '../xarray-layout';
import { flagOf, testFlag, type FlagWord } from './folio-flags';
import { bindFolioLock, bindSemaphore, type FolioLock } from './locks';
import { bindPut, type Put, refcountOf } from './references';
import { allocationChoice, FAILS, gfpMaySleep, reclaimBit } from './slab';

const NEEDS = {
  types: [
    'struct folio',
    'struct page',
    'struct address_space',
    'struct address_space_operations',
    'struct xarray',
    'struct xa_node',
    'struct folio_batch',
  ],
  constants: ['PG_head', 'PG_locked', 'PG_swapbacked', 'PGTY_hugetlb'],
};
const FREES = { ...NEEDS, functions: ['free_huge_folio'] };
const SOURCE = 'mm/filemap.c';

export interface PageCache {
  readonly pages: Xarray;
  readonly put: Put;
  readonly lock: FolioLock;
  readonly head: FlagWord;
  readonly swapbacked: FlagWord;
  readonly ref: FieldRef;
  readonly mapping: FieldRef;
  readonly index: FieldRef;
  readonly order: FieldRef;
  readonly mapcount: FieldRef;
  readonly largeMapcount: FieldRef | null;
  /** Offset of i_pages in an address_space. */
  readonly tree: number;
  readonly nrpages: FieldRef;
  readonly operations: FieldRef;
  readonly freeFolio: FieldRef | null;
}

/** @throws MissingLayout */
export function bindPageCache(layout: Layout): PageCache {
  return {
    pages: bindXarray(layout),
    put: bindPut(layout),
    lock: bindFolioLock(layout),
    head: flagOf(layout, 'head'),
    swapbacked: flagOf(layout, 'swapbacked'),
    ref: refcountOf(layout),
    mapping: fieldOf(layout, 'struct folio', 'mapping'),
    index: fieldOf(layout, 'struct folio', 'index'),
    order: { ...fieldOf(layout, 'struct folio', '_flags_1'), size: 1 },
    mapcount: fieldOf(layout, 'struct page', '_mapcount.counter', '_mapcount'),
    largeMapcount: fieldIfAny(layout, 'struct folio', '_large_mapcount.counter', '_large_mapcount'),
    tree: layout.offsetof('struct address_space', 'i_pages'),
    nrpages: fieldOf(layout, 'struct address_space', 'nrpages'),
    operations: fieldOf(layout, 'struct address_space', 'a_ops'),
    freeFolio: fieldIfAny(layout, 'struct address_space_operations', 'free_folio'),
  };
}

const orderOf = (cache: PageCache, kernel: Kernel, folio: number): number =>
  testFlag(kernel, folio, cache.head) ? kernel.load(folio, cache.order) & 0xff : 0;

/** The map count in the kernel's own terms; a page with a type is not mapped. */
function mapped(cache: PageCache, kernel: Kernel, folio: number): boolean {
  if (cache.largeMapcount !== null && testFlag(kernel, folio, cache.head)) return kernel.load(folio, cache.largeMapcount) >= 0;
  const raw = kernel.load(folio, cache.mapcount);
  return raw >= 0 && raw < 0x10000000;
}

const row = (
  name: string,
  meaning: string,
  examples: Primitive['examples'],
  bind: (cache: PageCache, layout: Layout) => BoundPrimitive,
  more: Partial<Primitive> = {},
): Primitive =>
  primitive({
    name,
    meaning,
    source: `${SOURCE}: ${name}()`,
    needs: NEEDS,
    visible: true,
    examples,
    bind: (layout) => bind(bindPageCache(layout), layout),
    ...more,
  });

const SETUP =
  'struct inode i = { 0 }; struct address_space_operations o = { 0 }; struct address_space m = { 0 }; m.host = &i; m.a_ops = &o; struct folio f = { 0 }; f._refcount.counter = 1; f.page.page_type = -1; __folio_set_locked(&f);';
const NODE: Choice = allocationChoice('page-cache node');

function add(cache: PageCache, kernel: Kernel, reclaim: number): Result {
  const mapping = kernel.arg(0);
  const folio = kernel.arg(1);
  const index = kernel.arg(2);
  gfpMaySleep(kernel, kernel.arg(3), reclaim, '__filemap_add_folio()');
  const order = orderOf(cache, kernel, folio);
  const pages = 2 ** order;
  if (!cache.lock.isLocked(kernel, folio) || testFlag(kernel, folio, cache.swapbacked) || index % pages !== 0) {
    kernel.report(
      'bug-on',
      '__filemap_add_folio() of a folio that is not locked, is swap-backed, or at an index that is not a multiple of its size.',
    );
    return kernel.stop();
  }
  const tree = mapping + cache.tree;
  if (isTaken(cache, kernel, tree, index, pages)) {
    kernel.store(folio, cache.mapping, 0);
    return -EEXIST;
  }
  if (kernel.decision === FAILS) {
    kernel.store(folio, cache.index, index);
    kernel.store(folio, cache.mapping, 0);
    return -ENOMEM;
  }
  kernel.store(folio, cache.ref, kernel.load(folio, cache.ref) + pages);
  kernel.store(folio, cache.mapping, mapping);
  kernel.store(folio, cache.index, index);
  cache.pages.store(kernel, tree, index, order, folio);
  kernel.store(mapping, cache.nrpages, kernel.load(mapping, cache.nrpages) + pages);
  return 0;
}

/** Is there a folio in the range? A split asks this 262,144 times for a single index. */
function isTaken(cache: PageCache, kernel: Kernel, tree: number, index: number, pages: number): boolean {
  const entry =
    pages === 1 ? cache.pages.load(kernel, tree, index) : (cache.pages.find(kernel, tree, index, index + pages - 1)?.entry ?? 0);
  return entry !== 0 && !isValue(entry);
}

const addRow = row(
  '__filemap_add_folio',
  'Puts a locked folio into the mapping with one reference for each page: 0, -EEXIST, or -ENOMEM when a node is needed and there is no memory (a choice).',
  [
    returns(`${SETUP} return __filemap_add_folio(&m, &f, 3, 0, 0) + f._refcount.counter * 10 + m.nrpages;`, 21),
    returns(`${SETUP} __filemap_add_folio(&m, &f, 3, 0, 0); return __filemap_add_folio(&m, &f, 3, 0, 0);`, -EEXIST, 'something is there'),
    finds(`${SETUP} __folio_clear_locked(&f); __filemap_add_folio(&m, &f, 3, 0, 0); return 0;`, 'bug-on'),
  ],
  (cache, layout) => {
    const reclaim = reclaimBit(layout);
    return {
      choice: (kernel) =>
        cache.pages.needsNode(kernel, kernel.arg(0) + cache.tree, kernel.arg(2), orderOf(cache, kernel, kernel.arg(1))) ? NODE : null,
      run: (kernel) => add(cache, kernel, reclaim),
    };
  },
  { leavesOut: 'LRU statistics, shadow entries and splitting of value entries.' },
);

/** The two halves of the removal: phase 0 takes the folio out, phase 1 (after a_ops->free_folio) drops its references. */
function remove(cache: PageCache, kernel: Kernel): Result {
  const folio = kernel.arg(0);
  if (kernel.phase === 1) return cache.put(kernel, folio, kernel.saved[0] ?? 1);
  const mapping = kernel.load(folio, cache.mapping);
  if (!cache.lock.isLocked(kernel, folio)) {
    kernel.report('bug-on', 'filemap_remove_folio() of a folio that is not locked.');
    return kernel.stop();
  }
  const nrpages = kernel.load(mapping, cache.nrpages);
  if (mapped(cache, kernel, folio)) {
    kernel.report('bug-on', 'filemap_remove_folio() of a folio that is mapped into user space.');
    return kernel.stop();
  }
  const order = orderOf(cache, kernel, folio);
  const pages = 2 ** order;
  cache.pages.store(kernel, mapping + cache.tree, kernel.load(folio, cache.index), order, 0);
  kernel.store(folio, cache.mapping, 0);
  kernel.store(mapping, cache.nrpages, nrpages - pages);
  const operations = cache.freeFolio === null ? 0 : kernel.load(mapping, cache.operations);
  const callee = cache.freeFolio === null || operations === 0 ? 0 : kernel.load(operations, cache.freeFolio);
  if (callee !== 0) return kernel.call(callee, [folio], 1, [pages]);
  return cache.put(kernel, folio, pages);
}

const removeRows = (['filemap_remove_folio'] as const).map((name) =>
  row(
    name,
    "Takes a locked folio out of its mapping, calls the mapping's free_folio operation and drops the page cache's references.",
    [
      returns(
        `${SETUP} __filemap_add_folio(&m, &f, 3, 0, 0); filemap_remove_folio(&f); return f._refcount.counter * 10 + m.nrpages + (f.mapping != 0);`,
        10,
      ),
      finds(`${SETUP} __filemap_add_folio(&m, &f, 3, 0, 0); __folio_clear_locked(&f); filemap_remove_folio(&f); return 0;`, 'bug-on'),
      finds(`${SETUP} filemap_remove_folio(&f); return 0;`, 'null-deref'),
    ],
    (cache) => ({ run: (kernel) => remove(cache, kernel) }),
    { needs: FREES, leavesOut: 'LRU statistics, shadow entries and the inode LRU.' },
  ),
);

const FGP_LOCK = 2;
const FGP_CREAT = 4;

/** Finds the folio at an index and takes a reference; 0 where there is none. */
function lookUp(cache: PageCache, kernel: Kernel, mapping: number, index: number): number {
  const entry = cache.pages.load(kernel, mapping + cache.tree, index);
  if (entry === 0 || isValue(entry)) return 0;
  const ref = kernel.load(entry, cache.ref);
  if (ref <= 0) {
    kernel.event('lookup', 'the folio that was found is frozen');
    return 0;
  }
  return entry;
}

interface Lookup {
  readonly lock: boolean;
  readonly create: boolean;
}

function get(cache: PageCache, kernel: Kernel, how: Lookup, gfp: number, reclaim: number, pageSize: number): Result {
  const [mapping, index] = [kernel.arg(0), kernel.arg(1)];
  const folio = lookUp(cache, kernel, mapping, index);
  if (folio !== 0) {
    if (how.lock) {
      const blocked = cache.lock.lock(kernel, folio);
      if (blocked !== undefined) return blocked;
    }
    kernel.store(folio, cache.ref, kernel.load(folio, cache.ref) + 1);
    return folio;
  }
  if (!how.create) return -ENOENT;
  gfpMaySleep(kernel, gfp, reclaim, 'allocating a folio');
  if (kernel.decision === FAILS) return -ENOMEM;
  const fresh = kernel.allocate(pageSize * 4, { name: 'folio from the buddy allocator', zeroed: true, kind: 'model' });
  kernel.store(fresh, cache.mapcount, -1);
  kernel.store(fresh, cache.ref, 2);
  kernel.store(fresh, cache.mapping, mapping);
  kernel.store(fresh, cache.index, index);
  cache.lock.tryLock(kernel, fresh);
  cache.pages.store(kernel, mapping + cache.tree, index, 0, fresh);
  kernel.store(mapping, cache.nrpages, kernel.load(mapping, cache.nrpages) + 1);
  return fresh;
}

const FOLIO: Choice = allocationChoice('folio for the page cache');
const ADDED = `${SETUP} __filemap_add_folio(&m, &f, 3, 0, 0); folio_unlock(&f);`;

const lookups = (
  [
    ['filemap_get_folio', { lock: false, create: false }, 'm, 3'],
    ['filemap_lock_folio', { lock: true, create: false }, 'm, 3'],
    ['filemap_grab_folio', { lock: true, create: true }, 'm, 3'],
    ['__filemap_get_folio', null, 'm, 3, 0, 0'],
  ] as const
).map(([name, fixed, args]) =>
  row(
    name,
    `Gives the folio at an index with a reference${fixed?.lock === true ? ', locked' : ''}${fixed?.create === true ? ', a new one where there is none' : ''}, or an error pointer.`,
    [
      returns(
        `${ADDED} struct folio *g = ${name}(&${args}); return (g == &f) * 100 + f._refcount.counter * 10 + (f.flags >> PG_locked & 1);`,
        fixed?.lock === true ? 131 : 130,
      ),
      fixed?.create === true
        ? returns(`${SETUP} struct folio *g = ${name}(&m, 4); return g->index * 10 + g->_refcount.counter;`, 42, 'a new folio')
        : returns(`${SETUP} return (long)${name}(&${args});`, -ENOENT, 'nothing there'),
    ],
    (cache, layout) => {
      const reclaim = reclaimBit(layout);
      const size = layout.sizeof('struct page');
      const howOf = (kernel: Kernel): Lookup =>
        fixed ?? { lock: (kernel.arg(2) & FGP_LOCK) !== 0, create: (kernel.arg(2) & FGP_CREAT) !== 0 };
      return {
        choice: (kernel) => (howOf(kernel).create && lookUp(cache, kernel, kernel.arg(0), kernel.arg(1)) === 0 ? FOLIO : null),
        run: (kernel) => get(cache, kernel, howOf(kernel), fixed === null ? kernel.arg(3) : 0, reclaim, size),
      };
    },
    { leavesOut: 'Looking up again after the lock was taken, memcg charges and the LRU.' },
  ),
);

const batch = row(
  'filemap_get_folios',
  'Fills a batch with the folios of a range, a reference on each, and moves the start behind the last one.',
  [
    returns(
      `${ADDED} struct folio_batch b = { 0 }; unsigned long s = 0; return filemap_get_folios(&m, &s, 9, &b) * 100 + f._refcount.counter * 10 + (s == 10);`,
      131,
    ),
  ],
  (cache, layout) => {
    const nr = fieldOf(layout, 'struct folio_batch', 'nr');
    const folios = layout.offsetof('struct folio_batch', 'folios');
    const room = Math.floor((layout.sizeof('struct folio_batch') - folios) / 8);
    return {
      run: (kernel) => {
        const [mapping, start, end, into] = [kernel.arg(0), kernel.arg(1), kernel.arg(2), kernel.arg(3)];
        const last = end < 0 ? Number.MAX_SAFE_INTEGER : end;
        let index = kernel.load(start, I64);
        let held = kernel.load(into, nr);
        while (held < room) {
          const found = index > last ? null : cache.pages.find(kernel, mapping + cache.tree, index, last);
          if (found === null) {
            kernel.store(start, I64, end < 0 ? -1 : end + 1);
            break;
          }
          index = found.index + 2 ** found.order;
          if (isValue(found.entry)) continue;
          kernel.store(found.entry, cache.ref, kernel.load(found.entry, cache.ref) + 1);
          kernel.store(into, moved(I64, folios + held * 8), found.entry);
          held++;
          if (held === room) kernel.store(start, I64, index);
        }
        kernel.store(into, nr, held);
        return held;
      },
    };
  },
);

/** Removes every folio whose index is in [first, last]; one at a time, since the last put may call C. */
function truncate(cache: PageCache, kernel: Kernel, mapping: number, first: number, last: number): Result {
  for (;;) {
    const found = cache.pages.find(kernel, mapping + cache.tree, first, last);
    if (found === null) return undefined;
    const folio = found.entry;
    const pages = 2 ** found.order;
    const blocked = cache.lock.lock(kernel, folio);
    if (blocked !== undefined) return blocked;
    cache.pages.store(kernel, mapping + cache.tree, found.index, found.order, 0);
    kernel.store(folio, cache.mapping, 0);
    kernel.store(mapping, cache.nrpages, kernel.load(mapping, cache.nrpages) - pages);
    cache.lock.unlock(kernel, folio);
    const result = cache.put(kernel, folio, pages);
    if (typeof result === 'object' && result.control === 'tail') return kernel.call(result.callee, result.args, 1);
  }
}

const PAGES_BY_BYTES = 4096;
const truncations = (['truncate_inode_pages_range', 'truncate_inode_pages_final', 'truncate_inode_pages'] as const).map((name) =>
  row(
    name,
    'Removes the folios that lie wholly in the range from the mapping.',
    [
      returns(
        `${ADDED} f._refcount.counter++; ${name}(&m${name.endsWith('range') ? ', 0, 65535' : name.endsWith('pages') ? ', 0' : ''}); return m.nrpages;`,
        0,
      ),
    ],
    (cache) => ({
      run: (kernel) => {
        const from = name.endsWith('final') ? 0 : Math.ceil(kernel.arg(1) / PAGES_BY_BYTES);
        const end = name.endsWith('range') ? kernel.arg(2) : -1;
        const last = end < 0 || end > 2 ** 60 ? Number.MAX_SAFE_INTEGER : Math.floor((end + 1) / PAGES_BY_BYTES) - 1;
        return truncate(cache, kernel, kernel.arg(0), from, last);
      },
    }),
    { source: `mm/truncate.c: ${name}()`, needs: FREES, leavesOut: 'Zeroing of partial pages, and unmapping of mapped folios.' },
  ),
);

const invalidation = (
  ['filemap_invalidate_lock', 'filemap_invalidate_unlock', 'filemap_invalidate_lock_shared', 'filemap_invalidate_unlock_shared'] as const
).map((name) => {
  const unlocks = name.includes('unlock');
  const shared = name.endsWith('shared');
  return primitive({
    name,
    meaning: `${unlocks ? 'Gives back' : 'Takes'} the mapping's invalidate_lock ${shared ? 'for reading' : 'for writing'}.`,
    source: `include/linux/fs.h: ${name}()`,
    needs: { types: ['struct address_space', 'struct rw_semaphore'] },
    visible: true,
    examples: unlocks
      ? [
          finds(`struct address_space m = { 0 }; ${name}(&m); return 0;`, 'bad-unlock'),
          returns(
            `struct address_space m = { 0 }; ${name.replace('unlock', 'lock')}(&m); ${name}(&m); return *(unsigned int *)&m.invalidate_lock;`,
            0,
          ),
        ]
      : [
          returns(`struct address_space m = { 0 }; ${name}(&m); return *(unsigned int *)&m.invalidate_lock;`, shared ? 256 : 1),
          ...(shared ? [] : [finds(`struct address_space m = { 0 }; ${name}(&m); ${name}(&m); return 0;`, 'self-deadlock')]),
        ],
    bind: (layout) => {
      const lock = layout.offsetof('struct address_space', 'invalidate_lock');
      const act = bindSemaphore(layout, unlocks ? 'unlock' : 'lock', shared);
      return (kernel) => act(kernel, kernel.arg(0) + lock);
    },
  });
});

export const filemap: readonly Primitive[] = [addRow, ...removeRows, ...lookups, batch, ...truncations, ...invalidation];
