/** Cuts ranges of a file's pages at the borders of its blocks. */
import type { FileState } from './state';

export interface BlockRange {
  readonly index: number;
  /** Pages of the block. */
  readonly start: number;
  readonly end: number;
}

/** Shape: in order; empty for an empty range. */
export function blockRanges(file: FileState, from: number, to: number): readonly BlockRange[] {
  const size = file.blockPages;
  const first = Math.floor(from / size);
  if (from < to && to <= (first + 1) * size) return [{ index: first, start: from - first * size, end: to - first * size }];
  const ranges: BlockRange[] = [];
  for (let index = first; index * size < to; index++) {
    ranges.push({ index, start: Math.max(from - index * size, 0), end: Math.min(to - index * size, size) });
  }
  return ranges;
}

/** The blocks that a range touches, from the first to behind the last. */
export const blocksTouched = (file: FileState, from: number, to: number): { readonly first: number; readonly end: number } => ({
  first: Math.floor(from / file.blockPages),
  end: from >= to ? Math.floor(from / file.blockPages) : Math.ceil(to / file.blockPages),
});

/** The blocks that lie in a range as a whole, from the first to behind the last. */
export const blocksInside = (file: FileState, from: number, to: number): { readonly first: number; readonly end: number } => {
  const first = Math.ceil(from / file.blockPages);
  return { first, end: Math.max(first, Math.floor(to / file.blockPages)) };
};
