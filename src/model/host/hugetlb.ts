/** hugetlb's pool: reserving, allocating, freeing, resizing (P3 to P9 of model-facts §2.0). */
import type { Rule } from './event-log';
import { event, injectedFailure, type Host } from './host';
import type { ErrorName } from './operation';
import { availableOf, freeOf, nrOf, surplusOf, vmemmapPagesOf, type Frame, type Hstate, type HstateNode, type Node } from './pools';
import type { Subpool } from './state';
import { optimiseVmemmap, restoreVmemmap } from './vmemmap';

const code = (kind: string, source: string, text: Rule['text']): Rule => ({ kind, label: 'code', source, text });

const DEQUEUE = code(
  'hugetlb-dequeue',
  'mm/hugetlb.c dequeue_hugetlb_folio_node_exact()',
  (node) => `huge page taken from the free list of node ${node}`,
);
const SHORT = code('hugetlb-short', 'mm/hugetlb.c alloc_hugetlb_folio()', () => 'no free huge page on the allowed nodes');
const ENQUEUE = code('hugetlb-enqueue', 'mm/hugetlb.c free_huge_folio()', (node) => `huge page back on the free list of node ${node}`);
const SURPLUS_FREED = code(
  'hugetlb-surplus-freed',
  'mm/hugetlb.c free_huge_folio()',
  () => 'the node has surplus: the huge page goes to the buddy allocator',
);
const SURPLUS_KEPT = code(
  'hugetlb-surplus-kept',
  'mm/hugetlb.c update_and_free_hugetlb_folio()',
  () => 'vmemmap not restored: the huge page stays, as surplus',
);
const RESIZED = code(
  'hugetlb-resize',
  'mm/hugetlb.c set_max_huge_pages()',
  (nr, surplus) => `pool has ${nr} huge pages, ${surplus} of them surplus`,
);
const DEMOTED = code('hugetlb-demote', 'mm/hugetlb.c demote_free_hugetlb_folios()', (n) => `${n} huge pages of 1G became ${512 * n} of 2M`);

export const hstateOf = (host: Host, order: number): Hstate => (order === 18 ? host.hstates['1G'] : host.hstates['2M']);

/** P3. Null where the pool has too few unreserved pages. */
export function newSubpool(h: Hstate, count: number): Subpool | null {
  if (availableOf(h) < count) return null;
  h.resv += count;
  return { max: count, min: count, rsv: count, used: 0 };
}

/** hugepage_subpool_get_pages(1). Shape: reservations of the hstate that are needed besides; -1: at the maximum. */
export function subpoolGet(spool: Subpool): number {
  if (spool.used + 1 > spool.max) return -1;
  spool.used += 1;
  if (spool.rsv > 0) {
    spool.rsv -= 1;
    return 0;
  }
  return 1;
}

/** hugepage_subpool_put_pages(1). Shape: reservations of the hstate to drop; 0: it goes back to the subpool's minimum. */
export function subpoolPut(spool: Subpool): number {
  spool.used -= 1;
  if (spool.used < spool.min) {
    spool.rsv += 1;
    if (spool.rsv > spool.min) spool.rsv = spool.min;
    return 0;
  }
  return 1;
}

/** P4 without the subpool: a frame off a free list, or null. `useReserve`: it was reserved. */
export function dequeue(host: Host, h: Hstate, node: number, useReserve: boolean): Frame | null {
  if (injectedFailure(host, 'huge-page')) return null;
  if (!useReserve && availableOf(h) <= 0) return null;
  const at = nodeWithFree(h, node);
  if (at < 0) {
    event(host, SHORT, null, -1);
    return null;
  }
  const place = h.nodes[at]!;
  const cell = place.stack!;
  place.stack = cell.next;
  place.free -= 1;
  if (useReserve) h.resv -= 1;
  event(host, DEQUEUE, null, -1, 1, at);
  return cell.frame;
}

/** The end of free_huge_folio(): to the free list, or to the buddy allocator where the node has surplus. */
export function enqueue(host: Host, h: Hstate, frame: Frame, poisoned: boolean): void {
  const place = h.nodes[frame.node]!;
  if (place.surplus > 0 && !poisoned) {
    const page = { ...frame };
    if (restoreVmemmap(host, page, h.pages)) {
      place.surplus -= 1;
      toBuddy(host, h, page);
      event(host, SURPLUS_FREED, null, -1);
      return;
    }
    event(host, SURPLUS_KEPT, null, -1);
  }
  place.free += 1;
  if (poisoned) {
    place.poisoned += 1;
    host.dead = { frame, next: host.dead };
  } else place.stack = { frame, next: place.stack };
  event(host, ENQUEUE, null, -1, 1, frame.node);
}

