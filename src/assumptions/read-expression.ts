/** Reads C expressions without types or symbols: what may be a cast is judged by its words. */
import { NAME, NUMBER, TEXT, type Tokens } from './c-tokens';
import type { Expr, Member, Statement } from './c-tree';

/** Met something that cannot be read; caught at the statement around it. */
export class Unreadable extends Error {}

/** Deeper nesting is given up: the stack must hold. */
const MAX_DEPTH = 150;
/** So is a longer chain of operators, which nests as deeply. */
const MAX_CHAIN = 600;

const STRENGTH: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);
const PREFIXES = new Set(['!', '~', '-', '+', '*', '&', '++', '--', '&&']);
export const TYPE_WORDS = new Set([
  'struct',
  'union',
  'enum',
  'const',
  'volatile',
  'unsigned',
  'signed',
  'void',
  'int',
  'long',
  'short',
  'char',
  'bool',
  '_Bool',
  'float',
  'double',
  'static',
  'register',
  'extern',
  'typeof',
  '__typeof__',
  '__typeof',
  'inline',
  '__always_inline',
  'noinline',
  'auto',
  '__auto_type',
  'typeof_unqual',
  '__inline',
  '__inline__',
]);
const STATEMENT_WORDS = new Set(['if', 'else', 'while', 'for', 'do', 'switch', 'case', 'default', 'return', 'goto', 'break', 'continue']);

export class ExpressionReader {
  at = 0;
  protected depth = 0;

  constructor(readonly tokens: Tokens) {}

  /** With the comma operator. */
  expression(): Expr {
    let left = this.assignment();
    for (let length = 0; this.is(','); length += 1) {
      if (length > MAX_CHAIN) throw new Unreadable('too long an expression');
      const at = this.at++;
      left = { kind: 'binary', op: ',', left, right: this.assignment(), at };
    }
    return left;
  }

  assignment(): Expr {
    if (++this.depth > MAX_DEPTH) throw new Unreadable('nested too deeply');
    const left = this.choice();
    let result = left;
    const word = this.word();
    if (ASSIGNMENTS.has(word) && this.kind() !== TEXT) {
      const at = this.at++;
      result = { kind: 'assign', op: word, left, right: this.is('{') ? this.initialiser() : this.assignment(), at };
    }
    this.depth -= 1;
    return result;
  }

  protected word(ahead = 0): string {
    return this.tokens.words[this.at + ahead] ?? '';
  }

  protected kind(ahead = 0): number {
    return this.tokens.kinds[this.at + ahead] ?? 0;
  }

  protected is(word: string): boolean {
    return this.tokens.words[this.at] === word;
  }

  protected take(word: string): boolean {
    if (this.tokens.words[this.at] !== word) return false;
    this.at += 1;
    return true;
  }

  protected expect(word: string): void {
    if (!this.take(word)) throw new Unreadable(`expected "${word}" before "${this.word().slice(0, 40) || 'the end'}"`);
  }

  /** Index after the bracket that closes the one at `from`; the number of tokens where none does. */
  protected afterBracket(from: number): number {
    const { words } = this.tokens;
    let depth = 0;
    for (let at = from; at < words.length; at += 1) {
      const word = words[at];
      if (word === '(' || word === '[' || word === '{') depth += 1;
      else if (word === ')' || word === ']' || word === '}') {
        depth -= 1;
        if (depth <= 0) return at + 1;
      }
    }
    return words.length;
  }

  /** A block in an expression; a reader of statements knows how. */
  protected blockBody(): readonly Statement[] {
    this.at = this.afterBracket(this.at);
    return [];
  }

  private choice(): Expr {
    const test = this.binary(1);
    if (!this.is('?')) return test;
    const at = this.at++;
    const yes = this.is(':') ? null : this.expression();
    this.expect(':');
    return { kind: 'choice', test, yes, no: this.assignment(), at };
  }

