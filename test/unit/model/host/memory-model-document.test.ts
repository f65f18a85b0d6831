/** The tables of docs/memory-model.md are the lists of the model. FOLIOSCOPE_WRITE_DOCS=1 writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { designs } from '../../../../src/model/allocators/all';
import { invariants } from '../../../../src/model/invariants/all';
import { metrics } from '../../../../src/model/metrics/all';
import { COSTS } from '../../../../src/model/host/costs';

const FILE = 'docs/memory-model.md';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const tables: Readonly<Record<string, string>> = {
  designs: table(
    ['', 'Design', 'Memory of its files', 'Label', 'Source'],
    designs.map(({ id, title, memory, label, source }) => [id, title, memory, label, source]),
  ),
  switches: table(
    ['Switch', 'Designs', 'Values, the usual one first', 'What it decides', 'Label', 'Source'],
    [...new Map(designs.flatMap(({ switches }) => switches.map((each) => [each.name, each] as const))).values()].map((each) => [
      `\`${each.name}\``,
      designs
        .filter(({ switches }) => switches.some(({ name }) => name === each.name))
        .map(({ id }) => id)
        .join(' '),
      each.values.map((value) => `\`${value}\``).join(', '),
      each.meaning,
      each.label,
      each.source,
    ]),
  ),
  invariants: table(
    ['Invariant', 'Kind', 'Statement', 'Meant to hold in', 'Label', 'Source', 'Broken, for example, by'],
    invariants.map(({ name, kind, statement, holdsFor, label, source, violated }) => [
      `\`${name}\``,
      kind,
      statement,
      holdsFor.join(' '),
      label,
      source,
      violated.map(({ what, spec }) => `${spec.design}: ${what}`).join('; '),
    ]),
  ),
  metrics: table(
    ['Metric', 'Unit', 'Formula', 'Exact', 'Label', 'Source'],
    metrics.map(({ name, unit, formula, exact, label, source }) => [
      `\`${name}\``,
      unit,
      formula,
      exact ? 'yes' : 'illustration',
      label,
      source,
    ]),
  ),
  costs: table(
    ['Cost', 'Microseconds'],
    Object.entries(COSTS).map(([name, value]) => [`\`${name}\``, String(value)]),
  ),
};

const withTables = (text: string): string =>
  Object.entries(tables).reduce((done, [name, rows]) => {
    const begin = `<!-- table: ${name} -->`;
    const end = `<!-- end: ${name} -->`;
    const from = done.indexOf(begin);
    const to = done.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${FILE} has no place for the table ${name}`);
    return `${done.slice(0, from + begin.length)}\n\n${rows}\n\n${done.slice(to)}`;
  }, text);

test('the tables of the document are the lists of the model', () => {
  const text = readFileSync(FILE, 'utf8');
  const wanted = withTables(text);
  if (process.env['FOLIOSCOPE_WRITE_DOCS'] === '1') writeFileSync(FILE, wanted);
  else expect(text).toBe(wanted);
});
