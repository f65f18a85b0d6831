/** A private page has no shared stage-2 leaf. */
import { SHARED_LEAVES } from '../host/stage2';
import { host4, made, toPrivate, toShared, touched as guestTouched, written } from './examples';
import { leafClash } from './sharing';
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
    const leaf = leafClash(host, touched, false, SHARED_LEAVES);
    return leaf === null
      ? null
      : `Pages ${leaf.from} to ${leaf.to - 1} of block ${touched.index} are private, and a shared leaf maps them.`;
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
