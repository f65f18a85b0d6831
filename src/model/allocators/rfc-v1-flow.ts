/** Design A's operations on a file: binding, faults, punching, eviction (model-facts §2.A). */
import { failed, went, type Answer, type Flow, type OperationOf } from './allocator';
import { convertA } from './rfc-v1-conversion';
import { abandonOrphan, reconstructA, splitA } from './rfc-v1-folios';
import { markPoison } from './poison';
import { addSlot } from './slots';
import { drainWhole, endDrained, replaceDrained } from './drain';
import { punchPartial, splitForShared } from './common-steps';
import type { Rule } from '../host/event-log';
import { faultGuest, faultHost, touchedRanges, unmappedParts, writeMapped } from '../host/faults';
import { choice, event, fact, inFilemap, isRestructured, isWritten, ownBlock, ownFile, seenBlock, type Host } from '../host/host';
import { addHold } from '../host/holds';
import { allocateHugetlb, freeHugetlb, reserveHugetlb, unreserveHugetlb } from '../host/hugetlb-memory';
import type { ErrorName } from '../host/operation';
import { firstOther, pageAt, runEnd, runsOf, setPages } from '../host/pages';
import { blockRanges, blocksInside } from '../host/ranges';
import { mapStage2, zapStage2, zapThrough } from '../host/stage2';
import { DRAINING, EMPTY, ORPHAN, SPLIT, WHOLE, type FileState } from '../host/state';
import { isMappedBy, mappedIn, processOver, ptesOf, zapUser } from '../host/user-mappings';
import { noteReadable, prepare, writeContent } from '../host/content';
import { dataOf, principal } from '../host/host';

const OOPS_NULL: Rule = {
  kind: 'oops',
  label: 'derived',
  source: 'patch 39, truncation after a failed reconstruction',
  text: () => 'a folio whose mapping is NULL is removed from the file',
};
const OOPS_ERR: Rule = {
  kind: 'oops',
  label: 'derived',
  source: 'patch 26 kvm_gmem_fault(): "if (!folio)" of an error pointer',
  text: () => 'the allocation failed and its error pointer is dereferenced',
};
const BAD_PAGE: Rule = {
  kind: 'bad-page',
  label: 'thread',
  source: 'Peter 2025-03-06',
  text: () => 'a page is mapped that the file has given back',
};
const UNMAPPED_WRONG: Rule = {
  kind: 'unmap-wrong-range',
  label: 'thread',
  source: 'Peter 2025-03-04',
  text: (from, to) => `user mappings of pages ${from} to ${to - 1} are taken away, for want of a shift`,
};

const rules = (host: Host): { chargesReservation: boolean; keepsRestoreReserve: boolean } => ({
  chargesReservation: false,
  keepsRestoreReserve: isWritten(host, 'A-8'),
});

/** A.GET_FOLIO: the block has memory, and is split where anything of it is faultable. */
export function getFolioA(host: Host, file: FileState, index: number): ErrorName | null {
  const seen = seenBlock(host, file, index);
  if (seen.state === DRAINING) {
    const error = replaceDrained(host, file, index, (...place) => allocateHugetlb(...place, rules(host)));
    if (error !== null) return error;
  } else if (seen.state === ORPHAN || seen.state === EMPTY) {
    const spool = host.files[file.id]!.subpool;
    if (seen.state === ORPHAN) {
      if (spool === null || spool.used >= spool.max) return 'ENOMEM';
      abandonOrphan(host, file, index);
    }
    const error = allocateHugetlb(host, file, index, rules(host));
    if (error !== null) return error;
  } else if (seen.state !== WHOLE) return null;
  return splitForShared(host, file, index, splitA);
}

function create(host: Host, file: FileState): ErrorName | null {
  return reserveHugetlb(host, file, file.blocks.length, rules(host));
}

function bind(host: Host, file: FileState, operation: OperationOf<'bind'>): ErrorName | null {
  const slot = addSlot(host, file, operation, () => 18);
  if (typeof slot === 'string') return slot;
  const type = host.vms[file.vm]!.type;
  const asAttributes = !isWritten(host, 'A-9') && file.attr0 === 0;
  if (type !== 'sw-protected' && !asAttributes) return null;
  for (const { index, start, end } of blockRanges(file, slot.from, slot.to)) {
    const block = ownBlock(host, file, index, start, end);
    block.share = setPages(block.share, file.blockPages, start, end, 1, host.epoch);
  }
  return null;
}

