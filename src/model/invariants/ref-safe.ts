/** Folios are restructured only when nobody else refers to them. */
import { blockRange, host4, made, referenced, released, toPrivate, toShared, written } from './examples';
import type { Invariant } from './invariant';

export const refSafe: Invariant = {
  name: 'REF-SAFE',
  statement: 'Splitting or merging a block requires that each of its folios has the references of the file and no more.',
  label: 'code',
  source: 'patch 25 and 39, their comments; v2 folio_ref_freeze()',
  holdsFor: ['B', 'B2', 'C', 'D'],
  kind: 'safety',
  oncePer: 'block',
  facts: ['restructured-with-references'],
  held: [
    {
      what: 'the reference is dropped before',
      spec: host4('A'),
      operations: [...made(), written(), referenced(7), released(7), toShared(7)],
    },
    { what: 'the conversion is refused', spec: host4('B'), operations: [...made(), written(), toShared(7), referenced(7), toPrivate(7)] },
  ],
  violated: [
    {
      what: 'a reference of a private page at the split (A-11)',
      spec: host4('A'),
      operations: [...made(), written(), referenced(7), toShared(7)],
    },
    {
      what: 'a plain reference at the merge (A-3)',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), referenced(7), toPrivate(0, blockRange(0).to)],
    },
  ],
};
