/** Where the lines that a reply quotes stand in the patch that it answers. */
import type { Line1 } from '../base/place';
import type { Message } from '../mail/message';
import { bodyLines } from '../mail/quote';
import type { FileChange, HunkLine } from './file-change';
import type { Patch } from './series';

/** A line of a patch's diff. */
interface DiffPlace {
  readonly file: string;
  /** `old` for removed lines, `new` for all others. */
  readonly side: 'new' | 'old';
  readonly line: Line1;
}

/** What a reply says about a line of the patch. */
interface LineReply extends DiffPlace {
  /** Message-id of the reply. */
  readonly message: string;
  /** The line of code, as the patch has it, without its `+`, `-` or blank. */
  readonly quoted: string;
  /** What is said under it, lines joined by \n. */
  readonly says: string;
}

/** A line of a body that quotes a line of the patch mail. */
interface PlacedQuote {
  /** Line of the reply's body, from 0. */
  readonly at: number;
  /** Line of the patch mail's body, from 0. */
  readonly of: number;
}

/** The table of the alignment has quoted lines × patch lines cells of a byte; a mail that quotes a whole large patch stays under it. */
const MAX_CELLS = 16_000_000;
/** A quote that a mailer wrapped is known by its beginning, if that is long enough. */
const MIN_WRAPPED = 24;

/**
 * What a reply says under the lines of the diff that it quotes.
 *
 * *Shape* in order of the reply; one entry for each run of the reply's own text that follows a quoted line of the diff. Text under quoted prose
 * is not there.
 * *Fails* never. *Cost* quoted lines × lines of the patch, bounded by `MAX_CELLS`.
 */
export function placedReplies(reply: Message, patch: Patch): readonly LineReply[] {
  const lines = bodyLines(reply.body);
  const places = diffPlaces(patch.files);
  const placed = new Map(placeQuotes(reply, patch.message.body).map((quote) => [quote.at, quote.of]));
  const out: LineReply[] = [];
  for (let index = 0; index < lines.length;) {
    if (!isOwnText(lines[index]?.kind)) {
      index++;
      continue;
    }
    let end = index;
    while (end < lines.length && (isOwnText(lines[end]?.kind) || lines[end]?.kind === 'blank')) end++;
    const of = quotedAbove(lines, index, placed);
    const place = of === null ? undefined : places.get(of);
    if (place !== undefined) {
      const says = withoutCuts(lines.slice(index, end).map((each) => each.text));
      const { file, side, line, text } = place;
      if (says !== '') out.push({ message: reply.id, file, side, line, quoted: text, says });
    }
    index = end;
  }
  return out;
}

/** The word for quotes that were left out: it belongs to no remark. */
const CUT = /^\s*\[?(\.\.\.|snip|…)\]?\s*$/i;

/** The text without the words at its ends that say that quotes were left out. */
function withoutCuts(text: readonly string[]): string {
  const isLoose = (line: string | undefined): boolean => line !== undefined && (line.trim() === '' || CUT.test(line));
  let [from, to] = [0, text.length];
  while (from < to && isLoose(text[from])) from++;
  while (to > from && isLoose(text[to - 1])) to--;
  return text.slice(from, to).join('\n').trim();
}

/**
 * Which line of the answered patch's body each quoted line is, where it is one.
 *
 * *Shape* ascending in both. Blanks do not count, so that quotes survive mailers that change them; a wrapped quote counts by its beginning.
 */
function placeQuotes(reply: Message, patchBody: string): readonly PlacedQuote[] {
  const quotes = bodyLines(reply.body).flatMap((line, at) => (line.kind === 'quote' ? [{ at, text: squeezed(line.text) }] : []));
  const body = patchBody.split('\n').map(squeezed);
  const kept = Math.max(1, Math.floor(MAX_CELLS / Math.max(1, body.length)));
  return aligned(quotes.slice(0, kept), body)
    .filter((pair) => (quotes[pair.quote]?.text ?? '') !== '')
    .map((pair) => ({ at: quotes[pair.quote]?.at ?? 0, of: pair.line }));
}

/** Each line of the mail's body that is a line of a hunk. */
function diffPlaces(files: readonly FileChange[]): ReadonlyMap<number, DiffPlace & { readonly text: string }> {
  const places = new Map<number, DiffPlace & { readonly text: string }>();
  for (const file of files) for (const hunk of file.hunks) for (const line of hunk.lines) places.set(line.at, placeOf(file, line));
  return places;
}

function placeOf(file: FileChange, line: HunkLine): DiffPlace & { readonly text: string } {
  if (line.new === null) return { file: file.oldPath ?? file.path, side: 'old', line: line.old ?? 1, text: line.text };
  return { file: file.path, side: 'new', line: line.new, text: line.text };
}

const isOwnText = (kind: string | undefined): boolean => kind === 'text' || kind === 'trailer';

/**
 * The patch line that the nearest placed quote above is, within the block of quotes that the text follows: what stands between them is what
 * others have said about that line.
 */
function quotedAbove(lines: ReturnType<typeof bodyLines>, index: number, placed: ReadonlyMap<number, number>): number | null {
  for (let at = index - 1; at >= 0; at--) {
    const kind = lines[at]?.kind;
    const of = placed.get(at);
    if (of !== undefined) return of;
    if (kind !== 'blank' && kind !== 'quote' && !(kind === 'attribution' && (lines[at]?.level ?? 0) > 0)) return null;
  }
  return null;
}

const squeezed = (line: string): string => {
  const mark = /^[+-]/.test(line) ? line.slice(0, 1) : '';
  return mark + line.slice(mark.length).replace(/\s+/g, '');
};

/** The best alignment of the quotes with lines of the body, both in order: long lines weigh more than short ones, neighbours more than strays. */
function aligned(
  quotes: readonly { readonly text: string }[],
  body: readonly string[],
): readonly { readonly quote: number; readonly line: number }[] {
  const width = body.length + 1;
  const steps = new Uint8Array((quotes.length + 1) * width);
  let before = new Float64Array(width);
  let matchedBefore = new Uint8Array(width);
  quotes.forEach(({ text }, q) => {
    const now = new Float64Array(width);
    const matched = new Uint8Array(width);
    for (let b = 1; b <= body.length; b++) {
      const line = body[b - 1] ?? '';
      const skipQuote = before[b] ?? 0;
      const skipLine = now[b - 1] ?? 0;
      now[b] = Math.max(skipQuote, skipLine);
      let step = skipQuote >= skipLine ? 1 : 2;
      if (line === text || (text.length >= MIN_WRAPPED && line.startsWith(text))) {
        const weight = line.length < 4 ? 0.2 : 1;
        const score = (before[b - 1] ?? 0) + weight + ((matchedBefore[b - 1] ?? 0) === 1 ? 0.5 : 0);
        if (score > (now[b] ?? 0)) {
          now[b] = score;
          step = 3;
          matched[b] = 1;
        }
      }
      steps[(q + 1) * width + b] = step;
    }
    before = now;
    matchedBefore = matched;
  });
  const pairs: { quote: number; line: number }[] = [];
  for (let q = quotes.length, b = body.length; q > 0 && b > 0;) {
    const step = steps[q * width + b];
    if (step === 3) pairs.push({ quote: --q, line: --b });
    else if (step === 1) q--;
    else b--;
  }
  return pairs.reverse();
}
