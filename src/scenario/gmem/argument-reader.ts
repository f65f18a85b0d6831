/** Goes along the tokens of one line, reads arguments, and gathers what is wrong with them. */
import type { NamesInScope } from './names-in-scope';
import { nearestWord } from './nearest-word';
import { problem, shown, spanOfLine, spanOfToken } from './problem';
import type { TextProblem, TextSpan } from './scenario';
import { linesOf, type Line, type Token, type TokenKind } from './tokens';

/** What an argument says: a word, a number in its base unit, words, or a range. */
export type Value = string | number | readonly string[] | { readonly from: number; readonly to: number };

const LEFT_OUT = 'The line is left out of the scenario.';

export class ArgumentReader {
  readonly problems: TextProblem[] = [];
  /** Arguments read so far, by name. */
  readonly values: Record<string, Value> = {};
  /** Those of them that use a parameter or are sums, as written. */
  readonly written: Record<string, string> = {};
  private position: number;
  private usedParameter = false;

  constructor(
    private readonly line: Line,
    readonly scope: NamesInScope,
    from: number,
  ) {
    this.position = from;
  }

  get ended(): boolean {
    return this.position >= this.line.tokens.length;
  }

  /** The next token, a parameter already replaced by what it stands for; null at the end of the line. */
  peek(): Token | null {
    const token = this.line.tokens[this.position];
    if (token === undefined) return null;
    return token.kind === 'parameter' ? this.replaced(token) : token;
  }

  /** Goes on if the next token is this word or mark. */
  accept(text: string): boolean {
    const token = this.line.tokens[this.position];
    if (token === undefined || token.text !== text || token.kind === 'string') return false;
    this.position += 1;
    return true;
  }

  /** As `accept`, and a problem where it is another. */
  expect(text: string): boolean {
    if (this.accept(text)) return true;
    const met = this.ended ? 'The line ends too early.' : `"${shown(this.textAtHand())}" stands where "${text}" should.`;
    return this.refuse(met, `Write "${text}" here.`);
  }

  /** The next token if it is of one of these kinds; else null and a problem that says `what` was wanted. */
  take(kinds: readonly TokenKind[], what: string): Token | null {
    const token = this.peek();
    if (token === null) {
      if (!this.ended) return null;
      this.refuse('The line ends too early.', `Write ${what} here.`);
      return null;
    }
    if (!kinds.includes(token.kind)) {
      if (token.kind === 'bad' && token.text.startsWith('"')) {
        this.refuse('The line ends within a text.', 'Close it with a quotation mark.');
        return null;
      }
      this.refuse(`"${shown(token.text)}" is not ${what}.`, `Write ${what} here.`);
      return null;
    }
    this.next();
    return token;
  }

  /** Goes on by one token. */
  next(): void {
    if (this.line.tokens[this.position]?.kind === 'parameter') this.usedParameter = true;
    this.position += 1;
  }

  /** The argument at hand is printed as it is written, not by its value. */
  keepWritten(): void {
    this.usedParameter = true;
  }

  /** What was missing was missing at the end of the line. */
  get stopsAtTheEnd(): boolean {
    const last = this.problems.at(-1);
    return last !== undefined && last.span.column >= spanOfLine(this.line).endColumn;
  }

  /** A problem at the next token. */
  refuse(met: string, todo: string): false {
    return this.refuseAt(this.here(), met, todo);
  }

  refuseAt(span: TextSpan, met: string, todo: string): false {
    this.problems.push(problem(span, met, LEFT_OUT, todo));
    return false;
  }

  /** A problem with the token just taken, whose text is not one of the known words. */
  refuseWord(token: Token, what: string, known: Iterable<string>): false {
    const near = nearestWord(token.text, known);
    const todo = near === null ? `Write ${what} here.` : `Did you mean "${near}"?`;
    return this.refuseAt(spanOfToken(this.line.number, token), `"${shown(token.text)}" is not ${what}.`, todo);
  }

  spanOf(token: Token): TextSpan {
    return spanOfToken(this.line.number, token);
  }

  /** Reads one argument under its name. */
  argument(name: string, read: (reader: ArgumentReader) => Value | null): boolean {
    const from = this.position;
    this.usedParameter = false;
    const value = read(this);
    if (value === null) return false;
    this.values[name] = value;
    if (this.usedParameter) this.written[name] = joined(this.line.tokens.slice(from, this.position));
    return true;
  }

  /** From the token at `from` to the one before the next. */
  spanFrom(from: number): TextSpan {
    const first = this.line.tokens[from];
    const last = this.line.tokens[this.position - 1];
    const whole = spanOfLine(this.line);
    return { ...whole, column: first?.column ?? whole.column, endColumn: last?.endColumn ?? whole.endColumn };
  }

  get at(): number {
    return this.position;
  }

  private textAtHand(): string {
    return this.line.tokens[this.position]?.text ?? '';
  }

  private here(): TextSpan {
    const token = this.line.tokens[this.position];
    if (token !== undefined) return spanOfToken(this.line.number, token);
    const { endColumn } = spanOfLine(this.line);
    return { line: this.line.number, column: endColumn, endLine: this.line.number, endColumn: endColumn + 1 };
  }

  private replaced(token: Token): Token | null {
    const { parameters } = this.scope;
    const value = parameters.get(token.text.slice(1));
    if (value === undefined) {
      const near = nearestWord(
        token.text,
        [...parameters.keys()].map((each) => `$${each}`),
      );
      this.refuse(
        `The parameter "${shown(token.text)}" has no value.`,
        near === null ? `Declare it above: let ${token.text.slice(1)} 1.` : `Did you mean "${near}"?`,
      );
      return null;
    }
    const [first] = linesOf(value)[0]?.tokens ?? [];
    return first === undefined ? null : { ...first, column: token.column, endColumn: token.endColumn };
  }
}

/** Tokens as the formatter writes them: one space between, none within ranges. */
export function joined(tokens: readonly Token[]): string {
  let text = '';
  let last = '';
  for (const token of tokens) {
    const opens = last === '[' || last === '(' || last === '..';
    const called = token.text === '(' && (last === 'min' || last === 'max');
    const glued = text === '' || opens || called || token.text === '..' || token.text === ',' || token.text === ')';
    text += glued ? token.text : ` ${token.text}`;
    last = token.text;
  }
  return text;
}
