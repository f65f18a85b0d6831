/** All pages belong to someone. */
import { nrOf } from '../host/pools';
import type { Host } from '../host/host';
import { ORPHAN } from '../host/state';
import { blockRange, closed, host4, made, referenced, toPrivate, toShared, waited, written } from './examples';
import type { Invariant } from './invariant';

const GIGA = 2 ** 18;
const MEGA = 2 ** 9;

export const noLeak: Invariant = {
  name: 'NO-LEAK',
  statement: 'The pages of all owners are the pages there are, and no block is orphaned.',
  label: 'assumption',
  source: 'the model’s own law of conservation',
  holdsFor: ['B', 'B2', 'C', 'D', 'E'],
  kind: 'safety',
  oncePer: 'block',
  outline: (_host, { block, index, file }) =>
    block.state === ORPHAN ? `${file.blockPages} pages of block ${index} belong to nobody.` : null,
  counts: (host) => {
    const total = pagesOf(host);
    const owned = ownedPages(host);
    return total === owned ? null : `There are ${total} pages, and owners of ${owned}.`;
  },
  held: [{ what: 'made, shared, closed', spec: host4('B'), operations: [...made(), written(), toShared(7), closed, waited] }],
  violated: [
    {
      what: 'a plain reference at the merge (A-3)',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), referenced(7), toPrivate(0, blockRange(0).to)],
    },
  ],
};

function pagesOf(host: Host): number {
  let total = 0;
  for (const node of host.nodes) total += node.total;
  return total;
}

function ownedPages(host: Host): number {
  let owned = nrOf(host.hstates['1G']) * GIGA + nrOf(host.hstates['2M']) * MEGA + (host.pool.total + host.cma.total) * GIGA;
  for (const node of host.nodes) {
    owned +=
      node.buddy + node.vmemmap + node.vmemmapTables + node.restVmemmap + node.gmem + node.twins + node.slab + node.taken + node.stuck;
  }
  return owned;
}
