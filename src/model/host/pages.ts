/** A value for each page of a block, as runs of equal pages: a change costs what it changes, never one object per page. */
import { isIn, type ValueSet } from './page-cells';
import {
  cellAt,
  cellIn,
  changeCells,
  leaveCells,
  NO_CELLS,
  otherCell,
  PART,
  type Part,
  partCount,
  type Parts,
  partSum,
  setCells,
  setPart,
  wholeSum,
} from './page-parts';

/** Pages of a region of 2M. */
export const REGION = 512;

/** One number for all pages, or a tree of parts. Values are whole numbers from 0. */
export type Pages = number | PageTree;

export interface PageTree extends Parts {
  /** The epoch that may change it in place; an older tree belongs to a mark too. */
  readonly epoch: number;
  /** Sum of the values of all pages. */
  sum: number;
}

/** All pages have the value. Asked this way because comparing what may be an object with a number is slow. */
export const isAll = (map: Pages | Part, value: number): boolean => typeof map === 'number' && map === value;

/** Sets the value of the pages [from, to) of a block of `pages` pages. Shape: a uniform result is a plain number. */
export function setPages(map: Pages, pages: number, from: number, to: number, value: number, epoch: number): Pages {
  if (from >= to) return map;
  if (from === 0 && to === pages) return value;
  if (typeof map === 'number') {
    if (map === value) return map;
  } else if (to === from + 1 && pageAt(map, from) === value) return map;
  const tree = ownTree(map, pages, epoch);
  const first = Math.floor(from / PART);
  const cells = tree.parts[first]!;
  if (typeof cells === 'number' && cells < 0 && to <= (first + 1) * PART && tree.cells.fits(value)) {
    tree.sum += setCells(tree, cells, from - first * PART, to - first * PART, value);
    // Most changes leave a part as cut to pieces as it was; the rest is for the long way.
    const size = Math.min(PART, pages - first * PART);
    if (wholeSum(tree, cells, size) !== value * size) return tree;
  }
  for (let page = from; page < to;) {
    const part = Math.floor(page / PART);
    const base = part * PART;
    const end = Math.min(to, base + PART);
    const old = tree.parts[part]!;
    if (!isAll(old, value)) {
      const size = Math.min(PART, pages - base);
      tree.sum -= wholeSum(tree, old, size);
      if (end - page === size) {
        leaveCells(tree, old);
        tree.parts[part] = value;
      } else tree.parts[part] = setPart(tree, old, page - base, end - base, value, size);
      tree.sum += wholeSum(tree, tree.parts[part]!, size);
    }
    page = end;
  }
  return collapsed(tree, pages, value);
}

/** Changes the values of the pages [from, to) by a function of the value. */
export function mapPages(map: Pages, pages: number, from: number, to: number, change: (value: number) => number, epoch: number): Pages {
  if (typeof map === 'number') return setPages(map, pages, from, to, change(map), epoch);
  let result: Pages = map;
  for (let page = from; page < to;) {
    const part = Math.floor(page / PART);
    const stop = Math.min(to, (part + 1) * PART);
    const changed = mapCells(result, pages, part, page, stop, change, epoch);
    if (changed !== null) {
      result = changed;
      page = stop;
      continue;
    }
    const old = pageAt(result, page);
    const end = runEnd(result, page, to, old);
    const value = change(old);
    if (value !== old) result = setPages(result, pages, page, end, value, epoch);
    page = end;
  }
  return result;
}

/** What is cut to pieces is changed page by page. Null: it is not, or would be wider then. */
function mapCells(
  map: Pages,
  pages: number,
  part: number,
  from: number,
  to: number,
  change: (value: number) => number,
  epoch: number,
): Pages | null {
  if (typeof map === 'number') return null;
  const cells = map.parts[part]!;
  if (typeof cells !== 'number' || cells >= 0) return null;
  const base = part * PART;
  const size = Math.min(PART, pages - base);
  const tree = ownTree(map, pages, epoch);
  const sum = changeCells(tree, cells, from - base, to - base, change);
  if (sum === null) return null;
  tree.sum += sum;
  const value = pageAt(tree, from);
  const isWhole = wholeSum(tree, cells, size) === value * size && firstOther(tree, base, base + size, value) < 0;
  return isWhole ? setPages(tree, pages, base, base + size, value, epoch) : tree;
}

