/** Starts a run: the memory of a scenario, the function entered in it, and the checks that are made when it returns. */
import { done, type Outcome, refused } from '../base/outcome';
import { createMachine } from '../machine/machine';
import type { Machine, MachineOptions } from '../machine/api';
import { leaksOf } from '../model/leaks';
import { lockName, memoryView } from '../model/memory-view';
import type { MemoryReader } from '../model/page-cache-view';
import { primitives } from '../model/primitives/all';
import { heldLocks, withModelGlobals } from '../model/record';
import type { World } from '../model/world';
import type { MemoryView, SimulationSetup } from '../protocol/simulation';
import { chooseFolioState } from './choose-folio-state';
import { lostObjects } from './lost-objects';
import { pagesOfCaller } from './pages-of-caller';
import { enter, prepare } from './prepare-simulation';

/** A run that stands at the entry of its function. */
export interface StartedRun {
  readonly setup: SimulationSetup;
  readonly machine: Machine;
  readonly world: World;
  /** Memory at the entry. */
  readonly before: MemoryView;
}

/**
 * The setup with what it leaves open settled: the model's own objects in the program, and how a folio parameter stands.
 *
 * *Fails* `simulate/no-function`.
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
  const program = withModelGlobals(setup.program);
  return done({ ...setup, program, scenario: chooseFolioState({ ...setup, program }, trialFindings) });
}

/** How many findings a run to its end meets, half more when it returns an error; null when it does not end in its bounds or cannot begin. */
function trialFindings(setup: SimulationSetup, budget: number): number | null {
  const outcome = startRun(setup);
  if (outcome.kind !== 'done' || !outcome.value.machine.run(budget)) return null;
  const findings = outcome.value.machine.findings();
  const status = outcome.value.machine.status();
  const value = status.kind === 'returned' ? Number(status.value) : 0;
  return findings.length + (value < 0 && value >= -4095 ? 0.5 : 0);
}

/** How the machine is to go, and what is to be done when a function returns. */
export interface StartOptions extends Pick<MachineOptions, 'history' | 'pauseAtChoices'> {
  /** The next function of `then` is entered only when the one before has returned an error; the run ends otherwise. */
  readonly onlyAfterError?: boolean;
  /** Told each value that a function of the run returns; 0 for void. */
  readonly onReturn?: (value: number) => void;
}

/** An error number, or a pointer that holds one. */
export const isErrno = (value: number): boolean => value < 0 && value >= -4095;

/**
 * @param setup as `settled` gives it
 * @param options how the machine is to go: with history, pausing at choices
 *
 * *Fails* `simulate/bad-order`, `simulate/no-split`.
 */
export function startRun(setup: SimulationSetup, options: StartOptions = {}): Outcome<StartedRun> {
  const run: { world: World | null; before: MemoryView | null } = { world: null, before: null };
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
      const next = setup.then?.[ended.started() - 1];
      if (next !== undefined && onlyAfterError && !isErrno(value)) return;
      if (next !== undefined && status.kind === 'returned') enter(ended, setup, next, run.world);
      else reportLeaks(ended, setup, run.world, run.before);
    },
  });
  const prepared = prepare(machine, setup);
  if (prepared.kind !== 'done') return prepared;
  const world = prepared.value;
  enter(machine, setup, setup.function, world);
  run.before = viewOf(machine, world);
  run.world = world;
  return done({ setup, machine, world, before: run.before });
}

/** Memory as it is, where a pointer that the C has broken leads nowhere. */
const readerOf = (machine: Machine): MemoryReader => ({
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

function reportLeaks(machine: Machine, setup: SimulationSetup, world: World, before: MemoryView): void {
  const status = machine.status();
  const returned = status.kind === 'returned' && status.value !== '' ? Number(status.value) : null;
  const reader = readerOf(machine);
  const leaks = leaksOf({
    before,
    after: viewOf(machine, world),
    locksBefore: [],
    locksAfter: heldLocks(reader),
    nameOf: (lock) => lockName(reader, machine.layout, world, lock),
    lost: lostObjects(machine, reader, world, returned),
    functions: [setup.function, ...(setup.then ?? [])],
    callers: pagesOfCaller(machine, reader, world),
    returned,
  });
  for (const { kind, message } of leaks) machine.kernel.report(kind, message);
}
