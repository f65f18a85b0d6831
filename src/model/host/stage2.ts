/** Stage-2 leaves: which level a fault installs, and what a zap takes away (P13, model-facts §1.5). */
import { choice, currentFile, event, fact, ownBlock, type Host } from './host';
import type { Rule } from './event-log';
import type { VmType } from './operation';
import { valueSet } from './page-cells';
import { countPages, firstIn, firstOther, isAll, pageAt, REGION, runEnd, runsOf, setPages, sumPages } from './pages';
import { blockRanges } from './ranges';
import { MIXED, WHOLE, type Block, type FileState, type Slot } from './state';
import { processOver } from './user-mappings';

const GIGA = 18;
const MEGA = 9;

const ZAP: Rule = {
  kind: 's2-zap',
  label: 'code',
  source: 'kvm_unmap_gfn_range(): every leaf that overlaps goes',
  text: (pages, wanted) => `stage 2 zapped: ${pages} pages mapped by leaves over ${wanted} pages`,
};
const NOTIFIED: Rule = {
  kind: 's2-zap',
  label: 'code',
  source: 'kvm_mmu_notifier_invalidate_range_start(): the user address of the slot',
  text: (pages) => `stage 2 zapped with the user mappings it was made through: ${pages} pages`,
};
const DEMOTE: Rule = {
  kind: 's2-demote',
  label: 'thread',
  source: 'Yan 2025-08-07: kvm_split_cross_boundary_leafs()',
  text: (leaves) => `${leaves} leaves that cross the border were split before the zap`,
};
const MISFIT: Rule = {
  kind: 's2-misfit',
  label: 'thread',
  source: 'Yan 2025-04-03: gfn and offset must agree modulo the leaf',
  text: (order) => `a leaf of order ${order} was installed where gfn and file offset do not agree`,
};

/** Largest leaf order of a VM's type; null in the table: as the folio is. */
const CAPS: Readonly<Record<VmType, number>> = { plain: GIGA, 'sw-protected': GIGA, tdx: MEGA, snp: MEGA, pkvm: GIGA, gunyah: GIGA };

/** The cap that the VM's type, or the switch, sets. */
export function stage2Cap(host: Host, type: VmType): number {
  const cap = choice(host, 'stage2-cap');
  if (cap === '4K') return 0;
  if (cap === '2M') return MEGA;
  return cap === '1G' ? GIGA : CAPS[type];
}

export const leafOrderOf = (code: number): number => (code === 0 ? -1 : ((code - 1) % 3) * 9);
export const PRIVATE_LEAVES = valueSet(1, 2, 3);
export const SHARED_LEAVES = valueSet(4, 5, 6);
export const isSharedLeaf = (code: number): boolean => code > 3;
const LEAVES_BELOW_2M = valueSet(1, 4);
const LEAVES_BELOW_1G = valueSet(1, 2, 4, 5);
const leafCode = (order: number, shared: boolean): number => order / 9 + 1 + (shared ? 3 : 0);

/** The slot that maps a page of a file; null where none does. */
export function slotOf(file: FileState, page: number): Slot | null {
  for (const slot of file.slots) if (page >= slot.from && page < slot.to) return slot;
  return null;
}

/** Installs leaves over the pages [from, to) of a block, as large as everything allows. */
export function mapStage2(host: Host, file: FileState, block: Block, index: number, from: number, to: number, shared: boolean): void {
  const base = index * file.blockPages;
  const slot = slotOf(file, base + from);
  if (slot === null) return;
  const type = host.vms[file.vm]!.type;
  const most = Math.min(slot.cap, stage2Cap(host, type), block.state === WHOLE ? file.order : block.state === MIXED ? MEGA : 0);
  if (most === 0) {
    block.s2 = setPages(block.s2, file.blockPages, from, to, leafCode(0, shared), host.epoch);
    return;
  }
  for (let page = from; page < to;) {
    const order = leafOrderAt(host, file, block, base, slot, page, most);
    const leaf = leafRange(slot, base + page, order);
    const start = Math.max(leaf.from - base, 0);
    const end = Math.min(leaf.to - base, file.blockPages);
    if (order === 0) {
      // The pages of a region that cannot have a large leaf are alike up to the region's end.
      const stop = Math.min(to, page - (page % REGION) + REGION);
      block.s2 = setPages(block.s2, file.blockPages, page, stop, leafCode(0, shared), host.epoch);
      page = stop;
      continue;
    }
    if (order > 0 && (slot.gfn - slot.from) % 2 ** order !== 0) noteMisfit(host, file, index, base + page, order);
    block.s2 = setPages(block.s2, file.blockPages, start, end, leafCode(order, shared), host.epoch);
    page = end;
  }
}

