/** Design E: guest_memfd of 6.12. 4K folios, private only; what is shared lies in other memory (model-facts §2.E). */
import { failed, went, type Answer, type Design, type Flow, type OperationOf } from './allocator';
import { FILE_UNDER_FOLIO } from './poison';
import { congruentOrder, addSlot } from './slots';
import { STAGE2_CAP } from './switches';
import type { Rule } from '../host/event-log';
import { noteReadable } from '../host/content';
import { dataOf, event, injectedFailure, ownBlock, ownFile, principal, seenBlock, type Host } from '../host/host';
import { addHold } from '../host/holds';
import { givePages, takePages } from '../host/node-pages';
import type { ErrorName } from '../host/operation';
import { firstOther, runsOf, setPages, sumPages } from '../host/pages';
import { blockRanges } from '../host/ranges';
import { mapStage2, zapStage2 } from '../host/stage2';
import { EMPTY, SPLIT, type Block, type FileState } from '../host/state';
import { touchedRanges } from '../host/faults';
import { COSTS } from '../host/costs';

const ALLOCATED: Rule = {
  kind: 'allocate',
  label: 'code',
  source: 'virt/kvm/guest_memfd.c of 6.12 kvm_gmem_get_folio()',
  text: (pages) => `${pages} folios of 4K allocated, charged and zeroed`,
};
const FREED: Rule = {
  kind: 'free',
  label: 'code',
  source: 'virt/kvm/guest_memfd.c of 6.12 kvm_gmem_punch_hole()',
  text: (pages) => `${pages} folios of 4K freed`,
};
const TWINS: Rule = {
  kind: 'allocate-outside',
  label: 'code',
  source: 'virt/kvm/kvm_main.c: the slot’s userspace_addr',
  text: (pages) => `${pages} pages of other memory hold what is shared`,
};
const CONVERTED: Rule = {
  kind: 'convert',
  label: 'code',
  source: 'virt/kvm/kvm_main.c of 6.12 kvm_vm_set_mem_attributes()',
  text: (pages, shared) => `${pages} pages are ${shared === 1 ? 'shared' : 'private'}: other memory from now on`,
};
const ERROR: Rule = {
  kind: 'memory-failure',
  label: 'code',
  source: 'virt/kvm/guest_memfd.c of 6.12 kvm_gmem_error_folio()',
  text: () => 'memory error: the page is zapped and refused',
};

const nodeOf = (host: Host, file: FileState): number => Math.max(host.vms[file.vm]!.policy, 0);