export interface PageRun {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** The runs of [from, to). Shape: in order, gapless, neighbours differ. */
export function runsOf(map: Pages, from: number, to: number): readonly PageRun[] {
  const runs: PageRun[] = [];
  for (let page = from; page < to;) {
    const value = pageAt(map, page);
    const end = runEnd(map, page, to, value);
    runs.push({ from: page, to: end, value });
    page = end;
  }
  return runs;
}

/** Where the run ends that begins at a page with the value, at the latest at `to`: for loops that keep nothing. */
export function runEnd(map: Pages, page: number, to: number, value: number): number {
  if (page + 1 >= to) return to;
  const end = firstOther(map, page + 1, to, value);
  return end < 0 ? to : end;
}

/** Value of one page. */
export function pageAt(map: Pages, page: number): number {
  return typeof map === 'number' ? map : cellAt(map, map.parts[Math.floor(page / PART)]!, page % PART);
}

/** Sum of the values of [from, to). */
export function sumPages(map: Pages, pages: number, from: number, to: number): number {
  if (typeof map === 'number') return map * (to - from);
  if (from === 0 && to === pages) return map.sum;
  let sum = 0;
  for (let page = from; page < to;) {
    const part = Math.floor(page / PART);
    const end = Math.min(to, (part + 1) * PART);
    sum += partSum(map, map.parts[part]!, page - part * PART, end - part * PART);
    page = end;
  }
  return sum;
}

/** How many of the pages [from, to) are not 0. */
export function countPages(map: Pages, from: number, to: number): number {
  if (typeof map === 'number') return map === 0 ? 0 : to - from;
  let count = 0;
  for (let page = from; page < to;) {
    const part = Math.floor(page / PART);
    const end = Math.min(to, (part + 1) * PART);
    count += partCount(map, map.parts[part]!, page - part * PART, end - part * PART);
    page = end;
  }
  return count;
}

/** The first page of [from, to) whose value is not `value`; -1 where there is none. */
export function firstOther(map: Pages, from: number, to: number, value: number): number {
  if (from >= to) return -1;
  if (typeof map === 'number') return map === value ? -1 : from;
  for (let part = Math.floor(from / PART); part * PART < to; part++) {
    const slot = map.parts[part]!;
    if (isAll(slot, value)) continue;
    const base = part * PART;
    const found = otherCell(map, slot, Math.max(from - base, 0), Math.min(to - base, PART), value);
    if (found >= 0) return base + found;
  }
  return -1;
}

/** The first page of [from, to) whose value is in the set; -1 where there is none. */
export function firstIn(map: Pages, from: number, to: number, set: ValueSet): number {
  if (from >= to) return -1;
  if (typeof map === 'number') return isIn(map, set) ? from : -1;
  for (let part = Math.floor(from / PART); part * PART < to; part++) {
    const base = part * PART;
    const found = cellIn(map, map.parts[part]!, Math.max(from - base, 0), Math.min(to - base, PART), set);
    if (found >= 0) return base + found;
  }
  return -1;
}

/** Of a map of 0 and 1: the first page of [from, to) where it is 0 and the other map's value in the first set, or 1 and in the second; -1: none. */
export function firstClash(map: Pages, other: Pages, from: number, to: number, with0: ValueSet, with1: ValueSet): number {
  if (to === from + 1) {
    const set = pageAt(map, from) === 0 ? with0 : with1;
    return set !== 0 && isIn(pageAt(other, from), set) ? from : -1;
  }
  for (let page = from; page < to;) {
    const value = pageAt(map, page);
    const end = runEnd(map, page, to, value);
    const set = value === 0 ? with0 : with1;
    const found = set === 0 ? -1 : firstIn(other, page, end, set);
    if (found >= 0) return found;
    page = end;
  }
  return -1;
}

/** Where the pages end that are in both maps like a page, at the latest at `to`. */
export const alikeEnd = (map: Pages, other: Pages, page: number, to: number): number =>
  Math.min(runEnd(map, page, to, pageAt(map, page)), runEnd(other, page, to, pageAt(other, page)));

/** Number of 2M regions of the block that hold a page whose value is not 0. */
export function regionsWithAny(map: Pages, pages: number): number {
  if (typeof map === 'number') return map === 0 ? 0 : Math.ceil(pages / REGION);
  let count = 0;
  for (let page = firstOther(map, 0, pages, 0); page >= 0;) {
    count++;
    page = firstOther(map, page - (page % REGION) + REGION, pages, 0);
  }
  return count;
}

/** A number that depends on the values alone, not on how they are kept. */
export function hashPages(map: Pages, pages: number, seed: number): number {
  let hash = seed;
  for (let page = 0; page < pages;) {
    const value = pageAt(map, page);
    hash = mix(mix(hash, page), value);
    page = runEnd(map, page, pages, value);
  }
  return hash;
}

/** One step of a hash of 32 bits. */
export const mix = (hash: number, value: number): number => {
  const step = Math.imul(hash ^ (value | 0) ^ Math.floor(value / 2 ** 32), 0x9e3779b1);
  return (step ^ (step >>> 15)) | 0;
};

function ownTree(map: Pages, pages: number, epoch: number): PageTree {
  if (typeof map === 'number')
    return { epoch, parts: new Array<Part>(Math.ceil(pages / PART)).fill(map), cells: NO_CELLS, sum: map * pages };
  if (map.epoch === epoch) return map;
  return { epoch, parts: map.parts.slice(), cells: map.cells === NO_CELLS ? NO_CELLS : map.cells.copy(), sum: map.sum };
}

function collapsed(tree: PageTree, pages: number, value: number): Pages {
  if (tree.sum !== value * pages) return tree;
  // Equal sums alone do not make equal values: 0 and 2 have the sum of 1 and 1.
  for (const part of tree.parts) if (!isAll(part, value)) return tree;
  return value;
}
