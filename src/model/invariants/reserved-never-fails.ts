/** L5: what was reserved can be had. */
import { host4, made, punched, touched, written } from './examples';
import type { Invariant } from './invariant';

export const reservedNeverFails: Invariant = {
  name: 'L5',
  statement: 'An allocation that a reservation covers never fails.',
  label: 'derived',
  source: 'model-facts §3.3',
  holdsFor: ['C', 'D', 'E'],
  kind: 'liveness',
  oncePer: 'file',
  facts: ['reserved-allocation-failed'],
  held: [{ what: 'punched and touched again', spec: host4('B'), operations: [...made(), written(), punched(0), touched(0)] }],
  violated: [
    {
      what: 'two threads allocate the last block at once',
      spec: host4('B'),
      operations: [
        ...made(1),
        { kind: 'guest-fault', vm: 'vm', file: 'g', range: { from: 0, to: 1 }, access: 'read', each: 'page', meanwhile: touched(1) },
      ],
    },
  ],
};
