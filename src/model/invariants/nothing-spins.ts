/** L4: nothing goes on for ever. */
import { host4, hostTouched, made, mapped, pinned, referenced, released, toShared, written } from './examples';
import type { Invariant } from './invariant';

export const nothingSpins: Invariant = {
  name: 'L4',
  statement: 'No operation waits or loops for ever.',
  label: 'derived',
  source: 'model-facts §3.3',
  holdsFor: ['E'],
  kind: 'liveness',
  oncePer: 'block',
  facts: ['hang'],
  held: [
    {
      what: 'a reference that is dropped in time',
      spec: host4('B'),
      operations: [...made(), written(), referenced(7), released(7), toShared(7)],
    },
  ],
  violated: [
    { what: 'a reference of a private page (B-6)', spec: host4('B'), operations: [...made(), written(), referenced(9), toShared(7)] },
    {
      what: 'a long-term pin of a page in a CMA area (P10)',
      spec: host4('D'),
      operations: [...made(), written(), toShared(7), mapped, hostTouched(7), pinned(7)],
    },
  ],
};
