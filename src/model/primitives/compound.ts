/** Compound pages and page frames: heads and tails, orders, page frame numbers. */
import { finds, primitive, returns } from '../define';
import { fieldIfAny, fieldOf, PAGE_SIZE } from '../fields';
import { contentOf, DIRECT_MAP, pageOf, pfnOf } from '../memmap';
import type { BoundPrimitive, Kernel, Layout, Primitive } from '../primitive';
import { clearFlag, flagOf, setFlag, testFlag } from './folio-flags';

const NEEDS = { types: ['struct page', 'struct folio'], constants: ['PG_head'] };
const FLAGS_H = 'include/linux/page-flags.h';

const row = (
  name: string,
  source: string,
  meaning: string,
  examples: Primitive['examples'],
  bind: (layout: Layout) => BoundPrimitive['run'],
  more: Partial<Primitive> = {},
): Primitive => primitive({ name, meaning, source: `${source}: ${name}()`, needs: NEEDS, examples, bind, ...more });

/**
 * The head of a page: what `compound_head` points at when its bit 0 is set. Under HVO the first struct page of a page of vmemmap may
 * be a fake head: it shows the real head, and the struct page after it tells.
 */
const headOf = (layout: Layout): BoundPrimitive['run'] => {
  const compound = fieldOf(layout, 'struct page', 'compound_head', 'compound_info');
  const size = layout.sizeof('struct page');
  const head = flagOf(layout, 'head');
  return (kernel) => {
    const page = kernel.arg(0);
    const link = kernel.load(page, compound);
    if ((link & 1) !== 0) return link - 1;
    if (page % PAGE_SIZE !== 0 || !testFlag(kernel, page, head)) return page;
    const next = kernel.load(page + size, compound);
    return (next & 1) !== 0 ? next - 1 : page;
  };
};

const TAIL = 'struct page p[2] = { 0 };';
const heads = (['page_folio', 'compound_head', '_compound_head'] as const).map((name) =>
  row(
    name,
    FLAGS_H,
    'Gives the head page of a page: itself unless it is a tail.',
    [
      returns(`${TAIL} set_compound_head(&p[1], &p[0]); return (long)${name}(&p[1]) == (long)&p[0];`, 1, 'a tail'),
      returns(`${TAIL} return (long)${name}(&p[1]) == (long)&p[1];`, 1, 'a single page'),
    ],
    headOf,
    name === '_compound_head' ? {} : { form: 'macro' },
  ),
);

const tailTest = (name: string, wanted: (tail: boolean, head: boolean) => boolean, gives: number): Primitive =>
  row(
    name,
    FLAGS_H,
    'Tells a head, a tail and a single page apart by compound_head and PG_head.',
    [
      returns(`${TAIL} set_compound_head(&p[1], &p[0]); return ${name}(&p[1]);`, gives, 'a tail'),
      returns(`${TAIL} return ${name}(&p[1]);`, 0, 'a single page'),
    ],
    (layout) => {
      const compound = fieldOf(layout, 'struct page', 'compound_head', 'compound_info');
      const head = flagOf(layout, 'head');
      return (kernel) => {
        const page = kernel.arg(0);
        return wanted((kernel.load(page, compound) & 1) !== 0, testFlag(kernel, page, head)) ? 1 : 0;
      };
    },
  );

const large = row(
  'folio_test_large',
  FLAGS_H,
  'Says whether PG_head is set.',
  [
    returns('struct folio f = { 0 }; f.flags = 1UL << PG_head; return folio_test_large(&f);', 1),
    returns('struct folio f = { 0 }; return folio_test_large(&f);', 0, 'a single page'),
  ],
  (layout) => {
    const head = flagOf(layout, 'head');
    return (kernel) => (testFlag(kernel, kernel.arg(0), head) ? 1 : 0);
  },
);

const links = [
  row(
    'set_compound_head',
    FLAGS_H,
    'Makes the page a tail of the head: compound_head is its address with bit 0 set.',
    [returns(`${TAIL} set_compound_head(&p[1], &p[0]); return p[1].compound_head - (unsigned long)&p[0];`, 1)],
    (layout) => {
      const compound = fieldOf(layout, 'struct page', 'compound_head', 'compound_info');
      return (kernel) => kernel.store(kernel.arg(0), compound, kernel.arg(1) + 1);
    },
  ),
  row(
    'clear_compound_head',
    FLAGS_H,
    'Makes the page no tail any more.',
    [returns(`${TAIL} set_compound_head(&p[1], &p[0]); clear_compound_head(&p[1]); return p[1].compound_head;`, 0)],
    (layout) => {
      const compound = fieldOf(layout, 'struct page', 'compound_head', 'compound_info');
      return (kernel) => kernel.store(kernel.arg(0), compound, 0);
    },
  ),
];

const setOrder = row(
  'folio_set_order',
  'mm/internal.h',
  'Writes the order into the low byte of _flags_1 and the number of pages beside it; warns on order 0 and on a folio without PG_head.',
  [
    returns(
      'struct folio f = { 0 }; f.flags = 1UL << PG_head; folio_set_order(&f, 3); return (f._flags_1 & 0xff) * 100 + f._folio_nr_pages;',
      308,
    ),
    finds('struct folio f = { 0 }; folio_set_order(&f, 3); return 0;', 'warn-on'),
  ],
  (layout) => {
    const order = { ...fieldOf(layout, 'struct folio', '_flags_1'), size: 1 as const };
    const pages = fieldIfAny(layout, 'struct folio', '_folio_nr_pages', '_nr_pages');
    const head = flagOf(layout, 'head');
    return (kernel) => {
      const folio = kernel.arg(0);
      if (kernel.arg(1) === 0 || !testFlag(kernel, folio, head)) {
        kernel.report('warn-on', 'folio_set_order() on a folio that is not large, or to order 0.');
        return undefined;
      }
      kernel.store(folio, order, kernel.arg(1) & 0xff);
      if (pages !== null) kernel.store(folio, pages, 2 ** kernel.arg(1));
      return undefined;
    };
  },
);

