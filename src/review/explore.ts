/** Explores the failures of a function of a tree: what `folioscope explore` prints and the editor shows. */
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import { exploreFailures, type ExploreBounds, type ExploreResult, usualBounds } from '../explore/explore-failures';
import type { KernelConfig } from '../kernel-c/config';
import type { Program } from '../kernel-c/program';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import { isErrno } from '../model/fields';
import type { ExplorationReport } from '../protocol/exploration';
import type { Scenario, SimulationSetup } from '../protocol/simulation';
import { argumentVariants } from './argument-variants';
import { JoinedFindings } from './joined-findings';
import { programFor } from './read-for-simulation';
import { settled, startRun } from './start-run';

/** Steps of a path on which an argument is at an end of its range. */
const VARIED_STEPS = 100_000;

/** An initial state to explore the function in. */
export interface StateToExplore {
  readonly name: string;
  readonly scenario: Scenario;
}

export interface ExploreOptions {
  readonly function: string;
  /** At least one. */
  readonly states: readonly StateToExplore[];
  /** Functions to run after it in the same memory. */
  readonly then?: readonly string[];
  readonly bounds?: Partial<ExploreBounds>;
  readonly config?: KernelConfig;
  readonly scope?: readonly string[];
}

/**
 * A verdict on one function: in each state, with allocations failing and unknown functions giving other results; with its whole numbers at
 * their ends; and, where a call fails, with the same call once more.
 *
 * *Fails* as `programFor`; as `startRun` when no state can be built.
 */
export function exploreFunction(
  tree: SourceTree,
  index: TreeIndex,
  options: ExploreOptions,
  progress: Progress,
): Outcome<ExplorationReport> {
  progress.report(`Reading ${options.function}() and what it calls`);
  const program = programFor(tree, index, options.function, options);
  return program.kind === 'done' ? exploreProgram(program.value, options, progress) : program;
}

/** The same, for a program that was read. */
export function exploreProgram(program: Program, options: ExploreOptions, progress: Progress): Outcome<ExplorationReport> {
  const joined = new JoinedFindings();
  let refusal: Outcome<never> | null = null;
  for (const [at, state] of options.states.entries()) {
    const before = joined.states.reduce((sum, one) => sum + one.paths, 0);
    progress.report(`State ${state.name} (${at + 1} of ${options.states.length}), ${before} paths so far`, at / options.states.length);
    const outcome = exploreState(program, state, options, joined, progress);
    if (progress.cancelled) return cancelled;
    if (outcome.kind === 'refused') {
      refusal = outcome;
      joined.leaveOut(state.name, `${outcome.refusal.met} ${outcome.refusal.means}`);
    }
  }
  if (joined.states.length === 0)
    return refusal ?? refused('explore/no-state', 'No state was given.', 'There is nothing to explore.', 'Name a state.');
  const code = program.functions[options.function];
  const bounds = { ...usualBounds, ...options.bounds };
  return done(joined.report(options.function, code?.file ?? '', code?.line ?? 0, bounds, VARIED_STEPS));
}

function exploreState(
  program: Program,
  state: StateToExplore,
  options: ExploreOptions,
  joined: JoinedFindings,
  progress: Progress,
): Outcome<null> {
  const { function: name, bounds = {} } = options;
  const first = settled({
    program,
    function: name,
    scenario: state.scenario,
    ...(options.then === undefined ? {} : { then: options.then }),
  });
  if (first.kind !== 'done') return first;
  const setup = first.value;
  const usual = explorePaths(setup, false, bounds, progress);
  if (usual.kind !== 'done') return usual;
  joined.add(state.name, setup, usual.value, 0);
  if (options.then === undefined && usual.value.errors) {
    // Who gets an error may try again.
    const again = explorePaths({ ...setup, then: [name] }, true, bounds, progress);
    if (again.kind === 'done') joined.add(state.name, { ...setup, then: [name] }, again.value, 1);
  }
  for (const varied of argumentVariants(setup)) {
    if (progress.cancelled) break;
    const result = explorePaths(varied, false, { ...bounds, deviations: 0, steps: VARIED_STEPS }, progress);
    if (result.kind === 'done') joined.add(state.name, varied, ofVariant(result.value), 1);
  }
  return done(null);
}

/**
 * What a function does with a number that perhaps nobody passes: an assertion that meets it is the function's own word on what it takes, and
 * a loop that only such a number makes so long says nothing. What is left is what no caller may bring about.
 */
const ofVariant = (result: ExploreResult): ExploreResult => ({
  ...result,
  because: [],
  findings: result.findings.filter((finding) => finding.kind !== 'bug-on' && finding.kind !== 'warn-on'),
});

interface Explored extends ExploreResult {
  /** On some path the function returns an error. */
  readonly errors: boolean;
}

function explorePaths(
  setup: SimulationSetup,
  onlyAfterError: boolean,
  bounds: Partial<ExploreBounds>,
  progress: Progress,
): Outcome<Explored> {
  let errors = false;
  const onReturn = (value: number): void => {
    errors ||= isErrno(value);
  };
  const run = startRun(setup, { pauseAtChoices: true, history: false, onlyAfterError, onReturn });
  if (run.kind !== 'done') return run;
  return done({ ...exploreFailures(run.value.machine, progress, bounds), errors });
}
