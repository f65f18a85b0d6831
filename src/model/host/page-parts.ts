/** A value for each page of a part of a block: one number, a few runs, or, where it is cut to pieces, a cell for each page. */
import { Cells, isIn, type ValueSet } from './page-cells';

/** Pages of a part: the unit that is kept as one. */
export const PART = 2048;

/** Its runs: value of page 0, then start and value of each further run. Example: [0, 5, 1, 6, 0]. */
type Runs = readonly number[];

/** One number for all pages, from 0; its runs; or below 0, -1 for the first, a place among the cells. */
export type Part = number | Runs;

/** The parts of a map, and the cells of those that have some. */
export interface Parts {
  readonly parts: Part[];
  cells: Cells;
}

/** What a map has of which no part is cut to pieces; never written. */
export const NO_CELLS = Cells.none(PART, 0);

/** Numbers in the runs from which a cell for each page is the cheaper way. */
const MOST_RUNS = 32;

/** Where among the cells the page 0 of a part stands. */
const firstCell = (part: number): number => (-1 - part) * PART;

/** Value of a page of the part. */
export function cellAt({ cells }: Parts, part: Part, page: number): number {
  if (typeof part === 'number') return part >= 0 ? part : cells.at(firstCell(part) + page);
  return part[runAt(part, page)]!;
}

/** Sum over the pages [from, to). */
export function partSum({ cells }: Parts, part: Part, from: number, to: number): number {
  if (typeof part === 'number') return part >= 0 ? part * (to - from) : cells.sumOf(firstCell(part) + from, firstCell(part) + to);
  let sum = 0;
  for (let at = from > 0 ? runAt(part, from) : 0; at < part.length; at += 2) {
    const start = Math.max(at === 0 ? 0 : part[at - 1]!, from);
    if (start >= to) break;
    const end = Math.min(at + 1 < part.length ? part[at + 1]! : to, to);
    sum += part[at]! * (end - start);
  }
  return sum;
}

/** How many of the pages [from, to) are not 0. */
export function partCount({ cells }: Parts, part: Part, from: number, to: number): number {
  if (typeof part === 'number') {
    if (part < 0) return cells.countOf(firstCell(part) + from, firstCell(part) + to);
    return part === 0 ? 0 : to - from;
  }
  let count = 0;
  for (let at = from > 0 ? runAt(part, from) : 0; at < part.length; at += 2) {
    const start = Math.max(at === 0 ? 0 : part[at - 1]!, from);
    if (start >= to) break;
    if (part[at] !== 0) count += Math.min(at + 1 < part.length ? part[at + 1]! : to, to) - start;
  }
  return count;
}

/** Sum over all pages of the part. */
export const wholeSum = (of: Parts, part: Part, size: number): number =>
  typeof part === 'number' && part < 0 ? of.cells.sumOfPlace(-1 - part) : partSum(of, part, 0, size);

/** The first page of [from, to) whose value is not `value`; -1 where there is none. */
export function otherCell({ cells }: Parts, part: Part, from: number, to: number, value: number): number {
  if (typeof part === 'number') {
    if (part >= 0) return part === value ? -1 : from;
    const first = firstCell(part);
    const found = cells.firstOther(first + from, first + to, value);
    return found < 0 ? -1 : found - first;
  }
  for (let at = from > 0 ? runAt(part, from) : 0; at < part.length; at += 2) {
    const start = at === 0 ? 0 : part[at - 1]!;
    if (start >= to) return -1;
    if (part[at] !== value) return Math.max(start, from);
  }
  return -1;
}

/** The first page of [from, to) whose value is in the set; -1 where there is none. */
export function cellIn({ cells }: Parts, part: Part, from: number, to: number, set: ValueSet): number {
  if (typeof part === 'number') {
    if (part >= 0) return isIn(part, set) ? from : -1;
    const first = firstCell(part);
    const found = cells.firstIn(first + from, first + to, set);
    return found < 0 ? -1 : found - first;
  }
  for (let at = from > 0 ? runAt(part, from) : 0; at < part.length; at += 2) {
    const start = at === 0 ? 0 : part[at - 1]!;
    if (start >= to) return -1;
    if (isIn(part[at]!, set)) return Math.max(start, from);
  }
  return -1;
}