  private binary(least: number): Expr {
    let left = this.prefix();
    for (let length = 0; ; length += 1) {
      if (length > MAX_CHAIN) throw new Unreadable('too long an expression');
      const op = this.word();
      const strength = STRENGTH.get(op);
      if (strength === undefined || strength < least || this.kind() === TEXT) return left;
      const at = this.at++;
      left = { kind: 'binary', op, left, right: this.binary(strength + 1), at };
    }
  }

  private prefix(): Expr {
    if (++this.depth > MAX_DEPTH) throw new Unreadable('nested too deeply');
    const made = this.prefixed();
    this.depth -= 1;
    return made;
  }

  private prefixed(): Expr {
    const word = this.word();
    const { at } = this;
    if (PREFIXES.has(word) && this.kind() !== TEXT) {
      this.at += 1;
      return { kind: 'unary', op: word, of: this.prefix(), at };
    }
    if (word === 'sizeof' || word === '_Alignof' || word === '__alignof__') {
      this.at += 1;
      if (this.is('(')) {
        this.at = this.afterBracket(this.at);
        return this.suffixes({ kind: 'constant', text: 'sizeof', at });
      }
      this.prefix();
      return { kind: 'constant', text: 'sizeof', at };
    }
    if (word === '__extension__') {
      this.at += 1;
      return this.prefix();
    }
    if (word === '(') {
      if (this.word(1) === '{') {
        this.at += 1;
        const body = this.blockBody();
        this.expect(')');
        return this.suffixes({ kind: 'block', body, at });
      }
      const close = this.castEnd();
      if (close > 0) {
        this.at = close;
        if (this.is('{')) return this.suffixes(this.initialiser());
        return this.prefix();
      }
    }
    return this.suffixes(this.primary());
  }

  /** Index after a cast's parenthesis, or 0. */
  private castEnd(): number {
    const { kinds, words } = this.tokens;
    let at = this.at + 1;
    let typed = false;
    let names = 0;
    let stars = 0;
    for (; ; at += 1) {
      const word = words[at];
      if (word === undefined) return 0;
      if (word === ')') break;
      if (kinds[at] === NAME && !STATEMENT_WORDS.has(word)) {
        if (TYPE_WORDS.has(word)) typed = true;
        else if (stars > 0 && !word.startsWith('__')) return 0;
        else names += 1;
        if (/^(?:__)?typeof/.test(word) && words[at + 1] === '(') at = this.afterBracket(at + 1) - 1;
        else if (word === '__attribute__' && words[at + 1] === '(') at = this.afterBracket(at + 1) - 1;
      } else if (word === '*') stars += 1;
      else if (typed && (word === '(' || word === '[')) at = this.afterBracket(at) - 1;
      else return 0;
    }
    if (names === 0 && !typed) return 0;
    const next = words[at + 1] ?? '';
    const nextKind = kinds[at + 1] ?? 0;
    if (typed || stars > 0) return at + 1;
    // `(name) x`: two operands never stand side by side.
    if (names >= 1 && (nextKind === NAME || nextKind === NUMBER || nextKind === TEXT)) return STRENGTH.has(next) ? 0 : at + 1;
    if (names === 1 && (next === '{' || next === '~' || next === '!')) return at + 1;
    if (names === 1 && next === '(' && /(?:_t|^u\d+|^s\d+|^ulong|^uint)$/.test(words[at - 1] ?? '')) return at + 1;
    return 0;
  }

