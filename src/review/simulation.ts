/** One simulation: a scenario's memory, a function entered in it, and the steps of its run; used by the CLI and by the page's worker. */
import { done } from '../base/outcome';
import type { Machine } from '../machine/api';
import { differencesBetween } from '../model/differences';
import type { RunStatus, Scenario, SimulationReport, SimulationSetup, SimulationView } from '../protocol/simulation';
import { settled, startRun, type StartedRun, viewOf } from './start-run';
import type { CreateSimulation, Simulation } from './simulation-contract';

/**
 * A simulation at the entry of its function.
 *
 * *Fails* `simulate/no-function`, `simulate/state-does-not-fit`; as `startRun`.
 */
export const createSimulation: CreateSimulation = (setup) => {
  const whole = settled(setup);
  if (whole.kind !== 'done') return whole;
  const run = startRun(whole.value);
  return run.kind === 'done' ? done(simulationOf(run.value)) : run;
};

function simulationOf({ machine, setup, world, before }: StartedRun): Simulation {
  const code = setup.program.functions[setup.function];
  const view = (memory = viewOf(machine, world)): SimulationView => ({
    step: machine.steps(),
    status: machine.status(),
    place: machine.place(),
    stack: machine.stack(),
    memory,
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
  const { order, blocks, faultable, hvo } = setup.scenario;
  const functions = [setup.function, ...(setup.then ?? [])].map((name) => `${name}()`).join(', then ');
  const failing =
    setup.choices !== undefined
      ? ', with the choices that were given'
      : setup.fail
        ? `, allocation ${setup.fail} failing`
        : ', no allocation failing';
  const unknown = machine.unknowns().length;
  const assumed = (setup.assumptions ?? []).map((one) => `; ${one}`).join('');
  return (
    `One run of ${functions} by one task, in order, at order ${order} with ${blocks} huge page${blocks === 1 ? '' : 's'} (${foliosText(setup.scenario)}), ` +
    `faultable pages: ${faultable}, HVO ${hvo ? 'on' : 'off'}${failing}${assumed}` +
    `${status.kind === 'undecided' ? `; undecided: ${status.why}` : ''}` +
    `${unknown > 0 ? `; ${unknown} thing${unknown === 1 ? '' : 's'} met about which nothing is known` : ''}. Other runs may differ.`
  );
}

const foliosText = ({ blocks, folios, secondFolios }: Scenario): string =>
  blocks === 2 && secondFolios !== undefined ? `${folios}, ${secondFolios}` : folios;
