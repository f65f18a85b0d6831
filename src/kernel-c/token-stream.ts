/** Tokens read one after another by the parser. */
import type { Token } from './tokens';

/** The parser met something that it does not read; caught at the statement or declaration around it. */
export class Trouble extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

const end: Token = { kind: 'punct', text: '', line: 0, spaced: false, first: false };

export interface TokenStream {
  at: number;
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
  const stream: TokenStream = {
    at: 0,
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
      if (!stream.is(text)) stream.fail(`expected "${text}" before "${stream.peek().text || 'the end'}"`);
      return stream.next();
    },
    closing: (from) => {
      let depth = 0;
      for (let i = from; i < tokens.length; i++) {
        const token = tokens[i];
        if (token?.kind !== 'punct') continue;
        if (token.text === '(' || token.text === '[' || token.text === '{') depth++;
        else if (token.text === ')' || token.text === ']' || token.text === '}') {
          depth--;
          if (depth === 0) return i + 1;
        }
      }
      return tokens.length;
    },
    fail: (what) => {
      throw new Trouble(what, stream.peek().line);
    },
  };
  return stream;
}