/** Gives the pages of [from, to) that have none memory, charged to the VM. */
function allocate(host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null {
  if (firstOther(seenBlock(host, file, index).present, from, to, 1) < 0) return null;
  const block = ownBlock(host, file, index, from, to);
  const vm = host.vms[file.vm]!;
  for (const run of runsOf(block.present, from, to)) {
    if (run.value === 1) continue;
    const wanted = run.to - run.from;
    if (injectedFailure(host, 'charge') || vm.memcg + wanted > vm.memcgLimit) return 'ENOMEM';
    if (takePages(host, wanted, nodeOf(host, file), 'gmem', 'page') < 0) return 'ENOMEM';
    vm.memcg += wanted;
    block.present = setPages(block.present, file.blockPages, run.from, run.to, 1, host.epoch);
    block.prepared = setPages(block.prepared, file.blockPages, run.from, run.to, 1, host.epoch);
    block.content = setPages(block.content, file.blockPages, run.from, run.to, 0, host.epoch);
    block.state = SPLIT;
    block.node = nodeOf(host, file);
    host.tally.allocations += wanted;
    host.tally.pagesZeroed += wanted;
    host.tally.filemapInsertions += wanted;
    host.time += wanted * (COSTS.pageAlloc + COSTS.zeroPage + COSTS.filemapIndex);
    event(host, ALLOCATED, file, index * file.blockPages + run.from, 1, wanted);
  }
  return null;
}

function free(host: Host, file: FileState, index: number, from: number, to: number): void {
  const seen = seenBlock(host, file, index);
  if (sumPages(seen.present, file.blockPages, from, to) === 0) return;
  const block = ownBlock(host, file, index, from, to);
  zapStage2(host, file, block, index, from, to);
  const pages = sumPages(block.present, file.blockPages, from, to);
  const held = block.holds.length === 0 ? 0 : heldPages(block, from, to);
  block.present = setPages(block.present, file.blockPages, from, to, 0, host.epoch);
  block.prepared = setPages(block.prepared, file.blockPages, from, to, 0, host.epoch);
  block.content = setPages(block.content, file.blockPages, from, to, 0, host.epoch);
  block.poison = block.poison.filter((page) => page < from || page >= to);
  givePages(host, pages, block.node, 'gmem');
  if (held > 0) takePages(host, held, block.node, 'stuck', 'none');
  host.vms[file.vm]!.memcg -= pages;
  host.tally.filemapRemovals += pages;
  if (block.present === 0) {
    block.state = EMPTY;
    block.node = -1;
  }
  event(host, FREED, file, index * file.blockPages + from, 1, pages);
}

/** Pages in the file that someone still refers to. */
function heldPages(block: Block, from: number, to: number): number {
  let pages = 0;
  for (const run of runsOf(block.refs, from, to)) if (run.value > 0) pages += run.to - run.from;
  return pages;
}

function twins(host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null {
  if (firstOther(seenBlock(host, file, index).twin, from, to, 1) < 0) return null;
  const block = ownBlock(host, file, index, from, to);
  const wanted = to - from - sumPages(block.twin, file.blockPages, from, to);
  const vm = host.vms[file.vm]!;
  if (vm.memcg + wanted > vm.memcgLimit || takePages(host, wanted, nodeOf(host, file), 'twins', 'page') < 0) return 'ENOMEM';
  vm.memcg += wanted;
  block.twin = setPages(block.twin, file.blockPages, from, to, 1, host.epoch);
  host.time += wanted * (COSTS.pageAlloc + COSTS.zeroPage);
  event(host, TWINS, file, index * file.blockPages + from, 1, wanted);
  return null;
}

function guestFault(host: Host, file: FileState, operation: OperationOf<'guest-fault'>): Answer {
  let pages = 0;
  for (const { index, start, end } of touchedRanges(file, operation.range.from, operation.range.to, operation.each)) {
    for (const run of runsOf(seenBlock(host, file, index).attr, start, end)) {
      const error =
        run.value === 1
          ? touchPrivate(host, file, index, run.from, run.to, operation.access === 'write')
          : twins(host, file, index, run.from, run.to);
      if (error !== null) return { error, errorOffset: (index * file.blockPages + run.from) * 4096, pages };
      pages += run.to - run.from;
    }
  }
  return went(pages);
}

function touchPrivate(host: Host, file: FileState, index: number, from: number, to: number, write: boolean): ErrorName | null {
  const error = allocate(host, file, index, from, to);
  if (error !== null) return error;
  const seen = seenBlock(host, file, index);
  if (seen.poison.some((page) => page >= from && page < to)) {
    host.tally.poisonRefused += 1;
    return 'EHWPOISON';
  }
  const code = write ? dataOf(principal(host, host.vms[file.vm]!.name)) : -1;
  const mapped = firstOther(seen.s2, from, to, 1) < 0 || file.slots.length === 0;
  if (mapped && (code < 0 || firstOther(seen.content, from, to, code) < 0)) return null;
  const block = ownBlock(host, file, index, from, to);
  if (!mapped) mapStage2(host, file, block, index, from, to, false);
  noteReadable(host, file, block, index, from, to);
  if (code >= 0) block.content = setPages(block.content, file.blockPages, from, to, code, host.epoch);
  host.tally.faults += 1;
  return null;
}

function hostFault(host: Host, file: FileState, operation: OperationOf<'host-fault'>): Answer {
  let pages = 0;
  for (const { index, start, end } of blockRanges(file, operation.range.from, operation.range.to)) {
    for (const run of runsOf(seenBlock(host, file, index).attr, start, end)) {
      const error = run.value === 1 ? 'ENODEV' : twins(host, file, index, run.from, run.to);
      if (error !== null) return { error, errorOffset: (index * file.blockPages + run.from) * 4096, pages };
      pages += run.to - run.from;
    }
  }
  return went(pages);
}

function convert(host: Host, file: FileState, operation: OperationOf<'convert'>): Answer {
  const { from, to } = operation.range;
  const attr = operation.to === 'private' ? 1 : 0;
  if (to > file.pages) return failed('EINVAL');
  const ranges = blockRanges(file, from, to);
  if (ranges.every(({ index, start, end }) => firstOther(seenBlock(host, file, index).attr, start, end, attr) < 0)) return went(0);
  if (injectedFailure(host, 'attribute')) return failed('ENOMEM');
  host.tally.stalledGfns += to - from;
  for (const { index, start, end } of ranges) {
    const block = ownBlock(host, file, index, start, end);
    zapStage2(host, file, block, index, start, end);
    block.attr = setPages(block.attr, file.blockPages, start, end, attr, host.epoch);
  }
  event(host, CONVERTED, file, from, 1, to - from, 1 - attr);
  return went(to - from);
}

function punch(host: Host, file: FileState, operation: OperationOf<'punch' | 'allocate'>): Answer {
  const from = Math.ceil(operation.offset / 4096);
  const to = Math.max(from, Math.floor((operation.offset + operation.size) / 4096));
  for (const { index, start, end } of blockRanges(file, from, to)) free(host, file, index, start, end);
  return went(to - from);
}

function dropTwins(host: Host, file: FileState, from: number, to: number): number {
  let dropped = 0;
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const pages = sumPages(seenBlock(host, file, index).twin, file.blockPages, start, end);
    if (pages === 0) continue;
    const block = ownBlock(host, file, index, start, end);
    block.twin = setPages(block.twin, file.blockPages, start, end, 0, host.epoch);
    givePages(host, pages, nodeOf(host, file), 'twins');
    host.vms[file.vm]!.memcg -= pages;
    dropped += pages;
  }
  return dropped;
}

/** The flow of files of 4K folios, in every design. */
export const baselineFlow: Flow = {
  create: () => null,
  bind: (host, file, operation) => {
    const slot = addSlot(host, file, operation, congruentOrder);
    return typeof slot === 'string' ? slot : null;
  },
  guestFault,
  hostFault,
  mmap: () => 'ENODEV',
  discard: (host, file, { range }) => went(dropTwins(host, file, range.from, range.to)),
  pin: (host, file, operation) => {
    const { from, to } = operation.range;
    // A pin points at the shared memory outside; other references may be of the file's own pages.
    for (const { index, start, end } of blockRanges(file, from, to)) {
      if (operation.kind === 'pin') {
        const error = firstOther(seenBlock(host, file, index).attr, start, end, 0) >= 0 ? 'EFAULT' : twins(host, file, index, start, end);
        if (error !== null) return failed(error, (index * file.blockPages + start) * 4096);
      } else if (sumPages(seenBlock(host, file, index).present, file.blockPages, start, end) < end - start) return failed('ENOENT');
    }
    addHold(host, file, from, to, operation.holder, operation.kind, operation.kind === 'reference');
    return went(to - from);
  },
  released: (host, file, from, to) => {
    for (const { index } of blockRanges(file, from, to)) {
      const block = seenBlock(host, file, index);
      if (block.state !== EMPTY || block.refs !== 0) continue;
      // The last reference of pages that had left the file: they are free now.
      const node = host.nodes[nodeOf(host, file)]!;
      givePages(host, node.stuck, nodeOf(host, file), 'stuck');
    }
  },
  convert,
  punch,
  fallocate: (host, file, operation) => {
    const from = Math.floor(operation.offset / 4096);
    const to = Math.min(Math.ceil((operation.offset + operation.size) / 4096), file.pages);
    for (const { index, start, end } of blockRanges(file, from, to)) {
      const error = allocate(host, file, index, start, end);
      if (error !== null) return failed(error, (index * file.blockPages + start) * 4096);
    }
    return went(to - from);
  },
  populate: (host, file, { range }) => {
    for (const { index, start, end } of blockRanges(file, range.from, range.to)) {
      const error = allocate(host, file, index, start, end);
      if (error !== null) return failed(error, (index * file.blockPages + start) * 4096);
      const block = ownBlock(host, file, index, start, end);
      block.content = setPages(block.content, file.blockPages, start, end, dataOf(principal(host, host.vms[file.vm]!.name)), host.epoch);
    }
    return went(range.to - range.from);
  },
  evict: (host, file) => {
    for (let index = 0; index < file.blocks.length; index++) {
      if (host.files[file.id]!.blocks[index]) free(host, file, index, 0, file.blockPages);
    }
    dropTwins(host, file, 0, file.pages);
    return null;
  },
  poison: (host, file, page) => {
    const index = Math.floor(page / file.blockPages);
    const at = page % file.blockPages;
    if (sumPages(seenBlock(host, file, index).present, file.blockPages, at, at + 1) === 0) return failed('ENOENT');
    const block = ownBlock(host, file, index, at, at + 1);
    zapStage2(host, file, block, index, at, at + 1);
    if (!block.poison.includes(at)) block.poison = [...block.poison, at].sort((a, b) => a - b);
    host.tally.poisonEvents += 1;
    host.lockEdges |= FILE_UNDER_FOLIO;
    event(host, ERROR, file, page);
    return went(1);
  },
  transfer: () => failed('EOPNOTSUPP'),
  later: () => undefined,
};

export const baseline: Design = {
  id: 'E',
  title: 'Today’s guest_memfd: 4K folios, private only',
  label: 'code',
  source: 'virt/kvm/guest_memfd.c of 6.12',
  memory: 'buddy',
  hugetlbTyped: false,
  switches: [STAGE2_CAP],
  allocator: {
    reserve: () => null,
    allocate: (host, file, index) => allocate(host, file, index, 0, file.blockPages),
    split: () => null,
    reconstruct: () => null,
    free: (host, file, index) => {
      free(host, file, index, 0, file.blockPages);
    },
    error: (host, file, index, page) => {
      const block = ownBlock(host, ownFile(host, file), index, page, page + 1);
      block.poison = [...block.poison, page];
    },
    unreserve: () => undefined,
  },
  flow: baselineFlow,
};
