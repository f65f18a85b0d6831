/** Steps that the flows of several designs take alike. */
import { clearContent, dataIn } from '../host/content';
import type { Rule } from '../host/event-log';
import { event, fact, inFilemap, ownBlock, seenBlock, type Host } from '../host/host';
import type { ErrorName } from '../host/operation';
import { isAll, runsOf } from '../host/pages';
import { blockRanges, blocksInside } from '../host/ranges';
import { MIXED, SPLIT, WHOLE, type Block, type FileState } from '../host/state';

const OVERZEROED: Rule = {
  kind: 'punch-over-zeroed',
  label: 'derived',
  source: 'patch 39 kvm_gmem_hugetlb_truncate_range(): min() is missing',
  text: (pages) => `${pages} pages outside the punched range were zeroed`,
};

/** Splits a block for every run of it that is shared; one on two levels only for what is shared of [from, to), since the rest is. */
export function splitForShared(
  host: Host,
  file: FileState,
  index: number,
  split: (host: Host, file: FileState, index: number, from: number, to: number) => ErrorName | null,
  from = 0,
  to = file.blockPages,
): ErrorName | null {
  const { share, state } = seenBlock(host, file, index);
  // A block of 4K folios has nothing left to split, however many runs are shared.
  if (state === SPLIT || isAll(share, 0)) return null;
  const whole = state !== MIXED;
  for (const run of runsOf(share, whole ? 0 : from, whole ? file.blockPages : to)) {
    if (run.value === 0) continue;
    const error = split(host, file, index, run.from, run.to);
    if (error !== null) return error;
    if (seenBlock(host, file, index).state === SPLIT) return null;
  }
  return null;
}

/** Zeroes the parts of a punched range that are no whole block. `overZeroes`: up to the whole of a block that holds both ends. */
export function punchPartial(host: Host, file: FileState, from: number, to: number, overZeroes: boolean): void {
  const inside = blocksInside(file, from, to);
  for (const { index, start, end } of blockRanges(file, from, to)) {
    if (index >= inside.first && index < inside.end) continue;
    if (!inFilemap(seenBlock(host, file, index))) continue;
    const block = ownBlock(host, file, index, 0, file.blockPages);
    const bothInside = start > 0 && end < file.blockPages;
    // A piece of no length at the start of a folio is taken for all of it: "if (!end) end = folio_size(folio)".
    const fromStart = start === 0 && block.state === WHOLE;
    if (overZeroes && (bothInside || fromStart)) overZero(host, file, block, index, start, end);
    else clearContent(host, file, block, start, end);
  }
}

function overZero(host: Host, file: FileState, block: Block, index: number, start: number, end: number): void {
  const lost = dataIn(block, 0, start) + dataIn(block, end, file.blockPages);
  // Twice what lies in the range: [start, end of block), then [start of block, end).
  clearContent(host, file, block, start, file.blockPages);
  clearContent(host, file, block, 0, end);
  event(host, OVERZEROED, file, index * file.blockPages + start, 1, file.blockPages - (end - start));
  if (lost === 0) return;
  host.tally.lostPages += lost;
  fact(host, 'lost-data', file, index, () => `${lost} pages with data in block ${index} lay outside the punched range and were zeroed.`);
}
