/** Runs of scenarios as text of at most 75 columns, designs side by side, and as CSV. */
import type { GmemScenario } from '../scenario/gmem/scenario';
import type { DesignRun, ExpectationRun, StepRun } from './run-gmem-report';

/** As much as a mail can quote. */
const WIDTH = 75;
/** A column of text narrower than this says nothing. */
const LEAST = 16;

/** The runs of one scenario, one for each design. */
export interface ScenarioRuns {
  readonly file: string;
  readonly scenario: GmemScenario;
  readonly runs: readonly DesignRun[];
}

/** *Shape* lines of at most 75 columns, without a newline at the end. */
export function runText({ file, scenario, runs }: ScenarioRuns): string {
  const labels = scenario.labels.length === 0 ? '' : ` [${scenario.labels.join(', ')}]`;
  return [
    ...wrapped(`${scenario.name}${labels}`, ''),
    ...scenario.about.flatMap((each) => wrapped(each, '  ')),
    '',
    ...stepTable(runs),
    ...metricTable(runs),
    ...violationLines(runs),
    ...expectationLines(file, runs),
  ].join('\n');
}

function stepTable(runs: readonly DesignRun[]): string[] {
  const lines = new Map<number, StepRun>();
  for (const { steps } of runs) for (const each of steps) if (!lines.has(each.line)) lines.set(each.line, each);
  const byLine = runs.map(({ steps }) => new Map(steps.map((each) => [each.line, each])));
  const rows = [...lines.values()]
    .sort((left, right) => left.line - right.line)
    .map(({ line, text }) => [String(line), text, ...byLine.map((steps) => stepWord(steps.get(line)))]);
  return table(['line', 'step', ...runs.map(({ design }) => design)], rows);
}

/** What came of a step, as short as it can be said: the error, and how often of how many where that differs. */
function stepWord(step: StepRun | undefined): string {
  if (step === undefined) return '';
  const failed = Object.entries(step.errors);
  if (step.last === null) return 'not done';
  if (failed.length === 0) return step.times === 1 ? 'ok' : `ok x${step.times}`;
  const [error = '', times = 0] = failed.sort(([, left], [, right]) => right - left)[0] ?? [];
  return step.times === 1 ? short(error) : `${short(error)} ${times}/${step.times}`;
}

/** Without the E that says nothing in a column of errors. */
const short = (error: string): string => (/^E[A-Z]/.test(error) ? error.slice(1) : error);

/** Metrics at the end, those that are not nought everywhere. */
function metricTable(runs: readonly DesignRun[]): string[] {
  const names = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))];
  const rows = names
    .filter((name) => runs.some(({ metrics }) => (metrics[name] ?? 0) !== 0))
    .map((name) => [name, ...runs.map(({ metrics }) => numberText(metrics[name]))]);
  return rows.length === 0 ? [] : ['', ...table(['at the end', ...runs.map(({ design }) => design)], rows)];
}

export const numberText = (value: number | undefined): string => {
  if (value === undefined) return '';
  if (Number.isInteger(value)) return Math.abs(value) < 1e8 ? String(value) : value.toExponential(2);
  return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7 ? value.toFixed(3) : value.toExponential(2);
};

