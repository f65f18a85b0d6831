/** User PTEs of processes, and who still has a page (P11, model-facts §1.5). */
import type { Rule } from './event-log';
import { event, ownBlock, seenBlock, type Host } from './host';
import { setPages, sumPages } from './pages';
import type { Block, FileState } from './state';
import { blockRanges } from './ranges';

const ZAP_USER: Rule = {
  kind: 'zap-user',
  label: 'code',
  source: 'mm/memory.c zap_pte_range(), unmap_mapping_range()',
  text: (ptes) => `${ptes} user PTEs gone`,
};

/** Gives the process a PTE for each of the pages. */
export function addPtes(host: Host, file: FileState, block: Block, process: string, from: number, to: number): void {
  const entry = block.processes.find((each) => each.process === process);
  const old = entry?.ptes ?? 0;
  const before = sumPages(old, file.blockPages, from, to);
  if (before === to - from) return;
  const ptes = setPages(old, file.blockPages, from, to, 1, host.epoch);
  block.processes =
    entry === undefined
      ? [...block.processes, { process, ptes }]
      : block.processes.map((each) => (each === entry ? { process, ptes } : each));
  block.mapped += to - from - before;
}

/** Takes PTEs of the pages [from, to) of the file away: of one process, or of all. Shape: how many there were. */
export function zapUser(host: Host, file: FileState, from: number, to: number, process: string | null): number {
  let zapped = 0;
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const seen = host.files[file.id]!.blocks[index];
    if (!seen || seen.mapped === 0) continue;
    const block = ownBlock(host, file, index, start, end);
    block.processes = block.processes.flatMap((each) => {
      if (process !== null && each.process !== process) return [each];
      const gone = sumPages(each.ptes, file.blockPages, start, end);
      if (gone === 0) return [each];
      zapped += gone;
      block.mapped -= gone;
      const ptes = setPages(each.ptes, file.blockPages, start, end, 0, host.epoch);
      return ptes === 0 ? [] : [{ process: each.process, ptes }];
    });
  }
  if (zapped > 0) event(host, ZAP_USER, file, from, 1, zapped);
  return zapped;
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
