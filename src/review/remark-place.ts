/** Where in a patch mail the line stands that a remark speaks of. */
import type { Remark } from '../protocol/remark';
import type { FileChange, Hunk, HunkLine } from '../series/file-change';
import { lineOfRemark, squeezed } from './remarks';

export type RemarkPlace =
  | { readonly kind: 'hunk'; readonly file: FileChange; readonly hunk: Hunk; readonly line: HunkLine }
  /** A line of the mail outside its diff (commit message, cover letter), from 0. */
  | { readonly kind: 'text'; readonly at: number }
  /** Of the mail as a whole. */
  | { readonly kind: 'whole' }
  /** A line that the mail does not show. */
  | { readonly kind: 'elsewhere' };

/**
 * The place of a remark.
 *
 * *Shape* a remark with no file speaks of the mail's text: of line `line` of its body (from 1), or with line 0 of the whole. In a file it is the
 * line of that number that reads as the remark remembers; where numbers have moved (later patches), the nearest line that reads so.
 */
export function placeOfRemark(remark: Remark, body: string, files: readonly FileChange[]): RemarkPlace {
  if (remark.file === '') {
    if (remark.line === 0) return { kind: 'whole' };
    const line = lineOfRemark(body.split('\n'), remark);
    return line === null ? { kind: 'whole' } : { kind: 'text', at: line - 1 };
  }
  const wanted = squeezed(remark.context);
  let best: (RemarkPlace & { readonly kind: 'hunk' }) | null = null;
  let bestAway = Number.POSITIVE_INFINITY;
  for (const file of files) {
    const path = remark.side === 'old' ? (file.oldPath ?? file.path) : file.path;
    if (path !== remark.file) continue;
    for (const hunk of file.hunks) {
      for (const line of hunk.lines) {
        const number = remark.side === 'old' ? line.old : line.new;
        if (number === null || squeezed(line.text) !== wanted) continue;
        const away = Math.abs(number - remark.line);
        // A blank line or a lone brace says nothing about where it is: only its own number counts.
        if (away > 0 && wanted.length < 2) continue;
        if (away >= bestAway) continue;
        best = { kind: 'hunk', file, hunk, line };
        bestAway = away;
      }
    }
  }
  return best ?? { kind: 'elsewhere' };
}
