/** Operations of hugetlb on whole ranges of a VMA: copy, move, unmap, protect. */
import type { Rule } from '../rule';

const source = 'mm/hugetlb.c';

export const hugetlbRange: Rule = {
  id: 'hugetlb-range',
  title: 'A range of a hugetlb VMA is copied, moved, unmapped or protected',
  kind: 'vma-operation',
  symbols: [
    { name: 'copy_hugetlb_page_range', does: 'Copies the huge entries of a VMA into a child at fork.', source },
    { name: 'move_hugetlb_page_tables', does: 'Moves huge entries to another address for mremap.', source },
    { name: 'unmap_hugepage_range', does: 'Unmaps a range of huge pages with notifiers and a TLB gather of its own.', source },
    { name: '__unmap_hugepage_range', does: 'Unmaps a range of huge pages within a TLB gather that the caller has.', source },
    { name: '__hugetlb_zap_begin', does: 'Widens the range and takes the locks that unmapping a hugetlb VMA needs.', source },
    { name: '__hugetlb_zap_end', does: 'Drops those locks, and the VMA lock for good where the VMA goes away.', source },
    { name: 'hugetlb_change_protection', does: 'Changes the protection of huge entries and gives how many base pages they cover.', source },
  ],
  assumes:
    'The VMA is hugetlb: its hstate gives the step, its range is aligned to it, each entry is a huge one, and reservations and rmap are put right in hugetlb’s way.',
  ask: 'Does each caller decide by `is_vm_hugetlb_page()`, and is that the right question for the memory behind the VMA?',
  examples: {
    fires: ['int f(struct vm_area_struct *vma, struct vm_area_struct *to)\n{\n\treturn «move_hugetlb_page_tables»(vma, to, 0, 0, 0);\n}\n'],
    silent: [
      'void unmap_hugepage_range(struct vm_area_struct *,\n\t\t\t  unsigned long, unsigned long, struct page *,\n\t\t\t  zap_flags_t);\n',
      'static inline int move_hugetlb_page_tables(struct vm_area_struct *vma,\n\t\t\t\t\t   struct vm_area_struct *new_vma)\n{\n\tBUG();\n\treturn 0;\n}\n',
    ],
  },
};
