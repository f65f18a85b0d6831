/** Reads the statements of a function body; what it cannot read it passes over, and says so. */
import { DIRECTIVE, NAME, type Tokens } from './c-tokens';
import type { Declared, Expr, Statement } from './c-tree';
import { ExpressionReader, TYPE_WORDS, Unreadable } from './read-expression';

/** The statements of a body (without its braces, or a macro's replacement). *Fails* never. */
export function bodyOf(tokens: Tokens): readonly Statement[] {
  return new BodyReader(tokens).body();
}

/** Blocks in blocks; deeper nesting is passed over. */
const MAX_NESTED = 120;

class BodyReader extends ExpressionReader {
  private nested = 0;

  body(): readonly Statement[] {
    const out: Statement[] = [];
    while (this.at < this.tokens.words.length) {
      const before = this.at;
      this.listInto(out, false);
      // A closing brace too many: an #ifdef that was read with another one's branch.
      if (this.at === before || this.is('}')) this.at += 1;
    }
    return out;
  }

  protected override blockBody(): readonly Statement[] {
    const out: Statement[] = [];
    const { depth } = this;
    this.depth = Math.floor(depth / 2);
    this.expect('{');
    this.listInto(out, true);
    this.expect('}');
    this.depth = depth;
    return out;
  }

  private listInto(out: Statement[], inBraces: boolean): void {
    if (++this.nested > MAX_NESTED) throw new Unreadable('blocks nested too deeply');
    while (this.at < this.tokens.words.length && !this.is('}')) {
      if (this.kind() === DIRECTIVE && !this.is('#if')) {
        if (inBraces || this.nested > 1) break;
        this.at += 1;
        continue;
      }
      out.push(this.statementOrUnread());
    }
    this.nested -= 1;
  }

  private statementOrUnread(): Statement {
    const { at, nested, depth } = this;
    try {
      return this.statement();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.nested = nested;
      this.depth = depth;
      this.at = at;
      this.passStatement();
      return { kind: 'unread', reason: error.message, at, to: this.at };
    }
  }

  /** To the end of what looks like one statement: after its `;` or its block. */
  private passStatement(): void {
    const from = this.at;
    for (;;) {
      const word = this.word();
      if (word === '' || word === '}' || this.kind() === DIRECTIVE) break;
      if (word === ';') {
        this.at += 1;
        break;
      }
      if (word === '{') {
        this.at = this.afterBracket(this.at);
        if (!this.is('else') && !this.is('while') && !this.is(';') && !this.is(',') && !this.is(')')) break;
      } else if (word === '(' || word === '[') this.at = this.afterBracket(this.at);
      else this.at += 1;
    }
    if (this.at === from) this.at += 1;
  }

  private statement(): Statement {
    const { at } = this;
    const word = this.word();
    if (this.kind() === DIRECTIVE) return this.either();
    if (word === '{') {
      const body = this.blockBody();
      return { kind: 'block', body, at };
    }
    if (word === ';') {
      this.at += 1;
      return { kind: 'block', body: [], at };
    }
    if (this.kind() === NAME) {
      const made = this.keyword(word, at);
      if (made !== null) return made;
      if (this.word(1) === ':' && this.word(2) !== ':') {
        this.at += 2;
        return { kind: 'label', name: word, at };
      }
      if (this.beginsDeclaration()) return this.declaration();
    }
    const value = this.expression();
    if (this.take(';')) return { kind: 'expression', value, at };
    if (value.kind === 'call' && value.callee.kind === 'name') {
      // A macro that heads a statement, or one that brings its own semicolon.
      if (this.is('{') || (this.at < this.tokens.words.length && !this.is('}') && this.kind() !== DIRECTIVE && isLoop(value.callee.name)))
        return { kind: 'each', head: value, body: this.nestedStatement(), at };
      return { kind: 'expression', value, at };
    }
    if (this.at >= this.tokens.words.length) return { kind: 'expression', value, at };
    throw new Unreadable(`expected ";" before "${this.word().slice(0, 40)}"`);
  }

  private keyword(word: string, at: number): Statement | null {
    switch (word) {
      case 'if': {
        this.at += 1;
        // `if_not_guard` and the like are names of their own.
        const test = this.parenthesised();
        const yes = this.nestedStatement();
        const no = this.take('else') ? this.nestedStatement() : null;
        return { kind: 'if', test, yes, no, at };
      }
      case 'while': {
        this.at += 1;
        const test = this.parenthesised();
        return { kind: 'while', test, body: this.nestedStatement(), bodyFirst: false, at };
      }
      case 'do': {
        this.at += 1;
        const body = this.nestedStatement();
        const headed = this.kind() === NAME && this.word(1) === '(' && isLoop(this.word());
        // `do { … } for_each_vma(vmi, vma);` is as good as a while.
        const test = headed ? this.expression() : this.whileTest();
        this.take(';');
        return { kind: 'while', test, body, bodyFirst: true, at };
      }
      case 'for':
        return this.forLoop(at);
      case 'switch': {
        this.at += 1;
        const value = this.parenthesised();
        return { kind: 'switch', value, body: this.nestedStatement(), at };
      }
      case 'case':
        this.at += 1;
        while (this.at < this.tokens.words.length && !this.is(':')) {
          if (this.is(';') || this.is('}')) throw new Unreadable('a case without a colon');
          this.at = this.is('(') ? this.afterBracket(this.at) : this.at + 1;
        }
        this.expect(':');
        return { kind: 'case', isDefault: false, at };
      case 'default':
        if (this.word(1) !== ':') return null;
        this.at += 2;
        return { kind: 'case', isDefault: true, at };
      case 'goto': {
        this.at += 1;
        const name = this.word();
        while (this.at < this.tokens.words.length && !this.is(';') && !this.is('}')) this.at += 1;
        this.take(';');
        return { kind: 'goto', name, at };
      }
      case 'break':
      case 'continue':
        this.at += 1;
        this.take(';');
        return { kind: word, at };
      case 'return': {
        this.at += 1;
        if (this.take(';') || this.at >= this.tokens.words.length) return { kind: 'return', value: null, at };
        const value = this.is('{') ? this.initialiser() : this.expression();
        this.take(';');
        return { kind: 'return', value, at };
      }
      case 'else':
        // Its `if` was in a branch that this reading left out.
        this.at += 1;
        return this.nestedStatement();
      case 'asm':
      case '__asm__':
      case '__asm':
        this.passStatement();
        return { kind: 'block', body: [], at };
      default:
        return null;
    }
  }

