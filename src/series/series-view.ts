/** A series as the editor and the CLI show it. */
import { type Message, shownMailbox } from '../mail/message';
import type { MessageView, PatchView, SeriesView } from '../protocol/series-view';
import type { Patch, Series } from './series';

/** Where the series is applied; all empty where it is not. */
interface WorktreeFacts {
  /** Absolute path, or ''. */
  readonly worktree: string;
  /** Absolute path of the clone, or ''. */
  readonly repo: string;
  /** Base commit, or ''. */
  readonly base: string;
  /** The commit of each patch, in order; may be shorter than the series. */
  readonly commits: readonly string[];
}

export const seriesViewOf = (series: Series, facts: WorktreeFacts): SeriesView => ({
  id: series.id,
  title: series.title,
  revision: series.revision,
  prefix: series.prefix,
  cover: series.cover === null ? null : messageView(series.cover),
  coverReplies: series.coverReplies.map(messageView),
  patches: series.patches.map((patch, index) => patchView(patch, facts.commits[index] ?? '')),
  worktree: facts.worktree,
  repo: facts.repo,
  base: facts.base,
});

const messageView = (message: Message): MessageView => ({
  id: message.id,
  from: shownMailbox(message.from),
  subject: message.subject,
  date: message.date,
  inReplyTo: message.inReplyTo,
});

const patchView = (patch: Patch, commit: string): PatchView => ({
  ...messageView(patch.message),
  number: patch.number,
  title: patch.title,
  author: shownMailbox(patch.author),
  files: patch.files.map(({ path, oldPath, status, additions, deletions }) => ({ path, oldPath, status, additions, deletions })),
  additions: patch.additions,
  deletions: patch.deletions,
  replies: patch.replies.map(messageView),
  commit,
});
