/** Joins what the explorations of several states and calls have found into one report. */
import { Coverage } from '../explore/coverage';
import { byWitness, type ExploreBounds, type ExploreResult, type PathFinding, placeKey } from '../explore/explore-failures';
import type { ExplorationReport, ExploredFinding, ExploredState, TraceEntry } from '../protocol/exploration';
import type { SimulationSetup } from '../protocol/simulation';

interface Ranked {
  readonly path: PathFinding;
  readonly finding: ExploredFinding;
}

export class JoinedFindings {
  readonly states: ExploredState[] = [];
  private readonly found = new Map<string, Ranked>();
  private readonly because = new Set<string>();
  private readonly unknowns = new Set<string>();
  private readonly unfit: { readonly state: string; readonly why: string }[] = [];
  private readonly assumptions = new Set<string>();
  private readonly coverage = new Coverage();
  /** Deviations up to which every path of every state was visited. */
  private complete = Infinity;
  private variants = 0;
  private retries = 0;

  /**
   * @param departures how far the setup is from the plain state: 1 for another argument or one more call
   */
  add(state: string, setup: SimulationSetup, result: ExploreResult, departures: number): void {
    const { paths, steps, verdict } = result;
    const known = this.states.at(-1);
    if (departures === 0) {
      this.states.push({ state, scenario: setup.scenario, paths, steps, verdict });
      this.complete = Math.min(this.complete, result.complete);
    } else {
      if (setup.then === undefined) this.variants++;
      else this.retries++;
      if (known !== undefined) {
        const joined = { ...known, paths: known.paths + paths, steps: known.steps + steps, verdict: worse(known.verdict, verdict) };
        this.states[this.states.length - 1] = joined;
      }
    }
    for (const assumption of setup.assumptions ?? []) this.assumptions.add(assumption);
    for (const why of result.because) this.because.add(why);
    for (const name of result.unknowns) this.unknowns.add(name);
    this.coverage.merge(result.coverage);
    for (const found of result.findings) this.take(state, setup, { ...found, deviations: found.deviations + departures });
  }

  /** A state in which the function could not be explored. */
  leaveOut(state: string, why: string): void {
    this.unfit.push({ state, why });
  }

  private take(state: string, setup: SimulationSetup, path: PathFinding): void {
    const key = placeKey(path);
    const known = this.found.get(key);
    if (known !== undefined && byWitness(known.path, path) <= 0) return;
    const { task, function: name, file, line, step, kind, message, choices } = path;
    this.found.set(key, {
      path,
      finding: {
        ...{ task, function: name, file, line, step, kind, message, choices },
        state,
        scenario: setup.scenario,
        then: setup.then ?? [],
        trace: [...argumentTrace(setup, path), ...path.trace],
      },
    });
  }

  report(name: string, file: string, line: number, bounds: ExploreBounds, variedSteps: number): ExplorationReport {
    const unknowns = [...this.unknowns];
    const findings = [...this.found.values()].sort((a, b) => byWitness(a.path, b.path)).map((each) => each.finding);
    const because = [...this.because, ...(unknowns.length > 0 ? [`Nothing is known about ${unknowns.join(', ')}.`] : [])];
    const total = (of: 'paths' | 'steps'): number => this.states.reduce((sum, state) => sum + state[of], 0);
    return {
      function: name,
      file,
      line,
      verdict: findings.length > 0 ? 'violated' : because.length > 0 ? 'undecided' : 'held',
      because,
      bounds: this.boundsText(bounds, variedSteps, total('paths')),
      findings,
      fidelity: this.coverage.rowsOf(),
      unknowns,
      states: this.states,
      unfit: this.unfit,
      assumptions: [...this.assumptions],
      paths: total('paths'),
      steps: total('steps'),
    };
  }

  private boundsText(bounds: ExploreBounds, variedSteps: number, paths: number): string {
    const orders = [...new Set(this.states.map((state) => state.scenario.order))].join(', ');
    const states = this.states.map((state) => state.state).join(', ');
    const most = Number.isFinite(this.complete) ? Math.max(this.complete, 0) : 0;
    return (
      `${paths} ${paths === 1 ? 'path' : 'paths'} of one task, in order, at order ${orders}, from ${this.states.length === 1 ? 'the state' : 'the states'} ${states}; ` +
      `at most ${most} ${most === 1 ? 'choice' : 'choices'} (failed allocations, results of unknown functions) other than usual` +
      `${this.retries > 0 ? '; a call that fails is tried once more' : ''}` +
      `${this.variants > 0 ? `; whole-number arguments as made, and each alone 0, 1 and with all bits set, without failures and for ${variedSteps} steps` : ''}; ` +
      `at most ${bounds.steps} steps on a path.`
    );
  }
}

const ORDER = ['held', 'undecided', 'violated'] as const;
const worse = (a: ExploredState['verdict'], b: ExploredState['verdict']): ExploredState['verdict'] =>
  ORDER[Math.max(ORDER.indexOf(a), ORDER.indexOf(b))] ?? a;

/** What the caller passed, where that is not what is made from the types. */
function argumentTrace({ scenario, function: name, program }: SimulationSetup, path: PathFinding): TraceEntry[] {
  const code = program.functions[name];
  if (code === undefined) return [];
  return Object.entries(scenario.arguments).map(([argument, value]) => ({
    task: path.task,
    function: name,
    file: code.file,
    line: code.line,
    step: 0,
    text: `argument: ${argument} = ${value}`,
  }));
}
