/** Counters now against before the run and against the last stop. */
import type { CounterView } from '../src/protocol/simulation';

export interface CounterRow extends CounterView {
  /** Value before the run; null when the counter was not there. */
  readonly before: number | null;
  /** Value now less the value before the run; 0 when it was not there. */
  readonly change: number;
  /** Differs from the stop before this one. */
  readonly moved: boolean;
}

export interface CounterGroup {
  readonly group: string;
  readonly rows: readonly CounterRow[];
}

/** Counters by group, both in the order in which the view names them. */
export function counterGroups(
  now: readonly CounterView[],
  before: readonly CounterView[],
  lastStop: readonly CounterView[],
): readonly CounterGroup[] {
  const start = byKey(before);
  const last = byKey(lastStop);
  const groups = new Map<string, CounterRow[]>();
  for (const counter of now) {
    const was = start.get(keyOf(counter));
    const stood = last.get(keyOf(counter));
    const row: CounterRow = {
      ...counter,
      before: was ?? null,
      change: was === undefined ? 0 : counter.value - was,
      moved: stood !== undefined && stood !== counter.value,
    };
    const rows = groups.get(counter.group);
    if (rows) rows.push(row);
    else groups.set(counter.group, [row]);
  }
  return [...groups].map(([group, rows]) => ({ group, rows }));
}

const keyOf = (counter: CounterView): string => `${counter.group}\n${counter.name}`;
const byKey = (counters: readonly CounterView[]): ReadonlyMap<string, number> => new Map(counters.map((one) => [keyOf(one), one.value]));
