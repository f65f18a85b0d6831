/** The huge page pool of an inode. */
import type { Rule } from '../rule';

export const hstateOfInode: Rule = {
  id: 'hstate-of-inode',
  title: 'The hstate of an inode is taken',
  kind: 'file-test',
  symbols: [
    {
      name: 'hstate_inode',
      does: 'Reads `s_fs_info` of the superblock as `struct hugetlbfs_sb_info`, without a check.',
      source: 'include/linux/hugetlb.h',
    },
  ],
  assumes: 'The inode is hugetlbfs’s. A guest_memfd inode keeps its hstate in private data of its own, and must not come here.',
  ask: 'Is the inode known to be hugetlbfs’s, or only known to hold huge pages?',
  examples: {
    fires: ['struct hstate *f(struct inode *inode)\n{\n\treturn «hstate_inode»(inode);\n}\n'],
    silent: ['static inline struct hstate *hstate_inode(struct inode *i)\n{\n\treturn NULL;\n}\n', '/*\n * hstate_inode(inode)\n */\n'],
  },
};
