/** What is private alone is one folio again: quality, not safety. */
import { isAll } from '../host/pages';
import { isRestructured } from '../host/host';
import { blockRange, host4, made, toPrivate, toShared, touched, written } from './examples';
import type { Invariant } from './invariant';

export const privateImpliesMerged: Invariant = {
  name: 'PRIVATE=>MERGED',
  statement: 'A block of which nothing is shared is empty or one folio.',
  label: 'code',
  source: 'patch 39, its text; the principle of v2',
  holdsFor: ['B', 'B2', 'C', 'D'],
  kind: 'quality',
  oncePer: 'block',
  outline: (_host, { file, block, index }) =>
    file.order > 0 && isRestructured(block) && isAll(block.share, 0) ? `Nothing of block ${index} is shared, and it is split.` : null,
  held: [{ what: 'shared and private again', spec: host4('B'), operations: [...made(), written(), toShared(7), toPrivate(7)] }],
  violated: [
    {
      what: 'shared and private again, less than the whole block (A-1)',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), toPrivate(7)],
    },
    {
      what: 'all was faultable at first, and one page goes private (SW_PROTECTED)',
      spec: host4('A', [], 'sw-protected'),
      operations: [
        ...made(1, 'shared'),
        { kind: 'allocate', file: 'g', offset: 0, size: 2 ** 30 },
        toPrivate(0, blockRange(0).to / 2),
        toPrivate(blockRange(0).to / 2, blockRange(0).to),
        touched(3),
      ],
    },
  ],
};
