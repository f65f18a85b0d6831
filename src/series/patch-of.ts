/** One patch of a series, made from its mail and the mails that answer it. */
import type { Problem } from '../base/place';
import { type Mailbox, type Message, mailboxesIn } from '../mail/message';
import { trailersOf } from '../mail/quote';
import { diffOf, hasDiff } from './patch';
import type { Part } from './part';
import type { GivenTrailer, Patch } from './series';

/** The patch that a mail holds; what is odd in it goes to `problems` with the patch's number. */
export function patchOf(part: Part, number: number, replies: readonly Message[], problems: Problem[]): Patch {
  const { message, subject } = part;
  const { headers, description } = commitText(message.body);
  const diff = diffOf(message.body);
  if (diff.files.length === 0) problems.push({ code: 'series/no-diff', message: `Patch ${number} (${subject.title}) holds no diff.` });
  problems.push(...diff.problems.map((problem) => ({ ...problem, message: `Patch ${number}: ${problem.message}` })));
  const author: Mailbox = mailboxesIn(headers['from'] ?? '')[0] ?? message.from;
  const sum = (key: 'additions' | 'deletions'): number => diff.files.reduce((total, file) => total + file[key], 0);
  return {
    number,
    message,
    title: headers['subject'] ?? subject.title,
    author,
    description,
    files: diff.files,
    additions: sum('additions'),
    deletions: sum('deletions'),
    replies,
    trailers: trailersGiven(replies),
  };
}

/** The `…-by` trailers that the replies give. Those in a reply that itself is a patch belong to that patch. */
export function trailersGiven(replies: readonly Message[]): readonly GivenTrailer[] {
  return replies
    .filter((reply) => !hasDiff(reply.body))
    .flatMap((reply) =>
      trailersOf(reply.body)
        .filter((trailer) => /-by$/i.test(trailer.name))
        .map((trailer) => ({ ...trailer, message: reply.id })),
    );
}

/** The in-body headers and the commit message, as `git mailinfo` takes them: up to `---`, a diff or a hunk of one. */
function commitText(body: string): { readonly headers: Readonly<Record<string, string>>; readonly description: string } {
  const lines = body.split('\n');
  let at = lines.findIndex((line) => line.trim() !== '');
  const headers: Record<string, string> = {};
  for (; at >= 0 && at < lines.length; at++) {
    const match = /^(From|Date|Subject): *(\S.*)$/i.exec(lines[at] ?? '');
    if (match === null) break;
    headers[(match[1] ?? '').toLowerCase()] = (match[2] ?? '').trim();
  }
  const rest = lines.slice(Math.max(at, 0));
  const end = rest.findIndex((line) => /^(---\s*$|diff -|Index: |--- \S)/.test(line));
  return {
    headers,
    description: rest
      .slice(0, end < 0 ? rest.length : end)
      .join('\n')
      .trim(),
  };
}