const PFN_NEEDS = { types: ['struct page'] };
const toPfn = (layout: Layout): BoundPrimitive['run'] => {
  const size = layout.sizeof('struct page');
  return (kernel) => pfnOf(kernel.arg(0), size);
};
const fromPfn = (layout: Layout): BoundPrimitive['run'] => {
  const size = layout.sizeof('struct page');
  return (kernel) => pageOf(kernel.arg(0), size);
};
const frames = [
  row(
    'folio_pfn',
    'include/linux/mm.h',
    'The page frame number of the head page.',
    [returns('return folio_pfn((struct folio *)pfn_to_page(77));', 77)],
    toPfn,
    { needs: PFN_NEEDS },
  ),
  row(
    'page_to_pfn',
    'include/asm-generic/memory_model.h',
    'The page frame number of a page of the memmap.',
    [returns('return page_to_pfn(pfn_to_page(77));', 77)],
    toPfn,
    { form: 'macro', needs: PFN_NEEDS },
  ),
  row(
    'pfn_to_page',
    'include/asm-generic/memory_model.h',
    'The struct page of a page frame.',
    [returns('return page_to_pfn(pfn_to_page(78));', 78)],
    fromPfn,
    { form: 'macro', needs: PFN_NEEDS },
  ),
  row(
    'pfn_folio',
    'include/linux/mm.h',
    'The folio of a page frame that is no tail.',
    [returns('return folio_pfn(pfn_folio(78));', 78)],
    fromPfn,
    { needs: PFN_NEEDS, leavesOut: 'Page frames of tails.' },
  ),
  ...(['page_address', 'page_to_virt', 'kmap_local_page', 'kmap_local_folio', 'folio_address'] as const).map((name) =>
    row(
      name,
      'include/linux/mm.h',
      'The address of the content of the page in the direct map.',
      [
        returns(
          `return (unsigned long)${name}((void *)pfn_to_page(2)${name === 'kmap_local_folio' ? ', 0' : ''}) == ${BigInt.asUintN(64, BigInt(DIRECT_MAP + 2 * PAGE_SIZE))}UL;`,
          1,
        ),
      ],
      (layout) => {
        const size = layout.sizeof('struct page');
        return (kernel) => contentOf(pfnOf(kernel.arg(0), size)) + (name === 'kmap_local_folio' ? kernel.arg(1) : 0);
      },
      { needs: PFN_NEEDS, ...(name.startsWith('page_') ? { form: 'macro' as const } : {}) },
    ),
  ),
];

/** Makes 2 ** order struct pages one compound page: head flag, order, counts of the head, links of the tails. */
export function setCompound(layout: Layout): (kernel: Kernel, head: number, order: number) => void {
  const size = layout.sizeof('struct page');
  const compound = fieldOf(layout, 'struct page', 'compound_head', 'compound_info');
  const orderField = { ...fieldOf(layout, 'struct folio', '_flags_1'), size: 1 as const };
  const pages = fieldIfAny(layout, 'struct folio', '_folio_nr_pages', '_nr_pages');
  const counts = ['_large_mapcount', '_entire_mapcount'].flatMap(
    (name) => fieldIfAny(layout, 'struct folio', `${name}.counter`, name) ?? [],
  );
  const flag = flagOf(layout, 'head');
  return (kernel, head, order) => {
    for (let index = 1; index < 2 ** order; index++) kernel.store(head + index * size, compound, head + 1);
    setFlag(kernel, head, flag);
    kernel.store(head, orderField, order);
    if (pages !== null) kernel.store(head, pages, 2 ** order);
    for (const each of counts) kernel.store(head, each, -1);
  };
}

const headBits = [
  row(
    'prep_compound_page',
    'mm/page_alloc.c',
    'Makes a run of 1 << order pages one compound page.',
    [
      returns(
        'struct page p[8] = { 0 }; prep_compound_page(p, 2); return (p[0].flags >> PG_head & 1) * 10 + (p[3].compound_head & 1);',
        11,
      ),
    ],
    (layout) => {
      const compoundOf = setCompound(layout);
      return (kernel) => compoundOf(kernel, kernel.arg(0), kernel.arg(1));
    },
  ),
  row(
    'ClearPageCompound',
    FLAGS_H,
    'Clears PG_head.',
    [returns('struct page p = { 0 }; p.flags = 1UL << PG_head; ClearPageCompound(&p); return p.flags;', 0)],
    (layout) => {
      const head = flagOf(layout, 'head');
      return (kernel) => clearFlag(kernel, kernel.arg(0), head);
    },
  ),
];

export const compound: readonly Primitive[] = [
  ...heads,
  tailTest('PageTail', (tail) => tail, 1),
  tailTest('PageCompound', (tail, head) => tail || head, 1),
  large,
  ...links,
  setOrder,
  ...frames,
  ...headBits,
];
