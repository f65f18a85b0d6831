/** A.CONVERT: KVM_SET_MEMORY_ATTRIBUTES of patches 29, 30 and 39, step by step (model-facts §2.A). */
import { failed, went, type Answer, type OperationOf } from './allocator';
import { reconstructA, splitA } from './rfc-v1-folios';
import { splitForShared } from './common-steps';
import { isBound } from './slots';
import {
  choice,
  event,
  injectedFailure,
  inFilemap,
  isRestructured,
  isWritten,
  ownBlock,
  seenBlock,
  staleOf,
  type Host,
} from '../host/host';
import type { Rule } from '../host/event-log';
import type { ErrorName } from '../host/operation';
import { firstOther, isAll, mapPages, setPages, sumPages } from '../host/pages';
import { blockRanges, blocksInside, blocksTouched, type BlockRange } from '../host/ranges';
import { zapStage2 } from '../host/stage2';
import { WHOLE, type Block, type FileState } from '../host/state';
import { mappedIn } from '../host/user-mappings';
import { clearContent } from '../host/content';

const CONVERTED: Rule = {
  kind: 'convert',
  label: 'code',
  source: 'patch 29 kvm_gmem_set_attributes(), patch 39',
  text: (pages, shared) => `${pages} pages are ${shared === 1 ? 'shared' : 'private'}`,
};
const REFUSED: Rule = {
  kind: 'convert-refused',
  label: 'code',
  source: 'patch 30 kvm_gmem_no_mappings_range()',
  text: (mapped, pinned) => `${mapped} user mappings, ${pinned} pinned pages in the range: -EINVAL`,
};
const ROLLED_BACK: Rule = {
  kind: 'convert-rolled-back',
  label: 'code',
  source: 'patch 39, error path of kvm_gmem_set_attributes()',
  text: () => 'faultability written back; stage 2 stays zapped',
};
const UNPREPARED: Rule = {
  kind: 'prepared-forgotten',
  label: 'derived',
  source: 'patch 39: uptodate is cleared on every folio of the range',
  text: (pages) => `${pages} pages that did not change are unprepared again`,
};

/** Microseconds until a lazy merge. */
export const MERGE_TIMER = 1_000_000;

export function convertA(host: Host, file: FileState, operation: OperationOf<'convert'>): Answer {
  const { from, to } = operation.range;
  const shared = operation.to === 'shared';
  const attr = shared ? 0 : 1;
  if (to > file.pages || !isBound(file, from, to)) return failed('EINVAL');
  const ranges = blockRanges(file, from, to);
  // Before anything changes: which blocks have the attribute already.
  const same: boolean[] = [];
  for (const range of ranges) same.push(hasAttribute(host, file, range, attr));
  if (!same.includes(false)) return went(0);
  if (injectedFailure(host, 'attribute')) return failed('ENOMEM');
  host.tally.stalledGfns += to - from;
  for (const { index, start, end } of ranges) {
    if (!isAll(seenBlock(host, file, index).s2, 0)) zapStage2(host, file, ownBlock(host, file, index, start, end), index, start, end);
  }
  const error = setFaultable(host, file, ranges, from, to, shared);
  if (error !== null) {
    // As written the opposite goes over the whole range, whatever each page was.
    if (error !== 'HANG') setFaultable(host, file, ranges, from, to, !shared);
    event(host, ROLLED_BACK, file, from);
    return failed(error);
  }
  for (let at = 0; at < ranges.length; at++) storeAttribute(host, file, ranges[at]!, attr, same[at] === true);
  event(host, CONVERTED, file, from, 1, to - from, shared ? 1 : 0);
  return went(to - from);
}

const hasAttribute = (host: Host, file: FileState, { index, start, end }: BlockRange, attr: number): boolean =>
  firstOther(seenBlock(host, file, index).attr, start, end, attr) < 0;

/** Step 4: the map first, then the folios. */
function setFaultable(
  host: Host,
  file: FileState,
  ranges: readonly BlockRange[],
  from: number,
  to: number,
  shared: boolean,
): ErrorName | null {
  for (const { index, start, end } of ranges) {
    const block = ownBlock(host, file, index, start, end);
    block.share = setPages(block.share, file.blockPages, start, end, shared ? 1 : 0, host.epoch);
  }
  return shared ? splitTouched(host, file, ranges) : mergeInside(host, file, ranges, from, to);
}

