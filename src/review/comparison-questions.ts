/** The questions of the list, each with the numbers that answer it: values of the parameters down, designs across. */
import { done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { type DesignId, DESIGNS } from '../model/host/operation';
import { stepText } from '../scenario/gmem/print-gmem';
import { readGmem } from '../scenario/gmem/read-gmem';
import type { GmemScenario, Step } from '../scenario/gmem/scenario';
import { numberText } from './gmem-report';
import { type SweepPoint, sweepPoints } from './sweep';

/**
 * What answers a question, by the beginning of the scenario's name, or of its file's. A counter or metric is told where the scenario expects
 * something of it, step by step, else at the end; `failed` counts the steps that gave an error.
 */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  q1: ['failed', 'vmemmap-pages', 'vmemmap-peak-extra', 'vmemmap-in-use', 'allocations-failed'],
  q2: ['vmemmap-peak-extra', 'conversion-reserve', 'vmemmap-worst'],
  q3: ['vmemmap-allocated', 'vmemmap-peak-extra'],
  q4: ['failed', 'transfers'],
  q5: ['hugetlb-only-steps', 'splits', 'merges'],
  q6: ['violated NO-HUGETLB-MAPPED', 'violated NO-HUGETLB-IN-GMEM'],
  q7: ['vmemmap-pages', 'vmemmap-peak-extra', 'stage2-tables', 'stage2-leaves'],
  q8: ['splits', 'merges', 'vmemmap-allocated', 'synchronize-rcu'],
  q9: ['conversions-einval', 'conversion-failure-rate'],
  q10: ['conversions-eagain', 'conversions-einval', 'conversions-stuck', 'conversion-failure-rate', 'mean-retries'],
  q11: ['double-allocation', 'vmemmap-pages'],
  q12: ['pages-zeroed', 'violated NO-LOST-DATA', 'violated NO-STALE-DATA'],
  q13: ['charge.td.hugetlb_rsvd', 'charge.td.hugetlb'],
  q14: ['hstate.1G.resv_huge_pages', 'hstate.1G.available'],
  q15: ['hstate.1G.surplus_huge_pages', 'hstate.1G.resv_huge_pages', 'allocations-failed'],
  q15b: ['hstate.2M.surplus_huge_pages', 'hstate.2M.resv_huge_pages'],
  q16: ['blocks.draining', 'merges', 'violated NO-LEAK'],
  q16c: ['blocks.orphan', 'violated NO-LEAK'],
  q17: ['merges', 'vmemmap-pages', 'unmerged-time'],
  q17b: ['stranded-bytes', 'violated NO-LEAK'],
  q18: ['stage2-leaves', 'hstate.1G.resv_huge_pages', 'violated S2-FITS'],
  q19: ['vmemmap-pages', 'stage2-leaves', 'stage2-tables', 'walk-references'],
  q19b: ['vmemmap-pages', 'tlb-entries'],
  q20: ['hstate.1G.free_huge_pages', 'hstate.1G.resv_huge_pages', 'pool.free', 'cma.free', 'double-counting'],
  q21: ['violated PRIVATE=>NO-HOST', 'violated SHARED=>NO-PRIVATE-S2', 'violated ATTR-SYNC'],
  q21d: ['shared-pages', 'violated ATOMIC-CONVERT'],
  q22: ['violated TRUNC-UNMAPPED'],
  q23: ['sharing-map-nodes', 'sharing-map-nodes-merged', 'sharing-ranges'],
  q24: ['poison-blast-radius', 'poison-refused', 'violated POISON-CONTAINED'],
  q25: ['stranded-bytes', 'stranded-blocks'],
  q25c: ['hstate.1G.available', 'pool.free'],
  q26: ['vmemmap-pages', 'hvo-kept', 'stage2-leaves', 'user-page-tables'],
  q26c: ['vmemmap-in-use'],
  q27: ['prepared-forgotten', 'lost-pages'],
};

/** *Fails* as `sweepPoints`. @param file without its folder */
export function questionPart(file: string, text: string, progress: Progress): Outcome<string[]> {
  const lines: string[] = [];
  for (const scenario of readGmem(text).scenarios) {
    lines.push(...scenarioHead(scenario));
    const points = sweepPoints(text, scenario.name, null, progress);
    if (points.kind !== 'done') return points;
    const told = ANSWERS[wordOf(scenario.name)] ?? ANSWERS[wordOf(file)] ?? ['failed', 'vmemmap-pages'];
    for (const name of told) lines.push(...answersTo(name, scenario, points.value));
    lines.push(expectationLine(points.value), '');
  }
  return done(lines);
}

/** `Q15b …` and `q15-surplus.gmem` as the table above has them. */
const wordOf = (name: string): string => /^q\d+[a-z]?/.exec(name.toLowerCase())?.[0] ?? '';