  private nestedStatement(): Statement {
    if (this.at >= this.tokens.words.length || this.is('}')) return { kind: 'block', body: [], at: this.at };
    if (++this.nested > MAX_NESTED) throw new Unreadable('statements nested too deeply');
    const made = this.statementOrUnread();
    this.nested -= 1;
    if (made.kind !== 'label' && made.kind !== 'case') return made;
    return { kind: 'block', body: [made, this.nestedStatement()], at: made.at };
  }

  private whileTest(): Expr {
    this.expect('while');
    return this.parenthesised();
  }

  private parenthesised(): Expr {
    this.expect('(');
    const value = this.expression();
    this.expect(')');
    return value;
  }

  private forLoop(at: number): Statement {
    this.at += 1;
    this.expect('(');
    let first: Statement | null = null;
    if (!this.take(';')) {
      const start = this.at;
      if (this.beginsDeclaration()) first = this.declaration();
      else {
        first = { kind: 'expression', value: this.expression(), at: start };
        this.expect(';');
      }
    }
    const test = this.is(';') ? null : this.expression();
    this.expect(';');
    const step = this.is(')') ? null : this.expression();
    this.expect(')');
    return { kind: 'for', first, test, step, body: this.nestedStatement(), at };
  }

  private either(): Statement {
    const { at } = this;
    this.at += 1;
    const branches: Statement[] = [];
    for (;;) {
      const body: Statement[] = [];
      const start = this.at;
      this.listInto(body, true);
      branches.push({ kind: 'block', body, at: start });
      if (this.take('#else')) continue;
      if (!this.take('#endif')) throw new Unreadable('conditional branches out of balance');
      return { kind: 'either', branches, at };
    }
  }

  /** A type word, or a name that is followed by another name, stars in between. */
  private beginsDeclaration(): boolean {
    const word = this.word();
    if (TYPE_WORDS.has(word)) return true;
    let ahead = 1;
    while (/^__\w+$/.test(this.word(ahead)) && this.word(ahead + 1) === '*') ahead += 1;
    while (this.word(ahead) === '*') ahead += 1;
    while (this.kind(ahead) === NAME && (this.word(ahead) === 'const' || /^__\w+$/.test(this.word(ahead))) && this.kind(ahead + 1) === NAME)
      ahead += 1;
    if (this.kind(ahead) !== NAME) return false;
    const next = this.word(ahead + 1);
    if (ahead === 1) return next === '=' || next === ';' || next === ',' || next === '[' || next === ':' || this.kind(ahead + 1) === NAME;
    return next === '=' || next === ';' || next === ',' || next === '[';
  }

  private declaration(): Statement {
    const { at } = this;
    const declared: Declared[] = [];
    // What is declared stands right before one of `= ; , [ :`, outside of brackets.
    let name = '';
    let nameAt = at;
    for (;;) {
      const word = this.word();
      if (word === '' || word === '}') throw new Unreadable('a declaration without an end');
      if (word === ';' || word === ',') {
        this.at += 1;
        if (name !== '') declared.push({ name, value: null, at: nameAt });
        name = '';
        if (word === ';') return { kind: 'declaration', declared, at };
      } else if (word === '=') {
        this.at += 1;
        const value = this.is('{') ? this.initialiser() : this.assignment();
        if (name !== '') declared.push({ name, value, at: nameAt });
        name = '';
        if (this.take(';')) return { kind: 'declaration', declared, at };
        if (!this.take(',')) throw new Unreadable(`"${this.word().slice(0, 40)}" after an initialiser`);
      } else if (word === '(') {
        // `(*name)(…)` declares a pointer to a function; after a name it is an attribute's or a prototype's.
        if (this.word(1) === '*' && this.kind(2) === NAME) {
          name = this.word(2);
          nameAt = this.at + 2;
        }
        this.at = this.afterBracket(this.at);
      } else if (word === '{' || word === '[') this.at = this.afterBracket(this.at);
      else {
        if (this.kind() !== NAME && word !== '*' && word !== ':' && word !== '&')
          throw new Unreadable(`"${word.slice(0, 40)}" in a declaration`);
        if (this.kind() === NAME && !TYPE_WORDS.has(word)) {
          const isAttribute = word.startsWith('__') && name !== '';
          if (!isAttribute) {
            name = word;
            nameAt = this.at;
          }
        }
        this.at += 1;
        if (word === ':') this.assignment();
      }
    }
  }
}

const isLoop = (name: string): boolean => /for_?each|_loop|^for_|^foreach|_walk$|_guard$|_cond_guard$/i.test(name);
