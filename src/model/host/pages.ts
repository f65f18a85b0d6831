/** A value for each page of a block, as runs of equal pages: a change costs what it changes, never one object per page. */

/** One number for all pages, or a tree of 2M regions. Values are whole numbers from 0. */
export type Pages = number | PageTree;

/** Pages of a region of 2M: the unit in which a block that is not uniform is kept. */
export const REGION = 512;

export interface PageTree {
  /** The epoch that may change it in place; an older tree belongs to a mark too. */
  readonly epoch: number;
  readonly regions: Region[];
  /** Sum of the values of all pages. */
  sum: number;
}

/** One number for all pages of the region, or its runs: value of page 0, then start and value of each further run. Example: [0, 5, 1, 6, 0]. */
type Runs = readonly number[];

/** A region that is cut to pieces: a value for each page. */
interface Dense {
  readonly epoch: number;
  readonly cells: Int32Array;
  sum: number;
}

type Region = number | Runs | Dense;

/** Numbers in the runs of a region from which a value for each page is the cheaper way. */
const MOST_RUNS = 64;

const isDense = (region: Region): region is Dense => typeof region === 'object' && !Array.isArray(region);

/** Sets the value of the pages [from, to) of a block of `pages` pages. Shape: a uniform result is a plain number. */
export function setPages(map: Pages, pages: number, from: number, to: number, value: number, epoch: number): Pages {
  if (from >= to) return map;
  if (from === 0 && to === pages) return value;
  if (typeof map === 'number' && map === value) return map;
  const tree = ownTree(map, pages, epoch);
  for (let page = from; page < to;) {
    const region = Math.floor(page / REGION);
    const base = region * REGION;
    const end = Math.min(to, base + REGION);
    const old = tree.regions[region]!;
    if (old !== value) {
      const size = Math.min(REGION, pages - base);
      tree.sum += value * (end - page) - partSum(old, page - base, end - base);
      tree.regions[region] = end - page === size ? value : setPart(old, page - base, end - base, value, size, epoch);
    }
    page = end;
  }
  return collapsed(tree, pages, value);
}

/** Changes the values of the pages [from, to) by a function of the value. */
export function mapPages(map: Pages, pages: number, from: number, to: number, change: (value: number) => number, epoch: number): Pages {
  let result = map;
  for (const run of runsOf(map, from, to)) {
    const value = change(run.value);
    if (value !== run.value) result = setPages(result, pages, run.from, run.to, value, epoch);
  }
  return result;
}

export interface PageRun {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** The runs of [from, to). Shape: in order, gapless, neighbours differ. */
export function runsOf(map: Pages, from: number, to: number): readonly PageRun[] {
  if (from >= to) return [];
  if (typeof map === 'number') return [{ from, to, value: map }];
  if (to === from + 1) return [{ from, to, value: pageAt(map, from) }];
  const runs: PageRun[] = [];
  let start = from;
  let value = -1;
  const add = (at: number, next: number): void => {
    if (next === value) return;
    if (value >= 0 && at > start) runs.push({ from: start, to: at, value });
    start = Math.max(at, from);
    value = next;
  };
  for (let region = Math.floor(from / REGION); region * REGION < to; region++) {
    const base = region * REGION;
    const slot = map.regions[region]!;
    if (typeof slot === 'number') {
      add(Math.max(base, from), slot);
      continue;
    }
    if (isDense(slot)) {
      const end = Math.min(base + REGION, to);
      for (let page = Math.max(base, from); page < end; page++) add(page, slot.cells[page - base]!);
      continue;
    }
    for (let at = from > base ? runAt(slot, from - base) : 0; at < slot.length; at += 2) {
      const runStart = base + (at === 0 ? 0 : slot[at - 1]!);
      if (runStart >= to) break;
      add(Math.max(runStart, from), slot[at]!);
    }
  }
  runs.push({ from: start, to, value });
  return runs;
}

/** Value of one page. */
export function pageAt(map: Pages, page: number): number {
  if (typeof map === 'number') return map;
  const slot = map.regions[Math.floor(page / REGION)]!;
  if (typeof slot === 'number') return slot;
  return isDense(slot) ? slot.cells[page % REGION]! : slot[runAt(slot, page % REGION)]!;
}

/** Sum of the values of [from, to). */
export function sumPages(map: Pages, pages: number, from: number, to: number): number {
  if (typeof map === 'number') return map * (to - from);
  if (from === 0 && to === pages) return map.sum;
  let sum = 0;
  for (let page = from; page < to;) {
    const region = Math.floor(page / REGION);
    const end = Math.min(to, (region + 1) * REGION);
    sum += partSum(map.regions[region]!, page - region * REGION, end - region * REGION);
    page = end;
  }
  return sum;
}

/** The first page of [from, to) whose value is not `value`; -1 where there is none. */
export function firstOther(map: Pages, from: number, to: number, value: number): number {
  if (from >= to) return -1;
  if (typeof map === 'number') return map === value ? -1 : from;
  for (let region = Math.floor(from / REGION); region * REGION < to; region++) {
    const slot = map.regions[region]!;
    if (slot === value) continue;
    const base = region * REGION;
    if (typeof slot === 'number') return Math.max(base, from);
    if (isDense(slot)) {
      const end = Math.min(base + REGION, to);
      for (let page = Math.max(base, from); page < end; page++) if (slot.cells[page - base] !== value) return page;
      continue;
    }
    for (let at = from > base ? runAt(slot, from - base) : 0; at < slot.length; at += 2) {
      const start = base + (at === 0 ? 0 : slot[at - 1]!);
      if (start >= to) return -1;
      if (slot[at] !== value) return Math.max(start, from);
    }
  }
  return -1;
}

/** Number of 2M regions of the block that hold a page whose value is not 0. */
export function regionsWithAny(map: Pages, pages: number): number {
  if (typeof map === 'number') return map === 0 ? 0 : Math.ceil(pages / REGION);
  let count = 0;
  for (const slot of map.regions) if (slot !== 0) count++;
  return count;
}

/** A number that depends on the values alone, not on how they are kept. */
export function hashPages(map: Pages, pages: number, seed: number): number {
  let hash = seed;
  for (const run of runsOf(map, 0, pages)) hash = mix(mix(hash, run.from), run.value);
  return hash;
}

/** One step of a hash of 32 bits. */
export const mix = (hash: number, value: number): number => {
  const step = Math.imul(hash ^ (value | 0) ^ Math.floor(value / 2 ** 32), 0x9e3779b1);
  return (step ^ (step >>> 15)) | 0;
};

/** Where in the runs the one stands that holds a page: its value, with its start before it. */
function runAt(runs: readonly number[], offset: number): number {
  let low = 0;
  let high = (runs.length - 1) >> 1;
  // The last run that starts at or before the page; run 0 starts at page 0.
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (runs[2 * middle - 1]! <= offset) low = middle;
    else high = middle - 1;
  }
  return 2 * low;
}

