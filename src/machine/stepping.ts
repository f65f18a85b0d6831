/** Steps of a person: to the next statement, over a call, out of a function. */
import type { Cpu } from './cpu';
import type { StopWhen } from './execute';

/** No statement takes longer than a person waits: a step that has not come to its end by then stops where it is. */
const MOST = 2_000_000_000;

export function stepFrom(cpu: Cpu, advance: (budget: number, stop: StopWhen) => boolean, how: 'in' | 'over' | 'out'): void {
  const { depth, task } = cpu;
  const stop: Record<typeof how, StopWhen> = {
    in: { statementUpTo: Infinity, shallowerThan: 0, task },
    over: { statementUpTo: depth, shallowerThan: 0, task },
    // Out of the root function is to the end of the run.
    out: { statementUpTo: -1, shallowerThan: depth, task },
  };
  advance(MOST, stop[how]);
}