// Apart, as all that keeps what it is given for later: else every call pays for keeping it.
function noteMisfit(host: Host, file: FileState, index: number, page: number, order: number): void {
  event(host, MISFIT, file, page, 1, order);
  fact(
    host,
    'misfit-leaf',
    file,
    index,
    () => `A leaf of order ${order} at page ${page} joins a gfn and a file offset that differ modulo its size.`,
  );
}

function leafOrderAt(host: Host, file: FileState, block: Block, base: number, slot: Slot, page: number, most: number): number {
  for (let order = most; order > 0; order -= 9) {
    const leaf = leafRange(slot, base + page, order);
    if (leaf.from < slot.from || leaf.to > slot.to) continue;
    const start = Math.max(leaf.from - base, 0);
    const end = Math.min(leaf.to - base, file.blockPages);
    if (block.state === MIXED && sumPages(block.small, file.blockPages, start, end) > 0) continue;
    if (firstOther(block.attr, start, end, pageAt(block.attr, page)) >= 0) continue;
    // TDX does not merge leaves: where there are small ones they stay.
    if (host.vms[file.vm]!.type === 'tdx' && hasSmaller(block, start, end, order)) continue;
    return order;
  }
  return 0;
}

function hasSmaller(block: Block, from: number, to: number, order: number): boolean {
  return firstIn(block.s2, from, to, order > MEGA ? LEAVES_BELOW_1G : LEAVES_BELOW_2M) >= 0;
}

/** File pages that a leaf of an order over a page covers; aligned in guest frames. */
function leafRange(slot: Slot, page: number, order: number): { readonly from: number; readonly to: number } {
  const size = 2 ** order;
  const gfn = page - slot.from + slot.gfn;
  const from = page - (gfn % size);
  return { from, to: from + size };
}

/** Takes away every leaf that overlaps the pages [from, to) of a block. Shape: pages that were mapped. */
export function zapStage2(host: Host, file: FileState, block: Block, index: number, from: number, to: number): number {
  if (isAll(block.s2, 0) || from >= to) return 0;
  const base = index * file.blockPages;
  const wide = overlapped(file, block, base, from, to);
  const inside = mappedIn(block, from, to);
  if (inside === 0) return 0;
  if (host.vms[file.vm]!.type === 'tdx' && (wide.from < from || wide.to > to)) {
    // A zapped private page would lose its content, so the leaf is split first.
    const both = wide.from < from && wide.to > to;
    const leaves = both && wide.to - wide.from > REGION ? 2 : 1;
    const shared = isSharedLeaf(pageAt(block.s2, from)) || isSharedLeaf(pageAt(block.s2, to - 1));
    block.s2 = setPages(block.s2, file.blockPages, wide.from, from, leafCode(0, shared), host.epoch);
    block.s2 = setPages(block.s2, file.blockPages, to, wide.to, leafCode(0, shared), host.epoch);
    block.s2 = setPages(block.s2, file.blockPages, from, to, 0, host.epoch);
    host.tally.demotedLeaves += leaves;
    host.tally.zappedPages += inside;
    host.tally.zaps += 1;
    event(host, DEMOTE, file, base + from, 1, leaves);
    return inside;
  }
  const zapped = wide.from === from && wide.to === to ? inside : mappedIn(block, wide.from, wide.to);
  block.s2 = setPages(block.s2, file.blockPages, wide.from, wide.to, 0, host.epoch);
  host.tally.zappedPages += zapped;
  host.tally.refaults += zapped - inside;
  host.tally.zaps += 1;
  event(host, ZAP, file, base + from, 1, zapped, to - from);
  return zapped;
}

