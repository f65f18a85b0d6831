/** No folio of a file that is mapped to a user is a hugetlb folio. */
import { WHOLE } from '../host/state';
import { hostTouched, host4, made, mapped, toShared, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const noHugetlbMapped: Invariant = {
  name: 'NO-HUGETLB-MAPPED',
  statement: 'For every folio of guest_memfd that has a user mapping: its type is not hugetlb.',
  label: 'thread',
  source: 'Ackerley 2024-10-15, David 2024-10-16; a warning in the faults of A and B',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'block',
  outline: (host, { block, index }) =>
    host.hugetlbTyped && block.state === WHOLE && block.mapped > 0
      ? `Block ${index} is one hugetlb folio, and ${block.mapped} user PTEs map it.`
      : null,
  held: [{ what: 'a shared page is mapped', spec: host4('A'), operations: [...made(), written(), toShared(7), mapped, hostTouched(7)] }],
  violated: [
    {
      what: 'a whole folio of hugetlb has a user mapping, which no design makes',
      spec: host4('A'),
      operations: [...made(), written()],
      damage: (host) => {
        host.files[0]!.blocks[0]!.mapped = 1;
      },
    },
  ],
};
