/** A shared page has no private stage-2 leaf. */
import { PRIVATE_LEAVES } from '../host/stage2';
import { host4, made, toShared, written } from './examples';
import { leafClash } from './sharing';
import { ALL, type Invariant } from './invariant';

export const sharedImpliesNoPrivateS2: Invariant = {
  name: 'SHARED=>NO-PRIVATE-S2',
  statement: 'No private stage-2 leaf covers a shared page.',
  label: 'code',
  source: 'kvm_unmap_gfn_range() at every conversion',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'block',
  block: (host, touched) => {
    const leaf = leafClash(host, touched, true, PRIVATE_LEAVES);
    return leaf === null
      ? null
      : `Pages ${leaf.from} to ${leaf.to - 1} of block ${touched.index} are shared, and a private leaf maps them.`;
  },
  held: [{ what: 'a page is shared', spec: host4('B'), operations: [...made(), written(), toShared(7)] }],
  violated: [
    {
      what: 'a leaf survives the conversion, as when TDX cannot unmap',
      spec: host4('B'),
      operations: [...made(), written(), toShared(7)],
      damage: (host) => {
        host.files[0]!.blocks[0]!.s2 = 2;
      },
    },
  ],
};
