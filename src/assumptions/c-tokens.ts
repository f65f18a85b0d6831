/** The tokens of a stretch of C with their places, conditional directives among them, for a reader that keeps every branch. */

export const NAME = 1;
export const NUMBER = 2;
export const TEXT = 3;
export const MARK = 4;
/** `#if`, `#else` or `#endif`, whatever its condition. */
export const DIRECTIVE = 5;

/** Parallel lists: kind, spelling, and place (UTF-16 units from the start of the text). */
export interface Tokens {
  readonly kinds: number[];
  readonly words: string[];
  readonly places: number[];
}

/** More than any function that people wrote; what is beyond is cut off and said to be unread. */
export const MAX_TOKENS = 400_000;

/**
 * Tokens of `text` from `from` to `to`; comments and white space are none, and neither are directives that are not conditional.
 *
 * @param inMacro the stretch is the body of a macro: `#` and `##` are no directives there
 * *Fails* never: an unfinished literal or comment ends with its line or the text.
 */
export function tokensBetween(text: string, from: number, to: number, inMacro = false): Tokens {
  const kinds: number[] = [];
  const words: string[] = [];
  const places: number[] = [];
  let at = from;
  let first = !inMacro;
  while (at < to && kinds.length < MAX_TOKENS) {
    const c = text.charCodeAt(at);
    if (c === 10) {
      first = !inMacro;
      at += 1;
    } else if (c <= 32 || c === 92) {
      at += 1;
    } else if (c === 47 && text.charCodeAt(at + 1) === 42) {
      const end = text.indexOf('*/', at + 2);
      at = end < 0 ? to : end + 2;
    } else if (c === 47 && text.charCodeAt(at + 1) === 47) {
      at = endOfLine(text, at, to);
    } else if (c === 35 && first) {
      const end = endOfLine(text, at, to);
      const word = conditional(text, at);
      if (word !== null) {
        kinds.push(DIRECTIVE);
        words.push(word);
        places.push(at);
      }
      at = end;
    } else if (isNameStart(c)) {
      let end = at + 1;
      while (end < to && isNamePart(text.charCodeAt(end))) end += 1;
      kinds.push(NAME);
      words.push(text.slice(at, end));
      places.push(at);
      at = end;
      first = false;
    } else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(at + 1)))) {
      let end = at + 1;
      while (end < to && (isNamePart(text.charCodeAt(end)) || text.charCodeAt(end) === 46)) end += 1;
      kinds.push(NUMBER);
      words.push(text.slice(at, end));
      places.push(at);
      at = end;
      first = false;
    } else if (c === 34 || c === 39) {
      const end = endOfLiteral(text, at, to);
      kinds.push(TEXT);
      words.push('""');
      places.push(at);
      at = end;
      first = false;
    } else {
      const length = markLength(text, at, c);
      if (!(inMacro && c === 35)) {
        kinds.push(MARK);
        words.push(text.slice(at, at + length));
        places.push(at);
      }
      at += length;
      first = false;
    }
  }
  return { kinds, words, places };
}

const isNameStart = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c === 36 || c > 127;
const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isNamePart = (c: number): boolean => isNameStart(c) || isDigit(c);

/** What a directive is to a reader of all branches; null where it is not conditional. */
function conditional(text: string, at: number): string | null {
  const word = /#[ \t]*(if|ifdef|ifndef|else|elif|elifdef|elifndef|endif)\b/y;
  word.lastIndex = at;
  const name = word.exec(text)?.[1];
  if (name === undefined) return null;
  if (name === 'endif') return '#endif';
  return name.startsWith('el') ? '#else' : '#if';
}

/** The newline that ends the logical line, or `to`; a comment that runs on takes the line along. */
function endOfLine(text: string, from: number, to: number): number {
  let at = from;
  for (;;) {
    const line = text.indexOf('\n', at);
    if (line < 0 || line >= to) return to;
    const open = text.indexOf('/*', at);
    if (open >= 0 && open < line) {
      const close = text.indexOf('*/', open + 2);
      if (close < 0) return to;
      if (close > line) {
        at = close + 2;
        continue;
      }
    }
    const before = text.charCodeAt(line - 1) === 13 ? line - 2 : line - 1;
    if (text.charCodeAt(before) !== 92) return line;
    at = line + 1;
  }
}

function endOfLiteral(text: string, from: number, to: number): number {
  const quote = text.charCodeAt(from);
  for (let at = from + 1; at < to; at += 1) {
    const c = text.charCodeAt(at);
    if (c === quote) return at + 1;
    if (c === 10) return at;
    if (c === 92) at += 1;
  }
  return to;
}

/** Length of the punctuator at a place: longest match. */
function markLength(text: string, at: number, c: number): number {
  const d = text.charCodeAt(at + 1);
  const third = text.charCodeAt(at + 2);
  switch (c) {
    case 45: // -
      return d === 62 || d === 45 || d === 61 ? 2 : 1;
    case 43: // +
      return d === 43 || d === 61 ? 2 : 1;
    case 38: // &
      return d === 38 || d === 61 ? 2 : 1;
    case 124: // |
      return d === 124 || d === 61 ? 2 : 1;
    case 60: // <
    case 62: // >
      if (d === c) return third === 61 ? 3 : 2;
      return d === 61 ? 2 : 1;
    case 46: // .
      return d === 46 && third === 46 ? 3 : 1;
    case 61: // =
    case 33: // !
    case 42: // *
    case 47: // /
    case 37: // %
    case 94: // ^
      return d === 61 ? 2 : 1;
    case 35: // #
      return d === 35 ? 2 : 1;
    default:
      return 1;
  }
}
