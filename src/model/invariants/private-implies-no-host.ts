/** Nobody on the host has a private page mapped or pinned. */
import { alikeEnd, firstClash, firstIn, isAll, sumPages, type Pages } from '../host/pages';
import { NOT_ZERO } from '../host/page-cells';
import { mappedIn } from '../host/user-mappings';
import { blockRange, dontneed, host4, hostTouched, made, mapped, toPrivate, toShared, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const privateImpliesNoHost: Invariant = {
  name: 'PRIVATE=>NO-HOST',
  statement: 'A private page has no user PTE and no pin.',
  label: 'thread',
  source: 'all of the thread; Vishal 2024-10-17 on pins',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'block',
  block: (_host, { file, block, index, from, to }) => {
    if (file.order === 0 || (block.mapped === 0 && isAll(block.pins, 0))) return null;
    const { share, pins, processes } = block;
    let page = clashOf(share, pins, from, to);
    let other: Pages = pins;
    for (let at = 0; page < 0 && at < processes.length; at++) {
      other = processes[at]!.ptes;
      page = clashOf(share, other, from, to);
    }
    if (page < 0) return null;
    const end = alikeEnd(share, other, page, to);
    const held = sumPages(pins, file.blockPages, page, end);
    return `Pages ${page} to ${end - 1} of block ${index} are private, with ${mappedIn(file, block, page, end)} user PTEs and ${held} pins.`;
  },
  held: [
    {
      what: 'unmapped before it goes private',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), mapped, hostTouched(7), dontneed(7), toPrivate(7)],
    },
  ],
  violated: [
    {
      what: 'the punch of the second block unmaps the wrong range, and its pages go private (A-6)',
      spec: host4('A', ['A-3=as-intended']),
      operations: [
        ...made(),
        written(1),
        toShared(262144 + 100),
        { kind: 'mmap', process: 'vmm', file: 'g', range: blockRange(1) },
        hostTouched(262144 + 100),
      ],
      damage: (host) => {
        host.files[0]!.blocks[1]!.share = 0;
      },
    },
  ],
};

/** The first page that is there and not shared. Of what is there is asked first: that is little. */
function clashOf(share: Pages, map: Pages, from: number, to: number): number {
  const first = firstIn(map, from, to, NOT_ZERO);
  return first < 0 ? -1 : firstClash(share, map, first, to, NOT_ZERO, 0);
}
