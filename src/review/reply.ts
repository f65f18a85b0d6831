/** The reviewer's remarks on one patch as the mail that answers it. */
import { done, type Outcome, refused } from '../base/outcome';
import { attributionOf, composeReply, quoteLine } from '../mail/compose';
import { type Mailbox, type Message, shownMailbox } from '../mail/message';
import { wrappedProse } from '../mail/prose';
import type { Remark, ReplyPreview } from '../protocol/remark';
import type { FileChange } from '../series/file-change';
import type { Series } from '../series/series';
import { placeOfRemark, type RemarkPlace } from './remark-place';

/** Lines of the hunk quoted above the line that a remark speaks of: enough to see the code, few enough to read. */
const LINES_ABOVE = 10;
/** Lines of prose (commit message, cover) quoted above the one that a remark speaks of. */
const PROSE_ABOVE = 4;
const DROPPED = '[...]';

interface Placed {
  readonly remark: Remark;
  readonly place: RemarkPlace;
}

/**
 * The mail that answers patch `patchNumber` (0: the cover letter) with the remarks on it; remarks on other patches are left out.
 *
 * *Shape* attribution, remarks on the mail as a whole, then quoted lines with each remark under its line in order of the mail; `[...]` where lines
 * between quotes are dropped; last, remarks on lines that the mail does not show, with file and line.
 * *Fails* `reply/no-such-patch`, `reply/nothing-to-say`, `reply/no-id`, `reply/bad-identity`.
 */
export function replyTo(
  series: Series,
  patchNumber: number,
  remarks: readonly Remark[],
  identity: Mailbox,
  date: string,
): Outcome<ReplyPreview> {
  const answered = mailOf(series, patchNumber);
  if (answered === null) {
    const what = patchNumber === 0 ? 'no cover letter' : `no patch ${patchNumber}`;
    return refused(
      'reply/no-such-patch',
      `"${series.title}" has ${what}.`,
      'There is no mail to answer.',
      'Choose another patch of the series.',
    );
  }
  const own = remarks.filter((remark) => remark.patch === patchNumber && remark.body.trim() !== '');
  if (own.length === 0) {
    return refused(
      'reply/nothing-to-say',
      `There are no remarks on "${answered.subject}".`,
      'A reply would be empty.',
      'Write a remark on one of its lines first.',
    );
  }
  if (answered.idMade) {
    return refused(
      'reply/no-id',
      `The mail "${answered.subject}" has no Message-ID.`,
      'A reply to it would stand outside the thread.',
      "Open the series from the list's archive instead.",
    );
  }
  const files = series.patches.find((patch) => patch.number === patchNumber)?.files ?? [];
  const composed = composeReply({ answered, from: identity, date, body: replyBody(answered, files, own) });
  if (composed === null) {
    const met = `"${shownMailbox(identity)}" at ${date} is not a sender and a date that mail can have.`;
    return refused(
      'reply/bad-identity',
      met,
      'The reply cannot be written.',
      'Set user.name and user.email in git to your name and address.',
    );
  }
  return done({
    patch: patchNumber,
    to: composed.to.map(shownMailbox),
    cc: composed.cc.map(shownMailbox),
    inReplyTo: composed.inReplyTo,
    references: composed.references,
    subject: composed.subject,
    text: composed.text,
  });
}

const mailOf = (series: Series, number: number): Message | null =>
  number === 0 ? series.cover : (series.patches.find((patch) => patch.number === number)?.message ?? null);

function replyBody(answered: Message, files: readonly FileChange[], remarks: readonly Remark[]): string {
  const placed = remarks.map((remark) => ({ remark, place: placeOfRemark(remark, answered.body, files) })).sort(inOrderOfMail);
  const lines = answered.body.split('\n').map((line) => line.replace(/\r$/, ''));
  const out: string[] = [attributionOf(answered)];
  for (const { remark } of placed.filter((one) => one.place.kind === 'whole'))
    out.push(...(out.length === 1 ? [] : ['']), ...wrappedProse(remark.body));
  const shown = new Set<number>();
  let lastShown = -1;
  let lastRemarkAt = -1;
  for (const { remark, place } of placed) {
    const at = anchorOf(place);
    if (at < 0) continue;
    if (at !== lastRemarkAt) {
      const wanted = quotedLines(place, lines, shown).filter((index) => index > lastShown);
      if (out.length > 1) out.push('');
      for (const index of wanted) {
        if (lastShown >= 0 && index > lastShown + 1) {
          if (out.at(-1) !== '') out.push('');
          out.push(DROPPED, '');
        }
        out.push(quoteLine(lines[index] ?? ''));
        shown.add(index);
        lastShown = index;
      }
    }
    out.push('', ...wrappedProse(remark.body));
    lastRemarkAt = at;
  }
  for (const { remark } of placed.filter((one) => one.place.kind === 'elsewhere')) {
    out.push(
      '',
      `In ${remark.file}, line ${remark.line}${remark.side === 'old' ? ' before the patch' : ''}:`,
      '',
      `\t${remark.context.trim()}`,
      '',
    );
    out.push(...wrappedProse(remark.body));
  }
  return `${out.join('\n')}\n`;
}

function inOrderOfMail(a: Placed, b: Placed): number {
  const rank = (place: RemarkPlace): number => ({ whole: 0, text: 1, hunk: 1, elsewhere: 2 })[place.kind];
  const written = a.remark.written < b.remark.written ? -1 : a.remark.written > b.remark.written ? 1 : 0;
  return rank(a.place) - rank(b.place) || anchorOf(a.place) - anchorOf(b.place) || written;
}

/** The line of the mail's body under which the remark goes; -1 where there is none. */
const anchorOf = (place: RemarkPlace): number => (place.kind === 'hunk' ? place.line.at : place.kind === 'text' ? place.at : -1);

/** Indices of the body's lines to quote for a place, ascending: file and hunk headers where not yet shown, some lines above, the line itself. */
function quotedLines(place: RemarkPlace, lines: readonly string[], shown: ReadonlySet<number>): readonly number[] {
  if (place.kind === 'hunk') {
    const { file, hunk, line } = place;
    const wanted = shown.has(hunk.at) ? [] : shown.has(file.at) ? [hunk.at] : [file.at, ...fileNameLines(lines, file.at, hunk.at), hunk.at];
    return [...wanted, ...range(Math.max(hunk.at + 1, line.at - LINES_ABOVE), line.at)];
  }
  if (place.kind !== 'text') return [];
  let from = place.at;
  while (from > 0 && place.at - from < PROSE_ABOVE && (lines[from - 1] ?? '').trim() !== '') from--;
  return range(from, place.at);
}

/** Between `diff --git` and its first hunk nothing is left out: index, `---` and `+++` lines are few and say which file it is. */
function fileNameLines(lines: readonly string[], fileAt: number, hunkAt: number): readonly number[] {
  let end = fileAt + 1;
  while (end < hunkAt && !(lines[end] ?? '').startsWith('@@ ')) end++;
  return range(fileAt + 1, end - 1);
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
