/** Faults that hugetlb handles. */
import type { Rule } from '../rule';

const source = 'mm/hugetlb.c';

export const hugetlbFault: Rule = {
  id: 'hugetlb-fault',
  title: 'A fault is given to hugetlb',
  kind: 'vma-operation',
  symbols: [
    { name: 'hugetlb_fault', does: 'Handles a page fault in a hugetlb VMA, in the place of the ordinary walk.', source },
    { name: 'hugetlb_mfill_atomic_pte', does: 'Fills a huge page of a hugetlb VMA for userfaultfd.', source },
  ],
  assumes:
    'The VMA is hugetlb; faults on one huge page are serialised by `hugetlb_fault_mutex_table`, and pages come from the hstate of its file with its reservations.',
  ask: 'A guest_memfd VMA faults through its own `vm_ops`: what of this does its handler have to do as well (fault mutex, reservation, clearing)?',
  examples: {
    fires: ['vm_fault_t f(struct vm_area_struct *vma)\n{\n\treturn «hugetlb_fault»(vma->vm_mm, vma, 0, 0);\n}\n'],
    silent: [
      'vm_fault_t hugetlb_fault(struct mm_struct *mm, struct vm_area_struct *vma,\n\t\t\tunsigned long address, unsigned int flags);\n',
      'u32 f(struct address_space *mapping)\n{\n\treturn hugetlb_fault_mutex_hash(mapping, 0);\n}\n',
    ],
  },
};
