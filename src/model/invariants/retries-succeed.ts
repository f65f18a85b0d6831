/** L2: when the others have let go a retry succeeds. */
import { blockRange, host4, made, referenced, released, toPrivate, toShared, written } from './examples';
import type { Invariant } from './invariant';

export const retriesSucceed: Invariant = {
  name: 'L2',
  statement: 'A conversion that failed for a reference of others succeeds when it is tried again without it.',
  label: 'derived',
  source: 'model-facts §3.3',
  holdsFor: ['B', 'B2', 'C', 'D', 'E'],
  kind: 'liveness',
  oncePer: 'block',
  facts: ['conversion-fatal'],
  held: [
    {
      what: 'a reference that is dropped',
      spec: host4('B'),
      operations: [...made(), written(), toShared(7), referenced(7), toPrivate(7), released(7), toPrivate(7)],
    },
  ],
  violated: [
    {
      what: 'a plain reference at the merge (A-3)',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), referenced(7), toPrivate(0, blockRange(0).to)],
    },
  ],
};
