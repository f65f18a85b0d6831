/** Tests of whether a page belongs to a hugetlb folio. */
import type { Rule } from '../rule';

export const pageHuge: Rule = {
  id: 'page-huge',
  title: 'A page is tested for being part of a hugetlb folio',
  kind: 'folio-test',
  symbols: [
    {
      name: 'PageHuge',
      does: 'Finds the folio of the page and asks `folio_test_hugetlb()` of it; true for tail pages too.',
      source: 'include/linux/page-flags.h',
    },
  ],
  assumes:
    'The page stays in the folio that it is in now, and the answer for the folio holds for the page; without a reference or a lock the folio may be split or dissolved meanwhile.',
  ask: 'After a split each page is a folio of its own and the answer is no, although the memory still belongs to a hugetlb pool: is that what the caller wants to know?',
  examples: {
    fires: [
      'static bool skip(struct page *page)\n{\n\treturn «PageHuge»(page);\n}\n',
      'static int f(struct page *p)\n{\n\tbool (*test)(const struct page *) = «PageHuge»;\n\n\treturn test(p);\n}\n',
    ],
    silent: [
      'static inline bool PageHuge(const struct page *page)\n{\n\treturn true;\n}\nEXPORT_SYMBOL_GPL(PageHuge);\n',
      'static int f(struct page *page)\n{\n\treturn PageHugeObject(page) + page->PageHuge;\n}\n',
    ],
  },
};
