/** Starts a run: the memory of a scenario, the function entered in it, and the checks that are made when it returns. */
import { done, type Outcome, refused } from '../base/outcome';
import { createMachine } from '../machine/machine';
import type { Machine, MachineOptions } from '../machine/api';
import { withCallbacks } from '../model/callbacks';
import type { Argument } from '../model/arguments-of';
import { isErrno } from '../model/fields';
import { leaksOf } from '../model/leaks';
import type { PathGround } from '../model/lock-path';
import { lockName, memoryView } from '../model/memory-view';
import type { MemoryReader } from '../model/page-cache-view';
import { primitives } from '../model/primitives/all';
import { type HeldLock, heldLocks, withModelGlobals } from '../model/record';
import type { World } from '../model/world';
import type { MemoryView, SimulationSetup } from '../protocol/simulation';
import { lostObjects } from './lost-objects';
import { pagesOfCaller } from './pages-of-caller';
import { enter, prepare } from './prepare-simulation';
import { settleScenario } from './settle-scenario';

/** A run that stands at the entry of its function. */
export interface StartedRun {
  readonly setup: SimulationSetup;
  readonly machine: Machine;
  readonly world: World;
  /** Memory at the entry. */
  readonly before: MemoryView;
  /** From where locks are named at the entry. */
  readonly ground: PathGround;
}

/**
 * The setup with what it leaves open settled: the model's own objects in the program, how a folio parameter stands, what the caller holds.
 *
 * *Fails* `simulate/no-function`, `simulate/state-does-not-fit`.
 */
export function settled(setup: SimulationSetup): Outcome<SimulationSetup> {
  const named = [setup.function, ...(setup.then ?? [])];
  const missing = named.find((name) => setup.program.functions[name] === undefined);
  if (missing !== undefined) {
    return refused(
      'simulate/no-function',
      `The program has no function ${missing}() with a body.`,
      'It cannot be run.',
      'Name a function that the tree defines.',
    );
  }
  const program = withCallbacks(withModelGlobals(setup.program), named);
  return settleScenario({ ...setup, program }, (trial) => startRun(trial, { history: false }));
}

/** How the machine is to go, and what is to be done when a function returns. */
export interface StartOptions extends Pick<MachineOptions, 'history' | 'pauseAtChoices'> {
  /** The next function of `then` is entered only when the one before has returned an error; the run ends otherwise. */
  readonly onlyAfterError?: boolean;
  /** Told each value that a function of the run returns; 0 for void. */
  readonly onReturn?: (value: number) => void;
}

/**
 * @param setup as `settled` gives it
 * @param options how the machine is to go: with history, pausing at choices
 *
 * *Fails* `simulate/bad-order`, `simulate/no-split`, `simulate/no-page`, `simulate/no-lock`.
 */
export function startRun(setup: SimulationSetup, options: StartOptions = {}): Outcome<StartedRun> {
  const run: { world: World | null; before: MemoryView | null } = { world: null, before: null };
  /** What the caller held at each entry, by number of the function: written again where a run is replayed. */
  const entries: (readonly HeldLock[])[] = [];
  let first: readonly Argument[] = [];
  const { onlyAfterError = false, onReturn, ...machineOptions } = options;
  const machine = createMachine({
    program: setup.program,
    primitives,
    ...machineOptions,
    ...(setup.choices === undefined ? {} : { choices: setup.choices }),
    ...(setup.fail === undefined || setup.fail === 0 ? {} : { fail: setup.fail }),
    atReturn: (ended) => {
      if (run.world === null || run.before === null) return;
      const status = ended.status();
      const value = status.kind === 'returned' && status.value !== '' ? Number(status.value) : 0;
      if (status.kind === 'returned') onReturn?.(value);
      const number = ended.started();
      const next = setup.then?.[number - 1];
      if (next !== undefined && onlyAfterError && !isErrno(value)) return;
      if (next !== undefined && status.kind === 'returned')
        entries[number] = enter(ended, setup, next, run.world, entries[number - 1], next === setup.function ? first : null).held;
      else reportLeaks(ended, setup, run.world, run.before, entries.slice(0, number).flat());
    },
  });
  const prepared = prepare(machine, setup);
  if (prepared.kind !== 'done') return prepared;
  const world = prepared.value;
  const { held, missing, ground, args } = enter(machine, setup, setup.function, world);
  first = args;
  if (missing !== null) return noLock(missing, setup.function);
  entries[0] = held;
  run.before = viewOf(machine, world);
  run.world = world;
  return done({ setup, machine, world, before: run.before, ground });
}

const noLock = (path: string, name: string): Outcome<never> =>
  refused(
    'simulate/no-lock',
    `The scenario says that the caller of ${name}() holds ${path}, and that leads to no lock that is free.`,
    'The state at the entry cannot be made.',
    "Name a lock from one of the function's parameters or from a global: kvm->slots_lock.",
  );

/** Memory as it is, where a pointer that the C has broken leads nowhere. */
export const readerOf = (machine: Machine): MemoryReader => ({
  symbol: (name) => machine.kernel.symbol(name),
  peek: (at, field) => {
    try {
      return machine.kernel.peek(at, field);
    } catch {
      return 0;
    }
  },
});

export const viewOf = (machine: Machine, world: World): MemoryView => memoryView(readerOf(machine), machine.layout, world);

function reportLeaks(machine: Machine, setup: SimulationSetup, world: World, before: MemoryView, locksBefore: readonly HeldLock[]): void {
  const status = machine.status();
  const returned = status.kind === 'returned' && status.value !== '' ? Number(status.value) : null;
  const reader = readerOf(machine);
  const leaks = leaksOf({
    before,
    after: viewOf(machine, world),
    locksBefore,
    locksAfter: heldLocks(reader),
    nameOf: (lock) => lockName(reader, machine.layout, world, lock),
    lost: lostObjects(machine, reader, world, returned),
    functions: [setup.function, ...(setup.then ?? [])],
    callers: pagesOfCaller(machine, reader, world),
    returned,
  });
  for (const { kind, message } of leaks) machine.kernel.report(kind, message);
}