  private primary(): Expr {
    const { at } = this;
    const word = this.word();
    switch (this.kind()) {
      case NAME:
        if (STATEMENT_WORDS.has(word)) throw new Unreadable(`"${word}" in an expression`);
        this.at += 1;
        // A type as an argument: `container_of(x, struct y, z)`.
        if (TYPE_WORDS.has(word)) return this.typeAsArgument(at);
        return { kind: 'name', name: word, at };
      case NUMBER:
        this.at += 1;
        return { kind: 'constant', text: word, at };
      case TEXT:
        this.at += 1;
        while (this.kind() === TEXT || (this.kind() === NAME && /^[A-Z]/.test(this.word()) && this.kind(1) === TEXT)) this.at += 1;
        return { kind: 'constant', text: '""', at };
      default:
        break;
    }
    if (word === '(') {
      this.at += 1;
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (word === '{') return this.initialiser();
    throw new Unreadable(`"${word.slice(0, 40) || 'the end'}" where an operand should be`);
  }

  private typeAsArgument(at: number): Expr {
    for (;;) {
      const word = this.word();
      if (word === '' || word === ',' || word === ')' || word === ';' || word === '}') break;
      if (word === '(' || word === '[' || word === '{') this.at = this.afterBracket(this.at);
      else this.at += 1;
    }
    return { kind: 'constant', text: 'type', at };
  }

  private suffixes(start: Expr): Expr {
    let made = start;
    for (let length = 0; ; length += 1) {
      if (length > MAX_CHAIN) throw new Unreadable('too long an expression');
      const { at } = this;
      const word = this.word();
      if (this.kind() === TEXT) {
        // A macro between pieces of a string: PRIx64 and the like.
        if (made.kind === 'name' && /^[A-Z]/.test(made.name)) {
          this.at += 1;
          made = { kind: 'constant', text: '""', at };
          continue;
        }
        return made;
      }
      if (word === '(') {
        made = { kind: 'call', callee: made, args: this.args(), at: made.at };
      } else if (word === '[') {
        this.at += 1;
        const index = this.expression();
        this.expect(']');
        made = { kind: 'index', of: made, index, at };
      } else if (word === '.' || word === '->') {
        this.at += 1;
        if (this.kind() !== NAME) throw new Unreadable('no name after a member operator');
        made = { kind: 'field', of: made, name: this.word(), at: this.at };
        this.at += 1;
      } else if (word === '++' || word === '--') {
        this.at += 1;
        made = { kind: 'unary', op: word, of: made, at };
      } else return made;
    }
  }

  private args(): readonly Expr[] {
    this.expect('(');
    const args: Expr[] = [];
    while (!this.take(')')) {
      if (this.at >= this.tokens.words.length) throw new Unreadable('a parenthesis is not closed');
      if (this.is(',')) {
        args.push({ kind: 'constant', text: '', at: this.at++ });
        continue;
      }
      args.push(this.argument());
      if (!this.take(',') && !this.is(')')) throw new Unreadable(`"${this.word().slice(0, 40)}" between arguments`);
    }
    return args;
  }

  /** An argument; to a macro anything may be given, and what is no expression is passed over. */
  private argument(): Expr {
    const { at, depth } = this;
    try {
      const value = this.assignment();
      if (this.is(',') || this.is(')')) return value;
    } catch (error) {
      if (!(error instanceof Unreadable) || depth > MAX_DEPTH - 2) throw error;
    }
    this.at = at;
    this.depth = depth;
    for (;;) {
      const word = this.word();
      if (word === '' || word === ',' || word === ')') break;
      if (word === '(' || word === '[' || word === '{') this.at = this.afterBracket(this.at);
      else this.at += 1;
    }
    return { kind: 'constant', text: '?', at };
  }

  initialiser(): Expr {
    if (++this.depth > MAX_DEPTH) throw new Unreadable('nested too deeply');
    const { at } = this;
    this.expect('{');
    const members: Member[] = [];
    while (!this.take('}')) {
      if (this.at >= this.tokens.words.length) throw new Unreadable('a brace is not closed');
      if (this.take(',')) continue;
      members.push(this.member());
      if (!this.is(',') && !this.is('}')) throw new Unreadable(`"${this.word().slice(0, 40)}" in an initialiser`);
    }
    this.depth -= 1;
    return { kind: 'initialiser', members, at };
  }

  private member(): Member {
    let field = '';
    while (this.is('.') || this.is('[')) {
      if (this.take('.')) {
        field += (field === '' ? '' : '.') + this.word();
        this.at += 1;
      } else this.at = this.afterBracket(this.at);
    }
    if (field === '' && this.kind() === NAME && this.word(1) === ':' && this.word(2) !== ':') {
      field = this.word();
      this.at += 2;
    } else this.take('=');
    return { field, value: this.is('{') ? this.initialiser() : this.assignment() };
  }
}
