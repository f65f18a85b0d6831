/** A block whose vmemmap is optimised away is one folio. */
import { isRestructured } from '../host/host';
import { host4, made, toShared, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const hvoImpliesNotSplit: Invariant = {
  name: 'HVO=>NOT-SPLIT',
  statement: 'While the vmemmap of a block is optimised away the block is one folio: its tail struct pages cannot be written.',
  label: 'code',
  source: 'mm/hugetlb_vmemmap.c',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'block',
  outline: (_host, { block, index }) =>
    block.hvo && isRestructured(block) ? `Block ${index} is split, and its vmemmap is optimised away.` : null,
  held: [{ what: 'a page is shared', spec: host4('A'), operations: [...made(), written(), toShared(7)] }],
  violated: [
    {
      what: 'a split without its restore, which no operation leaves',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7)],
      damage: (host) => {
        host.files[0]!.blocks[0]!.hvo = true;
      },
    },
  ],
};
