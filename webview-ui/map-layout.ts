/** Where each folio, page-cache entry and faultable range stands on the map's axis, and what is drawn of it at a given zoom. */
import type { FolioExtent, MemoryView } from '../src/protocol/simulation';
import { pixelOf, type Viewport } from './viewport';

/** A block of physical memory on the axis. */
export interface Block {
  readonly firstPfn: number;
  /** Axis position of its first page. */
  readonly start: number;
  readonly pages: number;
}

/** Blocks side by side, in order of pfn, whatever lies between them in memory. */
export interface Axis {
  readonly blocks: readonly Block[];
  /** Pages of all blocks. */
  readonly total: number;
}

const pagesOf = (extent: Pick<FolioExtent, 'order' | 'count'>): number => 2 ** extent.order * extent.count;

/** The axis of a memory: the naturally aligned blocks that its folios lie in; without folios, as many nameless ones as there are blocks. */
export function axisOf(memory: Pick<MemoryView, 'order' | 'blocks' | 'folios'>): Axis {
  const pages = 2 ** memory.order;
  const starts = new Set<number>();
  for (const extent of memory.folios) {
    const last = extent.pfn + pagesOf(extent) - 1;
    for (let at = Math.floor(extent.pfn / pages) * pages; at <= last; at += pages) starts.add(at);
  }
  const pfns = [...starts].sort((a, b) => a - b);
  if (pfns.length === 0) for (let block = 0; block < memory.blocks; block += 1) pfns.push(block * pages);
  const blocks = pfns.map((firstPfn, at) => ({ firstPfn, start: at * pages, pages }));
  return { blocks, total: blocks.length * pages };
}

/** Axis position of a page frame; -1 when it is in no block. */
export function positionOf(pfn: number, axis: Axis): number {
  for (const block of axis.blocks) {
    if (pfn >= block.firstPfn && pfn < block.firstPfn + block.pages) return block.start + pfn - block.firstPfn;
  }
  return -1;
}

/** Page frame at an axis position. */
export function pfnAt(position: number, axis: Axis): number {
  const block = axis.blocks.find((one) => position < one.start + one.pages) ?? axis.blocks[axis.blocks.length - 1];
  return block ? block.firstPfn + position - block.start : 0;
}

/** An extent with its place on the axis. */
export interface PlacedExtent {
  readonly extent: FolioExtent;
  readonly start: number;
  readonly pages: number;
}

/** The folios in order of their place. Extents that lie in no block are left out; there are none of them in a sound view. */
export function placed(folios: readonly FolioExtent[], axis: Axis): readonly PlacedExtent[] {
  return folios
    .map((extent) => ({ extent, start: positionOf(extent.pfn, axis), pages: pagesOf(extent) }))
    .filter((one) => one.start >= 0)
    .sort((a, b) => a.start - b.start);
}

/** The extent that holds a page, or undefined between extents. */
export function extentAt(position: number, extents: readonly PlacedExtent[]): PlacedExtent | undefined {
  let low = 0;
  let high = extents.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const one = extents[middle]!;
    if (position < one.start) high = middle - 1;
    else if (position >= one.start + one.pages) low = middle + 1;
    else return one;
  }
  return undefined;
}

/** One folio of an extent: the one that holds the page. */
export interface FolioAt {
  readonly extent: FolioExtent;
  readonly pfn: number;
  readonly start: number;
  readonly pages: number;
  /** Index in the file; -1 when in no mapping. */
  readonly index: number;
  /** Which one of its extent, from 0. */
  readonly number: number;
}

export function folioAt(position: number, extents: readonly PlacedExtent[]): FolioAt | undefined {
  const one = extentAt(position, extents);
  if (!one) return undefined;
  const pages = 2 ** one.extent.order;
  const number = Math.floor((position - one.start) / pages);
  const index = one.extent.index < 0 ? -1 : one.extent.index + number * pages;
  return { extent: one.extent, pfn: one.extent.pfn + number * pages, start: one.start + number * pages, pages, index, number };
}

/** Something drawn as one rectangle. */
export interface Mark<T> {
  readonly x: number;
  readonly width: number;
  /** What it stands for: the first of several when they are too small to be drawn apart. */
  readonly item: T;
  /** How many items it stands for. */
  readonly items: number;
  /** Pixels between the edges of the single folios in it; 0 when they are not drawn. */
  readonly pitch: number;
}

export interface Span {
  readonly start: number;
  readonly pages: number;
}

/** Marks narrower than this run together with their neighbours. */
const NARROWEST_PIXELS = 2;
/** Edges of single folios are drawn when they are this far apart. */
const NARROWEST_FOLIO_PIXELS = 4;

/**
 * The rectangles of the spans in sight, at most `width / NARROWEST_PIXELS` and a few of them, whatever the number of spans.
 * @param spans in order of `start`
 * @param unit pages of one folio in a span; its edges are drawn when there is room
 */
export function marksOf<T extends Span>(
  spans: readonly T[],
  viewport: Viewport,
  width: number,
  unit: (span: T) => number,
): readonly Mark<T>[] {
  const marks: { x: number; width: number; item: T; items: number; pitch: number }[] = [];
  const end = viewport.start + viewport.length;
  for (let at = firstInSight(spans, viewport.start); at < spans.length; at += 1) {
    const span = spans[at]!;
    if (span.start >= end) break;
    const left = Math.max(0, pixelOf(span.start, viewport, width));
    const right = Math.min(width, pixelOf(span.start + span.pages, viewport, width));
    const before = marks[marks.length - 1];
    const small = right - left < NARROWEST_PIXELS;
    if (small && before && before.width <= NARROWEST_PIXELS && left - before.x < NARROWEST_PIXELS) {
      before.width = Math.max(before.width, right - before.x);
      before.items += 1;
      continue;
    }
    const pitch = (unit(span) / viewport.length) * width;
    const apart = span.pages > unit(span) && pitch >= NARROWEST_FOLIO_PIXELS;
    marks.push({ x: left, width: Math.max(1, right - left), item: span, items: 1, pitch: apart ? pitch : 0 });
  }
  return marks;
}

/** Pixels of the edges between folios inside a mark. */
export function edgesOf<T extends Span>(mark: Mark<T>, viewport: Viewport, width: number): readonly number[] {
  if (mark.pitch === 0) return [];
  const origin = pixelOf(mark.item.start, viewport, width);
  const edges: number[] = [];
  for (let number = Math.floor((mark.x - origin) / mark.pitch) + 1; ; number += 1) {
    const edge = origin + number * mark.pitch;
    if (edge >= mark.x + mark.width - 0.5) return edges;
    if (edge > mark.x + 0.5) edges.push(edge);
  }
}

function firstInSight(spans: readonly Span[], start: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.start + spans[middle]!.pages <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}
