/** The words, numbers and marks of one line of a scenario, each with its place. */

export type TokenKind = 'word' | 'number' | 'string' | 'parameter' | 'mark' | 'bad';

export interface Token {
  readonly kind: TokenKind;
  /** As written, quotes included. */
  readonly text: string;
  /** From 1; the end is behind its last character. */
  readonly column: number;
  readonly endColumn: number;
}

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Columns of white space before the first token; a tab goes on to the next column that two divides. */
  readonly indent: number;
  readonly tokens: readonly Token[];
  /** With its `#`, without white space at the end; empty where there is none. */
  readonly comment: string;
}

const SPACE = /[^\S\n]+/y;
const NUMBER = /-?\d[\d_]*(?:\.\d[\d_]*)?[A-Za-z]*/y;
/** `create`, `A-2`, `hstate.1G.nr_huge_pages`, `SHARE=>SPLIT`. */
const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:(?:[.-]|=>?(?=[A-Z]))[A-Za-z0-9_]+)*/y;
const PARAMETER = /\$[A-Za-z_][A-Za-z0-9_-]*/y;
const MARK = /\.\.|!=|<=|>=|[[(),=<>+*/-]/y;
const BAD = /[^\s#"]+/y;

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['word', WORD],
  ['number', NUMBER],
  ['parameter', PARAMETER],
  ['mark', MARK],
  ['bad', BAD],
];

/** The lines of a text. Never fails: what is no token is a `bad` one. */
export function linesOf(text: string): Line[] {
  return text.split('\n').map((each, index) => lineOf(each, index + 1));
}

function lineOf(text: string, number: number): Line {
  const tokens: Token[] = [];
  let comment = '';
  let indent = 0;
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space !== '') {
      if (at === 0) indent = widthOf(space);
      at += space.length;
      continue;
    }
    if (text[at] === '#') {
      comment = text.slice(at).trimEnd();
      break;
    }
    const token = text[at] === '"' ? stringAt(text, at) : tokenAt(text, at);
    tokens.push(token);
    at = token.endColumn - 1;
  }
  return { number, indent, tokens, comment };
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    const found = matchAt(pattern, text, at);
    if (found !== '') return { kind, text: found, column: at + 1, endColumn: at + 1 + found.length };
  }
  return { kind: 'bad', text: text.charAt(at), column: at + 1, endColumn: at + 2 };
}

/** `bad` where the line ends before the string does. */
function stringAt(text: string, at: number): Token {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  const closed = end < text.length;
  const found = closed ? text.slice(at, end + 1) : text.slice(at).trimEnd();
  return { kind: closed ? 'string' : 'bad', text: found, column: at + 1, endColumn: at + 1 + found.length };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function widthOf(space: string): number {
  let width = 0;
  for (const each of space) width += each === '\t' ? 2 - (width % 2) : 1;
  return width;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\\': '\\\\', '"': '\\"' };

/** What a string token says. */
export const unquoted = (text: string): string =>
  text.slice(1, -1).replace(/\\(.)/g, (_, each: string) => (each === 'n' ? '\n' : each === 'r' ? '\r' : each));

/** As a string token. */
export const quoted = (text: string): string => `"${text.replace(/[\n\r\\"]/g, (each) => ESCAPES[each] ?? each)}"`;
