/** C text to tokens, with what the preprocessor needs to know about white space and line starts. */

export type TokenKind = 'name' | 'number' | 'string' | 'char' | 'punct';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** White space stands before it. */
  readonly spaced: boolean;
  /** It is the first of its (logical) line: a `#` here starts a directive. */
  readonly first: boolean;
  /** Macro names that must not be expanded in it any more (C11 6.10.3.4). */
  readonly hidden?: HideSet;
}

/** An immutable list of names. */
export interface HideSet {
  readonly name: string;
  readonly rest: HideSet | undefined;
  readonly size: number;
}

export const hides = (set: HideSet | undefined, name: string): boolean => {
  for (let at = set; at; at = at.rest) if (at.name === name) return true;
  return false;
};

const isNameStart = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c === 36 || c > 127;
const isDigit = (c: number): boolean => c >= 48 && c <= 57;

/** Longest first; what is in none of them is a token of one character. */
const punctuators3 = new Set(['...', '<<=', '>>=']);
const punctuators2 = new Set([
  '->',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '*=',
  '/=',
  '%=',
  '+=',
  '-=',
  '&=',
  '^=',
  '|=',
  '##',
]);

/**
 * Tokens of `text` from `from` to `to`. Never fails: an unfinished literal or comment ends with the line or the text, an odd
 * character is a token of its own.
 */
export function tokensOf(text: string, from = 0, to = text.length, line = 1): Token[] {
  const out: Token[] = [];
  let at = from;
  let spaced = false;
  let first = true;
  const push = (kind: TokenKind, end: number): void => {
    let body = text.slice(at, end);
    if (body.includes('\\\n')) body = body.replaceAll('\\\n', '');
    out.push({ kind, text: body, line, spaced, first });
    for (let i = at; i < end; i++) if (text.charCodeAt(i) === 10) line++;
    at = end;
    spaced = false;
    first = false;
  };
  while (at < to) {
    const c = text.charCodeAt(at);
    if (c === 10) {
      line++;
      at++;
      spaced = true;
      first = true;
    } else if (c === 32 || c === 9 || c === 13 || c === 12 || c === 11) {
      at++;
      spaced = true;
    } else if (c === 92 && (text.charCodeAt(at + 1) === 10 || (text.charCodeAt(at + 1) === 13 && text.charCodeAt(at + 2) === 10))) {
      at += text.charCodeAt(at + 1) === 10 ? 2 : 3;
      line++;
      spaced = true;
    } else if (c === 47 && text.charCodeAt(at + 1) === 42) {
      let end = text.indexOf('*/', at + 2);
      end = end < 0 || end > to ? to : end + 2;
      for (let i = at; i < end; i++) if (text.charCodeAt(i) === 10) line++;
      at = end;
      spaced = true;
    } else if (c === 47 && text.charCodeAt(at + 1) === 47) {
      while (at < to && text.charCodeAt(at) !== 10) {
        if (text.charCodeAt(at) === 92 && text.charCodeAt(at + 1) === 10) {
          line++;
          at++;
        }
        at++;
      }
      spaced = true;
    } else if (isNameStart(c)) {
      let end = at + 1;
      while (end < to && (isNameStart(text.charCodeAt(end)) || isDigit(text.charCodeAt(end)))) end++;
      const next = text.charCodeAt(end);
      const prefix = end - at <= 2 && (next === 34 || next === 39) && /^(L|u8|u|U)$/.test(text.slice(at, end));
      if (prefix) push(next === 34 ? 'string' : 'char', literalEnd(text, end, to));
      else push('name', end);
    } else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(at + 1)))) {
      let end = at + 1;
      for (; end < to; end++) {
        const d = text.charCodeAt(end);
        const before = text.charCodeAt(end - 1) | 32;
        if (isNameStart(d) || isDigit(d) || d === 46) continue;
        const exponent = before === (/^0x/i.test(text.slice(at, at + 2)) ? 112 : 101);
        if ((d === 43 || d === 45) && exponent) continue;
        break;
      }
      push('number', end);
    } else if (c === 34 || c === 39) {
      push(c === 34 ? 'string' : 'char', literalEnd(text, at, to));
    } else {
      const three = text.slice(at, at + 3);
      const length = punctuators3.has(three) ? 3 : punctuators2.has(three.slice(0, 2)) ? 2 : 1;
      push('punct', at + length);
    }
  }
  return out;
}

/** Offset after the literal whose quote stands at `at`. */
function literalEnd(text: string, at: number, to: number): number {
  const quote = text.charCodeAt(at);
  for (let i = at + 1; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c === 92) i++;
    else if (c === quote) return i + 1;
    else if (c === 10) return i;
  }
  return to;
}
