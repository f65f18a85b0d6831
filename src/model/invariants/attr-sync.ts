/** The VM's attributes and the file's map say the same. */
import { alikeEnd, firstClash, isAll, pageAt } from '../host/pages';
import { valueSet } from '../host/page-cells';
import { slotOf } from '../host/stage2';
import { host4, made, toShared, touched as guestTouched, written } from './examples';
import type { Invariant } from './invariant';

export const attrSync: Invariant = {
  name: 'ATTR-SYNC',
  statement: 'Of pages that are bound, attribute and sharing map agree whenever nobody holds the locks of a conversion.',
  label: 'thread',
  source: 'Ackerley, reply to Peter 2024-10-10',
  holdsFor: ['B', 'B2'],
  kind: 'safety',
  oncePer: 'file',
  block: (host, { file, block, index, from, to }) => {
    if (host.attributes !== 'both' || file.order === 0 || from >= to || slotOf(file, index * file.blockPages + from) === null) return null;
    if (isAll(block.share, 0) && isAll(block.attr, 1)) return null;
    // 1 is shared in one map and private in the other: they agree where they differ.
    const page = firstClash(block.share, block.attr, from, to, valueSet(0), valueSet(1));
    if (page < 0) return null;
    const shared = pageAt(block.share, page) === 1;
    const end = alikeEnd(block.share, block.attr, page, to);
    return `Pages ${page} to ${end - 1} of block ${index} are ${shared ? '' : 'not '}faultable, and their attribute says ${shared ? 'private' : 'shared'}.`;
  },
  held: [{ what: 'a page is shared', spec: host4('A'), operations: [...made(), written(), toShared(7)] }],
  violated: [
    {
      what: 'bound while the attributes say shared (A-9)',
      spec: host4('A'),
      operations: [
        ...made(1, 'shared'),
        { kind: 'mmap', process: 'vmm', file: 'g', range: { from: 0, to: 262144 } },
        { kind: 'allocate', file: 'g', offset: 0, size: 2 ** 30 },
      ],
    },
    { what: 'SW_PROTECTED: all is faultable at the bind', spec: host4('A', [], 'sw-protected'), operations: [...made(), guestTouched(0)] },
  ],
};
