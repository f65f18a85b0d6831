/** A function's tokens to a typed body; what a statement cannot be read as becomes an `unsupported` statement at its place. */
import type { ExpressionMaker } from './expressions';
import { createDeclarationParser, type Declarator, type DeclarationParser, type Specifiers } from './parse-declaration';
import { createExpressionParser } from './parse-expression';
import { createInitializerParser } from './parse-initializer';
import { innerScope, type Scope, type TreeNames } from './scope';
import type { Block, Expr, Init, Local, Stmt } from './syntax';
import { createTokenStream, type TokenStream, Trouble } from './token-stream';
import type { Token } from './tokens';
import type { TypeTable } from './type-table';
import type { TypeId } from './types';

export interface ParsedFunction {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  readonly type: TypeId;
  readonly inline: boolean;
  readonly params: readonly Local[];
  readonly body: Block;
}

export interface ParsedObject {
  readonly name: string;
  readonly type: TypeId;
  readonly line: number;
  readonly init: Init | null;
  readonly constant: boolean;
  readonly align: number;
}

/** What external declarations a run of tokens holds. */
export interface Parsed {
  readonly functions: readonly ParsedFunction[];
  readonly objects: readonly ParsedObject[];
  /** Types of the functions and objects that are only declared. */
  readonly declared: ReadonlyMap<string, TypeId>;
  readonly scope: Scope;
}

/** Blocks nested more deeply than this are not read. */
const deepest = 200;

export interface ParseParts {
  readonly types: TypeTable;
  readonly names: TreeNames;
  readonly make: ExpressionMaker;
}

/**
 * Reads external declarations. Fails by `Trouble` where one cannot be read at all; inside a function's body troubles stay at their
 * statement.
 * @param withBodies false reads only heads: what a function's type is
 */
export function parseDeclarations(tokens: readonly Token[], parts: ParseParts, scope: Scope, withBodies: boolean): Parsed {
  const stream = createTokenStream(tokens);
  const parser = createParser(stream, parts, scope);
  const functions: ParsedFunction[] = [];
  const objects: ParsedObject[] = [];
  const declared = new Map<string, TypeId>();
  while (stream.peek().text !== '') {
    if (stream.take(';')) continue;
    const start = stream.peek();
    const base = parser.declarations.specifiers();
    if (stream.take(';')) continue;
    for (let first = true; ; first = false) {
      const one = parser.declarations.declarator(base.type, { ...base.attributes });
      if (first && stream.is('{') && parts.types.of(one.type).kind === 'function') {
        declared.set(one.name, one.type);
        if (withBodies) functions.push(parser.functionBody(base, one, start.line));
        else stream.at = stream.closing(stream.at);
        break;
      }
      if (base.storage === 'typedef') scope.names.set(one.name, { kind: 'typedef', type: one.type });
      else if (parts.types.of(one.type).kind === 'function') declared.set(one.name, one.type);
      else objects.push(parser.object(base, one, withBodies));
      if (!stream.take(',')) {
        if (stream.peek().text !== '') stream.expect(';');
        break;
      }
    }
  }
  for (const one of objects) declared.set(one.name, one.type);
  return { functions, objects, declared, scope };
}

interface Parser {
  readonly declarations: DeclarationParser;
  functionBody(base: Specifiers, declarator: Declarator, line: number): ParsedFunction;
  object(base: Specifiers, declarator: Declarator, withInit: boolean): ParsedObject;
}

