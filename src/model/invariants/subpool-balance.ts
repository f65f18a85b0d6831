/** A file's subpool knows how many blocks are out. */
import { closed, host4, made, mapped, punched, referenced, touched, written } from './examples';
import type { Invariant } from './invariant';

export const subpoolBalance: Invariant = {
  name: 'SUBPOOL-BALANCE',
  statement:
    'While the inode lives, used + rsv = max of its subpool, and used is the number of blocks that are allocated and not returned.',
  label: 'code',
  source: 'mm/hugetlb.c hugepage_subpool_get_pages(), hugepage_subpool_put_pages()',
  holdsFor: ['A', 'B', 'B2', 'C'],
  kind: 'safety',
  oncePer: 'file',
  outline: (_host, { file }) => {
    const { subpool } = file;
    if (subpool === null || !file.alive) return null;
    const { used, rsv, max } = subpool;
    return used + rsv === max && used === file.allocated
      ? null
      : `The subpool of ${file.name} has used ${used} and rsv ${rsv} of ${max}; ${file.allocated} blocks are out.`;
  },
  held: [{ what: 'a block is punched', spec: host4('A'), operations: [...made(2), written(), written(1), punched(0), closed] }],
  violated: [
    {
      what: 'a folio is punched that someone refers to, with restore_reserve set (A-8)',
      spec: host4('A'),
      operations: [...made(2), written(), mapped, touched(262144), referenced(7), punched(0)],
    },
  ],
};
