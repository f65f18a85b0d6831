/** The text of a mail taken apart: what it quotes, from whom, what it says itself, its trailers and its signature. */

type BodyLineKind = 'text' | 'quote' | 'attribution' | 'trailer' | 'signature' | 'blank';

interface BodyLine {
  readonly kind: BodyLineKind;
  /** How many `>` stand before it. */
  readonly level: number;
  /** Without its quote marks and the one blank after them. */
  readonly text: string;
}

interface Trailer {
  /** `Reviewed-by`. */
  readonly name: string;
  readonly value: string;
}

/** Deeper quotes than this are taken as that deep: nobody counts them. */
const MAX_QUOTE_LEVEL = 100;

/** A run of neighbouring lines of one kind and level. */
interface Passage {
  readonly kind: BodyLineKind;
  readonly level: number;
  readonly lines: readonly string[];
  /** Index of its first line in the body, from 0. */
  readonly from: number;
}

/**
 * Each line of a body with what it is.
 *
 * *Shape* one entry a line, in order. Blank lines of level 0 are `blank`. An attribution (`On … wrote:`, also over two lines) is found
 * only where a deeper quote follows. All after `-- ` alone is signature. Trailers are found at level 0.
 */
export function bodyLines(body: string): readonly BodyLine[] {
  const raw = body.split('\n');
  if (raw.at(-1) === '') raw.pop();
  const signatureAt = signatureStart(raw);
  const lines: BodyLine[] = raw.map((line, index) => {
    if (index >= signatureAt) return { kind: 'signature', level: 0, text: line };
    const { level, text } = unquoted(line);
    if (level > 0) return { kind: 'quote', level, text };
    if (text.trim() === '') return { kind: 'blank', level: 0, text };
    return { kind: trailerOf(text) === null ? 'text' : 'trailer', level: 0, text };
  });
  markAttributions(lines);
  return lines;
}

/** The body as runs of lines of the same kind and level, blank lines within a run of text kept in it. */
export function passagesOf(body: string): readonly Passage[] {
  const passages: { kind: BodyLineKind; level: number; lines: string[]; from: number }[] = [];
  bodyLines(body).forEach((line, index) => {
    const last = passages.at(-1);
    if (last?.kind === line.kind && last.level === line.level) last.lines.push(line.text);
    else passages.push({ kind: line.kind, level: line.level, lines: [line.text], from: index });
  });
  return passages;
}

/** The trailers that the writer gives (not those that are quoted), in order. */
export function trailersOf(body: string): readonly Trailer[] {
  return bodyLines(body)
    .filter((line) => line.kind === 'trailer')
    .map((line) => trailerOf(line.text))
    .filter((trailer) => trailer !== null);
}

/** `> > text` as its level and text. A `>` after text counts as text. */
export function unquoted(line: string): { readonly level: number; readonly text: string } {
  let level = 0;
  let at = 0;
  for (;;) {
    const next = line[at] === ' ' && line[at + 1] === '>' && level > 0 ? at + 1 : at;
    if (line[next] !== '>' || level === MAX_QUOTE_LEVEL) break;
    level++;
    at = next + 1;
  }
  const text = line.slice(at);
  return { level, text: level > 0 && text.startsWith(' ') ? text.slice(1) : text };
}

/** Trailers that reviewers and maintainers give (Documentation/process/submitting-patches), and the `…-by` that people invent. */
const KNOWN = /^(fixes|link|closes|cc|change-id|base-commit|prerequisite-patch-id|message-id|nacked-by|obviously-ok-by)$/i;

export function trailerOf(line: string): Trailer | null {
  const match = /^([A-Z][A-Za-z]*(?:-[A-Za-z]+)*|cc|base-commit|prerequisite-patch-id):[ \t]*(\S.*)$/.exec(line.slice(0, 1000));
  if (match === null) return null;
  const [, name = '', value = ''] = match;
  const by = /^[A-Za-z-]+-by$/i.test(name) && /@|[A-Z]/.test(value);
  return by || KNOWN.test(name) ? { name, value: value.trim() } : null;
}

function signatureStart(lines: readonly string[]): number {
  const at = lines.lastIndexOf('-- ');
  if (at >= 0) return at;
  // Some mailers strip the blank; then it is a signature only where little follows.
  const bare = lines.lastIndexOf('--');
  return bare >= 0 && lines.length - bare <= 6 ? bare : lines.length;
}

const ENDS_ATTRIBUTION = /\b(wrote|writes|said|schrieb|a écrit)\s*:\s*$/i;
const BEGINS_ATTRIBUTION = /^(On |Am |Le |At |Quoting |\d{4}-|[A-Z][a-z]{2}, )/;

function markAttributions(lines: BodyLine[]): void {
  lines.forEach((line, index) => {
    if (line.kind === 'signature' || !ENDS_ATTRIBUTION.test(line.text.slice(-200))) return;
    const after = lines.slice(index + 1, index + 4).find((next) => next.text.trim() !== '');
    if (after === undefined || after.level <= line.level) return;
    lines[index] = { ...line, kind: 'attribution' };
    const before = lines[index - 1];
    if (BEGINS_ATTRIBUTION.test(line.text) || before?.level !== line.level || !BEGINS_ATTRIBUTION.test(before.text)) return;
    lines[index - 1] = { ...before, kind: 'attribution' };
  });
}
