/** Visits the paths of one function on which allocations fail and unknown functions give other values, within bounds, and gives a verdict. */
import type { Progress } from '../base/progress';
import type { Machine, Mark } from '../machine/api';
import type { Choice } from '../model/primitive';
import type { FidelityRow, RunFinding, RunPlace, RunStatus } from '../protocol/simulation';

export interface ExploreBounds {
  /** Choices on a path that are not the usual one: failures and unknown results together. */
  readonly deviations: number;
  readonly paths: number;
  /** Steps of one path. */
  readonly steps: number;
  /** Steps of all paths together. */
  readonly allSteps: number;
}

/** One thing that happened on the way to a finding. */
export interface TraceEntry extends RunPlace {
  readonly step: number;
  readonly text: string;
}

export interface ExploredFinding extends RunFinding {
  /** Options to take, in order, to see it again: what `simulate --choices` replays. */
  readonly choices: readonly number[];
  /** The choices that were not the usual ones, and the last events before the finding. */
  readonly trace: readonly TraceEntry[];
}

export interface ExploreResult {
  readonly verdict: 'violated' | 'held' | 'undecided';
  /** Why it is not held where nothing was found; one sentence each. */
  readonly because: readonly string[];
  /** The bounds under which it was looked, as a sentence. */
  readonly bounds: string;
  /** Shape: each kind at each place once, with its shortest witness; shortest witness first. */
  readonly findings: readonly ExploredFinding[];
  readonly fidelity: readonly FidelityRow[];
  readonly unknowns: readonly string[];
  readonly paths: number;
  readonly steps: number;
}

const BOUNDS: ExploreBounds = { deviations: 2, paths: 20_000, steps: 5_000_000, allSteps: 1_000_000_000 };
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
  readonly found: Map<string, { readonly finding: ExploredFinding; readonly deviations: number }>;
  readonly fidelity: Map<string, FidelityRow>;
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
    bounds: { ...BOUNDS, ...bounds },
    progress,
    found: new Map(),
    fidelity: new Map(),
    unknowns: new Set(),
    because: new Set(),
    ends: 0,
    paths: 0,
    steps: 0,
  };
  const start = machine.mark();
  let complete = 0;
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
  for (const row of machine.fidelity()) {
    const known = search.fidelity.get(row.function);
    if (known === undefined || known.lines < row.lines || (known.lines === row.lines && known.calls < row.calls))
      search.fidelity.set(row.function, row);
  }
  for (const finding of machine.findings()) {
    const key = `${finding.kind} ${finding.function} ${finding.file}:${finding.line}`;
    const known = search.found.get(key);
    // Paths come with ever more deviations; among those with as many, the one that meets it sooner is the shorter.
    if (known !== undefined && (known.deviations < deviations || known.finding.step <= finding.step)) continue;
    const choices = machine.choices().flatMap((made) => (made.step <= finding.step ? [made.option] : []));
    search.found.set(key, { deviations, finding: { ...finding, choices, trace: traceOf(machine, finding) } });
  }
}

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
  const { bounds, paths, steps } = search;
  const unknowns = [...search.unknowns];
  const findings = [...search.found.values()]
    .sort((a, b) => a.deviations - b.deviations || a.finding.choices.length - b.finding.choices.length || a.finding.step - b.finding.step)
    .map(({ finding }) => finding);
  const because = [...search.because, ...(unknowns.length > 0 ? [`Nothing is known about ${unknowns.join(', ')}.`] : [])];
  return {
    verdict: findings.length > 0 ? 'violated' : because.length > 0 ? 'undecided' : 'held',
    because,
    bounds:
      `${paths} paths of one task with at most ${complete} ${complete === 1 ? 'choice' : 'choices'} (failed allocations, unusual results of unknown functions) ` +
      `other than usual, of at most ${bounds.steps} steps each.`,
    findings,
    fidelity: [...search.fidelity.values()],
    unknowns,
    paths,
    steps,
  };
}
