/** The smallest edits that turn a scenario text into its formatted form. */
import type { TextEdit } from 'vscode-languageserver/node';

/**
 * Lines that only differ in white space are changed where they differ; blank lines that go are deleted; ends of lines stay as they are.
 *
 * @param formatted as `formatOf` gives it
 */
export function editsTo(text: string, formatted: string): TextEdit[] {
  const lines = text.split('\n').map((each) => each.replace(/\r$/, ''));
  const wanted = formatted === '' ? [] : formatted.replace(/\n$/, '').split('\n');
  const edits: TextEdit[] = [];
  let at = 0;
  for (const [line, own] of lines.entries()) {
    const next = wanted[at];
    if (next !== undefined && sameWords(own, next)) {
      edits.push(...lineEdits(line, own, next));
      at += 1;
    } else if (own.trim() !== '') return [whole(lines, text, formatted)];
    else if (line < lines.length - 1) edits.push(edit(line, 0, line + 1, 0, ''));
    else edits.push(...lineEdits(line, own, ''));
  }
  if (at < wanted.length) return [whole(lines, text, formatted)];
  const last = lines.length - 1;
  if (wanted.length > 0 && (lines[last] ?? '').trim() !== '') edits.push(insertedEnd(last, lines[last] ?? '', text));
  return edits;
}

const sameWords = (left: string, right: string): boolean => left.replace(/\s+/g, '') === right.replace(/\s+/g, '');

/** The part between what both begin and end with. */
function lineEdits(line: number, own: string, wanted: string): TextEdit[] {
  if (own === wanted) return [];
  const most = Math.min(own.length, wanted.length);
  let begin = 0;
  while (begin < most && own[begin] === wanted[begin]) begin += 1;
  let end = 0;
  while (end < most - begin && own[own.length - 1 - end] === wanted[wanted.length - 1 - end]) end += 1;
  return [edit(line, begin, line, own.length - end, wanted.slice(begin, wanted.length - end))];
}

const insertedEnd = (line: number, own: string, text: string): TextEdit =>
  edit(line, own.length, line, own.length, text.includes('\r\n') ? '\r\n' : '\n');

const whole = (lines: readonly string[], text: string, formatted: string): TextEdit =>
  edit(0, 0, lines.length - 1, (lines.at(-1) ?? '').length, text.includes('\r\n') ? formatted.replaceAll('\n', '\r\n') : formatted);

const edit = (line: number, character: number, endLine: number, endCharacter: number, newText: string): TextEdit => ({
  range: { start: { line, character }, end: { line: endLine, character: endCharacter } },
  newText,
});
