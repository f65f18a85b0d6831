/** A series as the editor and the CLI show it: plain data. */

export interface FileChangeView {
  /** Path after the patch (before it, for a deletion). */
  readonly path: string;
  /** Path before the patch; differs on a rename; null for a new file. */
  readonly oldPath: string | null;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed';
  readonly additions: number;
  readonly deletions: number;
}

export interface MessageView {
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  /** ISO 8601 with the sender's offset kept, or '' where the mail has no readable date. */
  readonly date: string;
  /** Message-id of the mail that it answers, or ''. */
  readonly inReplyTo: string;
}

export interface PatchView extends MessageView {
  /** From 1. */
  readonly number: number;
  /** The subject without its `[PATCH …]` prefix. */
  readonly title: string;
  readonly author: string;
  readonly files: readonly FileChangeView[];
  readonly additions: number;
  readonly deletions: number;
  /** The mails that answer it, in order of date, whole sub-threads. */
  readonly replies: readonly MessageView[];
  /** Commit in the worktree, or '' where it is not applied. */
  readonly commit: string;
}

export interface SeriesView {
  /** Message-id of the cover letter, or of patch 1 where there is none. */
  readonly id: string;
  readonly title: string;
  /** From 1 (`v1` is not written in subjects). */
  readonly revision: number;
  readonly prefix: string;
  readonly cover: MessageView | null;
  readonly coverReplies: readonly MessageView[];
  readonly patches: readonly PatchView[];
  /** Absolute path of the worktree, of the clone that it belongs to, and the base commit. */
  readonly worktree: string;
  readonly repo: string;
  readonly base: string;
}
