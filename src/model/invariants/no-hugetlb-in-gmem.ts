/** The strict form: no folio of a file is a hugetlb folio, mapped or not. */
import { WHOLE } from '../host/state';
import { host4, made, written } from './examples';
import type { Invariant } from './invariant';

export const noHugetlbInGmem: Invariant = {
  name: 'NO-HUGETLB-IN-GMEM',
  statement: 'A folio that guest_memfd owns is not of type hugetlb (the strict form).',
  label: 'thread',
  source: 'David 2024-10-16, second mail',
  holdsFor: ['C', 'D', 'E'],
  kind: 'safety',
  oncePer: 'file',
  outline: (host, { block, index }) =>
    host.hugetlbTyped && block.state === WHOLE ? `Block ${index} is one folio, and it is hugetlb's still.` : null,
  held: [{ what: 'a folio of the global pool in a file', spec: host4('C'), operations: [...made(), written()] }],
  violated: [{ what: 'a private folio that was never split', spec: host4('B'), operations: [...made(), written()] }],
};
