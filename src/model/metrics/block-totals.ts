/** Sums over the blocks of all files, made in one pass and read by the metrics. */
import type { Host } from '../host/host';
import { REGION, regionsWithAny, runsOf, sumPages, type Pages } from '../host/pages';
import { blockVmemmap, filemapNodesOf } from '../host/restructure';
import { stage2Cap, stage2Of, leafOrderOf } from '../host/stage2';
import { DRAINING, EMPTY, ORPHAN, SPLIT, WHOLE, type Block, type FileState } from '../host/state';

export interface BlockTotals {
  /** Blocks of huge pages with memory; the blocks' vmemmap with and without HVO. */
  blocks: number;
  vmemmap: number;
  vmemmapPlain: number;
  whole: number;
  split: number;
  mixed: number;
  orphan: number;
  draining: number;
  /** Reservations that only draining blocks keep. */
  strandedReservations: number;
  strandedPages: number;
  filemapNodes: number;
  stage2Tables: number;
  stage2Leaves: number;
  /** Leaves that cover all memory with the folios as they are, and with every block whole. */
  leavesNow: number;
  leavesIdeal: number;
  /** Memory references of nested walks, summed over mapped pages. */
  walkReferences: number;
  mappedPages: number;
  userPtes: number;
  userTables: number;
  sharedPages: number;
  sharingNodes: number;
  doubleAllocated: number;
  doubleCounted: number;
  uncharged: number;
  poisonPages: number;
}

/** References of a nested walk with 4 guest levels: (4+1)(s+1)-1 for 4, 3 and 2 levels of stage 2. */
const WALKS: Readonly<Record<number, number>> = { 0: 24, 9: 19, 18: 14 };

export function blockTotals(host: Host): BlockTotals {
  const totals: BlockTotals = {
    blocks: 0,
    vmemmap: 0,
    vmemmapPlain: 0,
    whole: 0,
    split: 0,
    mixed: 0,
    orphan: 0,
    draining: 0,
    strandedReservations: 0,
    strandedPages: 0,
    filemapNodes: 0,
    stage2Tables: 0,
    stage2Leaves: 0,
    leavesNow: 0,
    leavesIdeal: 0,
    walkReferences: 0,
    mappedPages: 0,
    userPtes: 0,
    userTables: 0,
    sharedPages: 0,
    sharingNodes: 0,
    doubleAllocated: 0,
    doubleCounted: 0,
    uncharged: 0,
    poisonPages: 0,
  };
  for (const file of host.files) {
    for (const block of file.blocks) if (block) addBlock(host, totals, file, block);
    for (const { block } of file.aside) addBlock(host, totals, file, block);
    if (!file.alive && file.subpool !== null) totals.strandedReservations += file.subpool.rsv;
  }
  return totals;
}

function addBlock(host: Host, totals: BlockTotals, file: FileState, block: Block): void {
  const pages = file.blockPages;
  addMappings(totals, file, block);
  if (file.order === 0) {
    addSmall(totals, file, block);
    return;
  }
  totals.sharedPages += sumPages(block.share, pages, 0, pages);
  if (host.attributes === 'both') totals.sharingNodes += nodesOf(block.share, pages, 1) + nodesOf(block.attr, pages, 1);
  if (block.state === EMPTY) return;
  const vmemmap = blockVmemmap(host, file, block);
  totals.blocks++;
  totals.vmemmap += vmemmap;
  totals.vmemmapPlain += pages / 64;
  if (block.vmemmapSplit) totals.uncharged += vmemmap - 1;
  totals.poisonPages += block.poisonWhole ? pages : block.poison.length;
  if (block.state === ORPHAN || block.state === DRAINING) {
    if (block.state === ORPHAN) totals.orphan++;
    else totals.draining++;
    totals.strandedPages += pages;
    return;
  }
  const small = block.state === WHOLE ? 0 : block.state === SPLIT ? pages : sumPages(block.small, pages, 0, pages);
  if (block.state === WHOLE) totals.whole++;
  else if (block.state === SPLIT) totals.split++;
  else totals.mixed++;
  if (small === pages) totals.filemapNodes += filemapNodesOf(pages);
  else if (small > 0 || block.state !== WHOLE) totals.filemapNodes += (small / REGION) * 8 + 9;
  if (host.hugetlbTyped) totals.doubleCounted += small;
  const cap = stage2Cap(host, host.vms[file.vm]!.type);
  const largest = Math.min(block.state === WHOLE ? file.order : block.state === SPLIT ? 0 : 9, cap);
  totals.leavesNow += small + (pages - small) / 2 ** largest;
  totals.leavesIdeal += pages / 2 ** Math.min(file.order, cap);
}

function addMappings(totals: BlockTotals, file: FileState, block: Block): void {
  const { leaves, tables } = stage2Of(block, file.blockPages);
  totals.stage2Leaves += leaves;
  totals.stage2Tables += tables;
  if (block.s2 !== 0) {
    for (const run of runsOf(block.s2, 0, file.blockPages)) {
      if (run.value === 0) continue;
      totals.mappedPages += run.to - run.from;
      totals.walkReferences += (run.to - run.from) * (WALKS[leafOrderOf(run.value)] ?? 24);
    }
  }
  totals.userPtes += block.mapped;
  for (const { ptes } of block.processes) totals.userTables += regionsWithAny(ptes, file.blockPages);
}

function addSmall(totals: BlockTotals, file: FileState, block: Block): void {
  const pages = file.blockPages;
  const present = sumPages(block.present, pages, 0, pages);
  totals.vmemmap += Math.ceil(present / 64);
  totals.vmemmapPlain += Math.ceil(present / 64);
  totals.filemapNodes += nodesOf(block.present, pages, 1);
  totals.leavesNow += present;
  totals.leavesIdeal += present;
  totals.poisonPages += block.poison.length;
  if (block.twin === 0 || present === 0) {
    totals.sharedPages += block.attr === 1 ? 0 : pages - sumPages(block.attr, pages, 0, pages);
    return;
  }
  totals.sharedPages += pages - sumPages(block.attr, pages, 0, pages);
  for (const run of runsOf(block.twin, 0, pages))
    if (run.value === 1) totals.doubleAllocated += sumPages(block.present, pages, run.from, run.to);
}

/** Nodes of an xarray of 64 slots that holds an entry for each page with the value. */
function nodesOf(map: Pages, pages: number, value: number): number {
  if (typeof map === 'number') return map === value ? filemapNodesOf(pages) : 0;
  let nodes = 0;
  for (const size of [64, 4096, 2 ** 18]) {
    let last = -1;
    for (const run of runsOf(map, 0, pages)) {
      if (run.value !== value) continue;
      const first = Math.floor(run.from / size);
      const end = Math.floor((run.to - 1) / size);
      nodes += end - first + (first === last ? 0 : 1);
      last = end;
    }
  }
  return nodes;
}
