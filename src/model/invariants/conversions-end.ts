/** L1: a conversion that nobody stands in the way of ends well. */
import { host4, made, toPrivate, toShared, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const conversionsEnd: Invariant = {
  name: 'L1',
  statement: 'Every conversion of pages that nobody else refers to ends with 0 (or for want of memory).',
  label: 'derived',
  source: 'model-facts §3.3',
  holdsFor: ALL,
  kind: 'liveness',
  oncePer: 'block',
  facts: ['conversion-stuck'],
  held: [{ what: 'there and back', spec: host4('B'), operations: [...made(), written(), toShared(7), toPrivate(7)] }],
  violated: [
    {
      what: 'the second split of a block (B-1)',
      spec: host4('B', ['B-1=as-written']),
      operations: [...made(), written(), toShared(7), toPrivate(7), toShared(7)],
    },
  ],
};