/** Takes away the shared leaves of the pages [from, to) of the file that were made through an address of the process, or of any. */
export function zapThrough(host: Host, file: FileState, from: number, to: number, process: string | null): void {
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const seen = currentFile(host, file).blocks[index];
    if (!seen || isAll(seen.s2, 0)) continue;
    const base = index * file.blockPages;
    let zapped = 0;
    for (let page = firstIn(seen.s2, start, end, SHARED_LEAVES); page >= 0;) {
      const block = ownBlock(host, file, index, page, page + 1);
      const stop = runEnd(block.s2, page, end, pageAt(block.s2, page));
      for (const part of partsOf(host, file, base + page, base + stop, process)) {
        block.s2 = setPages(block.s2, file.blockPages, part.from - base, part.to - base, 0, host.epoch);
        zapped += part.to - part.from;
      }
      page = firstIn(block.s2, stop, end, SHARED_LEAVES);
    }
    if (zapped === 0) continue;
    host.tally.zappedPages += zapped;
    host.tally.zaps += 1;
    event(host, NOTIFIED, file, base + start, 1, zapped);
  }
}

/** The parts of [from, to) of the file that the guest reaches through an address of the process. */
function partsOf(host: Host, file: FileState, from: number, to: number, process: string | null): readonly PageSpan[] {
  const { vmas } = currentFile(host, file);
  if (process === null || vmas.every((vma) => vma.process === process)) return [{ from, to }];
  const parts: PageSpan[] = [];
  for (let page = from; page < to;) {
    // Up to the next border of a mapping all pages are reached alike.
    let end = to;
    for (const vma of vmas) for (const border of [vma.from, vma.to]) if (border > page && border < end) end = border;
    if (processOver(host, file, page) === process) parts.push({ from: page, to: end });
    page = end;
  }
  return parts;
}

interface PageSpan {
  readonly from: number;
  readonly to: number;
}

function overlapped(file: FileState, block: Block, base: number, from: number, to: number): { readonly from: number; readonly to: number } {
  let start = from;
  let end = to;
  const first = leafOrderOf(pageAt(block.s2, from));
  const last = leafOrderOf(pageAt(block.s2, to - 1));
  if (first > 0) {
    const slot = slotOf(file, base + from);
    if (slot !== null) start = Math.max(leafRange(slot, base + from, first).from - base, 0);
  }
  if (last > 0) {
    const slot = slotOf(file, base + to - 1);
    if (slot !== null) end = Math.min(leafRange(slot, base + to - 1, last).to - base, file.blockPages);
  }
  return { from: Math.min(start, from), to: Math.max(end, to) };
}

const mappedIn = (block: Block, from: number, to: number): number => countPages(block.s2, from, to);

/** Leaves of a block, and table pages below its entry of 1G. */
export function stage2Of(block: Block, pages: number): { readonly leaves: number; readonly tables: number } {
  if (block.s2 === 0) return { leaves: 0, tables: 0 };
  let leaves = 0;
  let tables = 0;
  let large = true;
  let lastRegion = -1;
  for (const run of runsOf(block.s2, 0, pages)) {
    const order = leafOrderOf(run.value);
    if (order < 0) continue;
    leaves += Math.ceil((run.to - run.from) / 2 ** order);
    if (order < GIGA) large = false;
    if (order !== 0) continue;
    const first = Math.floor(run.from / REGION);
    const last = Math.floor((run.to - 1) / REGION);
    tables += last - first + (first === lastRegion ? 0 : 1);
    lastRegion = last;
  }
  return { leaves, tables: tables + (large || pages < 2 ** GIGA ? 0 : 1) };
}
