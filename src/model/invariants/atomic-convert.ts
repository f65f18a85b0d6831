/** A conversion that fails has changed nothing. */
import { host4, made, mapped, hostTouched, pinned, toPrivate, toShared, written } from './examples';
import type { Invariant } from './invariant';

export const atomicConvert: Invariant = {
  name: 'ATOMIC-CONVERT',
  statement: 'A conversion that returns an error has left sharing and folios as they were.',
  label: 'thread',
  source: 'Ackerley on v2: complete or not at all',
  holdsFor: ['B', 'C', 'D'],
  kind: 'safety',
  oncePer: 'block',
  facts: ['conversion-failed-changed'],
  held: [
    {
      what: 'a pinned page',
      spec: host4('B'),
      operations: [...made(), written(), toShared(7), mapped, hostTouched(7), pinned(7), toPrivate(7)],
    },
  ],
  violated: [
    {
      what: 'the split fails (A-2)',
      spec: host4('A'),
      operations: [...made(), written(), { kind: 'fail', allocation: 'vmemmap', count: 1 }, toShared(7)],
    },
    {
      what: 'blocks before the one that fails stay converted (B2)',
      spec: host4('B2'),
      operations: [
        ...made(),
        written(),
        written(1),
        toShared(0, 2 * 262144),
        mapped,
        { kind: 'mmap', process: 'vmm', file: 'g', range: { from: 262144, to: 524288 } },
        hostTouched(262150),
        pinned(262150),
        toPrivate(0, 2 * 262144),
      ],
    },
  ],
};
