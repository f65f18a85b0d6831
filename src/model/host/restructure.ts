/** Splitting a block into folios of 4K (or 2M and 4K) and merging it again: what every design counts alike (model-facts §2.A, §3.4). */
import { COSTS } from './costs';
import type { Rule } from './event-log';
import { choice, event, fact, type Host } from './host';
import { givePages, takePages } from './node-pages';
import { pageAt, REGION, runsOf, setPages, sumPages } from './pages';
import { vmemmapPagesOf } from './pools';
import { MIXED, SPLIT, WHOLE, type Block, type FileState } from './state';
import { heldIn } from './user-mappings';
import { notePeak, optimiseVmemmap, restoreVmemmap } from './vmemmap';

const SPLIT_RULE: Rule = {
  kind: 'split',
  label: 'code',
  source: 'patch 39 kvm_gmem_split_folio_in_filemap(); v2 guest_memfd.c',
  text: (pages) => `huge page split: ${pages} folios of 4K in the file`,
};
const MERGE_RULE: Rule = {
  kind: 'merge',
  label: 'code',
  source: 'patch 39 kvm_gmem_reconstruct_folio_in_filemap(); v2 guest_memfd.c',
  text: (pages) => `huge page merged from ${pages} folios of 4K`,
};
const MIX_RULE: Rule = {
  kind: 'split-two-level',
  label: 'thread',
  source: 'cover letter: a split of 1G to 2M first; LPC 2025',
  text: (regions) => `huge page split to 2M, ${regions} of them to 4K`,
};
const REGION_MERGED: Rule = {
  kind: 'merge-region',
  label: 'thread',
  source: 'cover letter: a split of 1G to 2M first',
  text: (regions) => `${regions} folios of 2M merged`,
};
const REFERENCED: Rule = {
  kind: 'restructured-with-references',
  label: 'derived',
  source: 'patch 39 and patch 25: only a warning',
  text: (refs) => `the folio is restructured although others hold ${refs} references`,
};

/** Nodes of the page cache's tree for a block whose pages are indexed singly: 4161 for 1 GiB, 8 for 2M. */
export const filemapNodesOf = (pages: number): number =>
  pages <= REGION ? pages / 64 : Math.ceil(pages / 64) + Math.ceil(pages / 4096) + 1;

/** Pages of slab that they and the stash take: 28 nodes to a slab of 4 pages, and one. */
const slabPagesOf = (pages: number): number => Math.ceil(filemapNodesOf(pages) / 28) * 4 + 1;

/** vmemmap pages of a block with memory. */
export function blockVmemmap(host: Host, file: FileState, block: Block): number {
  const all = vmemmapPagesOf(file.blockPages);
  if (block.twoLevel && host.mixedHvo) {
    const small = sumPages(block.small, file.blockPages, 0, file.blockPages) / REGION;
    return file.blockPages / REGION - small + 8 * small;
  }
  return block.hvo ? 1 : all;
}

/** Takes what the filemap needs to index the block's pages singly. False where it is not to be had. */
export function takeFilemapNodes(host: Host, file: FileState, block: Block): boolean {
  const pages = choice(host, 'slab') === 'counted' ? slabPagesOf(file.blockPages) : 0;
  return takePages(host, pages, block.node, 'slab', 'filemap-node') >= 0;
}

export function giveFilemapNodes(host: Host, file: FileState, block: Block): void {
  if (choice(host, 'slab') === 'counted') givePages(host, slabPagesOf(file.blockPages), block.node, 'slab');
}

/** The block's pages become folios of 4K. Its vmemmap must be whole. */
export function toSmallFolios(host: Host, file: FileState, block: Block, index: number): void {
  const pages = file.blockPages;
  noteReferences(host, file, block, index);
  block.state = SPLIT;
  block.hvoFlag = false;
  block.small = 0;
  host.tally.splits += 1;
  host.tally.filemapRemovals += 1;
  host.tally.filemapInsertions += pages;
  host.tally.structPageInits += pages - 1;
  host.time += (1 + pages) * COSTS.filemapIndex;
  event(host, SPLIT_RULE, file, index * pages, 1, pages);
}

