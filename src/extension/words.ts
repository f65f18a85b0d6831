/** The short texts of the views: counts, dates, names. */
import type { FileChangeView, MessageView } from '../protocol/series-view';

/** `1 file` or `3 files`: both come ready and translated. */
export const counted = (number: number, one: string, many: string): string => (number === 1 ? one : many);

/** `+120 −7`. */
export const linesText = (change: { readonly additions: number; readonly deletions: number }): string =>
  [change.additions > 0 ? `+${change.additions}` : '', change.deletions > 0 ? `−${change.deletions}` : '']
    .filter((part) => part !== '')
    .join(' ') || '±0';

/** The name of a `Name <address>` sender, or the address where there is no name. */
export function nameOf(from: string): string {
  const name = /^\s*"?([^"<]*?)"?\s*</.exec(from)?.[1]?.trim() ?? '';
  return name !== '' ? name : from.replace(/[<>]/g, '').trim();
}

/** `2025-05-14`, the sender's own day. */
export const dayOf = (message: Pick<MessageView, 'date'>): string => message.date.slice(0, 10);

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** One letter as git writes it, and the mark for a file's change. */
export const statusLetter = (file: FileChangeView): string => ({ added: 'A', modified: 'M', deleted: 'D', renamed: 'R' })[file.status];

export interface ReplyNode {
  readonly message: MessageView;
  readonly replies: readonly ReplyNode[];
}

/** Replies as a tree by what each answers; one whose parent is not among them stands at the top. A loop is cut. */
export function replyTree(messages: readonly MessageView[]): readonly ReplyNode[] {
  const ids = new Set(messages.map((message) => message.id));
  const children = new Map<string, MessageView[]>();
  for (const message of messages) {
    const parent = ids.has(message.inReplyTo) && message.inReplyTo !== message.id ? message.inReplyTo : '';
    children.set(parent, [...(children.get(parent) ?? []), message]);
  }
  const placed = new Set<string>();
  const nodes = (parent: string): readonly ReplyNode[] =>
    (children.get(parent) ?? [])
      .filter((message) => !placed.has(message.id) && placed.add(message.id) !== undefined)
      .map((message) => ({ message, replies: nodes(message.id) }));
  const tree = nodes('');
  // Mails that answer each other in a circle hang on nothing: they stand at the top too.
  const left = messages.filter((message) => !placed.has(message.id));
  return [...tree, ...left.map((message) => ({ message, replies: [] }))];
}

/** Mail text in Markdown, as itself. */
export const escapeMarkdown = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, '\\$&').replace(/\s+/g, ' ');

/** A title that fits where there is little room. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
