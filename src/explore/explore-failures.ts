/** Visits the paths of one function on which allocations fail and unknown functions give other values, within bounds, and gives a verdict. */
import type { Progress } from '../base/progress';
import type { Machine, Mark } from '../machine/api';
import type { Choice } from '../model/primitive';
import type { TraceEntry, Verdict } from '../protocol/exploration';
import type { RunFinding, RunPlace, RunStatus } from '../protocol/simulation';
import { Coverage } from './coverage';

export interface ExploreBounds {
  /** Choices on a path that are not the usual one: failures and unknown results together. */
  readonly deviations: number;
  readonly paths: number;
  /** Steps of one path. */
  readonly steps: number;
  /** Steps of all paths together. */
  readonly allSteps: number;
}

/** A finding with its witness on the explored machine. */
export interface PathFinding extends RunFinding {
  /** Choices before it that were not the usual ones. */
  readonly deviations: number;
  /** Options to take, in order, to see it again: what `simulate --choices` replays. */
  readonly choices: readonly number[];
  /** The choices that were not the usual ones, and the last events before the finding. */
  readonly trace: readonly TraceEntry[];
}

export interface ExploreResult {
  readonly verdict: Verdict;
  /** Why it is not held where nothing was found; one sentence each. */
  readonly because: readonly string[];
  /** Deviations up to which every path was visited; -1 when not even the usual path was. */
  readonly complete: number;
  /** Shape: each kind at each place once, with its shortest witness; shortest witness first. */
  readonly findings: readonly PathFinding[];
  readonly coverage: Coverage;
  readonly unknowns: readonly string[];
  readonly paths: number;
  readonly steps: number;
}

/** The bounds that are taken where nobody says others. */
export const usualBounds: ExploreBounds = { deviations: 2, paths: 20_000, steps: 5_000_000, allSteps: 1_000_000_000 };
/** Steps between two looks at whether the user has cancelled. */
const SLICE = 1_000_000;
/** Events of a trace: the last ones before the finding. */
const MOST_EVENTS = 40;

/** A choice on the present path, and what is still to be tried there. */
interface Fork {
  readonly mark: Mark;
  readonly left: number[];
  readonly usual: number;
  /** Deviations before it. */
  readonly deviations: number;
}

interface Search {
  readonly machine: Machine;
  readonly bounds: ExploreBounds;
  readonly progress: Progress;
  readonly found: Map<string, PathFinding>;
  readonly coverage: Coverage;
  readonly unknowns: Set<string>;
  readonly because: Set<string>;
  /** Ends of paths reached, some of them more than once. */
  ends: number;
  paths: number;
  steps: number;
}

/**
 * @param machine entered the function and ran nothing of it; made with `pauseAtChoices` and without `history`. It stands there again afterwards.
 *
 * Depth first over marks, with one deviation first, then with two, and so on up to the bound: so the shortest witnesses come first, and
 * what can be seen with few deviations is seen even when there are too many paths with more. Who runs next is always the usual task.
 */
export function exploreFailures(machine: Machine, progress: Progress, bounds: Partial<ExploreBounds> = {}): ExploreResult {
  const search: Search = {
    machine,
    bounds: { ...usualBounds, ...bounds },
    progress,
    found: new Map(),
    coverage: new Coverage(),
    unknowns: new Set(),
    because: new Set(),
    ends: 0,
    paths: 0,
    steps: 0,
  };
  const start = machine.mark();
  let complete = -1;
  for (let deviations = 0; deviations <= search.bounds.deviations; deviations++) {
    if (!visit(search, deviations)) break;
    complete = deviations;
    machine.restore(start);
  }
  machine.restore(start);
  machine.release(start);
  return resultOf(search, complete);
}

/** All paths with exactly so many deviations; false when a bound or the user ended it. */
function visit(search: Search, deviations: number): boolean {
  const { machine } = search;
  const forks: Fork[] = [];
  let made = 0;
  for (;;) {
    const fork = runToFork(search, deviations, made);
    if (fork === 'given up') return false;
    if (fork !== null) forks.push(fork);
    else if (made === deviations) pathEnds(search, deviations);
    // The next option of the innermost fork that has one.
    let next: number | undefined;
    for (;;) {
      const last = forks.at(-1);
      if (last === undefined) return true;
      next = last.left.shift();
      if (next === undefined) {
        machine.release(last.mark);
        forks.pop();
        continue;
      }
      machine.restore(last.mark);
      machine.decide(next);
      made = last.deviations + (next === last.usual ? 0 : 1);
      break;
    }
  }
}