/** A node cannot have more surplus than pages. */
function lessByOne(place: HstateNode): void {
  place.nr -= 1;
  place.surplus = Math.min(place.surplus, place.nr);
}

/** A huge page whose vmemmap is whole becomes ordinary memory. */
function toBuddy(host: Host, h: Hstate, frame: Frame): void {
  lessByOne(h.nodes[frame.node]!);
  giveToBuddy(host, frame, h.pages);
}

/** The frame's pages, and the vmemmap that describes them, are ordinary from now on. */
export function giveToBuddy(host: Host, frame: Frame, pages: number): void {
  const node = host.nodes[frame.node]!;
  const all = vmemmapPagesOf(pages);
  node.buddy += pages;
  node.returned = { pfn: frame.pfn, pages, next: node.returned };
  host.nodes[frame.node]!.vmemmap -= all - frame.remoteVmemmap;
  node.restVmemmap += all - frame.remoteVmemmap;
  let left = frame.remoteVmemmap;
  for (const other of host.nodes) {
    if (left <= 0 || other === node) continue;
    const moved = Math.min(left, other.vmemmap);
    other.vmemmap -= moved;
    other.restVmemmap += moved;
    left -= moved;
  }
}

/** A contiguous run of ordinary pages becomes a huge page, its vmemmap whole. Null where there is none. */
export function takeFromBuddy(host: Host, pages: number, nodeAt: number): Frame | null {
  const node = host.nodes[nodeAt];
  if (node === undefined || node.buddy < pages || injectedFailure(host, 'contiguous')) return null;
  const all = vmemmapPagesOf(pages);
  node.buddy -= pages;
  node.restVmemmap -= all;
  node.vmemmap += all;
  return { pfn: freshPfn(node, pages), node: nodeAt, content: 2, hvo: false, vmemmapSplit: false, remoteVmemmap: 0 };
}

/** A frame that was one before, or the next aligned one. */
function freshPfn(node: Node, pages: number): number {
  if (node.returned !== null && node.returned.pages === pages) {
    const { pfn, next } = node.returned;
    node.returned = next;
    return pfn;
  }
  const pfn = Math.ceil(node.nextPfn / pages) * pages;
  node.nextPfn = pfn + pages;
  return pfn;
}

/** P7. */
export function resize(host: Host, h: Hstate, count: number, onlyNode: number): void {
  const places = h.nodes.map((_, at) => at).filter((at) => onlyNode < 0 || at === onlyNode);
  const target = onlyNode < 0 ? count : count + nrOf(h) - surplusOf(h) - (h.nodes[onlyNode]!.nr - h.nodes[onlyNode]!.surplus);
  const persistent = (): number => nrOf(h) - surplusOf(h);
  for (const at of places) {
    while (persistent() < target && h.nodes[at]!.surplus > 0) h.nodes[at]!.surplus -= 1;
  }
  for (let at = 0, failed = 0; persistent() < target && failed < places.length; at++) {
    const node = places[at % places.length]!;
    failed = addToPool(host, h, node) ? 0 : failed + 1;
  }
  const least = Math.max(target, h.resv + nrOf(h) - freeOf(h));
  for (let at = 0, failed = 0; persistent() > least && failed < places.length; at++) {
    failed = shrinkBy1(host, h, places[at % places.length]!) ? 0 : failed + 1;
  }
  for (let at = 0, failed = 0; persistent() > target && failed < places.length; at++) {
    const place = h.nodes[places[at % places.length]!]!;
    if (place.surplus < place.nr) place.surplus += 1;
    failed = place.surplus < place.nr ? 0 : failed + 1;
  }
  h.max = nrOf(h) - surplusOf(h);
  event(host, RESIZED, null, -1, 1, nrOf(h), surplusOf(h));
}

