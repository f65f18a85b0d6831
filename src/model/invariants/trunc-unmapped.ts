/** What leaves the file is mapped by nobody. */
import { EMPTY } from '../host/state';
import { host4, hostTouched, made, mapped, punched, toShared, written } from './examples';
import type { Invariant } from './invariant';

export const truncUnmapped: Invariant = {
  name: 'TRUNC-UNMAPPED',
  statement: 'A folio that leaves the filemap has no user mapping.',
  label: 'code',
  source: 'mm/filemap.c, a VM_BUG_ON',
  holdsFor: ['B', 'B2', 'C', 'D', 'E'],
  kind: 'safety',
  oncePer: 'block',
  facts: ['removed-while-mapped'],
  outline: (_host, { file, block, index }) =>
    file.order > 0 && block.state === EMPTY && block.mapped > 0
      ? `Block ${index} is empty, and ${block.mapped} user PTEs map what was in it.`
      : null,
  held: [
    {
      what: 'a punch of a mapped block',
      spec: host4('B'),
      operations: [...made(), written(), toShared(7), mapped, hostTouched(7), punched(0)],
    },
  ],
  violated: [
    {
      what: 'a punch between the lookup of a fault and its mapping (A-7)',
      spec: host4('A'),
      operations: [
        ...made(),
        written(),
        toShared(7),
        mapped,
        { kind: 'host-fault', process: 'vmm', file: 'g', range: { from: 7, to: 8 }, access: 'read', meanwhile: punched(0) },
      ],
    },
  ],
};
