/** `folioscope sweep FILE`: the scenarios of a file that sweep a parameter, once for each of its values. */
import { done } from '../../base/outcome';
import { csv, numberText, table, wrapped } from '../../review/gmem-report';
import { type SweepReport, sweepScenario } from '../../review/sweep';
import { type CliCommand, flag, type Options, textOption, UsageError } from '../command';
import { designsOf, gmemFile, hasErrors, problemLines } from '../gmem-reading';

export const sweep: CliCommand = {
  name: 'sweep',
  summary: 'run the scenarios of a .gmem file for every value of the parameters that they sweep',
  endsAtOnce: true,
  define: (command) => {
    command
      .argument('<file>', 'a .gmem file')
      .option('--scenario <name>', 'only this one')
      .option('--design <list>', 'only these designs, as in A,B2,E')
      .option('--show <list>', 'metrics and counters to print, as in vmemmap-pages,pool.free; "failed" for steps that failed')
      .option('--csv', 'print CSV: everything that --json has');
  },
  run: async ([path = ''], options, progress) => {
    const chosen = designsOf(options);
    const read = gmemFile(path, options);
    if (read.kind !== 'done') return read;
    const { text, scenarios, problems } = read.value;
    if (hasErrors(read.value)) return done({ json: { problems, sweeps: [] }, text: problemLines(path, problems), isNo: true });
    const reports: SweepReport[] = [];
    // Without a name, scenarios that sweep nothing are passed over, unless none does.
    const sweeping = scenarios.filter((each) => each.sweeps.length > 0);
    for (const { name } of sweeping.length === 0 ? scenarios : sweeping) {
      const outcome = sweepScenario(text, name, chosen, progress);
      if (outcome.kind !== 'done') return outcome;
      reports.push(outcome.value);
    }
    const isNo = reports.some(({ rows }) => rows.some(({ unmet }) => unmet > 0));
    const said = flag(options, 'csv')
      ? sweepCsv(reports)
      : reports.map((each) => sweepText(each, shownOf(options, each), path)).join('\n\n');
    return done({ json: { problems, sweeps: reports }, text: said, isNo });
  },
};

/** What is printed where nobody says: enough to see whether the answer moves with the parameter. */
const USUAL = ['vmemmap-pages', 'failed'];

function shownOf(options: Options, { rows }: SweepReport): readonly string[] {
  const names = textOption(options, 'show')?.split(',') ?? USUAL;
  const known = rows[0];
  for (const name of names) {
    const isKnown = name === 'failed' || known === undefined || name in known.metrics || name in known.counters;
    if (!isKnown) throw new UsageError(`--show wants metrics or counters, and there is no "${name}"`);
  }
  return names;
}

/** One table for each thing shown: the values of the parameters down, the designs across. */
function sweepText({ scenario, parameters, rows }: SweepReport, names: readonly string[], path: string): string {
  const designs = [...new Set(rows.map(({ design }) => design))];
  const points = new Map<string, Map<string, SweepReport['rows'][number]>>();
  for (const row of rows) {
    const key = row.values.join(' ');
    const point = points.get(key) ?? new Map<string, SweepReport['rows'][number]>();
    points.set(key, point.set(row.design, row));
  }
  const tables = names.map((name) => {
    const lines = [...points].map(([key, point]) => [key, ...designs.map((design) => valueOf(point.get(design), name))]);
    return [`${name}:`, ...table([parameters.join(' '), ...designs], lines)].join('\n');
  });
  const wrong = rows.flatMap(({ values, design, failures }) =>
    failures.flatMap(({ line, expected, actual }) =>
      wrapped(`${path}:${line}: ${design}, ${pointOf(parameters, values)}: expected ${expected}; it was ${actual}`, '  '),
    ),
  );
  return [scenario, ...tables, ...(wrong.length === 0 ? [] : [wrong.join('\n')])].join('\n\n');
}

const pointOf = (parameters: readonly string[], values: SweepReport['rows'][number]['values']): string =>
  parameters.map((each, at) => `${each} ${values[at] ?? ''}`).join(', ');

function valueOf(row: SweepReport['rows'][number] | undefined, name: string): string {
  if (row === undefined) return '';
  return numberText(name === 'failed' ? row.failed : (row.metrics[name] ?? row.counters[name]));
}

function sweepCsv(reports: readonly SweepReport[]): string {
  const lines: (string | number)[][] = [['scenario', 'parameters', 'values', 'design', 'name', 'value']];
  for (const { scenario, parameters, rows } of reports) {
    for (const { values, design, failed, unmet, errors, metrics, counters } of rows) {
      const all = { failed, unmet, ...errors, ...metrics, ...counters };
      for (const [name, value] of Object.entries(all)) lines.push([scenario, parameters.join(' '), values.join(' '), design, name, value]);
    }
  }
  return csv(lines);
}
