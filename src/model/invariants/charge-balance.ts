/** When everything of a file has come back nothing is charged for it. */
import { closed, host4, made, toShared, waited, written } from './examples';
import type { Invariant } from './invariant';

export const chargeBalance: Invariant = {
  name: 'CHARGE-BALANCE',
  statement: 'After the last inode, folio and subpool of a file are gone its charges to the cgroups are 0.',
  label: 'thread',
  source: 'Ackerley 2025-02-13 and 2025-02-26',
  holdsFor: ['B', 'B2', 'C'],
  kind: 'safety',
  oncePer: 'file',
  outline: (_host, { file }) =>
    !file.alive && file.allocated === 0 && file.subpool === null && (file.usageCharge !== 0 || file.rsvdCharge !== 0)
      ? `${file.name} is gone, and ${file.usageCharge} pages of use and ${file.rsvdCharge} of reservation are charged.`
      : null,
  held: [{ what: 'closed with a page shared', spec: host4('B'), operations: [...made(), written(), toShared(7), closed, waited] }],
  violated: [
    {
      what: 'a charge is left, which no operation does',
      spec: host4('B'),
      operations: [...made(), written(), closed, waited],
      damage: (host) => {
        host.files[0]!.rsvdCharge = 1;
      },
    },
  ],
};
