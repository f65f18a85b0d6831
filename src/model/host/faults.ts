/** What a fault does once the block is there: poison, preparation, the mapping, the content. */
import { noteReadable, prepare, prepareAndWrite, writeContent } from './content';
import { COSTS } from './costs';
import type { Rule } from './event-log';
import { dataOf, event, ownBlock, principal, seenBlock, type Host } from './host';
import type { ErrorName, PageRange } from './operation';
import { firstOther, isAll, pageAt, runsOf } from './pages';
import { blockRanges, type BlockRange } from './ranges';
import { isSharedLeaf, mapStage2, slotOf } from './stage2';
import { SPLIT, type Block, type FileState } from './state';
import { addPtes } from './user-mappings';

const POISONED: Rule = {
  kind: 'fault-on-poison',
  label: 'code',
  source: 'kvm_gmem_get_pfn(): folio_test_hwpoison',
  text: () => 'the page is poisoned: -EHWPOISON',
};

/** The guest has its pages [from, to) of the block mapped, prepared and, where it writes, written. */
export function faultGuest(
  host: Host,
  file: FileState,
  index: number,
  from: number,
  to: number,
  write: boolean,
  shared: boolean,
): ErrorName | null {
  const block = ownBlock(host, file, index, from, to);
  const poisoned = refusesFault(host, file, block, index, from, to);
  if (poisoned !== null) return poisoned;
  const code = write ? dataOf(principal(host, host.vms[file.vm]!.name)) : -1;
  const isBound = slotOf(file, index * file.blockPages + from) !== null;
  if (to === from + 1 && block.state === SPLIT) {
    prepareAndWrite(host, file, block, index, from, code);
    if (isBound) mapStage2(host, file, block, index, from, to, shared);
  } else {
    prepare(host, file, block, index, from, to);
    if (isBound) mapStage2(host, file, block, index, from, to, shared);
    noteReadable(host, file, block, index, from, to);
    if (write) writeContent(host, file, block, from, to, code);
  }
  host.tally.faults += 1;
  host.time += COSTS.exit;
  return null;
}

/** The process has PTEs on the pages. */
export function faultHost(
  host: Host,
  file: FileState,
  index: number,
  from: number,
  to: number,
  process: string,
  write: boolean,
): ErrorName | null {
  const block = ownBlock(host, file, index, from, to);
  if (refusesFault(host, file, block, index, from, to) !== null) return 'SIGBUS';
  prepare(host, file, block, index, from, to);
  addPtes(host, file, block, process, from, to);
  noteReadable(host, file, block, index, from, to);
  if (write) writeContent(host, file, block, from, to, dataOf(principal(host, process)));
  host.tally.faults += 1;
  return null;
}

function refusesFault(host: Host, file: FileState, block: Block, index: number, from: number, to: number): ErrorName | null {
  if (block.poison.length === 0) return null;
  if (!block.poisonWhole && !block.poison.some((page) => page >= from && page < to)) return null;
  host.tally.poisonRefused += to - from;
  event(host, POISONED, file, index * file.blockPages + from);
  return 'EHWPOISON';
}

/** The parts of [from, to) of a block that the guest would fault on: no leaf, or one of the other kind. */
export function unmappedParts(
  file: FileState,
  block: Block,
  from: number,
  to: number,
  shared: boolean,
): readonly { readonly from: number; readonly to: number }[] {
  if (slotOf(file, 0) === null && file.slots.length === 0) return [{ from, to }];
  if (from + 1 === to) return hasLeaf(block, from, shared) ? NONE : [{ from, to }];
  const parts: { from: number; to: number }[] = [];
  for (const run of runsOf(block.s2, from, to)) {
    if (run.value !== 0 && isSharedLeaf(run.value) === shared) continue;
    const last = parts[parts.length - 1];
    if (last !== undefined && last.to === run.from) last.to = run.to;
    else parts.push({ from: run.from, to: run.to });
  }
  return parts;
}

const NONE: readonly never[] = [];

/** The page has a leaf of the kind. */
function hasLeaf(block: Block, page: number, shared: boolean): boolean {
  const code = pageAt(block.s2, page);
  return code !== 0 && isSharedLeaf(code) === shared;
}

/** The guest writes where it need not fault. */
export function writeMapped(host: Host, file: FileState, index: number, from: number, to: number): void {
  const code = dataOf(principal(host, host.vms[file.vm]!.name));
  const seen = seenBlock(host, file, index);
  if (firstOther(seen.content, from, to, code) < 0) return;
  writeContent(host, file, ownBlock(host, file, index, from, to), from, to, code);
}

/** What of a range a guest or process touches: all of it, or the first page in each block. */
export function touchedRanges(file: FileState, from: number, to: number, each: 'page' | 'block'): readonly BlockRange[] {
  const ranges = blockRanges(file, from, to);
  return each === 'page' ? ranges : ranges.map(({ index, start }) => ({ index, start, end: start + 1 }));
}

/** The guest touches one page that has its leaf, and holds what it would write: nothing faults, nothing changes. */
export function isGuestMapped(host: Host, file: FileState, { from, to }: PageRange, access: 'read' | 'write'): boolean {
  if (to !== from + 1) return false;
  const index = Math.floor(from / file.blockPages);
  const block = file.blocks[index];
  if (!block || isAll(block.s2, 0)) return false;
  const page = from - index * file.blockPages;
  const leaf = pageAt(block.s2, page);
  if (leaf === 0) return false;
  const shared = host.attributes !== 'file' || file.order === 0 ? pageAt(block.attr, page) === 0 : pageAt(block.share, page) === 1;
  // The VM's number in the list of principals: the host comes before all VMs.
  return isSharedLeaf(leaf) === shared && (access === 'read' || pageAt(block.content, page) === dataOf(file.vm + 1));
}

/** The same for a process and its PTE. */
export function isHostMapped(host: Host, file: FileState, { from, to }: PageRange, access: 'read' | 'write', process: string): boolean {
  if (to !== from + 1) return false;
  const index = Math.floor(from / file.blockPages);
  const block = file.blocks[index];
  if (!block || block.mapped === 0) return false;
  const page = from - index * file.blockPages;
  for (const entry of block.processes) {
    if (entry.process === process)
      return pageAt(entry.ptes, page) === 1 && (access === 'read' || pageAt(block.content, page) === dataOf(principal(host, process)));
  }
  return false;
}
