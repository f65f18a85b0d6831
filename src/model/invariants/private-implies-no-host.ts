/** Nobody on the host has a private page mapped or pinned. */
import { runsOf, sumPages } from '../host/pages';
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
    if (file.order === 0 || (block.mapped === 0 && block.pins === 0)) return null;
    for (const run of runsOf(block.share, from, to)) {
      if (run.value === 1) continue;
      const ptes = mappedIn(file, block, run.from, run.to);
      const pins = sumPages(block.pins, file.blockPages, run.from, run.to);
      if (ptes > 0 || pins > 0)
        return `Pages ${run.from} to ${run.to - 1} of block ${index} are private, with ${ptes} user PTEs and ${pins} pins.`;
    }
    return null;
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
