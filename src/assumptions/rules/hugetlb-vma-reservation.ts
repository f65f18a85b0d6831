/** Allocation and reservation of huge pages on behalf of a VMA. */
import type { Rule } from '../rule';

const source = 'mm/hugetlb.c';

export const hugetlbVmaReservation: Rule = {
  id: 'hugetlb-vma-reservation',
  title: 'A huge page is allocated or a reservation changed for a VMA',
  kind: 'vma-operation',
  symbols: [
    {
      name: 'alloc_hugetlb_folio',
      does: 'Allocates a huge page for an address of a hugetlb VMA, using its reservation where it has one.',
      source,
    },
    { name: 'restore_reserve_on_error', does: 'Puts a reservation back that an allocation used before it failed later.', source },
    { name: 'hugetlb_dup_vma_private', does: 'Clears `vm_private_data` in the copy of a hugetlb VMA.', source },
    { name: 'clear_vma_resv_huge_pages', does: 'Drops the reservation of a hugetlb VMA that was moved by mremap.', source },
  ],
  assumes:
    'The VMA is hugetlb: subpool and hstate come from its file, and the reservation map hangs at the inode (shared) or in `vm_private_data` (private).',
  ask: 'Memory for guest_memfd is reserved and allocated without a VMA: is the count of subpool and hstate the same on both ways, on errors too?',
  examples: {
    fires: ['struct folio *f(struct vm_area_struct *vma)\n{\n\treturn «alloc_hugetlb_folio»(vma, 0, 0);\n}\n'],
    silent: [
      'struct folio *alloc_hugetlb_folio(struct vm_area_struct *vma,\n\t\t\t\tunsigned long addr, int avoid_reserve);\n',
      'struct folio *f(struct hstate *h)\n{\n\treturn alloc_hugetlb_folio_nodemask(h, 0, NULL, 0, false);\n}\n',
    ],
  },
};
