/** What opening a series needs from the world: mails, a clone, and a record. The shells put git, disk and network behind it. */
import type { Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';

/** One worktree that holds a series. */
export interface OpenedSeries {
  /** Folder name of the series in the record: stable, readable, unique for series and revision. */
  readonly slug: string;
  /** Message-id of the series. */
  readonly id: string;
  readonly title: string;
  readonly revision: number;
  /** Absolute paths. */
  readonly worktree: string;
  readonly repo: string;
  /** Full commit ids: the base, and one for each patch in order. */
  readonly base: string;
  readonly commits: readonly string[];
  /** Whether everything is checked out. */
  readonly full: boolean;
  /** Digest of the mails applied, to know the same patches again. */
  readonly digest: string;
  /** ISO 8601. */
  readonly opened: string;
}

export interface MailPort {
  /** Whether a source names a file. */
  isFile(path: string): boolean;
  /**
   * The bytes of a file, gunzipped where it is gzip.
   *
   * *Fails* `source/unreadable`, `source/truncated-gzip`, `source/damaged-gzip`, `source/too-large`.
   */
  fromFile(path: string, progress: Progress): Promise<Outcome<Uint8Array>>;
  /**
   * The thread of a message, as an mbox.
   *
   * *Fails* `archive/bad-address`, `archive/unreachable`, `archive/no-such-message`, `archive/answer`, `archive/not-gzip`, and as `fromFile`.
   */
  fromArchive(archive: string, messageId: string, progress: Progress): Promise<Outcome<Uint8Array>>;
}

export interface Clone {
  /** Absolute path as the user gave it. */
  readonly path: string;
  /** Absolute path of the repository's own directory, shared by its worktrees. */
  readonly gitDirectory: string;
}

/** Directories of a sparse worktree, relative to the root, with `/`; the files at the root are always there. */
export interface CheckedOut {
  /** With everything below. */
  readonly whole: readonly string[];
  /** Only the files that lie directly in them. */
  readonly flat: readonly string[];
}

export interface MadeWorktree {
  /** Takes it away with what the clone knows of it and the directories made for it, whatever state it is in. */
  remove(): void;
}

/** What became of the mails. */
export type Application =
  /** `commits` has one for each mail; '' where the base has the change already. */
  | { readonly kind: 'applied'; readonly commits: readonly string[]; readonly touched: readonly TouchedPath[] }
  /** Patch number `at` (from 1, in the order given) does not apply. */
  | {
      readonly kind: 'stopped';
      readonly at: number;
      readonly file: string | null;
      /** Old line of the first failing hunk, where git names one. */
      readonly line: number | null;
      /** git's own words. */
      readonly said: string;
    };

/** A path that a commit changed, as git itself sees it. */
export interface TouchedPath {
  readonly path: string;
  /** Octal mode after the change; `000000` where it was deleted. */
  readonly mode: string;
  /** Where a symlink points; null for anything else. */
  readonly target: string | null;
}

export interface ClonePort {
  /** *Fails* `worktree/not-a-clone`, `git/missing`, `worktree/not-owned`. */
  find(path: string, progress: Progress): Promise<Outcome<Clone>>;
  /** The full id of the commit that a name stands for, or null. */
  commitOf(clone: Clone, name: string, progress: Progress): Promise<Outcome<string | null>>;
  /** Whether a worktree is there and its HEAD has this commit in its history. */
  holds(worktree: string, commit: string, progress: Progress): Promise<Outcome<boolean>>;
  /**
   * A detached worktree with some directories checked out, or all (null).
   *
   * *Fails* `worktree/exists`, `worktree/inside-clone`, `worktree/disk-full`, `worktree/not-writable`, `git/failed`.
   */
  addWorktree(
    clone: Clone,
    worktree: string,
    base: string,
    directories: CheckedOut | null,
    progress: Progress,
  ): Promise<Outcome<MadeWorktree>>;
  /** Checks out the rest of a worktree of ours. */
  widen(worktree: string, progress: Progress): Promise<Outcome<null>>;
  /** Makes a commit of each mail (an mboxrd box of one), in order. */
  applyMails(worktree: string, base: string, mails: readonly Uint8Array[], progress: Progress): Promise<Outcome<Application>>;
  /** The same for the same mails. */
  digestOf(mails: readonly Uint8Array[]): string;
}

export interface RecordPort {
  /** Every opening of a series, newest first. */
  openingsOf(id: string): readonly OpenedSeries[];
  slugOf(series: { readonly id: string; readonly title: string; readonly revision: number }): string;
  /** Where the worktree of a series goes unless the user says otherwise. */
  worktreePathOf(slug: string): string;
  /** An absolute path for one that the user gave. */
  absolute(path: string): string;
  /** *Fails* as the disk does: `worktree/disk-full`, `worktree/not-writable`. */
  keep(opened: OpenedSeries, mail: Uint8Array): Outcome<null>;
  /** ISO 8601. */
  now(): string;
}

export interface OpenPorts {
  readonly mail: MailPort;
  readonly clone: ClonePort;
  readonly record: RecordPort;
}
