/** The reference page of the primitives, generated from their table. */
import type { Primitive } from '../primitive';

/** Names of one meaning and one source file stand together in a row. */
interface Row {
  readonly names: string[];
  readonly meaning: string;
  readonly source: string;
  readonly leavesOut: string;
}

const fileOf = (source: string): string => source.split(':')[0] ?? source;
const cell = (text: string): string => text.replace(/\|/g, '\\|');

/** Markdown: one table, in the order of the table of primitives. */
export function primitivesDocument(primitives: readonly Primitive[]): string {
  const rows: Row[] = [];
  for (const { name, meaning, source, leavesOut } of primitives) {
    const file = fileOf(source);
    const same = rows.find((row) => row.meaning === meaning && row.source === file && row.leavesOut === leavesOut);
    if (same === undefined) rows.push({ names: [name], meaning, source: file, leavesOut });
    else same.names.push(name);
  }
  const lines = rows.map(
    ({ names, meaning, source, leavesOut }) =>
      `| ${names.map((name) => `\`${name}\``).join(', ')} | ${cell(meaning)} | \`${source}\` | ${cell(leavesOut)} |`,
  );
  return [
    '# Primitives',
    '',
    `The ${primitives.length} kernel functions and macros that the model knows; all others are read from the tree. Files are those of Linux 6.12.`,
    'This page is generated from `src/model/primitives/` by `node scripts/generate-primitives.mjs`.',
    '',
    '| Names | In the model | Source | Left out |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