function guestFault(host: Host, file: FileState, operation: OperationOf<'guest-fault'>): Answer {
  const { range, access, each } = operation;
  const write = access === 'write';
  let pages = 0;
  for (const { index, start, end } of touchedRanges(file, range.from, range.to, each)) {
    for (let page = start; page < end;) {
      const { attr } = seenBlock(host, file, index);
      const value = pageAt(attr, page);
      const stop = runEnd(attr, page, end, value);
      const error = value === 1 ? faultPrivate(host, file, index, page, stop, write) : faultShared(host, file, index, page, stop, write);
      if (error !== null) return { error, errorOffset: (index * file.blockPages + page) * 4096, pages };
      pages += stop - page;
      page = stop;
    }
  }
  return went(pages);
}

function faultPrivate(host: Host, file: FileState, index: number, from: number, to: number, write: boolean): ErrorName | null {
  const seen = seenBlock(host, file, index);
  for (const part of unmappedParts(file, seen, from, to, false)) {
    const error = getFolioA(host, file, index);
    if (error !== null) return error;
    if (host.meanwhile !== null) {
      host.meanwhile();
      // KVM sees that the page may have changed under it and faults again.
      return faultAgain(host, file, index, from, to, write);
    }
    mergeLate(host, file, index);
    const fault = faultGuest(host, file, index, part.from, part.to, write, false);
    if (fault !== null) return fault;
  }
  if (write) writeMapped(host, file, index, from, to);
  return null;
}

function faultAgain(host: Host, file: FileState, index: number, from: number, to: number, write: boolean): ErrorName | null {
  for (const run of runsOf(seenBlock(host, file, index).attr, from, to)) {
    const error =
      run.value === 1 ? faultPrivate(host, file, index, run.from, run.to, write) : faultShared(host, file, index, run.from, run.to, write);
    if (error !== null) return error;
  }
  return null;
}

/** The lazy merge at the next guest fault. */
function mergeLate(host: Host, file: FileState, index: number): void {
  if (isWritten(host, 'A-1') || choice(host, 'merge') !== 'fault') return;
  const block = seenBlock(host, file, index);
  if (isRestructured(block) && block.share === 0 && block.mapped === 0 && block.holds.length === 0)
    reconstructA(host, file, index, 0, file.blockPages);
}

/** A guest frame whose attribute is shared is faulted through the address of the slot: a process's mapping. */
function faultShared(host: Host, file: FileState, index: number, from: number, to: number, write: boolean): ErrorName | null {
  const page = index * file.blockPages + from;
  const process = processOver(host, file, page);
  if (process === null) return 'EFAULT';
  const error = touchHost(host, file, index, from, to, process, write);
  // What is no fault of sharing is one of poison, and KVM tells the two apart.
  if (error === 'SIGBUS') return pageAt(seenBlock(host, file, index).share, from) === 0 ? 'EFAULT' : 'EHWPOISON';
  if (error !== null) return error;
  mapStage2(host, file, ownBlock(host, file, index, from, to), index, from, to, true);
  if (write) writeMapped(host, file, index, from, to);
  return null;
}

function hostFault(host: Host, file: FileState, operation: OperationOf<'host-fault'>): Answer {
  let pages = 0;
  for (const { index, start, end } of blockRanges(file, operation.range.from, operation.range.to)) {
    for (let page = start; page < end;) {
      const { share } = seenBlock(host, file, index);
      const value = pageAt(share, page);
      const stop = runEnd(share, page, end, value);
      const error = value === 0 ? 'SIGBUS' : touchHost(host, file, index, page, stop, operation.process, operation.access === 'write');
      if (error !== null) return { error, errorOffset: (index * file.blockPages + page) * 4096, pages };
      pages += stop - page;
      page = stop;
    }
  }
  return went(pages);
}

