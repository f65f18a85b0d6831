/** User PTEs of processes, and who still has a page (P11, model-facts §1.5). */
import type { Rule } from './event-log';
import { event, ownBlock, seenBlock, type Host } from './host';
import { NOT_ZERO } from './page-cells';
import { firstIn, setPages, sumPages, type Pages } from './pages';
import type { Block, FileState, ProcessPtes } from './state';
import { blockRanges } from './ranges';

const ZAP_USER: Rule = {
  kind: 'zap-user',
  label: 'code',
  source: 'mm/memory.c zap_pte_range(), unmap_mapping_range()',
  text: (ptes) => `${ptes} user PTEs gone`,
};

/** 1 where the process has a PTE on a page of the block. */
export function ptesOf(block: Block, process: string): Pages {
  for (const each of block.processes) if (each.process === process) return each.ptes;
  return 0;
}

/** Gives the process a PTE for each of the pages. */
export function addPtes(host: Host, file: FileState, block: Block, process: string, from: number, to: number): void {
  const old = ptesOf(block, process);
  const before = sumPages(old, file.blockPages, from, to);
  if (before === to - from) return;
  const ptes = setPages(old, file.blockPages, from, to, 1, host.epoch);
  // A map that belongs to this epoch is changed in place.
  if (ptes !== old) block.processes = withPtes(block.processes, process, ptes);
  block.mapped += to - from - before;
}

/** The list with other entries of one process; without it where it has none. */
function withPtes(processes: readonly ProcessPtes[], process: string, ptes: Pages): readonly ProcessPtes[] {
  const others = processes.some((each) => each.process === process)
    ? processes.map((each) => (each.process === process ? { process, ptes } : each))
    : [...processes, { process, ptes }];
  return ptes === 0 ? others.filter((each) => each.process !== process) : others;
}

/** Takes PTEs of the pages [from, to) of the file away: of one process, or of all. Shape: how many there were. */
export function zapUser(host: Host, file: FileState, from: number, to: number, process: string | null): number {
  let zapped = 0;
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const seen = host.files[file.id]!.blocks[index];
    if (!seen || !isMappedIn(seen, start, end, process)) continue;
    const block = ownBlock(host, file, index, start, end);
    const before = block.processes;
    for (const each of before) {
      if (process !== null && each.process !== process) continue;
      const gone = sumPages(each.ptes, file.blockPages, start, end);
      if (gone === 0) continue;
      zapped += gone;
      block.mapped -= gone;
      const ptes = setPages(each.ptes, file.blockPages, start, end, 0, host.epoch);
      if (ptes !== each.ptes) block.processes = withPtes(block.processes, each.process, ptes);
    }
  }
  if (zapped > 0) event(host, ZAP_USER, file, from, 1, zapped);
  return zapped;
}

/** Whether a process, or where it is null any, has a PTE on the pages [from, to) of the file. */
export function isMappedBy(host: Host, file: FileState, from: number, to: number, process: string | null): boolean {
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const seen = host.files[file.id]!.blocks[index];
    if (seen && isMappedIn(seen, start, end, process)) return true;
  }
  return false;
}

function isMappedIn(block: Block, from: number, to: number, process: string | null): boolean {
  if (block.mapped === 0) return false;
  for (const each of block.processes) {
    if ((process === null || each.process === process) && firstIn(each.ptes, from, to, NOT_ZERO) >= 0) return true;
  }
  return false;
}

/** User PTEs on the pages [from, to) of a block, of all processes. */
export function mappedIn(file: FileState, block: Block, from: number, to: number): number {
  if (block.mapped === 0) return 0;
  let sum = 0;
  for (const { ptes } of block.processes) sum += sumPages(ptes, file.blockPages, from, to);
  return sum;
}

/** References besides the filemap's and the PTEs': pins and others. */
export function heldIn(file: FileState, block: Block, from: number, to: number): number {
  return sumPages(block.pins, file.blockPages, from, to) + sumPages(block.refs, file.blockPages, from, to);
}

/** A process that could fault the page in; null where nobody has mapped it. */
export function processOver(host: Host, file: FileState, page: number): string | null {
  for (const vma of host.files[file.id]!.vmas) if (page >= vma.from && page < vma.to) return vma.process;
  return null;
}

/** The first page of [from, to) of the file that a pin or another reference holds; -1 where none is. */
export function firstHeld(host: Host, file: FileState, from: number, to: number): number {
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const block = seenBlock(host, file, index);
    if (block.holds.length === 0) continue;
    let first = -1;
    for (const hold of block.holds) {
      const at = Math.max(hold.from, start);
      if (at < Math.min(hold.to, end) && (first < 0 || at < first)) first = at;
    }
    if (first >= 0) return index * file.blockPages + first;
  }
  return -1;
}
