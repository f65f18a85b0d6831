/** One simulation: a scenario's memory, a function entered in it, and the steps of its run; used by the CLI and by the page's worker. */
import { done, type Outcome, refused } from '../base/outcome';
import { createMachine } from '../machine/machine';
import type { Machine } from '../machine/api';
import { differencesBetween } from '../model/differences';
import { leaksOf } from '../model/leaks';
import { lockName, memoryView } from '../model/memory-view';
import type { MemoryReader } from '../model/page-cache-view';
import { primitives } from '../model/primitives/all';
import { heldLocks, withModelGlobals } from '../model/record';
import type { World } from '../model/world';
import type { MemoryView, RunStatus, SimulationReport, SimulationSetup, SimulationView } from '../protocol/simulation';
import { enter, prepare } from './prepare-simulation';
import { chooseFolioState } from './choose-folio-state';
import { lostObjects } from './lost-objects';
import { pagesOfCaller } from './pages-of-caller';
import type { CreateSimulation, Simulation } from './simulation-contract';

/**
 * A simulation at the entry of its function.
 *
 * *Fails* `simulate/no-function`, `simulate/bad-order`, `simulate/no-split`.
 */
export const createSimulation: CreateSimulation = (setup) => {
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
  const scenario = chooseFolioState({ ...setup, program }, trialFindings);
  return createRun({ ...setup, program, scenario });
};

/** How many findings a run to its end meets, half more when it returns an error; null when it does not end in its bounds or cannot begin. */
function trialFindings(setup: SimulationSetup, budget: number): number | null {
  const outcome = createRun(setup);
  if (outcome.kind !== 'done' || !outcome.value.run(budget)) return null;
  const { findings, status } = outcome.value.view();
  const value = status.kind === 'returned' ? Number(status.value) : 0;
  return findings.length + (value < 0 && value >= -4095 ? 0.5 : 0);
}

function createRun(setup: SimulationSetup): Outcome<Simulation> {
  const run: { world: World | null; before: MemoryView | null } = { world: null, before: null };
  const machine = createMachine({
    program: setup.program,
    primitives,
    ...(setup.choices === undefined ? {} : { choices: setup.choices }),
    ...(setup.fail === undefined || setup.fail === 0 ? {} : { fail: setup.fail }),
    atReturn: (ended) => {
      if (run.world === null || run.before === null) return;
      const next = setup.then?.[ended.started() - 1];
      if (next !== undefined && ended.status().kind === 'returned') enter(ended, setup, next, run.world);
      else reportLeaks(ended, setup, run.world, run.before);
    },
  });
  const prepared = prepare(machine, setup);
  if (prepared.kind !== 'done') return prepared;
  const world = prepared.value;
  enter(machine, setup, setup.function, world);
  run.before = viewOf(machine, world);
  run.world = world;
  return done(simulationOf(machine, setup, world, run.before));
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

const viewOf = (machine: Machine, world: World): MemoryView => memoryView(readerOf(machine), machine.layout, world);

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

function simulationOf(machine: Machine, setup: SimulationSetup, world: World, before: MemoryView): Simulation {
  const code = setup.program.functions[setup.function];
  const view = (): SimulationView => ({
    step: machine.steps(),
    status: machine.status(),
    place: machine.place(),
    stack: machine.stack(),
    memory: viewOf(machine, world),
    events: machine.events(),
    findings: machine.findings(),
    choices: machine.choices(),
    fidelity: machine.fidelity(),
  });
  return {
    step: () => machine.step(),
    stepOver: () => machine.stepOver(),
    stepOut: () => machine.stepOut(),
    stepBack: () => machine.stepBack(),
    run: (budget) => machine.run(budget),
    goTo: (step) => machine.goTo(step),
    view,
    report(): SimulationReport {
      const after = viewOf(machine, world);
      return {
        function: setup.function,
        file: code?.file ?? '',
        line: code?.line ?? 0,
        scenario: setup.scenario,
        status: machine.status(),
        steps: machine.steps(),
        events: machine.events(),
        findings: machine.findings(),
        choices: machine.choices(),
        allocations: machine.allocations(),
        differences: differencesBetween(before, after),
        before,
        after,
        fidelity: machine.fidelity(),
        unknowns: machine.unknowns(),
        bounds: boundsText(setup, machine.status(), machine),
      };
    },
  };
}

function boundsText(setup: SimulationSetup, status: RunStatus, machine: Machine): string {
  const { order, blocks, folios, faultable, hvo } = setup.scenario;
  const functions = [setup.function, ...(setup.then ?? [])].map((name) => `${name}()`).join(', then ');
  const failing =
    setup.choices !== undefined
      ? ', with the choices that were given'
      : setup.fail
        ? `, allocation ${setup.fail} failing`
        : ', no allocation failing';
  const unknown = machine.unknowns().length;
  return (
    `One run of ${functions} by one task, in order, at order ${order} with ${blocks} huge page${blocks === 1 ? '' : 's'} (${folios}), ` +
    `faultable pages: ${faultable}, HVO ${hvo ? 'on' : 'off'}${failing}` +
    `${status.kind === 'undecided' ? `; undecided: ${status.why}` : ''}` +
    `${unknown > 0 ? `; ${unknown} thing${unknown === 1 ? '' : 's'} met about which nothing is known` : ''}. Other runs may differ.`
  );
}