/** Ordinary memory becomes one more free huge page of the pool. False where there is none. */
export function addToPool(host: Host, h: Hstate, node: number): boolean {
  const frame = takeFromBuddy(host, h.pages, node);
  if (frame === null) return false;
  const page = { ...frame };
  optimiseVmemmap(host, page, h.pages);
  h.nodes[node]!.nr += 1;
  h.nodes[node]!.free += 1;
  h.nodes[node]!.stack = { frame: page, next: h.nodes[node]!.stack };
  return true;
}

/** A free surplus page goes back to the buddy allocator. False where its vmemmap cannot be restored. */
export function takeOffPool(host: Host, h: Hstate, node: number): boolean {
  const place = h.nodes[node]!;
  const cell = place.stack;
  if (cell === null) return false;
  const page = { ...cell.frame };
  if (!restoreVmemmap(host, page, h.pages)) return false;
  place.stack = cell.next;
  place.free -= 1;
  place.surplus -= 1;
  toBuddy(host, h, page);
  return true;
}

function shrinkBy1(host: Host, h: Hstate, node: number): boolean {
  const place = h.nodes[node]!;
  const cell = place.stack;
  if (cell === null) return false;
  const page = { ...cell.frame };
  if (!restoreVmemmap(host, page, h.pages)) {
    // update_and_free_hugetlb_folio() puts it back as surplus.
    if (place.surplus < place.nr) place.surplus += 1;
    event(host, SURPLUS_KEPT, null, -1);
    return true;
  }
  place.stack = cell.next;
  place.free -= 1;
  toBuddy(host, h, page);
  return true;
}

/** P8. Free pages of 1G become 512 of 2M each. Shape: how many. */
export function demote(host: Host, count: number, onlyNode: number): { readonly done: number; readonly error: ErrorName | null } {
  const large = host.hstates['1G'];
  const small = host.hstates['2M'];
  const most = Math.min(count, Math.max(availableOf(large), 0));
  let done = 0;
  let error: ErrorName | null = null;
  while (done < most) {
    const at = nodeWithFree(large, onlyNode);
    if (at < 0) break;
    const cell = large.nodes[at]!.stack!;
    const page = { ...cell.frame };
    if (!restoreVmemmap(host, page, large.pages)) {
      error = 'ENOMEM';
      break;
    }
    large.nodes[at]!.stack = cell.next;
    large.nodes[at]!.free -= 1;
    lessByOne(large.nodes[at]!);
    large.max -= 1;
    demoteFrame(host, small, page);
    done++;
  }
  event(host, DEMOTED, null, -1, 1, done);
  return { done, error };
}

function demoteFrame(host: Host, small: Hstate, frame: Frame): void {
  let remote = frame.remoteVmemmap;
  for (let part = 0; part < 512; part++) {
    const away = Math.min(remote, 8);
    remote -= away;
    const page = { ...frame, content: 2, pfn: frame.pfn + part * 512, remoteVmemmap: away };
    optimiseVmemmap(host, page, small.pages);
    const place = small.nodes[frame.node]!;
    place.stack = { frame: page, next: place.stack };
  }
  small.nodes[frame.node]!.nr += 512;
  small.nodes[frame.node]!.free += 512;
  small.max += 512;
}

/** P9, and the way out of hugetlb for a free page: off the list, counters lower. `restore`: with its vmemmap whole. */
export function removeFree(host: Host, h: Hstate, restore: boolean, node = -1): Frame | ErrorName {
  if (availableOf(h) <= 0) return 'EBUSY';
  const at = nodeWithFree(h, node);
  if (at < 0) return 'EBUSY';
  const place = h.nodes[at]!;
  const page = { ...place.stack!.frame };
  if (restore && !restoreVmemmap(host, page, h.pages)) return 'ENOMEM';
  place.stack = place.stack!.next;
  place.free -= 1;
  place.nr -= 1;
  if (place.surplus > 0 && place.surplus > place.nr) place.surplus -= 1;
  else h.max -= 1;
  return page;
}

/** The other way: a frame joins the pool as a free page. */
export function addFree(h: Hstate, frame: Frame): void {
  const place = h.nodes[frame.node]!;
  place.nr += 1;
  place.free += 1;
  place.stack = { frame, next: place.stack };
  h.max += 1;
}

function nodeWithFree(h: Hstate, node: number): number {
  if (node >= 0) return h.nodes[node]?.stack ? node : -1;
  return h.nodes.findIndex((place) => place.stack !== null);
}
