/** The marks that a run lays along its way, so that going back anywhere costs a bounded number of steps. */
import type { Cpu } from './cpu';
import { stepsOf } from './cpu';
import { dropMark, layMark, type SavedState } from './marks';

/** Steps between two marks: some milliseconds of replay. */
export const INTERVAL = 65_536;
/** More marks, or more bytes in them, are thinned out, the older the further apart. */
const MOST_MARKS = 256;
const MOST_BYTES = 128 * 1024 * 1024;

/** Steps until the next mark is due. */
export function untilMark(cpu: Cpu, marks: readonly SavedState[]): number {
  const last = marks.at(-1);
  return last === undefined ? INTERVAL : Math.max(last.step + INTERVAL - stepsOf(cpu), 0);
}

export function layNext(cpu: Cpu, marks: SavedState[]): void {
  layMark(cpu, marks, false);
  while (marks.length > MOST_MARKS || cpu.journalBytes > MOST_BYTES) {
    const index = leastMissed(cpu, marks);
    if (index < 0) return;
    dropMark(cpu, marks, index);
  }
}

/**
 * The mark whose absence costs least: the gap that it leaves, against how far back it is. Never the first and the last one.
 * Two marks as far apart as they are old cost the same everywhere, so there are few far back and many near.
 */
function leastMissed(cpu: Cpu, marks: readonly SavedState[]): number {
  const now = stepsOf(cpu);
  let best = -1;
  let least = Infinity;
  for (let index = 1; index < marks.length - 1; index++) {
    if (marks[index]!.held) continue;
    const gap = marks[index + 1]!.step - marks[index - 1]!.step;
    const cost = gap / (now - marks[index - 1]!.step);
    if (cost < least) {
      least = cost;
      best = index;
    }
  }
  return best;
}

/** The last mark at or before the step; -1 when there is none. */
export function markBefore(marks: readonly SavedState[], step: number): number {
  let index = marks.length - 1;
  while (index >= 0 && marks[index]!.step > step) index--;
  return index;
}
