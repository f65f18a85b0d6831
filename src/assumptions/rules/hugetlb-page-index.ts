/** Offsets in a mapping counted in huge pages. */
import type { Rule } from '../rule';

export const hugetlbPageIndex: Rule = {
  id: 'hugetlb-page-index',
  title: 'An address becomes an offset in huge pages',
  kind: 'vma-operation',
  symbols: [
    {
      name: 'vma_hugecache_offset',
      does: 'Gives the offset of an address in the file in huge pages of the hstate, as reservations count it.',
      source: 'mm/hugetlb.c',
    },
    {
      name: 'hugetlb_linear_page_index',
      does: 'Gives the offset of an address in the file in huge pages of `hstate_vma()`.',
      source: 'include/linux/hugetlb.h',
    },
  ],
  assumes:
    'Start and offset of the VMA are multiples of the huge page size, and whoever takes the result counts in huge pages too; the page cache itself counts in base pages.',
  ask: 'guest_memfd counts its index in base pages: is a conversion missing or done twice?',
  examples: {
    fires: ['pgoff_t f(struct vm_area_struct *vma, unsigned long addr)\n{\n\treturn «hugetlb_linear_page_index»(vma, addr);\n}\n'],
    silent: [
      'static pgoff_t vma_hugecache_offset(struct hstate *h,\n\t\t\tstruct vm_area_struct *vma, unsigned long address)\n{\n\treturn 0;\n}\n',
      'pgoff_t f(struct vm_area_struct *vma, unsigned long addr)\n{\n\treturn linear_page_index(vma, addr);\n}\n',
    ],
  },
};
