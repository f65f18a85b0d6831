/** Tests of whether a file is a hugetlbfs file. */
import type { Rule } from '../rule';

export const isFileHugepages: Rule = {
  id: 'is-file-hugepages',
  title: 'A file is tested for being in hugetlbfs',
  kind: 'file-test',
  symbols: [
    {
      name: 'is_file_hugepages',
      does: 'Tells whether the operations of the file carry `FOP_HUGE_PAGES`; without hugetlbfs in the kernel it is false.',
      source: 'include/linux/hugetlb.h',
    },
  ],
  assumes:
    'A file hands out huge pages exactly when its operations carry `FOP_HUGE_PAGES`, and then it is hugetlbfs’s: size, alignment and accounting follow from its hstate.',
  ask: 'guest_memfd does not carry the flag although its pages may be huge: should the caller know of it?',
  examples: {
    fires: ['int f(struct file *file)\n{\n\treturn file && «is_file_hugepages»(file);\n}\n'],
    silent: [
      '#define is_file_hugepages(file)\t\t\tfalse\n',
      'static inline bool is_file_hugepages(const struct file *file)\n{\n\treturn file->flag;\n}\n',
    ],
  },
};
