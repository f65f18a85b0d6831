/** The HugeTLB vmemmap optimisation (HVO): the tail struct pages of a huge page show one read-only page, and get pages of their own back. */
import { finds, primitive, returns } from '../define';
import { ENOMEM, fieldOf, PAGE_SIZE, U8 } from '../fields';
import type { BoundPrimitive, Choice, Kernel, Layout, Primitive } from '../primitive';
import { count, COUNTERS, maySleep } from '../record';
import { type FlagWord, hugetlbFlagOf, hugetlbType, type PageType, setFlag, clearFlag, testFlag } from './folio-flags';
import { refcountOf } from './references';
import { allocationChoice, FAILS } from './slab';

const NEEDS = {
  types: ['struct page', 'struct folio', 'struct hstate'],
  constants: ['PGTY_hugetlb', 'HPG_vmemmap_optimized'],
  globals: ['vmemmap_optimize_enabled'],
};
const SOURCE = 'mm/hugetlb_vmemmap.c';

export interface Vmemmap {
  readonly optimized: FlagWord;
  readonly type: PageType;
  /** vmemmap pages of a huge page of the order of the hstate. */
  pages(kernel: Kernel, hstate: number): number;
  isEnabled(kernel: Kernel): boolean;
  optimise(kernel: Kernel, folio: number, pages: number): void;
  restore(kernel: Kernel, folio: number, pages: number): void;
}

/** @throws MissingLayout */
export function bindVmemmap(layout: Layout): Vmemmap {
  const optimized = hugetlbFlagOf(layout, 'vmemmap_optimized');
  const order = fieldOf(layout, 'struct hstate', 'order');
  const size = layout.sizeof('struct page');
  const special = Math.max(layout.sizeof('struct folio'), 4 * size);
  return {
    optimized,
    type: hugetlbType(layout),
    pages: (kernel, hstate) => (2 ** kernel.load(hstate, order) * size) / PAGE_SIZE,
    isEnabled(kernel) {
      const enabled = kernel.symbol('vmemmap_optimize_enabled');
      return enabled === 0 || kernel.peek(enabled, U8) !== 0;
    },
    optimise(kernel, folio, pages) {
      setFlag(kernel, folio, optimized);
      kernel.mapReadOnly(folio + PAGE_SIZE, pages - 1, folio);
      count(kernel, COUNTERS.vmemmapPages, 1 - pages);
      kernel.event('hvo', `vmemmap optimised: ${pages - 1} of ${pages} pages given back`, { folio, pages: pages - 1 });
    },
    restore(kernel, folio, pages) {
      kernel.mapOwn(folio + PAGE_SIZE, pages - 1);
      // What they showed was the head's page: the struct pages at its start that hold the head's own words become plain tails.
      for (let page = 1; page < pages; page++) kernel.copy(folio + page * PAGE_SIZE, folio + page * PAGE_SIZE + special, special);
      clearFlag(kernel, folio, optimized);
      count(kernel, COUNTERS.vmemmapPages, pages - 1);
      kernel.event('hvo', `vmemmap restored: ${pages - 1} pages allocated`, { folio, pages: pages - 1 });
    },
  };
}

/** Both want a hugetlb folio that nobody holds a reference of. */
function check(kernel: Kernel, vmemmap: Vmemmap, ref: ReturnType<typeof refcountOf>, folio: number, name: string): void {
  if (!vmemmap.type.is(kernel.load(folio, vmemmap.type.field))) kernel.report('warn-on', `${name}() of a folio that is not hugetlb.`);
  if (kernel.load(folio, ref) !== 0)
    kernel.report('warn-on', `${name}() of a folio whose reference count is ${kernel.load(folio, ref)}, not 0.`);
}

const RESTORE: Choice = allocationChoice('vmemmap pages');
const HEAD: Choice = allocationChoice('vmemmap head page');

/** Order 7: two vmemmap pages of struct pages of 64 bytes. */
const BLOCK =
  'static char area[12288]; struct hstate h = { 0 }; h.order = 7; struct folio *f = (struct folio *)(((unsigned long)area + 4095) & ~4095UL); f->page.page_type = -1; __folio_set_hugetlb(f);';
const OPTIMISED = `${BLOCK} hugetlb_vmemmap_optimize_folio(&h, f);`;

