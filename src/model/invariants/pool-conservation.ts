/** The pages of a pool are free, in use, or in a file. */
import type { Host } from '../host/host';
import type { Hstate } from '../host/pools';
import { closed, host4, made, toShared, waited, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const poolConservation: Invariant = {
  name: 'POOL-CONSERVATION',
  statement: 'nr_huge_pages = free + in hugetlbfs + in files + leaked; of the global pool: total = free + in files.',
  label: 'code',
  source: 'mm/hugetlb.c; the pool of C is assumed',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'host',
  counts: (host) =>
    ofHstate('1G', host.hstates['1G'], host.pool.total > 0 || host.cma.total > 0 ? 0 : host.gmem1G) ??
    ofHstate('2M', host.hstates['2M'], host.gmem2M) ??
    ofPool(host),
  held: [{ what: 'made, shared, closed', spec: host4('C'), operations: [...made(), written(), toShared(7), closed, waited] }],
  violated: [
    {
      what: 'a free page that nobody counted, which no operation makes',
      spec: host4('A'),
      operations: [...made()],
      damage: (host) => {
        host.hstates['1G'].nodes[0]!.free += 1;
      },
    },
  ],
};

function ofHstate(size: string, h: Hstate, gmem: number): string | null {
  let nr = 0;
  let known = gmem;
  for (const node of h.nodes) {
    nr += node.nr;
    known += node.free + node.inUse + node.leaked;
  }
  return nr === known ? null : `There are ${nr} pages of ${size}, and ${known} are accounted for.`;
}

function ofPool({ pool, cma, gmem1G }: Host): string | null {
  if (pool.total > 0 && pool.total !== pool.free + pool.poisoned + gmem1G)
    return `The pool has ${pool.total} folios, ${pool.free} of them free and ${gmem1G} in files.`;
  if (cma.total > 0 && cma.total !== cma.free + cma.poisoned + gmem1G)
    return `The area has ${cma.total} windows, ${cma.free} of them free and ${gmem1G} in files.`;
  return null;
}