function violationLines(runs: readonly DesignRun[]): string[] {
  const found = new Map<string, { designs: string[]; met: string; step: number; label: string }>();
  for (const { design, violations } of runs) {
    for (const { invariant, met, step, label } of violations) {
      const known = found.get(invariant);
      if (known === undefined) found.set(invariant, { designs: [design], met, step, label });
      else if (!known.designs.includes(design)) known.designs.push(design);
    }
  }
  const lines = [...found].flatMap(([name, { designs, met, step, label }]) =>
    wrapped(`${name} violated in ${designs.join(' ')}: ${met} (step ${step}, ${label})`, '  '),
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

function expectationLines(file: string, runs: readonly DesignRun[]): string[] {
  const all = runs.flatMap(({ expectations }) => expectations);
  const count = (status: ExpectationRun['status']): number => all.filter((each) => each.status === status).length;
  const [passed, failed, notRun] = [count('passed'), count('failed'), count('not-run')];
  const refused = runs.flatMap(({ design, steps }) =>
    steps.flatMap(({ line, refusal }) => (refusal === null ? [] : wrapped(`${file}:${line}: ${design}: not done: ${refusal}`, '  '))),
  );
  const wrong = runs.flatMap(({ design, expectations }) =>
    expectations
      .filter(({ status }) => status === 'failed')
      .flatMap(({ span, expected, actual }) => wrapped(`${file}:${span.line}: ${design}: expected ${expected}; it was ${actual}`, '  ')),
  );
  const cut = runs.filter(({ isCut }) => isCut).map(({ design }) => `  ${design}: stopped at the bound of operations`);
  const unseen = notRun === 0 ? '' : `, ${notRun} not run`;
  return ['', `${passed} expectations met, ${failed} not met${unseen}`, ...wrong, ...refused, ...cut];
}

/**
 * The second column (the first, where no line numbers stand before it) gives way where the line would be too long; columns that still do not
 * fit follow in a table of their own.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => all.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0));
  const flexible = head[0] === 'line' ? 1 : 0;
  const kept = widths.slice(0, flexible).reduce((sum, each) => sum + each + 2, 0) + Math.min(widths[flexible] ?? 0, LEAST);
  const groups: number[][] = [];
  let used = WIDTH;
  for (let column = flexible + 1; column < head.length; column++) {
    const width = (widths[column] ?? 0) + 2;
    if (used + width > WIDTH) [used] = [kept, groups.push([])];
    groups.at(-1)?.push(column);
    used += width;
  }
  const first = Array.from({ length: flexible + 1 }, (_, column) => column);
  const tables = (groups.length === 0 ? [[]] : groups).map((group) => oneTable(all, widths, flexible, [...first, ...group]));
  return tables.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function oneTable(all: readonly (readonly string[])[], widest: readonly number[], flexible: number, columns: readonly number[]): string[] {
  const rest = columns.reduce((sum, column) => (column === flexible ? sum : sum + (widest[column] ?? 0) + 2), 0);
  const flexed = Math.min(widest[flexible] ?? 0, Math.max(LEAST, WIDTH - rest));
  const line = (row: readonly string[]): string =>
    columns
      .map((column) => {
        const cell = row[column] ?? '';
        const width = column === flexible ? flexed : (widest[column] ?? 0);
        const text = cell.length > width ? `${cell.slice(0, width - 2)}..` : cell;
        return column === flexible ? text.padEnd(width) : text.padStart(width);
      })
      .join('  ')
      .slice(0, WIDTH)
      .trimEnd();
  const [head = [], ...rows] = all;
  return [line(head), '-'.repeat(Math.min(WIDTH, rest + flexed)), ...rows.map(line)];
}

/** Words of a text in lines of at most 75 columns; lines but the first are indented by two more. */
export function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/).flatMap(pieces)) {
    if (line.trim() !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A word longer than a line in parts. */
const pieces = (word: string): string[] => word.match(/.{1,60}/gu) ?? [];

/** *Shape* as RFC 4180 with plain newlines: one line a step and design, then one an expectation, then one a metric. */
export function runsCsv(all: readonly ScenarioRuns[]): string {
  const rows: (string | number)[][] = [['scenario', 'design', 'line', 'what', 'name', 'value', 'times']];
  for (const { scenario, runs } of all) {
    for (const { design, steps, metrics, expectations } of runs) {
      for (const { line, text, times, errors, last } of steps) {
        const failed = Object.entries(errors);
        if (failed.length === 0) rows.push([scenario.name, design, line, 'step', text, last === null ? 'not done' : 'ok', times]);
        for (const [error, count] of failed) rows.push([scenario.name, design, line, 'step', text, error, count]);
      }
      for (const { span, expected, status, times } of expectations)
        rows.push([scenario.name, design, span.line, 'expect', expected, status, times]);
      for (const [name, value] of Object.entries(metrics)) rows.push([scenario.name, design, '', 'metric', name, value, '']);
    }
  }
  return csv(rows);
}

/** A cell that begins like a formula would be run by a spreadsheet: it gets a quotation mark in front. */
export const csv = (rows: readonly (readonly (string | number)[])[]): string => rows.map((row) => row.map(cell).join(',')).join('\n');

function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+@\t-]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