const restoreRun = (layout: Layout, name: string): BoundPrimitive => {
  const vmemmap = bindVmemmap(layout);
  const ref = refcountOf(layout);
  const isOptimised = (kernel: Kernel): boolean => testFlag(kernel, kernel.arg(1), vmemmap.optimized);
  return {
    choice: (kernel) => (isOptimised(kernel) ? RESTORE : null),
    run: (kernel) => {
      const [hstate, folio] = [kernel.arg(0), kernel.arg(1)];
      check(kernel, vmemmap, ref, folio, name);
      if (!isOptimised(kernel)) return 0;
      maySleep(kernel, `${name}()`);
      if (kernel.decision === FAILS) return -ENOMEM;
      vmemmap.restore(kernel, folio, vmemmap.pages(kernel, hstate));
      return 0;
    },
  };
};

const optimiseRun = (layout: Layout, name: string): BoundPrimitive => {
  const vmemmap = bindVmemmap(layout);
  const ref = refcountOf(layout);
  const isDue = (kernel: Kernel): boolean =>
    vmemmap.isEnabled(kernel) && vmemmap.pages(kernel, kernel.arg(0)) > 1 && !testFlag(kernel, kernel.arg(1), vmemmap.optimized);
  return {
    choice: (kernel) => (isDue(kernel) ? HEAD : null),
    run: (kernel) => {
      const [hstate, folio] = [kernel.arg(0), kernel.arg(1)];
      check(kernel, vmemmap, ref, folio, name);
      if (!isDue(kernel)) return 0;
      maySleep(kernel, `${name}()`);
      if (kernel.decision === FAILS) return -ENOMEM;
      vmemmap.optimise(kernel, folio, vmemmap.pages(kernel, hstate));
      return 0;
    },
  };
};

const LEAVES = 'RCU and TLB flushes, copies of more than the tail page, and the split of PMDs that map vmemmap.';

const restoreRows = (['hugetlb_vmemmap_restore_folio', '__hugetlb_vmemmap_restore_folio'] as const).map((name) =>
  primitive({
    name,
    meaning: 'Gives every tail page of the vmemmap of an optimised folio a page of its own: 0, or -ENOMEM with nothing changed (a choice).',
    source: `${SOURCE}: ${name}()`,
    leavesOut: LEAVES,
    needs: NEEDS,
    visible: true,
    examples: [
      returns(`${OPTIMISED} return ${name}(&h, f, 0) + ((unsigned long)f->private >> HPG_vmemmap_optimized & 1);`, 0),
      returns(`${OPTIMISED} ${name}(&h, f, 0); (&f->page)[100].flags = 3; return (&f->page)[100].flags;`, 3, 'writable again'),
      finds(`${OPTIMISED} f->_refcount.counter = 1; ${name}(&h, f, 0); return 0;`, 'warn-on'),
    ],
    bind: (layout) => restoreRun(layout, name),
  }),
);

const optimiseRows = (['hugetlb_vmemmap_optimize_folio', '__hugetlb_vmemmap_optimize_folio'] as const).map((name) =>
  primitive({
    name,
    meaning:
      'Makes all tail pages of the vmemmap of the folio show its first page, read-only; where the one page for that is not to be had, nothing.',
    source: `${SOURCE}: ${name}()`,
    leavesOut: LEAVES,
    needs: NEEDS,
    visible: true,
    examples: [
      returns(`${BLOCK} ${name}(&h, f, 0, 0); return (unsigned long)f->private >> HPG_vmemmap_optimized & 1;`, 1),
      finds(`${BLOCK} ${name}(&h, f, 0, 0); (&f->page)[100].flags = 3; return 0;`, 'hvo-write'),
      finds(`${BLOCK} f->_refcount.counter = 1; ${name}(&h, f, 0, 0); return 0;`, 'warn-on'),
    ],
    bind: (layout) => optimiseRun(layout, name),
  }),
);

export const hvo: readonly Primitive[] = [
  ...restoreRows,
  ...optimiseRows,
  primitive({
    name: 'hugetlb_vmemmap_split_folio',
    meaning: 'Succeeds: vmemmap is mapped by single pages already.',
    source: `${SOURCE}: hugetlb_vmemmap_split_folio()`,
    leavesOut: 'The page that splitting a PMD takes.',
    examples: [returns('return hugetlb_vmemmap_split_folio(0, 0);', 0)],
    bind: () => () => 0,
  }),
];
