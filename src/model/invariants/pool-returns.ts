/** L3: when all have let go the pool is as it was before. */
import { DRAINING, ORPHAN } from '../host/state';
import { closed, host4, hostTouched, made, mapped, pinned, toShared, unmapped, unpinned, waited, written } from './examples';
import type { Invariant } from './invariant';

export const poolReturns: Invariant = {
  name: 'L3',
  statement:
    'After the last close and the last release of a reference the pool has all of the file’s pages back (B: after the work queue).',
  label: 'derived',
  source: 'model-facts §3.3',
  holdsFor: ['B', 'B2', 'C', 'D', 'E'],
  kind: 'liveness',
  oncePer: 'block',
  outline: (host, { file, block, index }) => {
    if (file.alive || file.order === 0 || block.holds.length > 0) return null;
    if (block.state === ORPHAN) return `${file.name} is gone, and block ${index} will never come back.`;
    if (block.state !== DRAINING) return null;
    const waits = host.pending.some((each) => each.file === file.id && each.block === index);
    return waits ? null : `${file.name} is gone, nobody refers to block ${index}, and nothing will bring it back.`;
  },
  held: [
    {
      what: 'a pin after the close',
      spec: host4('B'),
      operations: [...made(), written(), toShared(7), mapped, hostTouched(7), pinned(7), closed, unmapped, unpinned(7), waited],
    },
  ],
  violated: [
    {
      what: 'a pin at the close (A-3)',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), mapped, hostTouched(7), pinned(7), closed, unmapped, unpinned(7)],
    },
  ],
};
