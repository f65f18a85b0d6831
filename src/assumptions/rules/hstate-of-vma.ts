/** The huge page pool of a VMA. */
import type { Rule } from '../rule';

export const hstateOfVma: Rule = {
  id: 'hstate-of-vma',
  title: 'The hstate of a VMA is taken',
  kind: 'vma-operation',
  symbols: [
    {
      name: 'hstate_vma',
      does: 'Follows `vma->vm_file` to the superblock and reads it as hugetlbfs’s own, without a check.',
      source: 'include/linux/hugetlb.h',
    },
  ],
  assumes:
    'The VMA has a file, and the file lives in hugetlbfs. On any other file system `s_fs_info` is something else, and the hstate is a wild pointer.',
  ask: 'Can a VMA of guest_memfd, whose huge pages have an hstate but whose file is not in hugetlbfs, get here?',
  examples: {
    fires: ['unsigned long f(struct vm_area_struct *vma)\n{\n\treturn huge_page_size(«hstate_vma»(vma));\n}\n'],
    silent: [
      'static inline struct hstate *hstate_vma(struct vm_area_struct *vma)\n{\n\treturn NULL;\n}\n',
      'struct hstate *f(struct ops *ops)\n{\n\treturn ops->hstate_vma(ops);\n}\n',
    ],
  },
};
