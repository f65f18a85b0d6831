/** Optimising a huge page's vmemmap away and restoring it (P1, P2): mm/hugetlb_vmemmap.c, model-facts §1.2. */
import { COSTS } from './costs';
import type { Rule } from './event-log';
import { event, type Host } from './host';
import { givePages, takePages } from './node-pages';
import { vmemmapPagesOf } from './pools';

/** What of a huge page its vmemmap depends on; frames and blocks have it. */
export interface VmemmapOf {
  readonly node: number;
  hvo: boolean;
  vmemmapSplit: boolean;
  remoteVmemmap: number;
}

const HVO_OPT: Rule = {
  kind: 'hvo-optimise',
  label: 'code',
  source: 'mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize_folio()',
  text: (freed) => `vmemmap optimised away: 1 page allocated, ${freed} freed`,
};
const HVO_OPT_FAILED: Rule = {
  kind: 'hvo-optimise-failed',
  label: 'code',
  source: 'mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize_folio()',
  text: () => 'no page for the head of the vmemmap: the folio stays unoptimised and usable',
};
const HVO_RESTORE: Rule = {
  kind: 'hvo-restore',
  label: 'code',
  source: 'mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folio()',
  text: (allocated, remote) => `vmemmap restored: ${allocated} pages allocated${remote > 0 ? `, ${remote} of them on other nodes` : ''}`,
};
const HVO_RESTORE_FAILED: Rule = {
  kind: 'hvo-restore-failed',
  label: 'code',
  source: 'mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folio()',
  text: (needed) => `vmemmap not restored: ${needed} pages are not to be had (-ENOMEM)`,
};

/** P1. False where its one page cannot be had; the folio stays as it is. */
export function optimiseVmemmap(host: Host, page: VmemmapOf, pages: number): boolean {
  if (!host.spec.host.hvo || page.hvo) return page.hvo;
  const all = vmemmapPagesOf(pages);
  if (!page.vmemmapSplit) {
    // 16 MiB of vmemmap are 8 PMDs; of 2M pages, 64 share one.
    takePages(host, Math.floor(all / 512), page.node, 'vmemmapTables', 'vmemmap-table');
    page.vmemmapSplit = true;
  }
  const remote = takePages(host, 1, page.node, 'vmemmap', 'vmemmap');
  if (remote < 0) {
    event(host, HVO_OPT_FAILED, null, -1);
    return false;
  }
  // The page is needed before the others are free; the peak that is quoted counts restores alone.
  givePages(host, all, page.node, 'vmemmap', page.remoteVmemmap);
  page.remoteVmemmap = remote;
  page.hvo = true;
  host.tally.vmemmapAllocated += 1;
  host.tally.vmemmapFreed += all;
  host.tally.synchronizeRcu += 1;
  host.tally.pagesCopied += 1;
  host.time += COSTS.synchronizeRcu + COSTS.kernelTlbFlush + COSTS.pageAlloc + COSTS.pageCopy;
  event(host, HVO_OPT, null, -1, 1, all);
  return true;
}

/** P2. False where the pages cannot be had; nothing has changed then. */
export function restoreVmemmap(host: Host, page: VmemmapOf, pages: number): boolean {
  if (!page.hvo) return true;
  const needed = vmemmapPagesOf(pages) - 1;
  const remote = takePages(host, needed, page.node, 'vmemmap', 'vmemmap');
  if (remote < 0) {
    event(host, HVO_RESTORE_FAILED, null, -1, 1, needed);
    return false;
  }
  page.hvo = false;
  page.remoteVmemmap += remote;
  host.tally.vmemmapAllocated += needed;
  host.tally.pagesCopied += needed;
  host.tally.synchronizeRcu += 1;
  host.time += COSTS.synchronizeRcu + COSTS.kernelTlbFlush + needed * (COSTS.pageAlloc + COSTS.pageCopy);
  notePeak(host);
  event(host, HVO_RESTORE, null, -1, 1, needed, remote);
  return true;
}

/** vmemmap of huge pages in all, of all nodes. */
export function vmemmapInUse(host: Host): number {
  let sum = 0;
  for (const node of host.nodes) sum += node.vmemmap;
  return sum;
}

export function notePeak(host: Host): void {
  const now = vmemmapInUse(host);
  if (now > host.tally.vmemmapPeak) host.tally.vmemmapPeak = now;
}
