/** A folio that outlives its place in the file because someone still refers to it. */
import { emptyBlock, takeAside, takeFrame } from '../host/block-memory';
import type { Rule } from '../host/event-log';
import { event, ownBlock, ownFile, seenBlock, type Host } from '../host/host';
import { subpoolPut } from '../host/hugetlb';
import { freeHugetlb, putFrame, putReturnedFrame } from '../host/hugetlb-memory';
import type { ErrorName } from '../host/operation';
import { DRAINING, WHOLE, type Block, type FileState } from '../host/state';

const REPLACED: Rule = {
  kind: 'place-taken',
  label: 'derived',
  source: 'patch 15: the subpool has its page back, and the place in the file is empty',
  text: (refs) => `another huge page takes the place of one that ${refs} holders keep from going back`,
};

/** `early`: the subpool gets its page back now, although the folio comes back to hugetlb only with its last reference. */
export function drainWhole(host: Host, file: FileState, index: number, early: boolean): void {
  const owned = ownFile(host, file);
  const block = ownBlock(host, owned, index, 0, file.blockPages);
  block.state = DRAINING;
  if (early && owned.subpool !== null) subpoolPut(owned.subpool);
  block.restoreReserve = early;
}

/** Gives the place of a draining folio another one; where none is to be had it stays as it is. */
export function replaceDrained(
  host: Host,
  file: FileState,
  index: number,
  allocate: (host: Host, file: FileState, index: number) => ErrorName | null,
): ErrorName | null {
  const owned = ownFile(host, file);
  const block = ownBlock(host, owned, index, 0, file.blockPages);
  const drained: Block = { ...block };
  emptyBlock(block);
  block.holds = [];
  block.pins = 0;
  block.refs = 0;
  const error = allocate(host, owned, index);
  if (error !== null) {
    Object.assign(block, drained);
    return error;
  }
  event(host, REPLACED, owned, index * file.blockPages, 1, drained.holds.length);
  // Sharing, attributes and mappings are those of the place, and stay there.
  const left: Block = { ...drained, share: 0, attr: 0, s2: 0, processes: [], mapped: 0, hash: 0 };
  owned.aside = [...owned.aside, { index, block: left }];
  return null;
}

/** The last reference of a whole folio that was waited for is gone: it goes back to hugetlb. */
export function endDrained(host: Host, file: FileState, index: number): void {
  for (let taken = takeAside(host, file, index); taken !== null; taken = takeAside(host, file, index)) {
    if (taken.restoreReserve) putReturnedFrame(host, file, taken);
    else putFrame(host, file, taken, false);
  }
  const seen = seenBlock(host, file, index);
  if (seen.state !== DRAINING || seen.holds.length > 0) return;
  const owned = ownFile(host, file);
  const block = ownBlock(host, owned, index, 0, file.blockPages);
  if (block.restoreReserve) {
    putReturnedFrame(host, owned, takeFrame(host, owned, index));
    return;
  }
  block.state = WHOLE;
  freeHugetlb(host, owned, index);
}
