/** What is shared lies in folios of 4K. */
import { inFilemap } from '../host/host';
import { alikeEnd, firstClash, isAll } from '../host/pages';
import { valueSet } from '../host/page-cells';
import { SPLIT } from '../host/state';
import { host4, made, toShared, written } from './examples';
import type { Invariant } from './invariant';

export const shareImpliesSplit: Invariant = {
  name: 'SHARE=>SPLIT',
  statement: 'A block of which something is shared is split; on two levels, its shared 2M parts are.',
  label: 'code',
  source: 'patch 39; v2 guest_memfd.c',
  holdsFor: ['A', 'B', 'B2', 'C', 'D'],
  kind: 'safety',
  oncePer: 'block',
  block: (_host, { file, block, index, from, to }) => {
    if (file.order === 0 || file.hung || isAll(block.share, 0) || block.state === SPLIT || !inFilemap(block)) return null;
    if (block.twoLevel) {
      const page = firstClash(block.share, block.small, from, to, 0, valueSet(0));
      return page < 0
        ? null
        : `Pages ${page} to ${alikeEnd(block.share, block.small, page, to) - 1} of block ${index} are shared in folios of 2M.`;
    }
    return `Something of block ${index} is shared, and the block is one folio.`;
  },
  held: [
    { what: 'one page is shared', spec: host4('B'), operations: [...made(), written(), toShared(7)] },
    { what: 'one page is shared, on two levels', spec: host4('B', ['split=two-level']), operations: [...made(), written(), toShared(7)] },
  ],
  violated: [
    {
      what: 'the map says shared and nothing was split, which no operation leaves',
      spec: host4('B'),
      operations: [...made(), written()],
      damage: (host) => {
        host.files[0]!.blocks[0]!.share = 1;
      },
    },
  ],
};
