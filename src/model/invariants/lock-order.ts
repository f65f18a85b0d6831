/** Locks are taken in one order. */
import { host4, made, punched, touched, written } from './examples';
import type { Invariant } from './invariant';

/** The folio's lock under the file's, and the file's under the folio's. */
const BOTH = 3;

export const lockOrder: Invariant = {
  name: 'LOCK-ORDER',
  statement: 'The graph of which lock is taken under which has no cycle.',
  label: 'derived',
  source: 'error_folio() takes the invalidation lock under the folio lock, truncation the other way round',
  holdsFor: ['B2'],
  kind: 'safety',
  oncePer: 'host',
  counts: (host) =>
    (host.lockEdges & BOTH) === BOTH
      ? 'A memory error took the file’s lock under a folio’s, and a truncation a folio’s under the file’s.'
      : null,
  held: [{ what: 'a punch without an error', spec: host4('A'), operations: [...made(), written(), punched(0)] }],
  violated: [
    {
      what: 'an error and a punch',
      spec: host4('E'),
      operations: [...made(), touched(0, 512), { kind: 'poison', file: 'g', page: 7 }, punched(0)],
    },
  ],
};