function touchHost(
  host: Host,
  file: FileState,
  index: number,
  from: number,
  to: number,
  process: string,
  write: boolean,
): ErrorName | null {
  const seen = seenBlock(host, file, index);
  if (firstOther(ptesOf(seen, process), from, to, 1) < 0) {
    touchMapped(host, file, index, from, to, process, write);
    return null;
  }
  if (pageAt(seen.share, from) === 0) return 'SIGBUS';
  const error = getFolioA(host, file, index);
  if (error === 'ENOMEM') {
    event(host, OOPS_ERR, file, index * file.blockPages + from);
    return 'OOPS';
  }
  if (error !== null) return error;
  // A conversion waits for the lock of the folio, which goes only when the page is mapped.
  if (isWritten(host, 'A-7') && host.meanwhileKind !== 'convert') host.meanwhile?.();
  if (seenBlock(host, file, index).state === EMPTY) return mappedTooLate(host, file, index, from);
  return faultHost(host, file, index, from, to, process, write);
}

/** The lock went before the page table entry came: the page is another's by now. */
function mappedTooLate(host: Host, file: FileState, index: number, from: number): ErrorName {
  const page = index * file.blockPages + from;
  event(host, BAD_PAGE, file, page);
  fact(host, 'removed-while-mapped', file, index, () => `Page ${page} was given back between its lookup and its mapping.`);
  return 'OOPS';
}

/** What a process has in its page table it reads and writes without a fault. */
function touchMapped(host: Host, file: FileState, index: number, from: number, to: number, process: string, write: boolean): void {
  const block = ownBlock(host, file, index, from, to);
  noteReadable(host, file, block, index, from, to);
  if (write) writeContent(host, file, block, from, to, dataOf(principal(host, process)));
}

function pin(host: Host, file: FileState, operation: OperationOf<'pin' | 'reference'>): Answer {
  const { from, to } = operation.range;
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const seen = seenBlock(host, file, index);
    if (operation.kind === 'reference') {
      if (!inFilemap(seen)) return failed('ENOENT', (index * file.blockPages + start) * 4096);
      continue;
    }
    if (mappedIn(file, seen, start, end) >= end - start) continue;
    const process = processOver(host, file, index * file.blockPages + start);
    if (process === null) return failed('EFAULT', (index * file.blockPages + start) * 4096);
    for (const run of runsOf(seen.share, start, end)) {
      const error = run.value === 0 ? 'SIGBUS' : touchHost(host, file, index, run.from, run.to, process, false);
      if (error !== null) return failed(error === 'SIGBUS' ? 'EFAULT' : error, (index * file.blockPages + run.from) * 4096);
    }
  }
  if (operation.kind === 'pin' && host.spec.host.hugetlbCma) {
    fact(
      host,
      'hang',
      file,
      Math.floor(from / file.blockPages),
      () => `The long-term pin of page ${from} retries for ever: its page lies in a CMA area and cannot move.`,
    );
    return failed('HANG', from * 4096);
  }
  addHold(host, file, from, to, operation.holder, operation.kind, true);
  return went(to - from);
}

/** The MMU notifier of the process tells KVM first: what the guest has mapped through that address goes with the user's own entry. */
function unmapUser(host: Host, file: FileState, from: number, to: number, process: string | null): number {
  if (!isMappedBy(host, file, from, to, process)) return 0;
  zapThrough(host, file, from, to, process);
  return zapUser(host, file, from, to, process);
}

function punch(host: Host, file: FileState, operation: OperationOf<'punch' | 'allocate'>): Answer {
  const from = Math.ceil(operation.offset / 4096);
  const to = Math.max(from, Math.floor((operation.offset + operation.size) / 4096));
  if (isWritten(host, 'A-6')) {
    // Bytes were expected, and an index was given.
    const first = Math.floor(from / 4096);
    unmapUser(host, file, first, Math.min(first + to - from, file.pages), null);
    if (first !== from) event(host, UNMAPPED_WRONG, file, from, 1, first, first + to - from);
  } else unmapUser(host, file, from, to, null);
  for (const { index, start, end } of blockRanges(file, from, to)) {
    if (seenBlock(host, file, index).s2 !== 0) zapStage2(host, file, ownBlock(host, file, index, start, end), index, start, end);
  }
  punchPartial(host, file, from, to, isWritten(host, 'A-5'));
  const inside = blocksInside(file, from, to);
  for (let index = inside.first; index < inside.end; index++) {
    const error = truncate(host, file, index);
    if (error !== null) return failed(error, index * file.blockPages * 4096);
  }
  return went(to - from);
}

