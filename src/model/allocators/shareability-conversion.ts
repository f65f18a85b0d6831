/** B.CONVERT: the ioctl on the file that makes pages shared or private, and B2's block by block variant (model-facts §2.B). */
import { failed, went, type Answer, type OperationOf } from './allocator';
import { splitForShared } from './common-steps';
import { waitsForReferences } from './guest-folios';
import type { ShareabilityRules } from './shareability-rules';
import { clearContent } from '../host/content';
import type { Rule } from '../host/event-log';
import {
  choice,
  event,
  fact,
  inFilemap,
  injectedFailure,
  isRestructured,
  isWritten,
  ownBlock,
  ownFile,
  seenBlock,
  type Host,
} from '../host/host';
import type { ErrorName } from '../host/operation';
import { firstOther, isAll, runEnd, setPages } from '../host/pages';
import { blockRanges } from '../host/ranges';
import { zapStage2 } from '../host/stage2';
import { WHOLE, type FileState } from '../host/state';
import { firstHeld, processOver, zapUser } from '../host/user-mappings';

const PAGE = 4096;
const MERGE_TIMER = 1_000_000;

const CONVERTED: Rule = {
  kind: 'convert',
  label: 'code',
  source: 'v2 virt/kvm/guest_memfd.c, KVM_GMEM_CONVERT_SHARED and _PRIVATE',
  text: (pages, shared) => `${pages} pages are ${shared === 1 ? 'shared' : 'private'}`,
};
const REFUSED: Rule = {
  kind: 'convert-refused',
  label: 'code',
  source: 'v2 virt/kvm/guest_memfd.c, the check of references',
  text: (page) => `page ${page} is referenced by others: -EAGAIN`,
};
const ROLLED_BACK: Rule = {
  kind: 'convert-rolled-back',
  label: 'code',
  source: 'v2 virt/kvm/guest_memfd.c, error path of the conversion',
  text: (pages) => `${pages} pages are what they were before; unmapped ones stay unmapped`,
};
const POISON_KEEPS: Rule = {
  kind: 'merge-refused',
  label: 'assumption',
  source: 'model-facts §4 SC-17: unspecified in A and B',
  text: () => 'a page of the block is poisoned: it stays split',
};
const UNINITIALISED: Rule = {
  kind: 'uninitialised',
  label: 'derived',
  source: 'v2 virt/kvm/guest_memfd.c, ret of the conversion',
  text: () => 'what is returned was never set; taken as 0 here',
};

interface Item {
  readonly index: number;
  /** Pages of the block. */
  readonly from: number;
  readonly to: number;
}

export function convertShareability(host: Host, rules: ShareabilityRules, file: FileState, operation: OperationOf<'convert'>): Answer {
  const { from, to } = operation.range;
  if (to > file.pages) return failed('EINVAL');
  const wanted = operation.to === 'shared' ? 1 : 0;
  const items = itemsOf(host, file, from, to, wanted);
  if (items.length === 0) return went(0);
  if (injectedFailure(host, 'attribute')) return isWritten(host, 'B-4') ? lostError(host, file, from) : failed('ENOMEM', from * PAGE);
  noteStall(host, file, items);
  return rules.keepsProgress ? blockByBlock(host, rules, file, items, wanted) : allOrNothing(host, rules, file, items, wanted);
}

/** The parts that are not yet as wanted, block by block. */
function itemsOf(host: Host, file: FileState, from: number, to: number, wanted: number): readonly Item[] {
  const items: Item[] = [];
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const { share } = seenBlock(host, file, index);
    for (let page = firstOther(share, start, end, wanted); page >= 0;) {
      const stop = runEnd(share, page, end, 1 - wanted);
      items.push({ index, from: page, to: stop });
      page = firstOther(share, stop, end, wanted);
    }
  }
  return items;
}

/** Guest frames whose faults stall: the range is widened to huge pages. */
function noteStall(host: Host, file: FileState, items: readonly Item[]): void {
  let last = -1;
  for (const { index } of items) {
    if (index !== last) host.tally.stalledGfns += file.blockPages;
    last = index;
  }
}

