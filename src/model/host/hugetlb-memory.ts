/** Blocks whose memory comes from hugetlb: subpool, reservation, charges (patches 10 to 16; v2 mm/guestmem_hugetlb.c). */
import { giveFrame, takeFrame, type TakenFrame } from './block-memory';
import type { Rule } from './event-log';
import { event, fact, injectedFailure, ownFile, type Host } from './host';
import { dequeue, enqueue, hstateOf, newSubpool, subpoolGet, subpoolPut } from './hugetlb';
import type { ErrorName } from './operation';
import type { Frame } from './pools';
import type { FileState } from './state';

const RESERVED: Rule = {
  kind: 'reserve',
  label: 'code',
  source: 'patch 10 hugepage_new_subpool(); patch 14',
  text: (blocks) => `${blocks} huge pages reserved`,
};
const UNRESERVED: Rule = {
  kind: 'unreserve',
  label: 'code',
  source: 'mm/hugetlb.c unlock_or_release_subpool()',
  text: (blocks) => `subpool released: ${blocks} reservations dropped`,
};

export interface HugetlbRules {
  /** The hugetlb cgroup is charged at reservation too. */
  readonly chargesReservation: boolean;
  /** restore_reserve stays set in the folio while the file has it. */
  readonly keepsRestoreReserve: boolean;
}

export function reserveHugetlb(host: Host, file: FileState, blocks: number, rules: HugetlbRules): ErrorName | null {
  if (injectedFailure(host, 'charge')) return 'ENOMEM';
  const spool = newSubpool(hstateOf(host, file.order), blocks);
  if (spool === null) return 'ENOMEM';
  const owned = ownFile(host, file);
  owned.subpool = spool;
  if (rules.chargesReservation) owned.rsvdCharge += blocks * file.blockPages;
  event(host, RESERVED, file, -1, 1, blocks);
  return null;
}

export function allocateHugetlb(host: Host, file: FileState, index: number, rules: HugetlbRules): ErrorName | null {
  const owned = ownFile(host, file);
  const spool = owned.subpool;
  if (spool === null || injectedFailure(host, 'charge')) return 'ENOMEM';
  const needed = subpoolGet(spool);
  if (needed !== 0) {
    // Above the subpool's maximum, or beyond its reservation, which for min = max is the same.
    if (needed > 0) subpoolPut(spool);
    host.tally.allocationsFailed += 1;
    if (owned.allocated < spool.max) {
      fact(
        host,
        'reserved-allocation-failed',
        owned,
        index,
        () => `Block ${index} was reserved, and another thread held the last page of the subpool.`,
      );
    }
    return 'ENOMEM';
  }
  const frame = dequeue(host, hstateOf(host, file.order), host.vms[file.vm]!.policy, true);
  if (frame === null) {
    subpoolPut(spool);
    host.tally.allocationsFailed += 1;
    fact(host, 'reserved-allocation-failed', owned, index, () => `Block ${index} was reserved, and no huge page was to be had for it.`);
    return 'ENOMEM';
  }
  const block = giveFrame(host, owned, index, frame);
  block.restoreReserve = rules.keepsRestoreReserve;
  owned.usageCharge += file.blockPages;
  host.tally.hugetlbSteps += 3;
  return null;
}

/** P5 for a block that is one folio. */
export function freeHugetlb(host: Host, file: FileState, index: number): void {
  const restore = ownFile(host, file).blocks[index]?.restoreReserve ?? false;
  putFrame(host, file, takeFrame(host, file, index), restore);
}

/** The end of P5, for a frame that is in no block any more. `restore`: its reservation comes back in any case. */
export function putFrame(host: Host, file: FileState, { frame, poisoned }: TakenFrame, restore: boolean): void {
  const owned = ownFile(host, file);
  const spool = owned.subpool;
  owned.usageCharge -= file.blockPages;
  const toSubpool = spool !== null && subpoolPut(spool) === 0;
  giveBack(host, file, frame, poisoned, toSubpool || restore);
  if (!owned.alive && spool !== null && spool.used === 0) releaseSubpool(host, owned);
}

/** The same where the subpool has its page back already: restore_reserve alone is left. */
export function putReturnedFrame(host: Host, file: FileState, { frame, poisoned }: TakenFrame): void {
  ownFile(host, file).usageCharge -= file.blockPages;
  giveBack(host, file, frame, poisoned, true);
}

function giveBack(host: Host, file: FileState, frame: Frame, poisoned: boolean, reserves: boolean): void {
  const h = hstateOf(host, file.order);
  enqueue(host, h, frame, poisoned);
  if (reserves) h.resv += 1;
}

/** P6: nothing happens while a block of the file is out. */
export function unreserveHugetlb(host: Host, file: FileState): void {
  const owned = ownFile(host, file);
  owned.rsvdCharge = 0;
  if (owned.subpool !== null && owned.subpool.used === 0) releaseSubpool(host, owned);
}

function releaseSubpool(host: Host, file: FileState): void {
  if (file.subpool === null) return;
  const h = hstateOf(host, file.order);
  h.resv -= file.subpool.min;
  event(host, UNRESERVED, file, -1, 1, file.subpool.min);
  file.subpool = null;
}
