/** One error costs one page. */
import { host4, made, touched, written } from './examples';
import type { Invariant } from './invariant';

export const poisonContained: Invariant = {
  name: 'POISON-CONTAINED',
  statement: 'After one memory error exactly that page is unusable, and no mapping of it survives.',
  label: 'assumption',
  source: 'the model’s own; mm/memory-failure.c is what it is held against',
  holdsFor: ['E'],
  kind: 'safety',
  oncePer: 'block',
  facts: ['poison-spread', 'poison-mapping-kept'],
  held: [
    { what: 'an error in a 4K file', spec: host4('E'), operations: [...made(), touched(0, 512), { kind: 'poison', file: 'g', page: 7 }] },
  ],
  violated: [
    { what: 'an error in a whole folio', spec: host4('A'), operations: [...made(), written(), { kind: 'poison', file: 'g', page: 7 }] },
  ],
};