function allOrNothing(host: Host, rules: ShareabilityRules, file: FileState, items: readonly Item[], wanted: number): Answer {
  for (const item of items) {
    const held = unmapItem(host, file, item, wanted);
    if (held >= 0) return refusedAt(host, file, held);
  }
  const waits = waitsFor(host, file, items, wanted);
  if (waits !== null) return failed(waits.error, waits.index * file.blockPages * PAGE);
  let done = 0;
  for (let at = 0; at < items.length; at++) {
    const item = items[at]!;
    const last = items[at + 1]?.index !== item.index;
    const error = storeAndRestructure(host, rules, file, item, wanted, last);
    if (error !== null) return rolledBack(host, rules, file, items, at, wanted, error);
    done += item.to - item.from;
  }
  event(host, CONVERTED, file, firstPage(file, items), 1, done, wanted);
  if (isWritten(host, 'B-4') && items.every(({ index }) => !inFilemap(seenBlock(host, file, index))))
    event(host, UNINITIALISED, file, firstPage(file, items));
  return went(done);
}

/** B2: what is done stays done. */
function blockByBlock(host: Host, rules: ShareabilityRules, file: FileState, items: readonly Item[], wanted: number): Answer {
  let done = 0;
  for (let at = 0; at < items.length; at++) {
    const item = items[at]!;
    const held = unmapItem(host, file, item, wanted);
    if (held >= 0) return { ...refusedAt(host, file, held), pages: done };
    const waits = waitsFor(host, file, [item], wanted);
    const last = items[at + 1]?.index !== item.index;
    const error = waits?.error ?? storeAndRestructure(host, rules, file, item, wanted, last);
    if (error !== null) {
      storeShare(host, file, item, 1 - wanted);
      return { error, errorOffset: (item.index * file.blockPages + item.from) * PAGE, pages: done };
    }
    done += item.to - item.from;
  }
  event(host, CONVERTED, file, firstPage(file, items), 1, done, wanted);
  return went(done);
}

/** Step 3. Shape: the first page of the file that others refer to; -1: none. */
function unmapItem(host: Host, file: FileState, { index, from, to }: Item, wanted: number): number {
  const base = index * file.blockPages;
  if (wanted === 1) {
    if (!isAll(seenBlock(host, file, index).s2, 0)) zapStage2(host, file, ownBlock(host, file, index, from, to), index, from, to);
    return -1;
  }
  zapUser(host, file, base + from, base + to, null);
  // Shared leaves go with the user mappings, through the notifier: where no process maps the file they stay.
  if (!isWritten(host, 'B-5') || processOver(host, file, base + from) !== null) {
    if (!isAll(seenBlock(host, file, index).s2, 0)) zapStage2(host, file, ownBlock(host, file, index, from, to), index, from, to);
  }
  return firstHeld(host, file, base + from, base + to);
}

function refusedAt(host: Host, file: FileState, page: number): Answer {
  event(host, REFUSED, file, page, 1, page);
  return failed('EAGAIN', page * PAGE);
}

/** Blocks that will be restructured although others hold pages that nobody has checked. */
function waitsFor(
  host: Host,
  file: FileState,
  items: readonly Item[],
  wanted: number,
): { readonly error: ErrorName; readonly index: number } | null {
  let last = -1;
  for (const { index } of items) {
    // Items are in order: what goes for one of a block goes for all of it.
    if (index === last) continue;
    last = index;
    const seen = seenBlock(host, file, index);
    const restructures =
      wanted === 1
        ? seen.state === WHOLE
        : isRestructured(seen) && choice(host, 'merge') === 'eager' && onlyShared(host, file, index, items);
    if (!restructures) continue;
    const error = waitsForReferences(host, file, index);
    if (error !== null) return { error, index };
  }
  return null;
}

