/** Nobody reads what others have left. */
import { blockRange, host4, made, mapped, hostTouched, toPrivate, toShared, touched, written } from './examples';
import type { Invariant } from './invariant';

export const noStaleData: Invariant = {
  name: 'NO-STALE-DATA',
  statement: 'A page that becomes readable for someone new holds zeroes, or what the policy says is kept.',
  label: 'thread',
  source: 'patch 30; Ackerley 2024-10-03; model-facts §3.2',
  holdsFor: ['A', 'E'],
  kind: 'safety',
  oncePer: 'block',
  facts: ['stale-data'],
  held: [
    {
      what: 'a shared page is read by the host',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), mapped, hostTouched(7)],
    },
  ],
  violated: [
    {
      what: 'the head of a split block was prepared and the tails were not (SC-22)',
      spec: host4('B', [], 'sw-protected'),
      operations: [...made(), toShared(5), touched(0), toPrivate(5), touched(9, blockRange(0).to, 'read')],
    },
  ],
};
