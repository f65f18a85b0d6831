/** The flow of designs whose file knows itself what is shared: B, B2, C and D (model-facts §2.B). */
import { failed, went, type Answer, type Flow, type OperationOf } from './allocator';
import { punchPartial, splitForShared } from './common-steps';
import { drainLater, drainNow, truncateBlock } from './draining';
import { markPoisonOf } from './poison';
import { convertShareability } from './shareability-conversion';
import type { ShareabilityRules } from './shareability-rules';
import { addSlot, congruentOrder } from './slots';
import { prepare, writeContent } from '../host/content';
import { faultGuest, faultHost, touchedRanges, unmappedParts, writeMapped } from '../host/faults';
import {
  choice,
  dataOf,
  fact,
  inFilemap,
  isRestructured,
  isWritten,
  ownBlock,
  ownFile,
  principal,
  seenBlock,
  type Host,
} from '../host/host';
import { addHold } from '../host/holds';
import type { ErrorName } from '../host/operation';
import { pageAt, runEnd, runsOf } from '../host/pages';
import { blockRanges, blocksInside } from '../host/ranges';
import { zapStage2 } from '../host/stage2';
import { DRAINING, EMPTY, type FileState } from '../host/state';
import { firstHeld, mappedIn, processOver, zapUser } from '../host/user-mappings';

const PAGE = 4096;
/** Those who take the invalidation lock shared, as the fault does that they meet. */
const SHARED_LOCK = new Set(['guest-fault', 'host-fault', 'allocate']);

