/** What a mailed series is: its revision, its cover, its patches in order, and what the list said about each. */
import type { Problem } from '../base/place';
import type { Mailbox, Message } from '../mail/message';
import type { FileChange } from './file-change';

/** A trailer that a reply gives to a patch or to the whole series. */
export interface GivenTrailer {
  /** `Reviewed-by`, with the spelling of the mail. */
  readonly name: string;
  readonly value: string;
  /** Message-id of the reply. */
  readonly message: string;
}

export interface Patch {
  /** From 1. */
  readonly number: number;
  readonly message: Message;
  /** The subject without its `[PATCH …]` prefix. */
  readonly title: string;
  /** Of the change: an in-body `From:` line wins over the mail's sender, as in `git am`. */
  readonly author: Mailbox;
  /** The commit message as `git am` makes it: the body before `---`, without in-body headers. */
  readonly description: string;
  readonly files: readonly FileChange[];
  readonly additions: number;
  readonly deletions: number;
  /** The mails that answer it, whole sub-threads, in order of date. */
  readonly replies: readonly Message[];
  readonly trailers: readonly GivenTrailer[];
}

export interface Series {
  /** Message-id of the cover letter, or of patch 1 where there is none. */
  readonly id: string;
  /** Of the cover, or of patch 1. */
  readonly title: string;
  /** From 1 (`v1` is not written in subjects). */
  readonly revision: number;
  /** What the brackets hold without number and revision: `RFC PATCH`, `PATCH bpf-next`. */
  readonly prefix: string;
  readonly cover: Message | null;
  readonly coverReplies: readonly Message[];
  readonly coverTrailers: readonly GivenTrailer[];
  /** How many patches the subjects say there are. */
  readonly total: number;
  /** In order of number, each number once; the missing ones are in `missing`. */
  readonly patches: readonly Patch[];
  readonly missing: readonly number[];
  /** Of a `base-commit:` trailer, or ''. */
  readonly baseCommit: string;
  /** Of `prerequisite-patch-id:` trailers, in order. */
  readonly prerequisites: readonly string[];
  /** Cover, patches and replies: all mails of this revision's thread, in order of date. */
  readonly messages: readonly Message[];
  /** Unsafe paths (`series/unsafe-path`), duplicates, damaged hunks: the reader of the series decides what they mean for it. */
  readonly problems: readonly Problem[];
}
