/** A short run to see how a function wants its memory: how it ends, and which locks it takes to be held. */
import type { Outcome } from '../base/outcome';
import type { Machine } from '../machine/api';
import { isErrno } from '../model/fields';
import { type PathGround, pathOf } from '../model/lock-path';
import { NOT_HELD } from '../model/primitives/locks';
import { heldLocks } from '../model/record';
import type { RunEvent, RunFinding, RunPlace, SimulationSetup } from '../protocol/simulation';
import { smallOrder } from '../scenario/defaults';

/** A run at its entry, and from where locks are named there. */
export interface TrialRun {
  readonly machine: Machine;
  readonly ground: PathGround;
}

/** Begins a run without history. */
export type StartTrial = (setup: SimulationSetup) => Outcome<TrialRun>;

export interface Trial {
  readonly findings: readonly RunFinding[];
  readonly stopped: boolean;
  /** It returns an error. */
  readonly failed: boolean;
  /** The first lock that the code takes to be held although nobody has taken it in the run; null when there is none. */
  readonly wanted: WantedLock | null;
}

export interface WantedLock {
  /** As a scenario's `held` has it. */
  readonly path: string;
  readonly because: string;
}

/** Large enough for every loop over pages to go round more than once. */
const TRIAL_ORDER = 3;
const TRIAL_BUDGET = 300_000;

/** The run of the first function alone at a small order with nothing failing; null when it does not end in its bounds or cannot begin. */
export function tryRun(setup: SimulationSetup, start: StartTrial): Trial | null {
  const { program, function: name, scenario } = setup;
  const small: SimulationSetup = { program, function: name, scenario: smallOrder(scenario, TRIAL_ORDER) };
  const outcome = start(small);
  if (outcome.kind !== 'done' || !outcome.value.machine.run(TRIAL_BUDGET)) return null;
  const { machine } = outcome.value;
  const status = machine.status();
  const value = status.kind === 'returned' ? Number(status.value) : 0;
  const asked = machine.events().filter((event) => event.kind === NOT_HELD);
  return {
    findings: machine.findings(),
    stopped: status.kind === 'stopped',
    failed: isErrno(value),
    wanted: asked.length === 0 ? null : wantedLock(asked, small, start),
  };
}

/** How much is wrong with a run: 0 nothing, below 1 nothing but an error returned. A run that is stopped may hide what would follow. */
export const wrongs = ({ findings, stopped, failed }: Trial): number => findings.length + (stopped ? STOPPED : 0) + (failed ? 0.5 : 0);
const STOPPED = 100;

/** Runs once more instruction by instruction, to see which locks were taken before. */
function wantedLock(asked: readonly RunEvent[], setup: SimulationSetup, start: StartTrial): WantedLock | null {
  const outcome = start(setup);
  if (outcome.kind !== 'done') return null;
  const { machine, ground } = outcome.value;
  const taken = new Set(heldLocks(machine.kernel).map((lock) => lock.lock));
  for (const event of asked) {
    while (machine.steps() <= event.step && !machine.stepInstruction()) for (const { lock } of heldLocks(machine.kernel)) taken.add(lock);
    const lock = Number(event.data?.['lock'] ?? 0);
    const path = lock === 0 || taken.has(lock) ? null : pathOf(ground, lock);
    if (path !== null) return { path, because: `${event.text} (${placeText(event)})` };
  }
  return null;
}

const placeText = (place: RunPlace): string => `${place.function}(), ${place.file}:${place.line}`;
