/** The page type of huge pages, and the mark of a hardware error on one. */
import { finds, primitive, returns } from '../define';
import type { BoundPrimitive, Kernel, Primitive } from '../primitive';
import { clearFlag, flagOf, hugetlbType, type PageType } from './folio-flags';

const NO_TYPE = 0xffffffff;
const TYPE_NEEDS = { types: ['struct page', 'struct folio'], constants: ['PGTY_hugetlb'] };

const typeRow = (name: string, meaning: string, c: string, gives: number, bind: (type: PageType) => BoundPrimitive['run']): Primitive =>
  primitive({
    name,
    meaning,
    source: `include/linux/page-flags.h: ${name}()`,
    needs: TYPE_NEEDS,
    examples: [
      returns(c, gives),
      ...(name === '__folio_set_hugetlb' ? [finds(`struct folio f = { 0 }; __folio_set_hugetlb(&f); return 0;`, 'bug-on')] : []),
      ...(name === '__folio_clear_hugetlb'
        ? [finds(`struct folio f = { 0 }; f.page.page_type = 5; __folio_clear_hugetlb(&f); return 0;`, 'bug-on')]
        : []),
    ],
    bind: (layout) => bind(hugetlbType(layout)),
  });

const hugetlbTest = (type: PageType) => (kernel: Kernel) => (type.is(kernel.load(kernel.arg(0), type.field)) ? 1 : 0);

const typeRows = [
  typeRow(
    'folio_test_hugetlb',
    'Says whether the page type is hugetlb.',
    'struct folio f = { 0 }, g = { 0 }; f.page.page_type = PGTY_hugetlb << 24; g.page.page_type = -1; return folio_test_hugetlb(&f) * 10 + folio_test_hugetlb(&g);',
    10,
    hugetlbTest,
  ),
  typeRow(
    'PageHuge',
    'Says whether the page type is hugetlb.',
    'struct page p = { 0 }, q = { 0 }; p.page_type = PGTY_hugetlb << 24; q.page_type = 5; return PageHuge(&p) * 10 + PageHuge(&q);',
    10,
    hugetlbTest,
  ),
  typeRow(
    '__folio_set_hugetlb',
    'Sets the page type to hugetlb; a bug when the page has a type or is mapped.',
    'struct folio f = { 0 }; f.page.page_type = -1; __folio_set_hugetlb(&f); return folio_test_hugetlb(&f);',
    1,
    (type) => (kernel) => {
      const folio = kernel.arg(0);
      const was = kernel.load(folio, type.field);
      if (type.is(was)) return undefined;
      if (was !== NO_TYPE) {
        kernel.report('bug-on', `__folio_set_hugetlb() on a page whose type or map count is set (${was.toString(16)}).`);
        return kernel.stop();
      }
      return kernel.store(folio, type.field, type.set);
    },
  ),
  typeRow(
    '__folio_clear_hugetlb',
    'Clears the page type; a bug when it was not hugetlb.',
    'struct folio f = { 0 }; f.page.page_type = -1; __folio_set_hugetlb(&f); __folio_clear_hugetlb(&f); return folio_test_hugetlb(&f);',
    0,
    (type) => (kernel) => {
      const folio = kernel.arg(0);
      const was = kernel.load(folio, type.field);
      if (was === NO_TYPE) return undefined;
      if (!type.is(was)) {
        kernel.report('bug-on', `__folio_clear_hugetlb() on a page that is not of type hugetlb (${was.toString(16)}).`);
        return kernel.stop();
      }
      return kernel.store(folio, type.field, NO_TYPE);
    },
  ),
];

const hwpoison = primitive({
  name: 'folio_clear_hugetlb_hwpoison',
  meaning: 'Clears PG_hwpoison of a huge page that is split or freed.',
  source: 'mm/memory-failure.c: folio_clear_hugetlb_hwpoison()',
  leavesOut: 'Moving the mark to the pages that have the error: nothing lists them.',
  needs: { types: ['struct page'], constants: ['PG_hwpoison'] },
  examples: [returns('struct folio f = { 0 }; f.flags = 1UL << PG_hwpoison | 1; folio_clear_hugetlb_hwpoison(&f); return f.flags;', 1)],
  bind: (layout) => {
    const word = flagOf(layout, 'hwpoison');
    return (kernel) => clearFlag(kernel, kernel.arg(0), word);
  },
});

export const pageTypes: readonly Primitive[] = [...typeRows, hwpoison];