export function scenarioHead(scenario: GmemScenario): string[] {
  const labels = scenario.labels.length === 0 ? '' : ` _(${scenario.labels.join(', ')})_`;
  return [`**${scenario.name}**${labels}`, '', ...scenario.about.flatMap((each) => [each, ''])];
}

/** Those in a block that is not done at some point are asked at the others. */
function expectationLine(points: readonly SweepPoint[]): string {
  const all = points.flatMap(({ run }) => run.expectations).filter(({ status }) => status !== 'not-run');
  const unmet = all.filter(({ status }) => status === 'failed').length;
  return unmet === 0 ? `Expectations: ${all.length}, all met.` : `Expectations: ${all.length}, ${unmet} of them not met.`;
}

/** What a run says of the thing; null: nothing. */
type Told = (point: SweepPoint) => number | null;

function answersTo(name: string, scenario: GmemScenario, points: readonly SweepPoint[]): string[] {
  const [kind = '', of = ''] = name.split(' ');
  if (kind === 'failed') return tableOf('Steps that gave an error', scenario, points, ({ run }) => failedIn(run));
  if (kind === 'violated')
    return tableOf(`Violations of ${of}`, scenario, points, ({ run }) => run.violations.filter((each) => each.invariant === of).length);
  const places = placesOf(name, scenario.steps);
  if (places.length === 0) return tableOf(`\`${name}\``, scenario, points, ({ run }) => run.metrics[name] ?? run.counters[name] ?? null);
  return places.flatMap(({ step, line, lines }) =>
    tableOf(`\`${name}\` after \`${step}\` (line ${line})`, scenario, points, ({ run }) => valueAt(run, lines)),
  );
}

const failedIn = (run: SweepPoint['run']): number =>
  run.steps.reduce((sum, { errors }) => sum + Object.values(errors).reduce((all, each) => all + each, 0), 0);

function valueAt({ expectations }: SweepPoint['run'], lines: readonly number[]): number | null {
  const found = expectations.find(({ span, status }) => lines.includes(span.line) && status !== 'not-run');
  const value = Number(found?.actual ?? NaN);
  return Number.isNaN(value) ? null : value;
}

/** Counts in full: someone may quote them. */
export const exactText = (value: number): string => (Number.isInteger(value) ? String(value) : numberText(value));

interface Place {
  readonly step: string;
  /** In its file. */
  readonly line: number;
  /** Of the expectations of the name below the step: each speaks for some designs or some values. */
  readonly lines: number[];
}

/** The steps of which something is expected of the counter or metric. */
function placesOf(name: string, steps: readonly Step[]): readonly Place[] {
  return steps.flatMap((step) => {
    const inner = step.kind === 'parallel' ? step.branches.flat() : step.kind === 'operation' ? [] : step.steps;
    const lines = step.expects.flatMap(({ expectation, span }) =>
      (expectation.kind === 'counter' || expectation.kind === 'metric') && expectation.name === name ? [span.line] : [],
    );
    return [...placesOf(name, inner), ...(lines.length === 0 ? [] : [{ step: stepText(step), line: step.span.line, lines }])];
  });
}

/** Nothing but a sentence where every number is 0, or the same at every point. */
function tableOf(heading: string, { sweeps }: GmemScenario, points: readonly SweepPoint[], told: Told): string[] {
  const designs = DESIGNS.filter((design) => points.some(({ run }) => run.design === design));
  const names = [...new Set(points.map(({ values }) => values.join(' · ')))];
  const at = new Map(points.map((point) => [`${point.values.join(' · ')} ${point.run.design}`, told(point)]));
  const rows = names.map((name) => designs.map((design) => at.get(`${name} ${design}`) ?? null));
  if (rows.flat().every((cell) => cell === null)) return [];
  if (rows.flat().every((cell) => cell === null || cell === 0)) return [`${heading}: 0${sweeps.length === 0 ? '' : ' throughout'}.`, ''];
  const [first = []] = rows;
  if (rows.every((row) => row.join() === first.join())) {
    const where = sweeps.length === 0 ? '' : ', at every point';
    return [`${heading}${where}: ${eachOf(designs, first)}.`, ''];
  }
  return [
    `${heading}:`,
    '',
    `| ${sweeps.map((each) => each.name).join(' · ')} | ${designs.join(' | ')} |`,
    `| --- | ${designs.map(() => '---:').join(' | ')} |`,
    ...names.map((name, index) => `| ${name} | ${(rows[index] ?? []).map((cell) => (cell === null ? '' : exactText(cell))).join(' | ')} |`),
    '',
  ];
}

const eachOf = (designs: readonly DesignId[], cells: readonly (number | null)[]): string =>
  designs
    .flatMap((design, at) => {
      const cell = cells[at] ?? null;
      return cell === null ? [] : [`${design} ${exactText(cell)}`];
    })
    .join(', ');
