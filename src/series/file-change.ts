/** What a patch does to one file: hunks and lines with their old and new numbers. */
import type { Line1 } from '../base/place';

export interface HunkLine {
  readonly kind: 'context' | 'added' | 'removed';
  /** Without the leading `+`, `-` or blank. */
  readonly text: string;
  /** Line before the patch; null for an added line. */
  readonly old: Line1 | null;
  /** Line after the patch; null for a removed line. */
  readonly new: Line1 | null;
  /** Which line of the mail's body it is, from 0. */
  readonly at: number;
}

export interface Hunk {
  /** The whole `@@ … @@ function` line. */
  readonly header: string;
  readonly oldStart: Line1;
  readonly oldLines: number;
  readonly newStart: Line1;
  readonly newLines: number;
  readonly lines: readonly HunkLine[];
  /** Which line of the mail's body its header is, from 0. */
  readonly at: number;
}

export interface FileChange {
  /** Path after the patch (before it, for a deletion). */
  readonly path: string;
  /** Path before the patch; differs on a rename; null for a new file. */
  readonly oldPath: string | null;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed';
  readonly binary: boolean;
  /** Octal file modes where the diff gives them: `100644`, `120000`. */
  readonly oldMode: string | null;
  readonly newMode: string | null;
  readonly additions: number;
  readonly deletions: number;
  readonly hunks: readonly Hunk[];
  /** Which line of the mail's body its `diff --git` is, from 0. */
  readonly at: number;
}
