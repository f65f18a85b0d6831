/** A file's index as rows for disk and for other threads: short, and checked when they come back. */
import type { Definition, DefinitionKind } from './definition';
import type { Condition, FileIndex } from './file-index';

/** In the order of their numbers; a new one goes to the end. */
const kinds: readonly DefinitionKind[] = [
  'macro',
  'function-macro',
  'undef',
  'struct',
  'union',
  'enum',
  'enumerator',
  'typedef',
  'function',
  'prototype',
  'variable',
  'invocation',
];
const numbers = new Map(kinds.map((kind, number) => [kind, number]));
const marks = ['static', 'inline', 'weak'] as const;

/** name, kind, from, length, line, lines, condition, then marks as bits and words, where there are any. */
type DefinitionRow = readonly [string, number, number, number, number, number, number, number?, (readonly string[])?];
/** parent, is, line, then what must be false, where there is any. */
type ConditionRow = readonly [number, string, number, ...string[]];

export type IndexRows = readonly [readonly DefinitionRow[], readonly ConditionRow[]];

/** What `indexOfRows` makes the same index of, whatever the file is called. */
export function rowsOfIndex({ definitions, conditions }: FileIndex): IndexRows {
  return [definitions.map(definitionRow), conditions.map(({ parent, is, line, not }) => [parent, is, line, ...not])];
}

function definitionRow(one: Definition): DefinitionRow {
  const { name, from, line, condition } = one;
  const row = [name, numbers.get(one.kind) ?? 0, from, one.to - from, line, one.endLine - line, condition] as const;
  if (one.marks === undefined && one.words === undefined) return row;
  const bits = (one.marks ?? []).reduce((sum, mark) => sum | (1 << marks.indexOf(mark)), 0);
  return one.words === undefined ? [...row, bits] : [...row, bits, one.words];
}

/** The index; null where the value is none, as when a cache is damaged. */
export function indexOfRows(path: string, value: unknown): FileIndex | null {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(Array.isArray)) return null;
  const [definitionRows, conditionRows] = value as [unknown[], unknown[]];
  const conditions: Condition[] = [];
  for (const row of conditionRows) {
    const made = conditionOf(row, conditions.length);
    if (made === null) return null;
    conditions.push(made);
  }
  const definitions: Definition[] = [];
  for (const row of definitionRows) {
    const made = definitionOf(row, conditions.length);
    if (made === null) return null;
    definitions.push(made);
  }
  return { path, definitions, conditions };
}

function conditionOf(row: unknown, at: number): Condition | null {
  if (!Array.isArray(row)) return null;
  const [parent, is, line, ...not]: unknown[] = row;
  // A condition stands under an earlier one, so that there are no circles.
  if (!isCount(parent, -1) || parent >= at || typeof is !== 'string' || !isCount(line, 0)) return null;
  return not.every((one) => typeof one === 'string') ? { parent, not, is, line } : null;
}

function definitionOf(row: unknown, conditions: number): Definition | null {
  if (!Array.isArray(row)) return null;
  const [name, number, from, length, line, lines, condition, bits, words]: unknown[] = row;
  const kind = isCount(number, 0) ? kinds[number] : undefined;
  if (typeof name !== 'string' || kind === undefined || !isCount(condition, -1) || condition >= conditions) return null;
  if (!isCount(from, 0) || !isCount(length, 0) || !isCount(line, 0) || typeof lines !== 'number') return null;
  const plain = { name, kind, from, to: from + length, line, endLine: line + lines, condition };
  if (bits === undefined) return plain;
  if (!isCount(bits, 0) || (words !== undefined && !isWords(words))) return null;
  const marked = bits === 0 ? plain : { ...plain, marks: marks.filter((_, at) => (bits & (1 << at)) !== 0) };
  return words === undefined ? marked : { ...marked, words };
}

const isCount = (value: unknown, least: number): value is number => Number.isInteger(value) && (value as number) >= least;
const isWords = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');