/** The folios of 4K become one. What a fault of the vmemmap's step would leave is the caller's to decide. */
export function toWholeFolio(host: Host, file: FileState, block: Block, index: number): void {
  const pages = file.blockPages;
  noteReferences(host, file, block, index);
  block.state = WHOLE;
  block.small = 0;
  host.tally.merges += 1;
  host.tally.filemapRemovals += pages;
  host.tally.filemapInsertions += 1;
  host.tally.structPageInits += pages - 1;
  host.time += (1 + pages) * COSTS.filemapIndex;
  event(host, MERGE_RULE, file, index * pages, 1, pages);
}

/** Restructuring a folio that someone else holds is never safe: the invariant REF-SAFE looks at this. */
function noteReferences(host: Host, file: FileState, block: Block, index: number): void {
  if (block.holds.length === 0) return;
  const refs = heldIn(file, block, 0, file.blockPages);
  if (refs === 0) return;
  event(host, REFERENCED, file, index * file.blockPages, 1, refs);
  fact(
    host,
    'restructured-with-references',
    file,
    index,
    () => `Block ${index} was restructured while others held ${refs} references of its pages.`,
  );
}

/** Two levels: a whole block becomes 2M folios, those in [from, to) 4K. False where the vmemmap cannot be restored. */
export function toMixedFolios(host: Host, file: FileState, block: Block, index: number, from: number, to: number): boolean {
  if (!restoreVmemmap(host, block, file.blockPages)) return false;
  noteReferences(host, file, block, index);
  const regions = file.blockPages / REGION;
  const first = Math.floor(from / REGION);
  const end = Math.ceil(to / REGION);
  const small = Math.max(end - first, 0);
  block.state = MIXED;
  block.twoLevel = true;
  block.hvoFlag = false;
  block.small = setPages(0, file.blockPages, first * REGION, Math.max(end, first) * REGION, 1, host.epoch);
  if (host.mixedHvo) optimiseRegions(host, block, regions - small);
  host.tally.splits += 1;
  host.tally.regionSplits += small;
  host.tally.filemapRemovals += 1;
  host.tally.filemapInsertions += regions - small + small * REGION;
  host.tally.structPageInits += regions - 1 + small * (REGION - 1);
  host.time += (1 + regions - small + small * REGION) * COSTS.filemapIndex;
  event(host, MIX_RULE, file, index * file.blockPages, 1, small);
  return true;
}

/** Splits the 2M folios in [from, to) that are whole. False where a vmemmap cannot be restored; those before it stay split. */
export function splitRegions(host: Host, file: FileState, block: Block, index: number, from: number, to: number): boolean {
  const start = Math.floor(from / REGION) * REGION;
  const end = Math.ceil(to / REGION) * REGION;
  for (const run of runsOf(block.small, start, end)) {
    if (run.value === 1) continue;
    for (let page = run.from; page < run.to; page += REGION) {
      if (host.mixedHvo && !restoreRegion(host, block)) return false;
      block.small = setPages(block.small, file.blockPages, page, page + REGION, 1, host.epoch);
      host.tally.regionSplits += 1;
      host.tally.filemapRemovals += 1;
      host.tally.filemapInsertions += REGION;
      host.tally.structPageInits += REGION - 1;
      host.time += (1 + REGION) * COSTS.filemapIndex;
    }
    event(host, MIX_RULE, file, index * file.blockPages + run.from, 1, (run.to - run.from) / REGION);
  }
  return true;
}

