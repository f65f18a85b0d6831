/** What hugetlb has promised it has. */
import { freeOf, type Hstate } from '../host/pools';
import { host4, made, punched, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const resvBacked: Invariant = {
  name: 'RESV-BACKED',
  statement: 'For each size: 0 <= resv_huge_pages <= free_huge_pages.',
  label: 'doc',
  source: 'Documentation/mm/hugetlbfs_reserv.rst',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'host',
  counts: (host) => unbacked('1G', host.hstates['1G']) ?? unbacked('2M', host.hstates['2M']),
  held: [{ what: 'a block is punched', spec: host4('A'), operations: [...made(4), written(), written(1), punched(0)] }],
  violated: [
    {
      what: 'the pool shrinks while files have its pages, then one is punched',
      spec: host4('B'),
      operations: [...made(4), written(), written(1), written(2), written(3), { kind: 'resize', pageSize: '1G', count: 3 }, punched(0)],
    },
  ],
};

function unbacked(size: string, h: Hstate): string | null {
  const free = freeOf(h);
  return h.resv < 0 || h.resv > free ? `Of ${size} pages ${h.resv} are reserved and ${free} are free.` : null;
}
