/** Hosts and operations that the examples of invariants are made of. */
import { usualHost, type HostSpec, type ModelSpec } from '../host/host-spec';
import type { DesignId, Operation, PageRange, VmType } from '../host/operation';

const GIB = 2 ** 30;
const GIB_PAGES = 2 ** 18;

/** A host with four huge pages of 1G and one VM. `switches`: `A-1=as-intended`. */
export function host4(design: DesignId, switches: readonly string[] = [], type: VmType = 'snp', host: Partial<HostSpec> = {}): ModelSpec {
  return {
    host: { ...usualHost, nodes: [{ node: 0, memory: 16 * GIB, pages1G: 4, pages2M: 0 }], ...host },
    design,
    vms: [{ name: 'vm', type }],
    switches: switches.map((text) => ({ name: text.slice(0, text.indexOf('=')), value: text.slice(text.indexOf('=') + 1) })),
    seed: 1,
  };
}

/** A file of so many GiB, bound at address 0. */
export const made = (gib = 2, initially: 'private' | 'shared' = 'private'): readonly Operation[] => [
  { kind: 'create', file: 'g', vm: 'vm', size: gib * GIB, pageSize: '1G', initially },
  { kind: 'bind', vm: 'vm', file: 'g', gpa: 0, offset: 0, size: gib * GIB },
];

/** The guest has written all pages of a block. */
export const written = (block = 0): Operation => ({
  kind: 'guest-fault',
  vm: 'vm',
  file: 'g',
  range: blockRange(block),
  access: 'write',
  each: 'page',
});
export const touched = (from: number, to = from + 1, access: 'read' | 'write' = 'write'): Operation => ({
  kind: 'guest-fault',
  vm: 'vm',
  file: 'g',
  range: { from, to },
  access,
  each: 'page',
});
export const toShared = (from: number, to = from + 1): Operation => ({
  kind: 'convert',
  vm: 'vm',
  file: 'g',
  range: { from, to },
  to: 'shared',
});
export const toPrivate = (from: number, to = from + 1): Operation => ({
  kind: 'convert',
  vm: 'vm',
  file: 'g',
  range: { from, to },
  to: 'private',
});
export const mapped: Operation = { kind: 'mmap', process: 'vmm', file: 'g', range: blockRange(0) };
export const unmapped: Operation = { kind: 'munmap', process: 'vmm', file: 'g', range: blockRange(0) };
export const dontneed = (from: number, to = from + 1): Operation => ({ kind: 'dontneed', process: 'vmm', file: 'g', range: { from, to } });
export const hostTouched = (page: number): Operation => ({
  kind: 'host-fault',
  process: 'vmm',
  file: 'g',
  range: { from: page, to: page + 1 },
  access: 'write',
});
export const pinned = (page: number): Operation => ({ kind: 'pin', holder: 'device', file: 'g', range: { from: page, to: page + 1 } });
export const unpinned = (page: number): Operation => ({ kind: 'unpin', holder: 'device', file: 'g', range: { from: page, to: page + 1 } });
export const referenced = (page: number): Operation => ({
  kind: 'reference',
  holder: 'walker',
  file: 'g',
  range: { from: page, to: page + 1 },
});
export const released = (page: number): Operation => ({
  kind: 'release',
  holder: 'walker',
  file: 'g',
  range: { from: page, to: page + 1 },
});
export const punched = (block: number): Operation => ({ kind: 'punch', file: 'g', offset: block * GIB, size: GIB });
export const punchedPages = (from: number, to: number): Operation => ({
  kind: 'punch',
  file: 'g',
  offset: from * 4096,
  size: (to - from) * 4096,
});
export const closed: Operation = { kind: 'close', file: 'g' };
export const waited: Operation = { kind: 'wait', time: 1000 };

export function blockRange(block: number): PageRange {
  return { from: block * GIB_PAGES, to: (block + 1) * GIB_PAGES };
}
