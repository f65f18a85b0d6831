/** Tests of whether a VMA is a hugetlb VMA, by the function for it. */
import type { Rule } from '../rule';

export const isVmHugetlbPage: Rule = {
  id: 'is-vm-hugetlb-page',
  title: 'A VMA is tested for being hugetlb',
  kind: 'vma-test',
  symbols: [
    {
      name: 'is_vm_hugetlb_page',
      does: 'Tells whether `VM_HUGETLB` is set in the flags of the VMA.',
      source: 'include/linux/hugetlb_inline.h',
    },
  ],
  assumes:
    'A VMA maps hugetlb folios exactly when `VM_HUGETLB` is set, so that page tables below it have one huge entry a folio, `vm_file` is a hugetlbfs file, and `vm_private_data` is hugetlb’s.',
  ask: 'A guest_memfd VMA may map memory of a hugetlb pool without `VM_HUGETLB`: does the other branch do the right thing with such a folio?',
  examples: {
    fires: ['int f(struct vm_area_struct *vma)\n{\n\tif (unlikely(«is_vm_hugetlb_page»(vma)))\n\t\treturn 1;\n\treturn 0;\n}\n'],
    silent: [
      'static inline bool is_vm_hugetlb_page(const struct vm_area_struct *vma)\n{\n\treturn false;\n}\n',
      '#ifndef is_vm_hugetlb_page\n#define is_vm_hugetlb_page(vma) false\n#endif\n',
    ],
  },
};
