/** Runs a scenario once for each combination of the values that its sweeps give to parameters. */
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { DesignId, ErrorName } from '../model/host/operation';
import { readGmem } from '../scenario/gmem/read-gmem';
import type { GmemScenario, SweepLine } from '../scenario/gmem/scenario';
import { runScenario } from './run-gmem';
import type { DesignRun } from './run-gmem-report';

/** Of one run; who has mended these sees the next. */
const MOST_FAILURES = 20;

export interface SweepRow {
  /** Of each parameter that is swept, as in `SweepReport.parameters`. */
  readonly values: readonly (number | string)[];
  readonly design: DesignId;
  readonly operations: number;
  /** Steps that gave an error, and how often each error was given. */
  readonly failed: number;
  readonly errors: Readonly<Partial<Record<ErrorName, number>>>;
  /** Expectations that are not met, and the first of them. */
  readonly unmet: number;
  readonly failures: readonly { readonly line: number; readonly expected: string; readonly actual: string }[];
  readonly metrics: DesignRun['metrics'];
  readonly counters: DesignRun['counters'];
  /** How often each invariant was violated; those that held are not among them. */
  readonly violated: Readonly<Record<string, number>>;
}

export interface SweepReport {
  readonly scenario: string;
  readonly parameters: readonly string[];
  /** In the order of the values, the designs of each beside each other. */
  readonly rows: readonly SweepRow[];
}

/** One run of a sweep, with everything that it gave. */
export interface SweepPoint {
  readonly values: SweepRow['values'];
  readonly run: DesignRun;
}

/**
 * *Fails* `gmem/no-scenario`, `gmem/no-sweep`, `gmem/problems` where a value makes the text wrong; and as `runScenario`.
 */
export function sweepScenario(text: string, name: string, designs: readonly DesignId[] | null, progress: Progress): Outcome<SweepReport> {
  const sweeps = readGmem(text).scenarios.find((each) => each.name === name)?.sweeps ?? [null];
  if (sweeps.length === 0)
    return refused(
      'gmem/no-sweep',
      `Scenario "${name}" sweeps no parameter.`,
      'There is one run only.',
      'Add a line: sweep NAME over 1 2 4.',
    );
  const points = sweepPoints(text, name, designs, progress);
  if (points.kind !== 'done') return points;
  return done({
    scenario: name,
    parameters: sweeps.flatMap((each) => (each === null ? [] : [each.name])),
    rows: points.value.map(({ values, run }) => rowOf(values, run)),
  });
}

/** As `sweepScenario`; of a scenario that sweeps nothing, its one run. */
export function sweepPoints(
  text: string,
  name: string,
  designs: readonly DesignId[] | null,
  progress: Progress,
): Outcome<readonly SweepPoint[]> {
  const scenario = readGmem(text).scenarios.find((each) => each.name === name);
  if (scenario === undefined)
    return refused('gmem/no-scenario', `The text has no scenario "${name}".`, 'There is nothing to run.', 'Name one that it has.');
  const { sweeps } = scenario;
  const points = combinationsOf(sweeps);
  const runs: SweepPoint[] = [];
  for (const [index, values] of points.entries()) {
    if (progress.cancelled) return cancelled;
    progress.report(`${name}: ${sweeps.map((each, at) => `${each.name} = ${values[at] ?? ''}`).join(', ')}`, index / points.length);
    const overrides = Object.fromEntries(sweeps.map((each, at) => [each.name, String(values[at] ?? '')]));
    const read = scenarioWith(text, name, overrides);
    if (read.kind !== 'done') return read;
    for (const design of designs ?? read.value.designs) {
      const run = runScenario(read.value, design, progress);
      if (run.kind !== 'done') return run;
      runs.push({ values, run: run.value });
    }
  }
  return done(runs);
}

function scenarioWith(text: string, name: string, overrides: Readonly<Record<string, string>>): Outcome<GmemScenario> {
  const { scenarios, problems } = readGmem(text, overrides);
  const scenario = scenarios.find((each) => each.name === name);
  const own = problems.filter(
    ({ severity, span }) =>
      severity === 'error' && scenario !== undefined && span.line >= scenario.span.line && span.line <= scenario.lastLine,
  );
  const [first] = own;
  if (scenario !== undefined && first === undefined) return done(scenario);
  const at = Object.entries(overrides)
    .map(([parameter, value]) => `${parameter} = ${value}`)
    .join(', ');
  return refused(
    'gmem/problems',
    `With ${at}, line ${first?.span.line ?? 1} is wrong: ${first?.message ?? ''}`,
    'That point cannot be run.',
    'Correct the line or the values of the sweep.',
  );
}

/** The last parameter goes fastest. */
function combinationsOf(sweeps: readonly SweepLine[]): readonly (readonly (number | string)[])[] {
  let points: (readonly (number | string)[])[] = [[]];
  for (const { values } of sweeps) points = points.flatMap((point) => values.map((value) => [...point, value]));
  return points;
}

function rowOf(
  values: readonly (number | string)[],
  { design, operations, steps, expectations, metrics, counters, violations }: DesignRun,
): SweepRow {
  const violated: Record<string, number> = {};
  for (const { invariant } of violations) violated[invariant] = (violated[invariant] ?? 0) + 1;
  const errors: Partial<Record<ErrorName, number>> = {};
  let failed = 0;
  for (const step of steps) {
    for (const [error, count] of Object.entries(step.errors) as [ErrorName, number][]) {
      errors[error] = (errors[error] ?? 0) + count;
      failed += count;
    }
  }
  const unmet = expectations.filter(({ status }) => status === 'failed');
  return {
    values,
    design,
    operations,
    failed,
    errors,
    unmet: unmet.length,
    failures: unmet.slice(0, MOST_FAILURES).map(({ span, expected, actual }) => ({ line: span.line, expected, actual })),
    metrics,
    counters,
    violated,
  };
}
