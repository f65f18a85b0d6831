/** Finds lines again: the line that a remark speaks of in another version of its file, and the patch that wrote a line. */

/** A line as it is compared: without its blanks. */
const squeezed = (line: string): string => line.replace(/\s+/g, '');

export const linesOf = (text: string): readonly string[] => text.split(/\r?\n/);

/**
 * The number of the line that reads as `context` and is nearest to `line` (of two as near, the upper); undefined where none does. A blank
 * context says nothing, so its line stays where it is.
 */
export function nearestLine(lines: readonly string[], line: number, context: string): number | undefined {
  const wanted = squeezed(context);
  const reads = (number: number): boolean => number >= 1 && number <= lines.length && squeezed(lines[number - 1] ?? '') === wanted;
  if (reads(line)) return line;
  if (wanted === '') return line >= 1 && line <= lines.length ? line : undefined;
  for (let away = 1; away < Math.max(lines.length, line) + 1; away += 1) {
    if (reads(line - away)) return line - away;
    if (reads(line + away)) return line + away;
  }
  return undefined;
}

/** True where a text has the line more often than the one before it: the change between them wrote it. */
export function writesLine(before: string, after: string, line: string): boolean {
  const wanted = squeezed(line);
  if (wanted === '') return false;
  const times = (text: string): number => linesOf(text).filter((one) => squeezed(one) === wanted).length;
  return times(after) > times(before);
}

/** The line from 1 at which the body of a mail text begins: after the first empty line. */
export function bodyStart(lines: readonly string[]): number {
  const empty = lines.findIndex((line) => line.trim() === '');
  return empty === -1 ? lines.length + 1 : empty + 2;
}
