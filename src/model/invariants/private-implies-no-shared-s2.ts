/** A private page has no shared stage-2 leaf. */
import { runsOf } from '../host/pages';
import { isSharedLeaf } from '../host/stage2';
import { host4, made, toPrivate, toShared, touched as guestTouched, written } from './examples';
import { sharedRuns } from './sharing';
import { ALL, type Invariant } from './invariant';

export const privateImpliesNoSharedS2: Invariant = {
  name: 'PRIVATE=>NO-SHARED-S2',
  statement: 'No shared stage-2 leaf covers a private page.',
  label: 'derived',
  source: 'A zaps by guest frame; B by notifiers of user mappings',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'block',
  block: (host, touched) => {
    const { block, index } = touched;
    if (block.s2 === 0) return null;
    for (const run of sharedRuns(host, touched, false)) {
      const leaf = runsOf(block.s2, run.from, run.to).find(({ value }) => isSharedLeaf(value));
      if (leaf !== undefined) return `Pages ${leaf.from} to ${leaf.to - 1} of block ${index} are private, and a shared leaf maps them.`;
    }
    return null;
  },
  held: [
    {
      what: 'shared, touched, private again',
      spec: host4('B'),
      operations: [...made(), written(), toShared(7), guestTouched(7), toPrivate(7)],
    },
  ],
  violated: [
    {
      what: 'no process maps the file, so nothing notifies (B-5)',
      spec: host4('B', ['B-5=as-written']),
      operations: [...made(), written(), toShared(7), guestTouched(7), toPrivate(7)],
    },
  ],
};