function splitTouched(host: Host, file: FileState, ranges: readonly BlockRange[]): ErrorName | null {
  for (const { index, start, end } of ranges) {
    const seen = seenBlock(host, file, index);
    if (!inFilemap(seen)) continue;
    const error = splitForShared(host, file, index, splitA, start, end);
    if (error !== null) return error;
  }
  return null;
}

function mergeInside(host: Host, file: FileState, ranges: readonly BlockRange[], from: number, to: number): ErrorName | null {
  for (const { index, start, end } of ranges) {
    const seen = seenBlock(host, file, index);
    if (!inFilemap(seen)) continue;
    const mapped = mappedIn(file, seen, start, end);
    // A plain reference of a single page is no pin until there are 1024: it is not seen here.
    const pinned =
      sumPages(seen.pins, file.blockPages, start, end) + (isWritten(host, 'A-3') ? 0 : sumPages(seen.refs, file.blockPages, start, end));
    if (mapped === 0 && pinned === 0) continue;
    event(host, REFUSED, file, index * file.blockPages + start, 1, mapped, pinned);
    return 'EINVAL';
  }
  const eager = !isWritten(host, 'A-1');
  const policy = eager ? choice(host, 'merge') : 'complete';
  const blocks = policy === 'complete' ? blocksInside(file, from, to) : blocksTouched(file, from, to);
  for (let index = blocks.first; index < blocks.end; index++) {
    const seen = seenBlock(host, file, index);
    if (!isRestructured(seen) || policy === 'fault') continue;
    const regionsOnly = seen.share !== 0 && seen.small !== 0;
    if (seen.share !== 0 && !regionsOnly) continue;
    if (policy === 'timer') {
      // As in B, the timer of the first conversion goes on: it looks at the block when its time has come.
      if (!host.pending.some((each) => each.file === file.id && each.block === index))
        host.pending = [...host.pending, { due: host.time + MERGE_TIMER, file: file.id, block: index, what: 'merge' }];
      continue;
    }
    const start = Math.max(from - index * file.blockPages, 0);
    const error = reconstructA(host, file, index, start, Math.min(to - index * file.blockPages, file.blockPages));
    if (error !== null) return error;
  }
  return null;
}

/** Step 6: the attribute, and uptodate off on every folio of the range. */
function storeAttribute(host: Host, file: FileState, { index, start: from, end: to }: BlockRange, attr: number, same: boolean): void {
  const block = ownBlock(host, file, index, from, to);
  // Before the attributes change: they may be changed in place.
  if (inFilemap(block) && !same) giveUpContent(host, file, block, from, to, block.attr, attr);
  block.attr = setPages(block.attr, file.blockPages, from, to, attr, host.epoch);
  if (!inFilemap(block)) return;
  if (isWritten(host, 'A-4')) forgetFolios(host, file, block, index, from, to);
}

/** What the pages that really change hold is nobody's any more, as far as the policy goes. */
function giveUpContent(host: Host, file: FileState, block: Block, from: number, to: number, old: Block['attr'], attr: number): void {
  const policy = choice(host, 'zeroing');
  const type = host.vms[file.vm]!.type;
  const keeps = policy === 'never' || (policy === 'by-type' && type !== 'snp' && type !== 'sw-protected' && type !== 'plain');
  if (keeps && !isWritten(host, 'A-4')) return;
  let first = from;
  while (first < to) {
    const start = firstOther(old, first, to, attr);
    if (start < 0) return;
    const stop = firstOther(old, start, to, 1 - attr);
    const end = stop < 0 ? to : stop;
    block.content = mapPages(block.content, file.blockPages, start, end, staleOf, host.epoch);
    if (!isWritten(host, 'A-4')) {
      if (block.state === WHOLE) clearContent(host, file, block, start, end);
      else block.prepared = setPages(block.prepared, file.blockPages, start, end, 0, host.epoch);
    }
    first = end;
  }
}

function forgetFolios(host: Host, file: FileState, block: Block, index: number, from: number, to: number): void {
  const start = block.state === WHOLE ? 0 : from;
  const end = block.state === WHOLE ? file.blockPages : to;
  const prepared = sumPages(block.prepared, file.blockPages, start, end);
  if (prepared === 0) return;
  block.prepared = setPages(block.prepared, file.blockPages, start, end, 0, host.epoch);
  host.tally.clearedPrepared += prepared;
  if (block.state === WHOLE) event(host, UNPREPARED, file, index * file.blockPages, 1, end - start - (to - from));
}
