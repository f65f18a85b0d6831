/** What is in use stays as it is. */
import { host4, made, punchedPages, toPrivate, toShared, touched, written } from './examples';
import type { Invariant } from './invariant';

export const noLostData: Invariant = {
  name: 'NO-LOST-DATA',
  statement: 'A conversion of a page changes the content of that page alone; a punch of a range, that of the range.',
  label: 'derived',
  source: 'model-facts §3.2',
  holdsFor: ['B', 'B2', 'C', 'D', 'E'],
  kind: 'safety',
  oncePer: 'block',
  facts: ['lost-data'],
  held: [
    { what: 'one page goes there and back', spec: host4('B'), operations: [...made(), written(), toShared(7), toPrivate(7), written()] },
  ],
  violated: [
    {
      what: 'neighbours in the zapped leaf are zeroed at their next fault (A-4)',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), touched(8)],
    },
    {
      what: 'the head was never touched, a tail was (SC-22)',
      spec: host4('B'),
      operations: [...made(), toShared(5), touched(7), toPrivate(5), touched(0)],
    },
    {
      what: 'a punch of 4 KiB zeroes the whole huge page (A-5)',
      spec: host4('A'),
      operations: [...made(), written(), punchedPages(100, 101)],
    },
  ],
};