/** Whether the items take all that is shared of the block. */
function onlyShared(host: Host, file: FileState, index: number, items: readonly Item[]): boolean {
  const { share } = seenBlock(host, file, index);
  let shared = typeof share === 'number' ? share * file.blockPages : share.sum;
  for (const item of items) if (item.index === index) shared -= item.to - item.from;
  return shared === 0;
}

/** Step 4 for one item. `last`: no other item of the block follows. */
function storeAndRestructure(
  host: Host,
  rules: ShareabilityRules,
  file: FileState,
  item: Item,
  wanted: number,
  last: boolean,
): ErrorName | null {
  storeShare(host, file, item, wanted);
  const { index, from, to } = item;
  if (!inFilemap(seenBlock(host, file, index))) return null;
  if (wanted === 1) {
    const error = splitForShared(host, file, index, rules.allocator.split, from, to);
    if (error !== null) return error;
  } else if (last) mergeByPolicy(host, rules, file, index, from, to);
  applyContentPolicy(host, file, index, from, to);
  return null;
}

function storeShare(host: Host, file: FileState, { index, from, to }: Item, value: number): void {
  const block = ownBlock(host, file, index, from, to);
  block.share = setPages(block.share, file.blockPages, from, to, value, host.epoch);
}

function mergeByPolicy(host: Host, rules: ShareabilityRules, file: FileState, index: number, from: number, to: number): void {
  const seen = seenBlock(host, file, index);
  if (!isRestructured(seen)) return;
  const policy = choice(host, 'merge');
  if (seen.share !== 0 && !seen.twoLevel) return;
  if (policy === 'fault' || (policy === 'complete' && to - from < file.blockPages)) return;
  if (seen.poison.length > 0) {
    event(host, POISON_KEEPS, file, index * file.blockPages);
    return;
  }
  if (policy === 'timer') {
    const known = host.pending.some((each) => each.file === file.id && each.block === index);
    if (!known) host.pending = [...host.pending, { due: host.time + MERGE_TIMER, file: file.id, block: index, what: 'merge' }];
    return;
  }
  rules.allocator.reconstruct(host, file, index, seen.twoLevel ? 0 : from, seen.twoLevel ? file.blockPages : to);
}

function applyContentPolicy(host: Host, file: FileState, index: number, from: number, to: number): void {
  const policy = choice(host, 'zeroing');
  if (policy === 'by-design' || policy === 'never') return;
  const { type } = host.vms[file.vm]!;
  if (policy === 'by-type' && (type === 'tdx' || type === 'pkvm' || type === 'gunyah')) return;
  clearContent(host, file, ownBlock(host, file, index, from, to), from, to);
}

/** Step 5: the items done so far, and the one that failed, become what they were. */
function rolledBack(
  host: Host,
  rules: ShareabilityRules,
  file: FileState,
  items: readonly Item[],
  failedAt: number,
  wanted: number,
  error: ErrorName,
): Answer {
  const failing = items[failedAt]!;
  if (error === 'OOPS' || error === 'HANG') return failed(error);
  if (isWritten(host, 'B-2') && items[0]!.index === 0) {
    ownFile(host, file).hung = true;
    fact(host, 'hang', file, failing.index, () => 'The loop of the rollback counts an unsigned index down to below 0, which never comes.');
    return failed('HANG');
  }
  let pages = 0;
  for (let at = failedAt; at >= 0; at--) {
    const item = items[at]!;
    storeShare(host, file, item, 1 - wanted);
    if (wanted === 1) mergeByPolicy(host, rules, file, item.index, 0, file.blockPages);
    pages += item.to - item.from;
  }
  event(host, ROLLED_BACK, file, firstPage(file, items), 1, pages);
  return failed(error, isWritten(host, 'B-4') ? 0 : (failing.index * file.blockPages + failing.from) * PAGE);
}

function lostError(host: Host, file: FileState, page: number): Answer {
  event(host, UNINITIALISED, file, page);
  return went(0);
}

const firstPage = (file: FileState, items: readonly Item[]): number => items[0]!.index * file.blockPages + items[0]!.from;
