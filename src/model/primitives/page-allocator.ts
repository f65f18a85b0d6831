/** The page allocator: runs of new struct pages, single or compound, on a node, with failure as a choice; and their way back. */
import { finds, primitive, returns } from '../define';
import { constantIfAny, fieldOf, PAGE_SIZE } from '../fields';
import type { BoundPrimitive, Choice, Kernel, Layout, Primitive, Result } from '../primitive';
import { count, COUNTERS } from '../record';
import { isCounted, takeHuge } from '../userspace/buddy';
import { setCompound } from './compound';
import { NODE_SHIFT } from './numa';
import { refcountOf } from './references';
import { allocationChoice, FAILS, gfpMaySleep, reclaimBit } from './slab';

const NEEDS = { types: ['struct page', 'struct folio'], constants: ['PG_head'] };
const SOURCE = 'mm/page_alloc.c';
const LEAVES =
  'Zones, watermarks, reclaim and migration; the pages have no place in the memmap of the scenario, but for huge pages of one that counts what its host has, which are those of the node alone.';
const COMP = 0x40000;
const MOST_ORDER = 20;

interface Pages {
  /** 2 ** order new struct pages, the first one (compound: the only one) with a reference. */
  make(kernel: Kernel, order: number, node: number, compound: boolean): number;
  /** A huge page that the host has on the node, as a folio with a reference; 0 where it has none. */
  take(kernel: Kernel, order: number, node: number): number;
}

function bindPages(layout: Layout): Pages {
  const size = layout.sizeof('struct page');
  const ref = refcountOf(layout);
  const mapcount = fieldOf(layout, 'struct page', '_mapcount.counter', '_mapcount', 'page_type');
  const flags = { ...fieldOf(layout, 'struct page', 'flags'), signed: true };
  const compoundOf = setCompound(layout);
  const nodeAt = (kernel: Kernel, page: number): number => Number((kernel.loadBig(page, flags) >> BigInt(NODE_SHIFT)) & 1023n);
  return {
    make(kernel, order, node, compound) {
      const pages = 2 ** order;
      const first = kernel.allocate(pages * size, { name: 'pages from the page allocator', zeroed: true, kind: 'model' });
      kernel.store(first, mapcount, -1);
      if (node > 0) kernel.storeBig(first, flags, BigInt(node) << BigInt(NODE_SHIFT));
      // All others are alike: each copy doubles what is there.
      for (let done = 1; done < pages; done *= 2) kernel.copy(first + done * size, first, Math.min(done, pages - done) * size);
      if (compound && order > 0) compoundOf(kernel, first, order);
      const held = compound ? 1 : pages;
      for (let index = 0; index < held; index++) kernel.store(first + index * size, ref, 1);
      count(kernel, COUNTERS.takenPages, pages);
      count(kernel, COUNTERS.vmemmapPages, Math.floor((pages * size) / PAGE_SIZE));
      return first;
    },
    take(kernel, order, node) {
      const first = takeHuge(kernel, layout, node, nodeAt);
      if (first === 0) return 0;
      const bytes = 2 ** order * size;
      kernel.zero(first, bytes);
      kernel.store(first, mapcount, -1);
      if (node > 0) kernel.storeBig(first, flags, BigInt(node) << BigInt(NODE_SHIFT));
      for (let done = size; done < bytes; done *= 2) kernel.copy(first + done, first, Math.min(done, bytes - done));
      compoundOf(kernel, first, order);
      kernel.store(first, ref, 1);
      count(kernel, COUNTERS.takenPages, 2 ** order);
      return first;
    },
  };
}

interface Allocator {
  readonly name: string;
  readonly gfp: number;
  readonly order: (kernel: Kernel) => number;
  /** Which argument is the preferred node; -1: none. */
  readonly node: number;
  readonly compound: 'always' | 'by gfp';
  readonly meaning: string;
  readonly args: string;
}

const orderArgument =
  (index: number) =>
  (kernel: Kernel): number =>
    kernel.arg(index);

const ALLOCATORS: readonly Allocator[] = [
  {
    name: '__folio_alloc_noprof',
    gfp: 0,
    order: orderArgument(1),
    node: 2,
    compound: 'always',
    meaning: 'A new folio of the order, preferably on the node',
    args: '0, 2, 1, 0',
  },
  {
    name: 'folio_alloc_noprof',
    gfp: 0,
    order: orderArgument(1),
    node: -1,
    compound: 'always',
    meaning: 'A new folio of the order',
    args: '0, 2',
  },
  {
    name: '__alloc_pages_noprof',
    gfp: 0,
    order: orderArgument(1),
    node: 2,
    compound: 'by gfp',
    meaning: 'New pages, preferably on the node; compound with __GFP_COMP',
    args: '0x40000, 2, 1, 0',
  },
  {
    name: 'alloc_pages_noprof',
    gfp: 0,
    order: orderArgument(1),
    node: -1,
    compound: 'by gfp',
    meaning: 'New pages; compound with __GFP_COMP',
    args: '0x40000, 2',
  },
  {
    name: 'alloc_contig_pages_noprof',
    gfp: 1,
    order: (kernel) => Math.ceil(Math.log2(Math.max(1, kernel.arg(0)))),
    node: 2,
    compound: 'by gfp',
    meaning: 'A run of so many new pages, preferably on the node; compound with __GFP_COMP',
    args: '4, 0x40000, 1, 0',
  },
];