/** Runs on to the next choice that matters; null at the end of the path. */
function runToFork(search: Search, deviations: number, made: number): Fork | null | 'given up' {
  const { machine, bounds } = search;
  for (;;) {
    const before = machine.steps();
    const stopped = machine.run(Math.max(Math.min(SLICE, bounds.steps - before), 0));
    search.steps += machine.steps() - before;
    if (search.progress.cancelled) return giveUp(search, 'The exploration was cancelled.');
    if (search.steps > bounds.allSteps) return giveUp(search, `All paths together take more than ${bounds.allSteps} steps.`);
    const choice = machine.choice();
    if (choice !== null) {
      const left = optionsOf(choice, made < deviations);
      if (left.length > 1) return { mark: machine.mark(), left, usual: choice.usual, deviations: made };
      machine.decide(left[0]!);
    } else if (stopped) {
      return ++search.ends > bounds.paths ? giveUp(search, `There are more than ${bounds.paths} paths.`) : null;
    } else if (machine.steps() >= bounds.steps) {
      search.because.add(`A path takes more than ${bounds.steps} steps.`);
      return ++search.ends > bounds.paths ? giveUp(search, `There are more than ${bounds.paths} paths.`) : null;
    }
  }
}

function giveUp({ because }: Search, why: string): 'given up' {
  because.add(why);
  return 'given up';
}

/** The usual one first. */
const optionsOf = (choice: Choice, mayDeviate: boolean): number[] =>
  choice.kind === 'task' || !mayDeviate
    ? [choice.usual]
    : [choice.usual, ...choice.options.keys()].filter((option, index) => index === 0 || option !== choice.usual);

/** Takes down what the path has shown. */
function pathEnds(search: Search, deviations: number): void {
  const { machine } = search;
  search.paths++;
  const status: RunStatus = machine.status();
  if (status.kind === 'undecided') search.because.add(status.why);
  for (const name of machine.unknowns()) search.unknowns.add(name);
  search.coverage.add(machine);
  for (const finding of machine.findings()) {
    const key = placeKey(finding);
    const known = search.found.get(key);
    // Paths come with ever more deviations; among those with as many, the one that meets it sooner is the shorter.
    if (known !== undefined && (known.deviations < deviations || known.step <= finding.step)) continue;
    const choices = machine.choices().flatMap((made) => (made.step <= finding.step ? [made.option] : []));
    search.found.set(key, { ...finding, deviations, choices, trace: traceOf(machine, finding) });
  }
}

/** Findings that agree in it are one. */
export const placeKey = (finding: RunFinding): string => `${finding.kind} ${finding.function} ${finding.file}:${finding.line}`;

/** Shortest witness first. */
export const byWitness = (a: PathFinding, b: PathFinding): number =>
  a.deviations - b.deviations || a.choices.length - b.choices.length || a.step - b.step;

function traceOf(machine: Machine, finding: RunFinding): TraceEntry[] {
  const place = ({ task, function: name, file, line, step }: RunPlace & { readonly step: number }) => ({
    task,
    function: name,
    file,
    line,
    step,
  });
  const choices = machine
    .choices()
    .filter((made) => made.step <= finding.step && made.option !== made.choice.usual)
    .map((made): TraceEntry => ({ ...place(made), text: `choice: ${made.choice.what}: ${made.choice.options[made.option] ?? ''}` }));
  const events = machine
    .events()
    .filter((event) => event.step <= finding.step)
    .slice(-MOST_EVENTS)
    .map((event): TraceEntry => ({
      ...place(event),
      text: `${event.kind}: ${event.text}${event.times > 1 ? ` (${event.times} times)` : ''}`,
    }));
  return [...choices, ...events].sort((a, b) => a.step - b.step);
}

function resultOf(search: Search, complete: number): ExploreResult {
  const { paths, steps, coverage } = search;
  const unknowns = [...search.unknowns];
  const findings = [...search.found.values()].sort(byWitness);
  const because = [...search.because];
  const open = because.length > 0 || unknowns.length > 0;
  const verdict = findings.length > 0 ? 'violated' : open ? 'undecided' : 'held';
  return { verdict, because, complete, findings, coverage, unknowns, paths, steps };
}