function ownTree(map: Pages, pages: number, epoch: number): PageTree {
  if (typeof map === 'number') {
    return { epoch, regions: new Array<Region>(Math.ceil(pages / REGION)).fill(map), sum: map * pages };
  }
  return map.epoch === epoch ? map : { epoch, regions: map.regions.slice(), sum: map.sum };
}

function collapsed(tree: PageTree, pages: number, value: number): Pages {
  if (tree.sum !== value * pages) return tree;
  // Equal sums alone do not make equal values: 0 and 2 have the sum of 1 and 1.
  return tree.regions.every((region) => region === value) ? value : tree;
}

/** Sum over the pages [from, to) of a region. */
function partSum(region: Region, from: number, to: number): number {
  if (typeof region === 'number') return region * (to - from);
  let sum = 0;
  if (isDense(region)) {
    if (from === 0 && to === REGION) return region.sum;
    for (let page = from; page < to; page++) sum += region.cells[page]!;
    return sum;
  }
  for (let at = from > 0 ? runAt(region, from) : 0; at < region.length; at += 2) {
    const start = Math.max(at === 0 ? 0 : region[at - 1]!, from);
    if (start >= to) break;
    const end = Math.min(at + 1 < region.length ? region[at + 1]! : REGION, to);
    sum += region[at]! * (end - start);
  }
  return sum;
}

function setPart(region: Region, from: number, to: number, value: number, size: number, epoch: number): Region {
  if (typeof region === 'number' || (!isDense(region) && region.length < MOST_RUNS)) return setRuns(region, from, to, value, size);
  const dense = ownDense(region, epoch);
  dense.sum += value * (to - from) - partSum(dense, from, to);
  dense.cells.fill(value, from, to);
  // As soon as all pages are alike again the region is one number.
  return dense.sum === value * REGION && dense.cells.every((each) => each === value) ? value : dense;
}

function ownDense(region: Runs | Dense, epoch: number): Dense {
  if (isDense(region)) return region.epoch === epoch ? region : { epoch, cells: region.cells.slice(), sum: region.sum };
  const cells = new Int32Array(REGION);
  for (let at = 0; at < region.length; at += 2) {
    const start = at === 0 ? 0 : region[at - 1]!;
    cells.fill(region[at]!, start, at + 1 < region.length ? region[at + 1]! : REGION);
  }
  return { epoch, cells, sum: partSum(region, 0, REGION) };
}

/** A region with the pages [from, to) set: the runs before, the new one, the runs behind. */
function setRuns(region: number | Runs, from: number, to: number, value: number, size: number): number | Runs {
  const old = typeof region === 'number' ? [region] : region;
  const result: number[] = [];
  let last = -1;
  const add = (start: number, next: number): void => {
    if (result.length === 0) result.push(next);
    else if (next !== last) result.push(start, next);
    last = next;
  };
  let at = 0;
  for (; at < old.length; at += 2) {
    const start = at === 0 ? 0 : old[at - 1]!;
    if (start >= from) break;
    add(start, old[at]!);
  }
  add(from, value);
  // The run that holds page `to` goes on behind the new one.
  if (to < size) {
    let tail = Math.max(at - 2, 0);
    while (tail + 1 < old.length && old[tail + 1]! <= to) tail += 2;
    add(to, old[tail]!);
    for (tail += 2; tail < old.length; tail += 2) add(old[tail - 1]!, old[tail]!);
  }
  return result.length === 1 ? result[0]! : result;
}