/** Merges the regions in [from, to) of which nothing is shared and that nobody holds, and the block where all are whole. */
export function mergeRegions(host: Host, file: FileState, block: Block, index: number, from: number, to: number): void {
  const start = Math.floor(from / REGION) * REGION;
  const end = Math.min(Math.ceil(to / REGION) * REGION, file.blockPages);
  let merged = 0;
  for (const run of runsOf(block.small, start, end)) {
    if (run.value === 0) continue;
    for (let page = run.from; page < run.to; page += REGION) {
      if (sumPages(block.share, file.blockPages, page, page + REGION) > 0 || heldIn(file, block, page, page + REGION) > 0) continue;
      block.small = setPages(block.small, file.blockPages, page, page + REGION, 0, host.epoch);
      block.prepared = setPages(block.prepared, file.blockPages, page, page + REGION, pageAt(block.prepared, page), host.epoch);
      if (host.mixedHvo) optimiseRegions(host, block, 1);
      merged++;
    }
  }
  if (merged > 0) {
    host.tally.regionMerges += merged;
    host.tally.filemapRemovals += merged * REGION;
    host.tally.filemapInsertions += merged;
    host.tally.structPageInits += merged * (REGION - 1);
    host.time += merged * (REGION + 1) * COSTS.filemapIndex;
    event(host, REGION_MERGED, file, index * file.blockPages + start, 1, merged);
  }
  if (block.small === 0 && block.share === 0 && heldIn(file, block, 0, file.blockPages) === 0) wholeFromRegions(host, file, block, index);
}

function wholeFromRegions(host: Host, file: FileState, block: Block, index: number): void {
  const regions = file.blockPages / REGION;
  if (host.mixedHvo) {
    // One page for the head; the heads of the 2M folios go.
    const remote = takePages(host, 1, block.node, 'vmemmap', 'vmemmap');
    if (remote < 0) return;
    givePages(host, regions, block.node, 'vmemmap', block.remoteVmemmap);
    block.remoteVmemmap = remote;
    block.hvo = true;
    block.hvoFlag = true;
    host.tally.vmemmapAllocated += 1;
    host.tally.vmemmapFreed += regions;
    host.tally.synchronizeRcu += 1;
  }
  block.state = WHOLE;
  block.twoLevel = false;
  block.prepared = pageAt(block.prepared, 0);
  host.tally.merges += 1;
  host.tally.filemapRemovals += regions;
  host.tally.filemapInsertions += 1;
  host.tally.structPageInits += regions - 1;
  event(host, MERGE_RULE, file, index * file.blockPages, 1, regions);
}

/** P1 for so many 2M folios: one page new, 8 freed, each. */
function optimiseRegions(host: Host, block: Block, count: number): void {
  if (count <= 0) return;
  givePages(host, 7 * count, block.node, 'vmemmap', Math.min(block.remoteVmemmap, 7 * count));
  block.remoteVmemmap = Math.max(block.remoteVmemmap - 7 * count, 0);
  host.tally.vmemmapAllocated += count;
  host.tally.vmemmapFreed += 8 * count;
  host.tally.synchronizeRcu += 1;
  host.time += COSTS.synchronizeRcu + count * (COSTS.pageAlloc + COSTS.pageCopy);
}

function restoreRegion(host: Host, block: Block): boolean {
  const remote = takePages(host, 7, block.node, 'vmemmap', 'vmemmap');
  if (remote < 0) return false;
  block.remoteVmemmap += remote;
  host.tally.vmemmapAllocated += 7;
  host.tally.synchronizeRcu += 1;
  host.time += COSTS.synchronizeRcu + 7 * (COSTS.pageAlloc + COSTS.pageCopy);
  notePeak(host);
  return true;
}

/** P1 of a merged block; where its page is not to be had the block stays unoptimised. */
export function optimiseBlock(host: Host, file: FileState, block: Block): boolean {
  // Without HVO in the design nothing is optimised away.
  const optimised = host.mixedHvo && optimiseVmemmap(host, block, file.blockPages);
  block.hvoFlag = block.hvo;
  return optimised;
}
