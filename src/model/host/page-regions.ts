/** A value for each page of a region of 2M: one number, a few runs, or, where it is cut to pieces, a cell for each page. */

/** Pages of a region of 2M: the unit in which a block that is not uniform is kept. */
export const REGION = 512;

/** Its runs: value of page 0, then start and value of each further run. Example: [0, 5, 1, 6, 0]. */
export type Runs = readonly number[];

/** Nearly all values are small; those that are not make the cells wider. */
type Cells = Uint8Array | Int32Array;
const MOST_SMALL = 255;

/** A region that is cut to pieces. */
export class Dense {
  constructor(
    /** The epoch that may change it in place. */
    readonly epoch: number,
    public cells: Cells,
    public sum: number,
  ) {}
}

/** One number for all pages, its runs, or its cells. */
export type Region = number | Runs | Dense;

/** Numbers in the runs of a region from which a cell for each page is the cheaper way. */
const MOST_RUNS = 16;

/** Value of a page of the region. */
export function cellAt(region: Region, page: number): number {
  if (typeof region === 'number') return region;
  return region instanceof Dense ? region.cells[page]! : region[runAt(region, page)]!;
}

/** Sum over the pages [from, to) of a region. */
export function partSum(region: Region, from: number, to: number): number {
  if (typeof region === 'number') return region * (to - from);
  let sum = 0;
  if (region instanceof Dense) {
    if (from === 0 && to === REGION) return region.sum;
    const { cells } = region;
    for (let page = from; page < to; page++) sum += cells[page]!;
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

/** The first page of [from, to) whose value is not `value`; -1 where there is none. */
export function otherCell(region: Region, from: number, to: number, value: number): number {
  if (typeof region === 'number') return region === value ? -1 : from;
  if (region instanceof Dense) {
    const { cells } = region;
    for (let page = from; page < to; page++) if (cells[page] !== value) return page;
    return -1;
  }
  for (let at = from > 0 ? runAt(region, from) : 0; at < region.length; at += 2) {
    const start = at === 0 ? 0 : region[at - 1]!;
    if (start >= to) return -1;
    if (region[at] !== value) return Math.max(start, from);
  }
  return -1;
}

/** A set of small values as bits; all values from 31 on are one. */
export type ValueSet = number;
export const MOST_VALUE = 31;
export const valueSet = (...values: readonly number[]): ValueSet =>
  values.reduce((set, value) => set | (1 << Math.min(value, MOST_VALUE)), 0);
/** All values but 0. */
export const NOT_ZERO: ValueSet = ~1;

const isIn = (value: number, set: ValueSet): boolean => ((set >>> (value > MOST_VALUE ? MOST_VALUE : value)) & 1) === 1;

/** The first page of [from, to) whose value is in the set; -1 where there is none. */
export function cellIn(region: Region, from: number, to: number, set: ValueSet): number {
  if (typeof region === 'number') return isIn(region, set) ? from : -1;
  if (region instanceof Dense) {
    const { cells } = region;
    for (let page = from; page < to; page++) if (isIn(cells[page]!, set)) return page;
    return -1;
  }
  for (let at = from > 0 ? runAt(region, from) : 0; at < region.length; at += 2) {
    const start = at === 0 ? 0 : region[at - 1]!;
    if (start >= to) return -1;
    if (isIn(region[at]!, set)) return Math.max(start, from);
  }
  return -1;
}

/** The region with the pages [from, to) set to a value that not all of them have. `size`: pages of the region. */
export function setPart(region: Region, from: number, to: number, value: number, size: number, epoch: number): Region {
  if (typeof region === 'number' || (!(region instanceof Dense) && region.length < MOST_RUNS))
    return setRuns(region, from, to, value, size);
  const dense = ownDense(region, epoch);
  if (value > MOST_SMALL && dense.cells instanceof Uint8Array) dense.cells = Int32Array.from(dense.cells);
  const { cells } = dense;
  if (to === from + 1) {
    dense.sum += value - cells[from]!;
    cells[from] = value;
  } else {
    dense.sum += value * (to - from) - partSum(dense, from, to);
    cells.fill(value, from, to);
  }
  // As soon as all pages are alike again the region is one number.
  return dense.sum === value * REGION && otherCell(dense, 0, REGION, value) < 0 ? value : dense;
}

function ownDense(region: Runs | Dense, epoch: number): Dense {
  if (region instanceof Dense) return region.epoch === epoch ? region : new Dense(epoch, region.cells.slice(), region.sum);
  let wide = false;
  for (let at = 0; at < region.length; at += 2) wide ||= region[at]! > MOST_SMALL;
  const cells = wide ? new Int32Array(REGION) : new Uint8Array(REGION);
  for (let at = 0; at < region.length; at += 2) {
    const start = at === 0 ? 0 : region[at - 1]!;
    cells.fill(region[at]!, start, at + 1 < region.length ? region[at + 1]! : REGION);
  }
  return new Dense(epoch, cells, partSum(region, 0, REGION));
}

/** Where in the runs the one stands that holds a page: its value, with its start before it. */
function runAt(runs: Runs, offset: number): number {
  // There are few.
  let at = 0;
  while (at + 1 < runs.length && runs[at + 1]! <= offset) at += 2;
  return at;
}

/** The runs before the pages [from, to), the new one, the runs behind. */
function setRuns(region: number | Runs, from: number, to: number, value: number, size: number): number | Runs {
  if (typeof region === 'number') {
    if (from === 0) return [value, to, region];
    return to === size ? [region, from, value] : [region, from, value, to, region];
  }
  const result: number[] = [];
  let at = 0;
  for (; at < region.length; at += 2) {
    const start = at === 0 ? 0 : region[at - 1]!;
    if (start >= from) break;
    addRun(result, start, region[at]!);
  }
  addRun(result, from, value);
  // The run that holds page `to` goes on behind the new one.
  if (to < size) {
    let tail = Math.max(at - 2, 0);
    while (tail + 1 < region.length && region[tail + 1]! <= to) tail += 2;
    addRun(result, to, region[tail]!);
    for (tail += 2; tail < region.length; tail += 2) addRun(result, region[tail - 1]!, region[tail]!);
  }
  return result.length === 1 ? result[0]! : result;
}

function addRun(runs: number[], start: number, value: number): void {
  if (runs.length === 0) runs.push(value);
  else if (runs[runs.length - 1] !== value) runs.push(start, value);
}
