/** How every function of a file comes out, run once from each named initial state with nothing failing. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import type { SourceTree } from '../kernel-c/source-tree';
import { functionsIn, type TreeIndex } from '../kernel-c/tree-index';
import type { SimulationReport } from '../protocol/simulation';
import { namedStates, stateAt } from '../scenario/named-states';
import { programFor } from './read-for-simulation';
import { returnedText } from './returned-text';
import { createSimulation } from './simulation';

/** What some states of a function have in common. */
export interface FunctionOutcome {
  readonly function: string;
  readonly line: number;
  /** Names of states, in their order. */
  readonly states: readonly string[];
  /** What was settled for the run: `folio=held`, `kvm->slots_lock`. */
  readonly given: readonly string[];
  /** `returns 0`, `undecided: …`, `does not fit`. */
  readonly end: string;
  /** `warn-on at virt/kvm/guest_memfd.c:12`, in order. */
  readonly findings: readonly string[];
  /** Most distinct lines that were interpreted, and functions that were modelled, in one of the states. */
  readonly lines: number;
  readonly modelled: number;
  /** Of all of these states. */
  readonly unknowns: readonly string[];
}

/** More than any function takes at a small order. */
const BUDGET = 20_000_000;

/**
 * Shape: functions in order of place; for each its different outcomes in order of the first state that has it.
 *
 * *Fails* as `programFor`.
 */
export function outcomesOf(
  tree: SourceTree,
  index: TreeIndex,
  file: string,
  order: number,
  progress: Progress,
): Outcome<readonly FunctionOutcome[]> {
  const functions = functionsIn(index, file).filter((each, at, all) => all.findIndex((one) => one.name === each.name) === at);
  const rows: FunctionOutcome[] = [];
  for (const [at, { name, line }] of functions.entries()) {
    if (progress.cancelled) return cancelled;
    progress.report(`Running ${name}()`, at / functions.length);
    const program = programFor(tree, index, name);
    if (program.kind !== 'done') return program;
    rows.push(
      ...joined(namedStates.map((state) => ({ ...inState(program.value, name, stateAt(state, order)), line, states: [state.name] }))),
    );
  }
  return done(rows);
}

type InState = Omit<FunctionOutcome, 'line' | 'states'>;

function inState(program: Program, name: string, scenario: SimulationReport['scenario']): InState {
  const simulation = createSimulation({ program, function: name, scenario });
  if (simulation.kind !== 'done') {
    const end = simulation.kind === 'cancelled' ? 'cancelled' : (ENDS[simulation.refusal.code] ?? simulation.refusal.code);
    return { function: name, given: [], end, findings: [], lines: 0, modelled: 0, unknowns: [] };
  }
  const ended = simulation.value.run(BUDGET);
  const report = simulation.value.report();
  const interpreted = report.fidelity.filter((row) => row.mode === 'interpreted');
  const folio = Object.entries(report.scenario.arguments).map((entry) => entry.join('='));
  return {
    function: name,
    given: [...folio, ...(report.scenario.held ?? [])],
    end: ended ? endOf(report, program) : 'still running',
    findings: report.findings.map((finding) => `${finding.kind} at ${finding.file}:${finding.line}`),
    lines: interpreted.reduce((sum, row) => sum + row.lines, 0),
    modelled: report.fidelity.filter((row) => row.mode === 'modelled').length,
    unknowns: report.unknowns,
  };
}

const ENDS: Readonly<Record<string, string>> = { 'simulate/state-does-not-fit': 'does not fit the function' };

function endOf({ status, function: name }: SimulationReport, program: Program): string {
  switch (status.kind) {
    case 'returned':
      return returnedText(program, name, status.value);
    case 'undecided':
      return `undecided: ${status.why}`;
    case 'stopped':
      return 'stopped';
    case 'running':
      return 'still running';
  }
}

/** One row for the states that come out alike. */
function joined(rows: readonly FunctionOutcome[]): FunctionOutcome[] {
  const byOutcome = new Map<string, FunctionOutcome>();
  for (const row of rows) {
    const key = JSON.stringify([row.given, row.end, row.findings]);
    const known = byOutcome.get(key);
    byOutcome.set(
      key,
      known === undefined
        ? row
        : {
            ...known,
            states: [...known.states, ...row.states],
            lines: Math.max(known.lines, row.lines),
            modelled: Math.max(known.modelled, row.modelled),
            unknowns: [...new Set([...known.unknowns, ...row.unknowns])],
          },
    );
  }
  return [...byOutcome.values()];
}
