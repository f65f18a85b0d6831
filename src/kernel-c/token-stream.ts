/** Tokens read one after another by the parser. */
import type { Token } from './tokens';

/** A name of ten megabytes is not repeated whole. */
const longestMessage = 200;
/** Nesting beyond this is not C that anyone wrote. */
const deepest = 400;

/** The parser met something that it does not read; caught at the statement or declaration around it. */
export class Trouble extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message);
  }
}

const end: Token = { kind: 'punct', text: '', line: 0, spaced: false, first: false };

export interface TokenStream {
  at: number;
  /** How many constructs are open around the place. */
  depth: number;
  /** Goes one deeper, into what may hold itself; `depth` is set back by whoever ends or catches. */
  enter(what: string): void;
  readonly tokens: readonly Token[];
  peek(ahead?: number): Token;
  next(): Token;
  /** True, and taken, when the next token is this. */
  take(text: string): boolean;
  expect(text: string): Token;
  is(text: string): boolean;
  /** Offset after the bracket that closes the one at `from`. */
  closing(from: number): number;
  fail(what: string): never;
}

export function createTokenStream(tokens: readonly Token[]): TokenStream {
  let closings: Int32Array | null = null;
  const stream: TokenStream = {
    at: 0,
    depth: 0,
    enter: (what) => {
      if (++stream.depth > deepest) stream.fail(`${what} nested too deeply`);
    },
    tokens,
    peek: (ahead = 0) => tokens[stream.at + ahead] ?? { ...end, line: tokens[tokens.length - 1]?.line ?? 0 },
    next: () => {
      const token = stream.peek();
      stream.at++;
      return token;
    },
    is: (text) => {
      const token = stream.peek();
      return token.text === text && token.kind !== 'string' && token.kind !== 'char';
    },
    take: (text) => {
      if (!stream.is(text)) return false;
      stream.at++;
      return true;
    },
    expect: (text) => {
      if (!stream.is(text)) stream.fail(`expected "${text}" before "${stream.peek().text.slice(0, 40) || 'the end'}"`);
      return stream.next();
    },
    closing: (from) => {
      closings ??= closingsOf(tokens);
      let at = from;
      while (at < tokens.length && closings[at] === 0) at++;
      return closings[at] ?? tokens.length;
    },
    fail: (what) => {
      throw new Trouble(what, stream.peek().line);
    },
  };
  return stream;
}

/** For each opening bracket the offset after the one that closes it, and the end where none does; 0 for other tokens. */
function closingsOf(tokens: readonly Token[]): Int32Array {
  const closings = new Int32Array(tokens.length);
  const open: number[] = [];
  tokens.forEach((token, at) => {
    if (token.kind !== 'punct') return;
    if (token.text === '(' || token.text === '[' || token.text === '{') {
      closings[at] = tokens.length;
      open.push(at);
    } else if (token.text === ')' || token.text === ']' || token.text === '}') {
      const from = open.pop();
      if (from !== undefined) closings[from] = at + 1;
    }
  });
  return closings;
}
