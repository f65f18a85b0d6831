/** A value for each page of a part of a block: one number, a few runs, or, where it is cut to pieces, a cell for each page. */
import { Cells, isIn, type ValueSet } from './page-cells';

/** Pages of a part: the unit that is kept, and copied for a mark, as one. */
export const PART = 2048;

/** Its runs: value of page 0, then start and value of each further run. Example: [0, 5, 1, 6, 0]. */
type Runs = readonly number[];

/** One number for all pages, its runs, or its cells. */
export type Part = number | Runs | Cells;

/** Numbers in the runs from which a cell for each page is the cheaper way. */
const MOST_RUNS = 32;

/** Value of a page of the part. */
export function cellAt(part: Part, page: number): number {
  if (typeof part === 'number') return part;
  return part instanceof Cells ? part.at(page) : part[runAt(part, page)]!;
}

/** Sum over the pages [from, to). */
export function partSum(part: Part, from: number, to: number): number {
  if (typeof part === 'number') return part * (to - from);
  if (part instanceof Cells) return from === 0 && to === PART ? part.sum : part.sumOf(from, to);
  let sum = 0;
  for (let at = from > 0 ? runAt(part, from) : 0; at < part.length; at += 2) {
    const start = Math.max(at === 0 ? 0 : part[at - 1]!, from);
    if (start >= to) break;
    const end = Math.min(at + 1 < part.length ? part[at + 1]! : PART, to);
    sum += part[at]! * (end - start);
  }
  return sum;
}

/** The first page of [from, to) whose value is not `value`; -1 where there is none. */
export function otherCell(part: Part, from: number, to: number, value: number): number {
  if (typeof part === 'number') return part === value ? -1 : from;
  if (part instanceof Cells) return part.firstOther(from, to, value);
  for (let at = from > 0 ? runAt(part, from) : 0; at < part.length; at += 2) {
    const start = at === 0 ? 0 : part[at - 1]!;
    if (start >= to) return -1;
    if (part[at] !== value) return Math.max(start, from);
  }
  return -1;
}

/** The first page of [from, to) whose value is in the set; -1 where there is none. */
export function cellIn(part: Part, from: number, to: number, set: ValueSet): number {
  if (typeof part === 'number') return isIn(part, set) ? from : -1;
  if (part instanceof Cells) return part.firstIn(from, to, set);
  for (let at = from > 0 ? runAt(part, from) : 0; at < part.length; at += 2) {
    const start = at === 0 ? 0 : part[at - 1]!;
    if (start >= to) return -1;
    if (isIn(part[at]!, set)) return Math.max(start, from);
  }
  return -1;
}

/** The part with the pages [from, to), which are not all of it, set to a value that not all of them have. `size`: its pages. */
export function setPart(part: Part, from: number, to: number, value: number, size: number, epoch: number): Part {
  if (typeof part === 'number' || (!(part instanceof Cells) && part.length < MOST_RUNS)) return setRuns(part, from, to, value, size);
  const cells = part instanceof Cells ? part.owned(size, value, epoch) : cellsOf(part, value, size, epoch);
  cells.fill(from, to, value);
  // As soon as all pages are alike again the part is one number.
  return cells.sum === value * size && cells.firstOther(0, size, value) < 0 ? value : cells;
}

function cellsOf(runs: Runs, value: number, size: number, epoch: number): Cells {
  let most = value;
  for (let at = 0; at < runs.length; at += 2) most = Math.max(most, runs[at]!);
  const cells = Cells.zeroes(size, most, epoch);
  for (let at = 0; at < runs.length; at += 2) {
    if (runs[at] !== 0) cells.fill(at === 0 ? 0 : runs[at - 1]!, at + 1 < runs.length ? runs[at + 1]! : size, runs[at]!);
  }
  return cells;
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
