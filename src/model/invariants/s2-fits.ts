/** A stage-2 leaf lies in one folio, and guest frame and file offset agree modulo its size. */
import { host4, written } from './examples';
import type { Invariant } from './invariant';

const HALF = 2 ** 29;

export const s2Fits: Invariant = {
  name: 'S2-FITS',
  statement: 'Every leaf, when it is installed, lies inside one folio, and guest frame, host frame and index agree modulo its size.',
  label: 'thread',
  source: 'Yan 2025-04-03 and after',
  holdsFor: ['B', 'B2'],
  kind: 'safety',
  oncePer: 'file',
  facts: ['misfit-leaf'],
  held: [
    {
      what: 'a slot that is off by half a GiB is capped',
      spec: host4('B', [], 'plain'),
      operations: [
        { kind: 'create', file: 'g', vm: 'vm', size: 2 * 2 ** 30, pageSize: '1G' },
        { kind: 'bind', vm: 'vm', file: 'g', gpa: 0, offset: HALF, size: 3 * HALF },
        written(),
      ],
    },
  ],
  violated: [
    {
      what: 'nobody looks at the slot',
      spec: host4('A', [], 'plain'),
      operations: [
        { kind: 'create', file: 'g', vm: 'vm', size: 3 * 2 ** 30, pageSize: '1G' },
        { kind: 'bind', vm: 'vm', file: 'g', gpa: 0, offset: HALF, size: 5 * HALF },
        written(1),
      ],
    },
  ],
};
