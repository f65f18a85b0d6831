/** What pages hold: preparing them, zeroing them, and what a new reader gets to see. */
import { COSTS } from './costs';
import type { Rule } from './event-log';
import { event, fact, isData, isStale, principalName, staleOf, type Host } from './host';
import { valueSet } from './page-cells';
import { firstIn, isAll, mapPages, pageAt, REGION, runEnd, setPages } from './pages';
import { MIXED, WHOLE, type Block, type FileState } from './state';

const ZEROED: Rule = {
  kind: 'zero',
  label: 'code',
  source: 'patches 26 and 39, kvm_gmem_prepare_folio(); v2 guest_memfd.c',
  text: (pages) => `${pages} pages zeroed because the folio was not prepared`,
};
const LOST: Rule = {
  kind: 'data-lost',
  label: 'derived',
  source: 'uptodate describes a folio: model-facts §3.2',
  text: (pages) => `${pages} pages of data in use were zeroed`,
};
const EXPOSED: Rule = {
  kind: 'stale-exposed',
  label: 'derived',
  source: 'uptodate describes a folio: model-facts §3.2',
  text: (pages) => `${pages} pages became readable that nobody has zeroed`,
};

const UNPREPARED = valueSet(0);

/** Prepares a page that is a folio of its own, and writes it at once where `code` is none below 0. */
export function prepareAndWrite(host: Host, file: FileState, block: Block, index: number, page: number, code: number): void {
  const isPrepared = pageAt(block.prepared, page) !== 0;
  const old = pageAt(block.content, page);
  if (!isPrepared) {
    noteZeroed(host, file, index, page, page + 1, isData(old) ? 1 : 0);
    block.prepared = setPages(block.prepared, file.blockPages, page, page + 1, 1, host.epoch);
  } else if (isStale(old)) noteStale(host, file, index, page, 1, principalName(host, old));
  // Zeroes that are written over at once are never there.
  const now = code >= 0 ? code : isPrepared ? old : 0;
  if (now !== old) block.content = setPages(block.content, file.blockPages, page, page + 1, now, host.epoch);
}

/** Prepares the folios that hold the pages [from, to): whole folios are zeroed at once. */
export function prepare(host: Host, file: FileState, block: Block, index: number, from: number, to: number): void {
  if (block.state === WHOLE) {
    if (isAll(block.prepared, 0)) {
      zero(host, file, block, index, 0, file.blockPages);
      block.prepared = 1;
    }
    return;
  }
  const start = block.state === MIXED ? folioStart(block, from) : from;
  const end = block.state === MIXED ? folioEnd(block, to) : to;
  if (start + 1 === end) {
    if (pageAt(block.prepared, start) !== 0) return;
    zero(host, file, block, index, start, end);
  } else {
    for (let page = firstIn(block.prepared, start, end, UNPREPARED); page >= 0;) {
      const stop = runEnd(block.prepared, page, end, 0);
      zero(host, file, block, index, page, stop);
      page = firstIn(block.prepared, stop, end, UNPREPARED);
    }
  }
  block.prepared = setPages(block.prepared, file.blockPages, start, end, 1, host.epoch);
}

/** Zeroes pages for preparation: data that someone uses is lost by it. */
function zero(host: Host, file: FileState, block: Block, index: number, from: number, to: number): void {
  const lost = dataIn(block, from, to);
  block.content = setPages(block.content, file.blockPages, from, to, 0, host.epoch);
  noteZeroed(host, file, index, from, to, lost);
}

function noteZeroed(host: Host, file: FileState, index: number, from: number, to: number, lost: number): void {
  countZeroed(host, to - from);
  event(host, ZEROED, file, index * file.blockPages + from, 1, to - from);
  if (lost > 0) noteLost(host, file, index, from, to, lost);
}

function noteLost(host: Host, file: FileState, index: number, from: number, to: number, lost: number): void {
  host.tally.lostPages += lost;
  event(host, LOST, file, index * file.blockPages + from, 1, lost);
  fact(
    host,
    'lost-data',
    file,
    index,
    () => `${lost} pages with data in block ${index} were zeroed by preparing pages ${from} to ${to - 1} of it.`,
  );
}

/** Pages of [from, to) that hold data of someone. */
export function dataIn({ content }: Block, from: number, to: number): number {
  let count = 0;
  for (let page = from; page < to;) {
    const code = pageAt(content, page);
    const end = runEnd(content, page, to, code);
    if (isData(code)) count += end - page;
    page = end;
  }
  return count;
}

/** Zeroes pages because someone asked for it. */
export function clearContent(host: Host, file: FileState, block: Block, from: number, to: number): void {
  block.content = setPages(block.content, file.blockPages, from, to, 0, host.epoch);
  countZeroed(host, to - from);
}

function countZeroed(host: Host, pages: number): void {
  host.tally.pagesZeroed += pages;
  host.time += pages * COSTS.zeroPage;
}

/** Someone new reads these pages: nothing of others may be in them. */
export function noteReadable(host: Host, file: FileState, block: Block, index: number, from: number, to: number): void {
  if (typeof block.content === 'number' && !isStale(block.content)) return;
  let stale = 0;
  let whose = 0;
  for (let page = from; page < to;) {
    const code = pageAt(block.content, page);
    const end = runEnd(block.content, page, to, code);
    if (isStale(code)) {
      stale += end - page;
      whose = code;
    }
    page = end;
  }
  if (stale > 0) noteStale(host, file, index, from, stale, principalName(host, whose));
}

function noteStale(host: Host, file: FileState, index: number, from: number, stale: number, who: string): void {
  host.tally.stalePages += stale;
  event(host, EXPOSED, file, index * file.blockPages + from, 1, stale);
  fact(host, 'stale-data', file, index, () => `${stale} pages of block ${index} became readable with what ${who} had left in them.`);
}

export function writeContent(host: Host, file: FileState, block: Block, from: number, to: number, code: number): void {
  block.content = setPages(block.content, file.blockPages, from, to, code, host.epoch);
}

/** What is left of data when its user goes. */
export function leaveStale(host: Host, file: FileState, block: Block, from: number, to: number): void {
  block.content = mapPages(block.content, file.blockPages, from, to, staleOf, host.epoch);
}

/** First page of the folio of a two-level block that holds a page. */
export function folioStart(block: Block, page: number): number {
  return pageAt(block.small, page) === 1 ? page : page - (page % REGION);
}

/** The page behind the folio of a two-level block that holds the page before `to`. */
export function folioEnd(block: Block, to: number): number {
  return pageAt(block.small, to - 1) === 1 ? to : Math.ceil(to / REGION) * REGION;
}