function createParser(stream: TokenStream, parts: ParseParts, outermost: Scope): Parser {
  const { types, names, make } = parts;
  const scopes = { current: outermost };
  let functionName = '';
  let currentBlock: Block | null = null;
  let unnamed = 0;
  let depth = 0;

  const expressions = createExpressionParser({
    stream,
    types,
    names,
    make,
    scopes,
    declarations: () => declarations,
    block: () => block(),
    initializer: (type) => freshInitializer().read(type),
    unnamedLocal: (type, line) => ({ name: `.literal.${++unnamed}`, type, line, inMemory: true }),
    functionName: () => functionName,
  });
  const declarations: DeclarationParser = createDeclarationParser(stream, types, names, make, scopes, expressions);
  /** Initialisers nest through compound literals, so each has its own. */
  const freshInitializer = (): ReturnType<typeof createInitializerParser> =>
    createInitializerParser(stream, types, make, expressions.assignment, expressions.stringBytes);

  const isAggregate = (type: TypeId): boolean => /^(struct|union|array)$/.test(types.of(type).kind);

  const block = (): Block => {
    if (++depth > deepest) stream.fail('blocks nested too deeply');
    stream.enter('a block');
    const line = stream.expect('{').line;
    const outer = scopes.current;
    scopes.current = innerScope(outer);
    const body: Stmt[] = [];
    const made: { -readonly [K in keyof Block]: Block[K] } = { kind: 'block', line, endLine: line, body, parent: currentBlock };
    const before = currentBlock;
    currentBlock = made;
    while (!stream.is('}')) {
      if (stream.peek().text === '') break;
      statements(body);
    }
    made.endLine = stream.next().line;
    currentBlock = before;
    scopes.current = outer;
    depth--;
    stream.depth--;
    return made;
  };

  /** One statement or declaration; a declaration gives one statement a declarator. */
  const statements = (into: Stmt[]): void => {
    const start = stream.at;
    const { line } = stream.peek();
    const saved = { scope: scopes.current, block: currentBlock, depth, nesting: stream.depth };
    try {
      if (declares()) declaration(into);
      else into.push(statement());
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      scopes.current = saved.scope;
      currentBlock = saved.block;
      depth = saved.depth;
      stream.depth = saved.nesting;
      into.push({ kind: 'unsupported', line: error.line || line, what: error.message });
      stream.at = Math.max(stream.at, start);
      skipStatement(start);
    }
  };

  const declares = (): boolean => {
    if (stream.peek().kind !== 'name') return false;
    if (stream.peek(1).text === ':' && stream.peek(2).text !== ':') return false;
    return stream.is('__label__') || declarations.startsType();
  };

  /** To after the `;` or `}` that ends the statement begun at `start`. */
  const skipStatement = (start: number): void => {
    stream.at = start;
    while (stream.peek().text !== '') {
      if (stream.is('{')) {
        stream.at = stream.closing(stream.at);
        if (!stream.is('else') && !stream.is('while') && !stream.is(';') && !stream.is(')') && !stream.is(',')) return;
        continue;
      }
      if (stream.is('(') || stream.is('[')) {
        stream.at = stream.closing(stream.at);
        continue;
      }
      if (stream.is('}')) return;
      if (stream.next().text === ';' && !stream.is('else')) return;
    }
  };

  const declaration = (into: Stmt[]): void => {
    if (stream.take('__label__')) {
      while (!stream.take(';')) stream.next();
      return;
    }
    const base = declarations.specifiers();
    if (stream.take(';')) return;
    do {
      const one = declarations.declarator(base.type, { ...base.attributes });
      declareOne(base, one, into);
    } while (stream.take(','));
    stream.expect(';');
  };

  const declareOne = (base: Specifiers, one: Declarator, into: Stmt[]): void => {
    const kind = types.of(one.type).kind;
    if (base.storage === 'typedef') {
      scopes.current.names.set(one.name, { kind: 'typedef', type: one.type });
      return;
    }
    if (base.storage === 'extern' || kind === 'function') {
      scopes.current.names.set(one.name, { kind: 'global', name: one.name, type: one.type });
      return;
    }
    if (base.storage === 'static') {
      const read = stream.take('=') ? freshInitializer().read(one.type) : { init: null, type: one.type };
      const name = names.staticLocal(`${functionName}.${one.name}`, read.type, one.line, read.init);
      scopes.current.names.set(one.name, { kind: 'global', name, type: read.type });
      return;
    }
    if (base.auto) {
      stream.expect('=');
      const value = make.decay(expressions.assignment());
      const local = newLocal(one, value.type);
      into.push({ kind: 'declare', line: one.line, local, init: { items: [], whole: value } });
      return;
    }
    // The name means the new variable in its own initialiser already (`struct x a = { .self = &a }`).
    const local = newLocal(one, one.type);
    if (!stream.take('=')) {
      into.push({ kind: 'declare', line: one.line, local, init: null });
      return;
    }
    const read = freshInitializer().read(one.type);
    local.type = read.type;
    into.push({ kind: 'declare', line: one.line, local, init: read.init });
  };

  const newLocal = (one: Declarator, type: TypeId): Local => {
    const { cleanup } = one.attributes;
    const local: Local = { name: one.name, type, line: one.line, inMemory: isAggregate(type), ...(cleanup ? { cleanup } : {}) };
    if (cleanup) local.inMemory = true;
    scopes.current.names.set(one.name, { kind: 'local', local });
    return local;
  };

  const parenthesised = (): Expr => {
    stream.expect('(');
    const value = make.decay(expressions.expression());
    stream.expect(')');
    return value;
  };

  const body = (): Stmt => {
    const made: Stmt[] = [];
    if (++depth > deepest) stream.fail('statements nested too deeply');
    statements(made);
    depth--;
    return made.length === 1 && made[0] ? made[0] : { kind: 'empty', line: stream.peek().line };
  };

  const statement = (): Stmt => {
    const token = stream.peek();
    const { line } = token;
    if (stream.is('{')) return block();
    if (stream.take(';')) return { kind: 'empty', line };
    if (token.kind === 'name') {
      switch (token.text) {
        case 'if': {
          stream.next();
          const condition = parenthesised();
          const yes = body();
          const no = stream.take('else') ? body() : null;
          return { kind: 'if', line, condition, yes, no };
        }
        case 'while': {
          stream.next();
          const condition = parenthesised();
          return { kind: 'while', line, condition, body: body() };
        }
        case 'do': {
          stream.next();
          const inner = body();
          const endLine = stream.expect('while').line;
          const condition = parenthesised();
          stream.take(';');
          return { kind: 'do', line, body: inner, condition, endLine };
        }
        case 'for':
          return forStatement(line);
        case 'switch': {
          stream.next();
          stream.expect('(');
          const value = make.promote(expressions.expression());
          stream.expect(')');
          return { kind: 'switch', line, value, body: body() };
        }
        case 'case': {
          stream.next();
          const from = constant();
          const to = stream.take('...') ? constant() : from;
          stream.expect(':');
          return { kind: 'case', line, from, to, body: labelled() };
        }
        case 'default':
          stream.next();
          stream.expect(':');
          return { kind: 'default', line, body: labelled() };
        case 'goto': {
          stream.next();
          if (stream.is('*')) stream.fail('a computed goto');
          const name = stream.next().text;
          stream.expect(';');
          return { kind: 'goto', line, name };
        }
        case 'break':
        case 'continue':
          stream.next();
          stream.expect(';');
          return { kind: token.text, line };
        case 'return': {
          stream.next();
          const value = stream.is(';') ? null : make.decay(expressions.expression());
          stream.expect(';');
          return { kind: 'return', line, value };
        }
        case 'asm':
        case '__asm__':
        case '__asm':
          return assembly(line);
        default:
          if (stream.peek(1).text === ':' && stream.peek(1).kind === 'punct') {
            stream.next();
            stream.next();
            declarations.skipAttributes();
            if (!currentBlock) return stream.fail('a label outside a block');
            return { kind: 'label', line, name: token.text, block: currentBlock, body: labelled() };
          }
      }
    }
    const expr = expressions.expression();
    stream.expect(';');
    return { kind: 'expression', line, expr: make.decay(expr) };
  };

  /** What a label stands before: nothing, at the end of a block; a declaration stays for the block to read. */
  const labelled = (): Stmt => (stream.is('}') || declares() ? { kind: 'empty', line: stream.peek().line } : body());

  const constant = (): bigint => {
    const value = make.decay(expressions.conditional());
    if (value.kind !== 'constant') return stream.fail('a case that is not constant');
    return value.value;
  };

  const forStatement = (line: number): Stmt => {
    stream.next();
    stream.expect('(');
    // The clause's declarations have a block of their own, so that leaving the loop by goto cleans them up.
    const outer = scopes.current;
    const before = currentBlock;
    scopes.current = innerScope(outer);
    const around: Stmt[] = [];
    const wrapper: { -readonly [K in keyof Block]: Block[K] } = { kind: 'block', line, endLine: line, body: around, parent: before };
    currentBlock = wrapper;
    const init: Stmt[] = [];
    if (!stream.take(';')) {
      if (declares()) declaration(init);
      else {
        init.push({ kind: 'expression', line, expr: make.decay(expressions.expression()) });
        stream.expect(';');
      }
    }
    const condition = stream.is(';') ? null : make.decay(expressions.expression());
    stream.expect(';');
    const step = stream.is(')') ? null : make.decay(expressions.expression());
    stream.expect(')');
    const inner = body();
    scopes.current = outer;
    currentBlock = before;
    wrapper.endLine = stream.peek(-1).line;
    around.push({ kind: 'for', line, init, condition, step, body: inner });
    return wrapper;
  };

  const assembly = (line: number): Stmt => {
    stream.next();
    while (/^(volatile|__volatile__|__volatile|goto|inline|__inline)$/.test(stream.peek().text)) stream.next();
    const end = stream.closing(stream.at);
    stream.expect('(');
    const template = expressions.stringBytes() ?? [];
    stream.at = end;
    stream.take(';');
    // An empty template only keeps the compiler from moving things.
    return template.every((one) => one === 0 || one === 32)
      ? { kind: 'empty', line }
      : { kind: 'unsupported', line, what: 'inline assembly' };
  };

  return {
    declarations,
    functionBody: (base, declarator, line) => {
      functionName = declarator.name;
      const outer = scopes.current;
      scopes.current = innerScope(outer);
      const params = declarator.params.map((one): Local => {
        const local = { name: one.name, type: one.type, line: one.line, inMemory: isAggregate(one.type) };
        if (one.name) scopes.current.names.set(one.name, { kind: 'local', local });
        return local;
      });
      const read = block();
      const ended = stream.peek(-1).text === '}';
      // A brace or a comment is missing: what would follow is not known.
      if (!ended) (read.body as Stmt[]).push({ kind: 'unsupported', line: read.endLine || read.line, what: 'no end' });
      scopes.current = outer;
      return {
        name: declarator.name,
        line: declarator.line || line,
        endLine: read.endLine,
        type: declarator.type,
        inline: base.inline,
        params,
        body: read,
      };
    },
    object: (base, declarator, withInit) => {
      let type = declarator.type;
      let init: Init | null = null;
      if (stream.take('=')) {
        const array = types.of(type);
        // The initialiser gives an open array its length, so it is read for the type too.
        if (withInit || (array.kind === 'array' && array.length === null)) {
          const read = freshInitializer().read(type);
          type = read.type;
          init = read.init;
        } else skipInitializer();
      }
      let element = type;
      for (let array = types.of(element); array.kind === 'array'; array = types.of(element)) element = array.of;
      // `const char *p`: what it points at is const, the pointer is not.
      const constant = base.constant && (types.of(element).kind !== 'pointer' || element === base.type);
      return { name: declarator.name, type, line: declarator.line, init, constant, align: declarator.attributes.align };
    },
  };

  function skipInitializer(): void {
    while (!stream.is(',') && !stream.is(';') && stream.peek().text !== '') {
      if (stream.is('{') || stream.is('(') || stream.is('[')) stream.at = stream.closing(stream.at);
      else stream.next();
    }
  }
}
