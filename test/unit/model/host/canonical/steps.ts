/** Operations of the canonical scenarios by short names. File `g` of VM `vm0`, process `vmm`, in pages. */
import type { Operation } from '../../../../../src/model/host/operation';
import { GIB, GIGA } from './scenario';

export const create = (gib: number, file = 'g', vm = 'vm0', initially: 'private' | 'shared' = 'private'): Operation => ({
  kind: 'create',
  file,
  vm,
  size: gib * GIB,
  pageSize: '1G',
  initially,
});
export const bind = (gpa: number, offset: number, size: number, file = 'g', vm = 'vm0'): Operation => ({
  kind: 'bind',
  vm,
  file,
  gpa,
  offset,
  size,
});
export const touch = (from: number, to = from + 1, access: 'read' | 'write' = 'write', file = 'g', vm = 'vm0'): Operation => ({
  kind: 'guest-fault',
  vm,
  file,
  range: { from, to },
  access,
  each: 'page',
});
export const share = (from: number, to = from + 1): Operation => ({
  kind: 'convert',
  vm: 'vm0',
  file: 'g',
  range: { from, to },
  to: 'shared',
});
export const unshare = (from: number, to = from + 1): Operation => ({
  kind: 'convert',
  vm: 'vm0',
  file: 'g',
  range: { from, to },
  to: 'private',
});
export const mmap = (block: number, blocks = 1): Operation => ({
  kind: 'mmap',
  process: 'vmm',
  file: 'g',
  range: { from: block * GIGA, to: (block + blocks) * GIGA },
});
export const munmap = (block: number, blocks = 1): Operation => ({
  kind: 'munmap',
  process: 'vmm',
  file: 'g',
  range: { from: block * GIGA, to: (block + blocks) * GIGA },
});
export const hostTouch = (from: number, to = from + 1): Operation => ({
  kind: 'host-fault',
  process: 'vmm',
  file: 'g',
  range: { from, to },
  access: 'write',
});
export const dontneed = (from: number, to = from + 1): Operation => ({ kind: 'dontneed', process: 'vmm', file: 'g', range: { from, to } });
export const pin = (page: number): Operation => ({ kind: 'pin', holder: 'vfio', file: 'g', range: { from: page, to: page + 1 } });
export const unpin = (page: number): Operation => ({ kind: 'unpin', holder: 'vfio', file: 'g', range: { from: page, to: page + 1 } });
export const reference = (page: number): Operation => ({
  kind: 'reference',
  holder: 'walker',
  file: 'g',
  range: { from: page, to: page + 1 },
});
export const release = (page: number): Operation => ({ kind: 'release', holder: 'walker', file: 'g', range: { from: page, to: page + 1 } });
export const punch = (offset: number, size: number): Operation => ({ kind: 'punch', file: 'g', offset, size });
export const close = (file = 'g'): Operation => ({ kind: 'close', file });
export const wait: Operation = { kind: 'wait', time: 1000 };

/** A file of so many GiB at address 0, of which the guest has touched so many from the start. */
export const made = (gib: number, touched = gib): readonly Operation[] => [
  create(gib),
  bind(0, 0, gib * GIB),
  ...(touched > 0 ? [touch(0, touched * GIGA)] : []),
];

/** SC-01: 16 GiB, in two slots around the hole below 4 GiB, all private. */
export const boot16: readonly Operation[] = [create(16), bind(0, 0, 2 * GIB), bind(4 * GIB, 2 * GIB, 14 * GIB), touch(0, 16 * GIGA)];

/** SC-02: the guest shares 64 MiB inside one GiB. */
export const SWIOTLB = 16_384;
export const swiotlb: readonly Operation[] = [...boot16, share(GIGA, GIGA + SWIOTLB)];

/** SC-03: it goes back, at once or page by page. */
export const swiotlbBack: readonly Operation[] = [...swiotlb, unshare(GIGA, GIGA + SWIOTLB)];
export const swiotlbBackPiecewise: readonly Operation[] = [...swiotlb, ...Array.from({ length: SWIOTLB }, (_, at) => unshare(GIGA + at))];

/** SC-04: one page goes there and back N times. */
export const storm = (times: number): readonly Operation[] => [
  ...made(1),
  ...Array.from({ length: times }, () => [share(7), unshare(7)]).flat(),
];

/** SC-05: a shared page is mapped, pinned, unmapped, and is to be private. */
export const pinnedPage = (page = 7): readonly Operation[] => [
  mmap(Math.floor(page / GIGA)),
  hostTouch(page),
  pin(page),
  dontneed(page),
  unshare(page),
];
