/** A reviewer's remarks as a list: adding, changing, deleting, and finding the line again that one speaks of. */
import type { Line1 } from '../base/place';
import type { Remark } from '../protocol/remark';

/** A remark before it has its id. */
export type RemarkDraft = Omit<Remark, 'id'>;

/** The remark with its id: a hash of where it stands, what it says and when it was written, so the same draft gives the same id. */
export const remarkOf = (draft: RemarkDraft): Remark => ({ id: idOf(draft), ...draft });

/** The list with the draft in it. *Shape* in order of patch, file, line, time; the same draft twice is there once. */
export function withRemark(remarks: readonly Remark[], draft: RemarkDraft): readonly Remark[] {
  const made = remarkOf(draft);
  return sorted([...remarks.filter((remark) => remark.id !== made.id), made]);
}

/** The list with the remark put in the place of the one with its id (or added). */
export const withSavedRemark = (remarks: readonly Remark[], remark: Remark): readonly Remark[] =>
  sorted([...remarks.filter((other) => other.id !== remark.id), remark]);

/** The list with another text for the remark; unchanged where there is none of that id. The id stays. */
export const withEditedRemark = (remarks: readonly Remark[], id: string, body: string): readonly Remark[] =>
  remarks.map((remark) => (remark.id === id ? { ...remark, body } : remark));

/** The list without the remark; unchanged where there is none of that id. */
export const withoutRemark = (remarks: readonly Remark[], id: string): readonly Remark[] => remarks.filter((remark) => remark.id !== id);

/**
 * The line of a text that the remark speaks of: its own line where that still reads the same, else the nearest that does (of two as near, the
 * upper); null where none does. Blanks do not count. A remark on a blank line stays where it was.
 */
export function lineOfRemark(lines: readonly string[], remark: Pick<Remark, 'line' | 'context'>): Line1 | null {
  const wanted = squeezed(remark.context);
  const reads = (line: Line1): boolean => line >= 1 && line <= lines.length && squeezed(lines[line - 1] ?? '') === wanted;
  if (reads(remark.line)) return remark.line;
  if (wanted === '') return remark.line >= 1 && remark.line <= lines.length ? remark.line : null;
  for (let away = 1; away <= Math.max(lines.length, remark.line); away++) {
    if (reads(remark.line - away)) return remark.line - away;
    if (reads(remark.line + away)) return remark.line + away;
  }
  return null;
}

/** A line as it is compared: without its blanks. */
export const squeezed = (line: string): string => line.replace(/\s+/g, '');

function sorted(remarks: readonly Remark[]): readonly Remark[] {
  return [...remarks].sort(
    (a, b) => a.patch - b.patch || compare(a.file, b.file) || a.line - b.line || compare(a.written, b.written) || compare(a.id, b.id),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** FNV-1a over the fields, twice with different seeds: 64 bits. */
function idOf(draft: RemarkDraft): string {
  const text = JSON.stringify([draft.series, draft.patch, draft.file, draft.side, draft.line, draft.context, draft.body, draft.written]);
  let a = 0x811c9dc5;
  let b = 0xdeadbeef;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x5bd1e995) ^ (b >>> 15);
  }
  return [a, b].map((n) => (n >>> 0).toString(16).padStart(8, '0')).join('');
}
