/** Blocks that have left the file while their pages, or the work queue, still have to come back (B.EVICT, SC-16). */
import type { Allocator } from './allocator';
import type { Rule } from '../host/event-log';
import { event, ownBlock, seenBlock, type Host } from '../host/host';
import { optimiseBlock, toWholeFolio, giveFilemapNodes, mergeRegions } from '../host/restructure';
import { DRAINING, MIXED, SPLIT, WHOLE, type FileState } from '../host/state';
import { heldIn } from '../host/user-mappings';

/** Microseconds until the work queue has run. */
const WORK_QUEUE = 100;

/** Microseconds until it tries again. */
const RETRY = 1_000_000;

const DRAINS: Rule = {
  kind: 'drain',
  label: 'code',
  source: 'v2 mm/guestmem_hugetlb.c, the stash and its work queue',
  text: (refs) => `truncated: ${refs} references of its pages are waited for`,
};

/** Takes a block out of the file: back at once where it is one folio that nobody holds, else when all of it has come back. */
export function truncateBlock(host: Host, allocator: Allocator, file: FileState, index: number): void {
  const seen = seenBlock(host, file, index);
  const held = seen.holds.length === 0 ? 0 : heldIn(file, seen, 0, file.blockPages);
  if (seen.state === WHOLE && held === 0) {
    allocator.free(host, file, index);
    return;
  }
  const block = ownBlock(host, file, index, 0, file.blockPages);
  if (block.state === SPLIT) giveFilemapNodes(host, file, block);
  // What it was stays in `twoLevel` and `small`; a split block is known by its vmemmap.
  block.drainsSplit = block.state === SPLIT || block.state === MIXED;
  block.state = DRAINING;
  event(host, DRAINS, file, index * file.blockPages, 1, held);
  if (held === 0) drainLater(host, file, index);
}

/** The work queue is told. */
export function drainLater(host: Host, file: FileState, index: number): void {
  if (host.pending.some((each) => each.file === file.id && each.block === index && each.what === 'drain')) return;
  host.pending = [...host.pending, { due: host.time + WORK_QUEUE, file: file.id, block: index, what: 'drain' }];
}

/** All pages have come back: the block becomes one folio again and goes where it came from. */
export function drainNow(host: Host, allocator: Allocator, file: FileState, index: number): void {
  const seen = seenBlock(host, file, index);
  if (seen.state !== DRAINING || seen.holds.length > 0) return;
  const block = ownBlock(host, file, index, 0, file.blockPages);
  if (block.twoLevel) {
    block.state = MIXED;
    block.share = 0;
    mergeRegions(host, file, block, index, 0, file.blockPages);
    if (seenBlock(host, file, index).state !== WHOLE) {
      // No page for the head of its vmemmap: the work queue comes again.
      block.state = DRAINING;
      host.pending = [...host.pending, { due: host.time + RETRY, file: file.id, block: index, what: 'drain' }];
      return;
    }
  } else if (block.drainsSplit) {
    toWholeFolio(host, file, block, index);
    optimiseBlock(host, file, block);
  } else block.state = WHOLE;
  block.drainsSplit = false;
  allocator.free(host, file, index);
}