const allocatorRow = (each: Allocator): Primitive =>
  primitive({
    name: each.name,
    meaning: `${each.meaning}: with a reference, or NULL (a choice).`,
    source: `${SOURCE}: ${each.name}()`,
    leavesOut: LEAVES,
    needs: NEEDS,
    examples: [
      returns(
        `struct folio *f = ${each.name}(${each.args}); return (f->_flags_1 & 0xff) * 100 + f->_refcount.counter * 10 + ((&f->page)[3].compound_head & 1);`,
        211,
        'a compound page',
      ),
      each.compound === 'always'
        ? returns(`struct folio *f = ${each.name}(${each.args.replace('2', '0')}); return f->flags >> PG_head & 1;`, 0, 'a single page')
        : returns(`struct page *p = ${each.name}(${each.args.replace('0x40000', '0')}); return p[3]._refcount.counter;`, 1, 'single pages'),
      finds(
        `spinlock_t l = { 0 }; spin_lock(&l); ${each.name}(${each.args.replace(/^(4, )?\w+/, '$10x400')}); return 0;`,
        'sleep-in-atomic',
      ),
    ],
    bind: (layout): BoundPrimitive => {
      const pages = bindPages(layout);
      const reclaim = reclaimBit(layout);
      const compound = constantIfAny(layout, '___GFP_COMP') ?? COMP;
      const choice: Choice = allocationChoice(each.name.replace(/^__|_noprof$/g, ''));
      return {
        choice: () => choice,
        run: (kernel) => {
          const gfp = kernel.arg(each.gfp);
          gfpMaySleep(kernel, gfp, reclaim, `${each.name}()`);
          const order = each.order(kernel);
          if (kernel.decision === FAILS || order < 0 || order > MOST_ORDER) return 0;
          const node = each.node < 0 ? 0 : Math.max(0, kernel.arg(each.node));
          if (isCounted(kernel, order)) return pages.take(kernel, order, node);
          return pages.make(kernel, order, node, each.compound === 'always' || (gfp & compound) !== 0);
        },
      };
    },
  });

/** Drops the reference of the first page; the last one gives 2 ** order pages back. */
const freePages = primitive({
  name: '__free_pages',
  meaning: 'Drops the reference of the first page; the last one gives all pages back.',
  source: `${SOURCE}: __free_pages()`,
  leavesOut: 'Putting the other pages of a run that someone still holds.',
  needs: NEEDS,
  examples: [
    returns('struct page p = { 0 }; p._refcount.counter = 2; __free_pages(&p, 0); return p._refcount.counter;', 1),
    finds('struct page p = { 0 }; __free_pages(&p, 0); return 0;', 'ref-underflow'),
  ],
  bind: (layout) => {
    const ref = refcountOf(layout);
    return (kernel): Result => {
      const page = kernel.arg(0);
      const left = kernel.load(page, ref) - 1;
      kernel.store(page, ref, left);
      if (left < 0) kernel.report('ref-underflow', `The reference count of the page falls to ${left}.`);
      if (left === 0) count(kernel, COUNTERS.buddyPages, 2 ** kernel.arg(1));
      return undefined;
    };
  },
});

const splitPage = primitive({
  name: 'split_page',
  meaning: 'Gives each page of a run that is not compound a reference of its own.',
  source: `${SOURCE}: split_page()`,
  needs: NEEDS,
  examples: [
    returns('struct page p[4] = { 0 }; p[0]._refcount.counter = 1; split_page(p, 2); return p[3]._refcount.counter;', 1),
    finds('struct page p[4] = { 0 }; split_page(p, 2); return 0;', 'bug-on'),
  ],
  bind: (layout) => {
    const ref = refcountOf(layout);
    const size = layout.sizeof('struct page');
    return (kernel): Result => {
      const page = kernel.arg(0);
      if (kernel.load(page, ref) === 0) {
        kernel.report('bug-on', 'split_page() of pages that nobody holds.');
        return kernel.stop();
      }
      for (let index = 1; index < 2 ** kernel.arg(1); index++) kernel.store(page + index * size, ref, 1);
      return undefined;
    };
  },
});

/** The contiguous memory allocator has no area in the model. */
const cma = [
  primitive({
    name: 'cma_alloc_folio',
    meaning: 'NULL: there is no area of contiguous memory.',
    source: 'mm/cma.c: cma_alloc_folio()',
    leavesOut: 'CMA.',
    examples: [returns('return (long)cma_alloc_folio(0, 0, 0);', 0)],
    bind: () => () => 0,
  }),
  primitive({
    name: 'cma_free_folio',
    meaning: 'No: the folio is of no area of contiguous memory.',
    source: 'mm/cma.c: cma_free_folio()',
    leavesOut: 'CMA.',
    examples: [returns('return cma_free_folio(0, 0);', 0)],
    bind: () => () => 0,
  }),
];

export const pageAllocator: readonly Primitive[] = [...ALLOCATORS.map(allocatorRow), freePages, splitPage, ...cma];
