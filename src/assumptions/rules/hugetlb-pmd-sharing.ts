/** Sharing of PMD page tables between mappings of one hugetlbfs file. */
import type { Rule } from '../rule';

const source = 'mm/hugetlb.c';

export const hugetlbPmdSharing: Rule = {
  id: 'hugetlb-pmd-sharing',
  title: 'PMD tables are shared or unshared',
  kind: 'vma-operation',
  symbols: [
    { name: 'huge_pmd_share', does: 'Looks for another mapping of the file whose PMD table can serve here too.', source },
    { name: 'huge_pmd_unshare', does: 'Drops a shared PMD table from this mapping; the entry above it is cleared.', source },
    { name: 'huge_pmd_unshare_flush', does: 'Ends a run of `huge_pmd_unshare()` with the TLB flush that it owes.', source },
    { name: 'want_pmd_share', does: 'Tells whether a range of a hugetlb VMA may share its PMD table.', source },
    {
      name: 'adjust_range_if_pmd_sharing_possible',
      does: 'Widens a range to whole PUDs where a table in it may be shared, so that notifiers and flushes cover all of it.',
      source,
    },
    { name: 'hugetlb_unshare_all_pmds', does: 'Unshares every PMD table of a hugetlb VMA.', source },
    { name: 'hugetlb_split', does: 'Unshares tables that would straddle the address at which a hugetlb VMA is split.', source },
  ],
  assumes:
    'The page tables below the VMA are hugetlb’s, its file mapping’s `i_mmap_rwsem` and the hugetlb VMA lock are held as sharing demands, and a PMD table may be in use by other processes.',
  ask: 'For memory that is huge but mapped by ordinary page tables, this is wasted at best; is it kept away from it?',
  examples: {
    fires: [
      'int f(struct mmu_gather *tlb, struct vm_area_struct *vma, pte_t *pte)\n{\n\treturn «huge_pmd_unshare»(tlb, vma, 0, pte);\n}\n',
      'void g(struct vm_area_struct *vma, unsigned long *start, unsigned long *end)\n{\n\t«adjust_range_if_pmd_sharing_possible»(vma, start,\n\t\t\t\t\t     end);\n}\n',
    ],
    silent: [
      'static inline int huge_pmd_unshare(struct mmu_gather *tlb,\n\t\tstruct vm_area_struct *vma, unsigned long addr, pte_t *ptep)\n{\n\treturn 0;\n}\n',
      'void f(void)\n{\n\t// huge_pmd_unshare(tlb, vma, addr, ptep);\n}\n',
    ],
  },
};
