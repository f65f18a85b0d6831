/** The huge page pool of a file. */
import type { Rule } from '../rule';

export const hstateOfFile: Rule = {
  id: 'hstate-of-file',
  title: 'The hstate of a file is taken',
  kind: 'file-test',
  symbols: [
    {
      name: 'hstate_file',
      does: 'Reads the superblock of the file as hugetlbfs’s own, without a check.',
      source: 'include/linux/hugetlb.h',
    },
  ],
  assumes: 'The file lives in hugetlbfs. On another file system what is read as an hstate is a wild pointer.',
  ask: 'Which test before it rules out every other file?',
  examples: {
    fires: ['struct hstate *f(struct vm_area_struct *vma)\n{\n\treturn «hstate_file»(vma->vm_file);\n}\n'],
    silent: ['static inline struct hstate *hstate_file(struct file *f)\n{\n\treturn NULL;\n}\n', 'extern int hstate_file_count;\n'],
  },
};