/** Sets the pages [from, to) of a part that is among the cells, which are wide enough. Shape: by how much the sum grows. */
export const setCells = ({ cells }: Parts, part: number, from: number, to: number, value: number): number =>
  cells.fill(firstCell(part) + from, firstCell(part) + to, value);

/** Changes the pages [from, to) of a part that is among the cells. Shape: as `Cells.change`. */
export const changeCells = ({ cells }: Parts, part: number, from: number, to: number, change: (value: number) => number): number | null =>
  cells.change(firstCell(part) + from, firstCell(part) + to, change);

/** The part, all of which gets one value, is no longer among the cells. */
export function leaveCells({ cells }: Parts, part: Part): void {
  if (typeof part === 'number' && part < 0) cells.drop(-1 - part);
}

/** The part with the pages [from, to), which are not all of it, set to a value that not all of them have. `size`: its pages. */
export function setPart(of: Parts, part: Part, from: number, to: number, value: number, size: number): Part {
  const isCells = typeof part === 'number' && part < 0;
  if (!isCells && (typeof part === 'number' || part.length < MOST_RUNS)) return setRuns(part, from, to, value, size);
  const now = isCells ? part : intoCells(of, part as Runs, size);
  of.cells = of.cells.fitting(value);
  const first = firstCell(now);
  of.cells.fill(first + from, first + to, value);
  // As soon as all pages are alike again the part is one number.
  if (of.cells.sumOfPlace(-1 - now) !== value * size || of.cells.firstOther(first, first + size, value) >= 0) return now;
  leaveCells(of, now);
  return value;
}

function intoCells(of: Parts, runs: Runs, size: number): number {
  let most = 0;
  for (let at = 0; at < runs.length; at += 2) most = Math.max(most, runs[at]!);
  of.cells = of.cells === NO_CELLS ? Cells.none(PART, most) : of.cells.fitting(most);
  const part = -1 - of.cells.add();
  const first = firstCell(part);
  for (let at = 0; at < runs.length; at += 2) {
    const start = at === 0 ? 0 : runs[at - 1]!;
    if (runs[at] !== 0) of.cells.fill(first + start, first + (at + 1 < runs.length ? runs[at + 1]! : size), runs[at]!);
  }
  return part;
}

/** Where in the runs the one stands that holds a page: its value, with its start before it. */
function runAt(runs: Runs, offset: number): number {
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

/** The runs before the pages [from, to), the new one, the runs behind. */
function setRuns(part: number | Runs, from: number, to: number, value: number, size: number): number | Runs {
  if (typeof part === 'number') {
    if (from === 0) return [value, to, part];
    return to === size ? [part, from, value] : [part, from, value, to, part];
  }
  const result: number[] = [];
  let at = 0;
  for (; at < part.length; at += 2) {
    const start = at === 0 ? 0 : part[at - 1]!;
    if (start >= from) break;
    addRun(result, start, part[at]!);
  }
  addRun(result, from, value);
  // The run that holds page `to` goes on behind the new one.
  if (to < size) {
    let tail = Math.max(at - 2, 0);
    while (tail + 1 < part.length && part[tail + 1]! <= to) tail += 2;
    addRun(result, to, part[tail]!);
    for (tail += 2; tail < part.length; tail += 2) addRun(result, part[tail - 1]!, part[tail]!);
  }
  return result.length === 1 ? result[0]! : result;
}

function addRun(runs: number[], start: number, value: number): void {
  if (runs.length === 0) runs.push(value);
  else if (runs[runs.length - 1] !== value) runs.push(start, value);
}
