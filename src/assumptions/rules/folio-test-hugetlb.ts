/** Tests of whether a folio is a hugetlb folio. */
import type { Rule } from '../rule';

export const folioTestHugetlb: Rule = {
  id: 'folio-test-hugetlb',
  title: 'A folio is tested for being hugetlb',
  kind: 'folio-test',
  symbols: [
    {
      name: 'folio_test_hugetlb',
      does: 'Reads the page type of the folio; it is `PGTY_hugetlb` from allocation out of the pool until the folio is dissolved.',
      source: 'include/linux/page-flags.h',
    },
  ],
  assumes:
    'The branch taken says how this folio is accounted, mapped and freed: through hstate, subpool and hugetlb cgroup on one side, through the buddy allocator and memcg on the other.',
  ask: 'A folio that came from hugetlb and was split has no hugetlb type any more: which branch should it take, and can the type change between this test and what relies on it?',
  examples: {
    fires: [
      'static int f(struct folio *folio)\n{\n\tif («folio_test_hugetlb»(folio))\n\t\treturn 1;\n\treturn 0;\n}\n',
      '#define is_plain(folio) (!«folio_test_hugetlb»(folio))\n',
      'void g(struct folio *folio)\n{\n#ifdef CONFIG_OTHER\n\tVM_BUG_ON_FOLIO(«folio_test_hugetlb»(folio), folio);\n#endif\n}\n',
    ],
    silent: [
      '/* folio_test_hugetlb() is asked elsewhere */\nstatic const char *name = "folio_test_hugetlb";\n',
      'bool folio_test_hugetlb(const struct folio *folio);\n',
      'bool f(struct folio *folio)\n{\n\treturn folio_test_hugetlb_migratable(folio);\n}\n',
    ],
  },
};