function truncate(host: Host, file: FileState, index: number): ErrorName | null {
  const seen = seenBlock(host, file, index);
  if (!inFilemap(seen)) return null;
  if (isRestructured(seen)) {
    const error = reconstructA(host, file, index, 0, file.blockPages);
    const now = seenBlock(host, file, index);
    if (now.state === ORPHAN) {
      event(host, OOPS_NULL, file, index * file.blockPages);
      ownFile(host, file).hung = true;
      return 'OOPS';
    }
    if (error !== null || now.state !== WHOLE) return error ?? 'EINVAL';
  }
  const block = seenBlock(host, file, index);
  const { mapped } = block;
  if (mapped > 0)
    fact(host, 'removed-while-mapped', file, index, () => `Block ${index} left the file while ${mapped} user PTEs mapped it.`);
  if (block.holds.length > 0) drainWhole(host, file, index, isWritten(host, 'A-8'));
  else freeHugetlb(host, file, index);
  return null;
}

function evict(host: Host, file: FileState): ErrorName | null {
  unmapUser(host, file, 0, file.pages, null);
  let worst: ErrorName | null = null;
  for (let index = 0; index < file.blocks.length; index++) {
    if (!host.files[file.id]!.blocks[index]) continue;
    worst = truncate(host, file, index) ?? worst;
    if (worst === 'OOPS') return worst;
  }
  unreserveHugetlb(host, file);
  return worst;
}

function fallocate(host: Host, file: FileState, operation: OperationOf<'punch' | 'allocate'>): Answer {
  const bytes = file.blockPages * 4096;
  const first = Math.floor(operation.offset / bytes);
  const end = Math.floor((operation.offset + operation.size) / bytes);
  for (let index = first; index < end; index++) {
    const error = getFolioA(host, file, index);
    if (error !== null) return failed(error, index * bytes);
  }
  return went(Math.max(end - first, 0) * file.blockPages);
}

function populate(host: Host, file: FileState, operation: OperationOf<'populate'>): Answer {
  const { from, to } = operation.range;
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const error = getFolioA(host, file, index);
    if (error !== null) return failed(error, (index * file.blockPages + start) * 4096);
    const block = ownBlock(host, file, index, start, end);
    const data = dataOf(principal(host, host.vms[file.vm]!.name));
    if (block.state !== SPLIT && isWritten(host, 'A-10')) {
      // What there is is copied, page by page, until the source ends; the folio does not count as prepared.
      writeContent(host, file, block, start, end, data);
      return failed('EFAULT', (index * file.blockPages + start) * 4096);
    }
    prepare(host, file, block, index, start, end);
    writeContent(host, file, block, start, end, data);
  }
  return went(to - from);
}

export const rfcV1Flow: Flow = {
  create,
  bind,
  guestFault,
  hostFault,
  mmap: (_host, _file, operation) => (operation.flags === 'private' ? 'EINVAL' : null),
  discard: (host, file, { range, process }) => went(unmapUser(host, file, range.from, range.to, process)),
  pin,
  released: (host, file, from, to) => {
    for (const { index } of blockRanges(file, from, to)) endDrained(host, file, index);
  },
  convert: convertA,
  punch,
  fallocate,
  populate,
  evict,
  poison: (host, file, page) => {
    const index = Math.floor(page / file.blockPages);
    if (!inFilemap(seenBlock(host, file, index))) return failed('ENOENT');
    markPoison(host, file, index, page % file.blockPages);
    return went(1);
  },
  transfer: () => failed('EOPNOTSUPP'),
  later: (host, file, index, what) => {
    const block = seenBlock(host, file, index);
    if (what === 'merge' && isRestructured(block) && block.share === 0 && block.mapped === 0 && block.holds.length === 0)
      reconstructA(host, file, index, 0, file.blockPages);
  },
};