export function shareabilityFlow(rules: ShareabilityRules): Flow {
  const { allocator } = rules;

  /** B.GET_FOLIO. */
  const getFolio = (host: Host, file: FileState, index: number): ErrorName | null => {
    if (host.meanwhile !== null && SHARED_LOCK.has(host.meanwhileKind) && seenBlock(host, file, index).state === EMPTY)
      race(host, rules, file);
    const seen = seenBlock(host, file, index);
    if (seen.state === DRAINING) return 'EAGAIN';
    if (seen.state !== EMPTY) return null;
    const error = allocator.allocate(host, file, index);
    if (error !== null) return error;
    const split = splitForShared(host, file, index, allocator.split);
    if (split === null) return null;
    if (isWritten(host, 'B-3')) return unlockedRemoved(host, file, index);
    truncateBlock(host, allocator, file, index);
    return split;
  };

  const guestFault = (host: Host, file: FileState, operation: OperationOf<'guest-fault'>): Answer => {
    const { range, access, each } = operation;
    let pages = 0;
    for (const { index, start, end } of touchedRanges(file, range.from, range.to, each)) {
      for (let page = start; page < end;) {
        const { share } = seenBlock(host, file, index);
        const value = pageAt(share, page);
        const stop = runEnd(share, page, end, value);
        const error = touchGuest(host, file, index, page, stop, access === 'write', value === 1);
        if (error !== null) return { error, errorOffset: (index * file.blockPages + page) * PAGE, pages };
        pages += stop - page;
        page = stop;
      }
    }
    return went(pages);
  };

  const touchGuest = (
    host: Host,
    file: FileState,
    index: number,
    from: number,
    to: number,
    write: boolean,
    shared: boolean,
  ): ErrorName | null => {
    for (const part of unmappedParts(file, seenBlock(host, file, index), from, to, shared)) {
      const error = getFolio(host, file, index);
      if (error !== null) return error;
      mergeLate(host, file, index);
      const fault = faultGuest(host, file, index, part.from, part.to, write, shared);
      if (fault !== null) return fault;
    }
    if (write) writeMapped(host, file, index, from, to);
    return null;
  };

  const mergeLate = (host: Host, file: FileState, index: number): void => {
    if (choice(host, 'merge') !== 'fault') return;
    const block = seenBlock(host, file, index);
    if (isRestructured(block) && block.share === 0 && block.holds.length === 0)
      allocator.reconstruct(host, file, index, 0, file.blockPages);
  };

  const touchHost = (
    host: Host,
    file: FileState,
    index: number,
    from: number,
    to: number,
    process: string,
    write: boolean,
  ): ErrorName | null => getFolio(host, file, index) ?? faultHost(host, file, index, from, to, process, write);

  const hostFault = (host: Host, file: FileState, operation: OperationOf<'host-fault'>): Answer => {
    let pages = 0;
    for (const { index, start, end } of blockRanges(file, operation.range.from, operation.range.to)) {
      for (let page = start; page < end;) {
        const { share } = seenBlock(host, file, index);
        const value = pageAt(share, page);
        const stop = runEnd(share, page, end, value);
        const error = value === 0 ? 'SIGBUS' : touchHost(host, file, index, page, stop, operation.process, operation.access === 'write');
        if (error !== null)
          return { error: error === 'ENOMEM' ? 'SIGBUS' : error, errorOffset: (index * file.blockPages + page) * PAGE, pages };
        pages += stop - page;
        page = stop;
      }
    }
    return went(pages);
  };

  const pin = (host: Host, file: FileState, operation: OperationOf<'pin' | 'reference'>): Answer => {
    const { from, to } = operation.range;
    for (const { index, start, end } of blockRanges(file, from, to)) {
      const offset = (index * file.blockPages + start) * PAGE;
      const seen = seenBlock(host, file, index);
      if (operation.kind === 'reference') {
        if (!inFilemap(seen)) return failed('ENOENT', offset);
        continue;
      }
      if (mappedIn(file, seen, start, end) >= end - start) continue;
      const process = processOver(host, file, index * file.blockPages + start);
      if (process === null) return failed('EFAULT', offset);
      for (const run of runsOf(seen.share, start, end)) {
        const error = run.value === 0 ? 'EFAULT' : touchHost(host, file, index, run.from, run.to, process, false);
        if (error !== null) return failed(error === 'SIGBUS' ? 'EFAULT' : error, offset);
      }
    }
    if (operation.kind === 'pin' && (host.spec.host.hugetlbCma || rules.pinsHang(host))) {
      fact(
        host,
        'hang',
        file,
        Math.floor(from / file.blockPages),
        () => `The long-term pin of page ${from} retries for ever: its page lies in a CMA area and cannot move.`,
      );
      return failed('HANG', from * PAGE);
    }
    addHold(host, file, from, to, operation.holder, operation.kind, true);
    return went(to - from);
  };

  const punch = (host: Host, file: FileState, operation: OperationOf<'punch' | 'allocate'>): Answer => {
    const bytes = file.blockPages * PAGE;
    if (rules.wholePunches && (operation.offset % bytes !== 0 || operation.size % bytes !== 0)) return failed('EINVAL');
    const from = Math.ceil(operation.offset / PAGE);
    const to = Math.max(from, Math.floor((operation.offset + operation.size) / PAGE));
    for (const { index, start, end } of blockRanges(file, from, to)) {
      if (seenBlock(host, file, index).s2 !== 0) zapStage2(host, file, ownBlock(host, file, index, start, end), index, start, end);
    }
    punchPartial(host, file, from, to, false);
    const inside = blocksInside(file, from, to);
    for (let index = inside.first; index < inside.end; index++) {
      const answer = punchBlock(host, file, index);
      if (answer !== null) return answer;
    }
    return went(to - from);
  };

  /** Something shared: nobody else may refer to it, and the block is merged first. */
  const punchBlock = (host: Host, file: FileState, index: number): Answer | null => {
    const seen = seenBlock(host, file, index);
    if (!inFilemap(seen)) return null;
    const first = index * file.blockPages;
    if (isRestructured(seen)) {
      zapUser(host, file, first, first + file.blockPages, null);
      const held = firstHeld(host, file, first, first + file.blockPages);
      if (held >= 0) return failed('EAGAIN', held * PAGE);
      const error = allocator.reconstruct(host, file, index, 0, file.blockPages);
      if (error !== null) return failed(error, first * PAGE);
    }
    truncateBlock(host, allocator, file, index);
    return null;
  };

  const evict = (host: Host, file: FileState): null => {
    zapUser(host, file, 0, file.pages, null);
    for (let index = 0; index < file.blocks.length; index++) {
      if (inFilemap(seenBlock(host, file, index))) truncateBlock(host, allocator, file, index);
    }
    allocator.unreserve(host, file);
    return null;
  };

  return {
    create: rules.create,
    bind: (host, file, operation) => bindSlot(host, file, operation),
    guestFault,
    hostFault,
    mmap: (_host, file, { flags, range }) =>
      flags === 'private' || (range.to - range.from) % file.blockPages !== 0 || range.from % file.blockPages !== 0 ? 'EINVAL' : null,
    discard: (host, file, { range, process }) => went(zapUser(host, file, range.from, range.to, process)),
    pin,
    released: (host, file, from, to) => {
      for (const { index } of blockRanges(file, from, to)) {
        const block = seenBlock(host, file, index);
        if (block.holds.length > 0) continue;
        if (file.hungBlock === index) {
          // The loop ends with the last reference; its caller comes back and has to ask again.
          const owned = ownFile(host, file);
          owned.hung = false;
          owned.hungBlock = -1;
        }
        if (block.state === DRAINING) drainLater(host, file, index);
      }
    },
    convert: (host, file, operation) => convertShareability(host, rules, file, operation),
    punch,
    fallocate: (host, file, operation) => {
      const bytes = file.blockPages * PAGE;
      const end = Math.ceil((operation.offset + operation.size) / bytes);
      const first = Math.floor(operation.offset / bytes);
      if (rules.wholePunches && (operation.offset % bytes !== 0 || operation.size % bytes !== 0)) return failed('EINVAL');
      for (let index = first; index < end; index++) {
        const error = getFolio(host, file, index);
        if (error !== null) return failed(error, index * bytes);
      }
      return went((end - first) * file.blockPages);
    },
    populate: (host, file, { range }) => {
      for (const { index, start, end } of blockRanges(file, range.from, range.to)) {
        const error = getFolio(host, file, index);
        if (error !== null) return failed(error, (index * file.blockPages + start) * PAGE);
        const block = ownBlock(host, file, index, start, end);
        prepare(host, file, block, index, start, end);
        writeContent(host, file, block, start, end, dataOf(principal(host, host.vms[file.vm]!.name)));
      }
      return went(range.to - range.from);
    },
    evict,
    poison: (host, file, page) => {
      const index = Math.floor(page / file.blockPages);
      if (!inFilemap(seenBlock(host, file, index))) return failed('ENOENT');
      markPoisonOf(host, file, index, page % file.blockPages, rules.poisonsWhole);
      return went(1);
    },
    transfer: rules.transfer,
    later: (host, file, index, what) => {
      const block = seenBlock(host, file, index);
      if (what === 'drain') drainNow(host, allocator, file, index);
      else if (isRestructured(block) && block.share === 0 && block.holds.length === 0)
        allocator.reconstruct(host, file, index, 0, file.blockPages);
    },
  };
}

function unlockedRemoved(host: Host, file: FileState, index: number): ErrorName {
  ownFile(host, file).hung = true;
  fact(host, 'hang', file, index, () => `The split of block ${index} failed while it was allocated; an unlocked folio is removed.`);
  return 'OOPS';
}

/** Another thread wants the same block: both have taken of what is promised before either knows. */
function race(host: Host, rules: ShareabilityRules, file: FileState): void {
  const giveBack = rules.claim(host, file);
  host.meanwhile?.();
  giveBack?.();
}

function bindSlot(host: Host, file: FileState, operation: OperationOf<'bind'>): ErrorName | null {
  const alignment = choice(host, 'alignment');
  const congruent = congruentOrder(operation.gpa / PAGE, operation.offset / PAGE);
  if (alignment === 'refuse' && congruent < file.order) return 'EINVAL';
  const slot = addSlot(host, file, operation, alignment === 'unchecked' ? () => 18 : congruentOrder);
  return typeof slot === 'string' ? slot : null;
}
