/** A folio that outlives its place in the file because someone still refers to it. */
import { leaveStale } from '../host/content';
import { emptyBlock } from '../host/block-memory';
import { countGmem, ownBlock, ownFile, seenBlock, type Host } from '../host/host';
import { enqueue, hstateOf, subpoolPut } from '../host/hugetlb';
import { DRAINING, WHOLE, type FileState } from '../host/state';
import { freeHugetlb } from '../host/hugetlb-memory';

/** `early`: the subpool gets its page back now, although the folio comes back to hugetlb only with its last reference. */
export function drainWhole(host: Host, file: FileState, index: number, early: boolean): void {
  const owned = ownFile(host, file);
  const block = ownBlock(host, owned, index, 0, file.blockPages);
  block.state = DRAINING;
  if (early && owned.subpool !== null) subpoolPut(owned.subpool);
  block.restoreReserve = early;
}

/** The last reference of a whole folio that was waited for is gone: it goes back to hugetlb. */
export function endDrained(host: Host, file: FileState, index: number): void {
  const seen = seenBlock(host, file, index);
  if (seen.state !== DRAINING || seen.holds.length > 0) return;
  const owned = ownFile(host, file);
  const block = ownBlock(host, owned, index, 0, file.blockPages);
  if (!block.restoreReserve) {
    block.state = WHOLE;
    freeHugetlb(host, owned, index);
    return;
  }
  const h = hstateOf(host, file.order);
  leaveStale(host, owned, block, 0, file.blockPages);
  const { pfn, node, content, hvo, vmemmapSplit, remoteVmemmap } = block;
  const poisoned = block.poison.length > 0;
  emptyBlock(block);
  owned.allocated -= 1;
  countGmem(host, owned, -1);
  owned.usageCharge -= file.blockPages;
  enqueue(host, h, { pfn, node, content, hvo, vmemmapSplit, remoteVmemmap }, poisoned);
  h.resv += 1;
}
