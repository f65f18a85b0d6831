/** The parts of a C text that are no code (comments, strings) and the lines that are the preprocessor's, found without parsing. */

/** [from, to) in UTF-16 units. */
export interface Stretch {
  readonly kind: 'comment' | 'string';
  readonly from: number;
  readonly to: number;
}

/** A preprocessor directive with its continuation lines: [from, to). */
export interface Directive {
  /** `define`, `ifdef` …; '' for a lone `#`. */
  readonly name: string;
  /** Of the `#`. */
  readonly from: number;
  /** Of the end of its last line, before the newline. */
  readonly to: number;
  /** Of what follows the name. */
  readonly restFrom: number;
}

export interface Lexical {
  /** In order, not overlapping. */
  readonly hidden: readonly Stretch[];
  readonly directives: readonly Directive[];
}

/**
 * Comments, string and character literals, and directives of a text.
 *
 * *Shape* an unterminated comment hides the rest; an unterminated literal ends with its line.
 * *Source* C11 5.1.1.2 (phases 2 to 4), 6.4.9, 6.10.
 * *Leaves out* trigraphs; a comment opened by a `/` and a `*` on two lines.
 */
export function lexicalOf(text: string): Lexical {
  const hidden: Stretch[] = [];
  const directives: Directive[] = [];
  /** Nothing but blanks and comments since the line began. */
  let lineIsBlank = true;
  let directive: { readonly from: number; readonly restFrom: number; readonly name: string } | null = null;
  let at = 0;
  const endDirective = (to: number): void => {
    if (directive !== null) directives.push({ ...directive, to });
    directive = null;
  };
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE) {
      if (directive !== null && !continued(text, at)) endDirective(at);
      lineIsBlank = true;
      at += 1;
      continue;
    }
    if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const end = text.indexOf('*/', at + 2);
      const to = end < 0 ? text.length : end + 2;
      hidden.push({ kind: 'comment', from: at, to });
      at = to;
      continue;
    }
    if (code === SLASH && text.charCodeAt(at + 1) === SLASH) {
      const to = endOfLine(text, at);
      hidden.push({ kind: 'comment', from: at, to });
      at = to;
      continue;
    }
    if (code === SPACE || code === TAB || code === RETURN) {
      at += 1;
      continue;
    }
    if (code === HASH && lineIsBlank && directive === null) {
      const word = nameAfterHash(text, at);
      directive = { from: at, restFrom: word.end, name: word.name };
      lineIsBlank = false;
      at = word.end;
      continue;
    }
    lineIsBlank = false;
    if (code === QUOTE || code === APOSTROPHE) {
      const to = endOfLiteral(text, at, code);
      hidden.push({ kind: 'string', from: at, to });
      at = to;
      continue;
    }
    at += 1;
  }
  endDirective(text.length);
  return { hidden, directives };
}

/** The stretch that covers a place, or null. *Cost* logarithmic. */
export function covering<T extends { readonly from: number; readonly to: number }>(stretches: readonly T[], at: number): T | null {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle]?.to ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const found = stretches[low];
  return found !== undefined && found.from <= at ? found : null;
}

const NEWLINE = 10;
const RETURN = 13;
const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const STAR = 42;
const SLASH = 47;
const BACKSLASH = 92;

/** Whether the newline at `at` is spliced away by a backslash before it. */
function continued(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1) === RETURN ? at - 2 : at - 1;
  return text.charCodeAt(before) === BACKSLASH;
}

/** The newline that ends the line, spliced lines included. */
function endOfLine(text: string, from: number): number {
  let at = text.indexOf('\n', from);
  while (at >= 0 && continued(text, at)) at = text.indexOf('\n', at + 1);
  return at < 0 ? text.length : at;
}

function endOfLiteral(text: string, from: number, quote: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === NEWLINE) return at;
    if (code === BACKSLASH) at += text.charCodeAt(at + 1) === RETURN ? 2 : 1;
  }
  return text.length;
}

function nameAfterHash(text: string, hash: number): { readonly name: string; readonly end: number } {
  const word = /#[ \t]*([A-Za-z_]*)/y;
  word.lastIndex = hash;
  const match = word.exec(text);
  return { name: match?.[1] ?? '', end: hash + (match?.[0].length ?? 1) };
}
