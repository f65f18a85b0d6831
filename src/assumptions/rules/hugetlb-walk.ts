/** Walks of page tables that expect a huge entry at the end. */
import type { Rule } from '../rule';

export const hugetlbWalk: Rule = {
  id: 'hugetlb-walk',
  title: 'The page tables of a hugetlb VMA are walked',
  kind: 'vma-operation',
  symbols: [
    {
      name: 'hugetlb_walk',
      does: 'Finds the entry for an address at the level of the given size, and asks lockdep for the locks that sharing needs.',
      source: 'include/linux/hugetlb.h',
    },
    {
      name: 'huge_pte_offset',
      does: 'Finds the entry for an address at the level of the given size, with no check of locks.',
      source: 'mm/hugetlb.c',
    },
    {
      name: 'huge_pte_alloc',
      does: 'Finds or makes the tables down to the entry for a huge page, sharing a PMD table if it can.',
      source: 'mm/hugetlb.c',
    },
  ],
  assumes:
    'The tables below the VMA stop at the level of the hstate’s page size. The entry found is read as a leaf; were it a table of smaller pages, its address would be taken for the memory itself.',
  ask: 'Can the memory here be mapped at a smaller size than the pool’s (after a split, or by an ordinary fault)?',
  examples: {
    fires: ['pte_t *f(struct vm_area_struct *vma, unsigned long addr)\n{\n\treturn «hugetlb_walk»(vma, addr, PMD_SIZE);\n}\n'],
    silent: [
      'static inline pte_t *\nhugetlb_walk(struct vm_area_struct *vma, unsigned long addr, unsigned long sz)\n{\n\treturn NULL;\n}\n',
      'static const struct mm_walk_ops ops = {\n\t.hugetlb_walk = other,\n};\n',
    ],
  },
};
