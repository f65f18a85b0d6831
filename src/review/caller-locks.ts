/** The locks that a function's caller holds: what the kernel holds when it calls through a table of operations, or what the function asks for. */
import { entryLocks } from '../model/entry-contracts';
import type { SimulationSetup } from '../protocol/simulation';
import { type StartTrial, type Trial, tryRun, wrongs, type WantedLock } from './trial';

/** Nobody calls with more locks held; beyond it the findings stand. */
const MOST_LOCKS = 4;

export interface WithCallerLocks {
  readonly locks: readonly WantedLock[];
  /** The run with them held; null when it does not end in its bounds or cannot begin. */
  readonly trial: Trial | null;
}

/**
 * The locks of the caller of the setup's first function, where the scenario leaves them open.
 *
 * A function that is in a table of operations is called with what the kernel holds there, and with nothing else: a lock that it then misses
 * is a finding. Of any other function, a lock that it says to be held, or gives back, before anybody has taken it is its caller's. It is taken
 * so only where the run is then less wrong. The same goes for what a caller begins.
 */
export function callerLocks(setup: SimulationSetup, start: StartTrial): WithCallerLocks {
  if (setup.scenario.held !== undefined) return { locks: [], trial: tryRun(setup, start) };
  const known = entryLocks(setup.program, setup.function);
  if (known !== null) {
    const trial = tryRun(holding(setup, known), start);
    // A tree that names its objects otherwise has no such lock.
    return trial === null ? { locks: [], trial: tryRun(setup, start) } : { locks: known, trial };
  }
  let found: WithCallerLocks = { locks: [], trial: tryRun(setup, start) };
  while (found.trial !== null && found.trial.wanted !== null && found.locks.length < MOST_LOCKS) {
    const locks = [...found.locks, found.trial.wanted];
    const trial = tryRun(holding(setup, locks), start);
    if (trial === null || wrongs(trial) >= wrongs(found.trial)) break;
    found = { locks, trial };
  }
  return withBegun(setup, found, start);
}

/** What a caller begins before some functions that end it: a counter that it raises. Source: include/linux/kvm_host.h of 6.12. */
const BEGUN: readonly WantedLock[] = [
  { path: 'kvm->mmu_invalidate_in_progress', because: 'the function ends an invalidation that has to have begun' },
];

/** With the first thing begun that makes a run which meets something less wrong. */
function withBegun(setup: SimulationSetup, found: WithCallerLocks, start: StartTrial): WithCallerLocks {
  const { trial, locks } = found;
  if (trial === null || trial.findings.length === 0) return found;
  for (const begun of BEGUN) {
    const more = [...locks, begun];
    const after = tryRun(holding(setup, more), start);
    if (after !== null && wrongs(after) < wrongs(trial)) return { locks: more, trial: after };
  }
  return found;
}

function holding(setup: SimulationSetup, locks: readonly WantedLock[]): SimulationSetup {
  return locks.length === 0 ? setup : { ...setup, scenario: { ...setup.scenario, held: locks.map((lock) => lock.path) } };
}
