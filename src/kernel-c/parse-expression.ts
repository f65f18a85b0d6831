/** Expressions to typed expressions (C11 6.5 with GNU extensions). */
import { precedence } from './precedence';
import { builtinCalls, foldedBits } from './builtins';
import type { ExpressionMaker } from './expressions';
import { integerLiteral, literalBytes } from './literals';
import type { DeclarationParser } from './parse-declaration';
import { lookUpName, type Scope, type TreeNames } from './scope';
import type { Block, Expr, Init, Local } from './syntax';
import type { TokenStream } from './token-stream';
import type { TypeTable } from './type-table';
import type { TypeId } from './types';

export interface ExpressionParserParts {
  readonly stream: TokenStream;
  readonly types: TypeTable;
  readonly names: TreeNames;
  readonly make: ExpressionMaker;
  readonly scopes: { current: Scope };
  declarations(): DeclarationParser;
  /** A `{ … }` block as a statement expression. */
  block(): Block;
  initializer(type: TypeId): { readonly init: Init; readonly type: TypeId };
  /** A local without a name, for compound literals. */
  unnamedLocal(type: TypeId, line: number): Local;
  functionName(): string;
}

export interface FullExpressionParser {
  expression(): Expr;
  assignment(): Expr;
  conditional(): Expr;
  unary(): Expr;
  /** Adjacent string literals with their NUL, or null when the next token is none. */
  stringBytes(): number[] | null;
}

const updates = new Set(['+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);
/** Letters of a string; C asks for 4095. */
const longestString = 1 << 18;
/** `a + b + …` and `a, b, …` nest to the left, one level an operator: whoever visits them recurses as deep. */
const longestChain = 1000;

export function createExpressionParser(parts: ExpressionParserParts): FullExpressionParser {
  const { stream, types, names, make, scopes } = parts;
  const int = types.int('int');
  const ulong = types.int('unsigned long');

  const expression = (): Expr => {
    let left = assignment();
    for (let links = 1; stream.take(','); links++) {
      if (links > longestChain) stream.fail('an expression that is too long');
      const right = assignment();
      left = { kind: 'comma', type: make.decay(right).type, a: left, b: make.decay(right) };
    }
    return left;
  };

  const assignment = (): Expr => {
    stream.enter('an expression');
    let value = conditional();
    const op = stream.peek().text;
    if (stream.take('=')) value = make.assign(value, assignment());
    else if (stream.peek().kind === 'punct' && updates.has(op)) {
      stream.next();
      value = make.update(op.slice(0, -1), value, assignment(), false);
    }
    stream.depth--;
    return value;
  };

  const conditional = (): Expr => {
    const condition = binary(1);
    if (!stream.take('?')) return condition;
    stream.enter('an expression');
    let yes: Expr | null = null;
    if (!stream.take(':')) {
      yes = expression();
      stream.expect(':');
    }
    const chosen = make.conditional(condition, yes, conditional());
    stream.depth--;
    return chosen;
  };

  const binary = (least: number): Expr => {
    let left = castExpression();
    for (let links = 1; ; links++) {
      if (links > longestChain) stream.fail('an expression that is too long');
      const token = stream.peek();
      const strength = token.kind === 'punct' ? (precedence[token.text] ?? 0) : 0;
      if (strength === 0 || strength < least) return left;
      stream.next();
      const right = binary(strength + 1);
      left =
        token.text === '&&'
          ? make.logical('and', left, right)
          : token.text === '||'
            ? make.logical('or', left, right)
            : make.binary(token.text, left, right);
    }
  };

  const castExpression = (): Expr => {
    stream.enter('an expression');
    const value = stream.is('(') && parts.declarations().startsType(1) ? castOrLiteral() : prefixed();
    stream.depth--;
    return value;
  };

  const castOrLiteral = (): Expr => {
    const line = stream.next().line;
    const type = parts.declarations().typeName();
    stream.expect(')');
    if (stream.is('{')) return postfix(literal(type, line));
    const a = castExpression();
    const { kind } = types.of(type);
    if (kind === 'void') return { kind: 'cast', type, a: make.decay(a) };
    // GNU: a cast to a union takes one of its members; to its own type it is nothing.
    if (kind === 'struct' || kind === 'union')
      return a.type === type ? a : { kind: 'unsupported', type, what: `cast to ${types.show(type)}` };
    return make.cast(a, type);
  };

  const literal = (type: TypeId, line: number): Expr => {
    const read = parts.initializer(type);
    return { kind: 'literal', type: read.type, local: parts.unnamedLocal(read.type, line), init: read.init };
  };

  const unary = (): Expr => {
    stream.enter('an expression');
    const value = prefixed();
    stream.depth--;
    return value;
  };

  const prefixed = (): Expr => {
    const token = stream.peek();
    if (token.kind === 'punct') {
      switch (token.text) {
        case '++':
        case '--':
          stream.next();
          return make.update(token.text[0] ?? '+', unary(), make.constant(1n, int), false);
        case '&': {
          stream.next();
          return make.address(castExpression());
        }
        case '&&':
          return stream.fail('the address of a label');
        case '*':
          stream.next();
          return make.deref(castExpression());
        case '+':
        case '-':
        case '~':
          stream.next();
          return make.unary(token.text, castExpression());
        case '!':
          stream.next();
          return make.not(castExpression());
        default:
      }
    }
    if (token.kind === 'name') {
      if (token.text === 'sizeof' || /^(_Alignof|__alignof__|__alignof)$/.test(token.text)) return sizeOf(token.text === 'sizeof');
      if (token.text === '__extension__') {
        stream.next();
        return castExpression();
      }
    }
    return postfix(primary());
  };

  const sizeOf = (size: boolean): Expr => {
    stream.next();
    let type: TypeId;
    if (stream.is('(') && parts.declarations().startsType(1)) {
      stream.next();
      type = parts.declarations().typeName();
      stream.expect(')');
      if (stream.is('{')) type = literal(type, stream.peek().line).type;
    } else type = unary().type;
    return make.constant(BigInt(size ? types.size(type) : types.align(type)), ulong);
  };

  const postfix = (first: Expr): Expr => {
    let a = first;
    for (let links = 1; ; links++) {
      if (links > longestChain) stream.fail('an expression that is too long');
      const token = stream.peek();
      if (token.kind !== 'punct') return a;
      if (token.text === '[') {
        stream.next();
        const index = expression();
        stream.expect(']');
        a = make.deref(make.binary('+', a, index));
      } else if (token.text === '(') a = call(a, token.line);
      else if (token.text === '.') {
        stream.next();
        a = memberOf(a, stream.next().text);
      } else if (token.text === '->') {
        stream.next();
        a = memberOf(make.deref(a), stream.next().text);
      } else if (token.text === '++' || token.text === '--') {
        stream.next();
        a = make.update(token.text[0] ?? '+', a, make.constant(1n, int), true);
      } else return a;
    }
  };

  const memberOf = (base: Expr, name: string): Expr => {
    if (base.kind === 'unsupported') return base;
    return make.member(base, name) ?? stream.fail(`no member ${name} in ${types.show(base.type)}`);
  };

  const call = (callee: Expr, line: number): Expr => {
    const args = argumentList();
    const target = make.decay(callee);
    const pointer = types.of(target.type);
    const type = pointer.kind === 'pointer' ? types.of(pointer.to) : pointer;
    if (type.kind !== 'function') return stream.fail('a call of something that is no function');
    const converted = args.map((arg, i) => {
      const param = type.params[i];
      return param === undefined ? make.promote(arg) : make.convert(make.decay(arg), param);
    });
    return { kind: 'call', type: type.returns, callee: target, args: converted, line };
  };

  const argumentList = (): Expr[] => {
    stream.expect('(');
    const args: Expr[] = [];
    while (!stream.is(')')) {
      if (stream.peek().text === '') stream.fail('an argument list does not end');
      args.push(make.decay(assignment()));
      if (!stream.take(',')) break;
    }
    stream.expect(')');
    return args;
  };

  const stringBytes = (): number[] | null => {
    if (stream.peek().kind !== 'string') return null;
    const bytes: number[] = [];
    while (stream.peek().kind === 'string') {
      if (bytes.length + stream.peek().text.length > longestString) stream.fail('a string that is too long');
      for (const one of literalBytes(stream.next().text)) bytes.push(one);
    }
    bytes.push(0);
    return bytes;
  };

  const primary = (): Expr => {
    const token = stream.peek();
    switch (token.kind) {
      case 'number': {
        stream.next();
        const read = integerLiteral(token.text);
        return read
          ? make.constant(read.value, types.int(read.type))
          : { kind: 'unsupported', type: types.float(64), what: 'floating-point constant' };
      }
      case 'char': {
        stream.next();
        const bytes = literalBytes(token.text);
        return make.constant(BigInt.asIntN(8, BigInt(bytes[bytes.length - 1] ?? 0)), int);
      }
      case 'string':
        return names.string(stringBytes() ?? [0]);
      case 'punct':
        if (token.text === '(') {
          if (stream.peek(1).text === '{') {
            stream.next();
            const block = parts.block();
            stream.expect(')');
            const last = block.body[block.body.length - 1];
            const value = last?.kind === 'expression' ? make.decay(last.expr) : null;
            return { kind: 'statements', type: value ? value.type : types.void, block };
          }
          stream.next();
          const inner = expression();
          stream.expect(')');
          return inner;
        }
        return stream.fail(`expected an expression before "${token.text || 'the end'}"`);
      default:
        return named(stream.next().text, token.line);
    }
  };

  const named = (name: string, line: number): Expr => {
    if (name.startsWith('__builtin_')) return builtin(name);
    if (name === '_Generic') return generic();
    if (name === '__func__' || name === '__FUNCTION__' || name === '__PRETTY_FUNCTION__')
      return names.string([...literalBytes(`"${parts.functionName()}"`), 0]);
    const local = lookUpName(scopes.current, name);
    if (local) {
      if (local.kind === 'local') return make.local(local.local);
      if (local.kind === 'constant') return make.constant(local.value, local.type);
      if (local.kind === 'global') return { kind: 'global', type: local.type, name: local.name };
      return stream.fail(`the type ${name} stands where a value is wanted`);
    }
    const enumerator = names.enumerator(name);
    if (enumerator) return make.constant(enumerator.value, enumerator.type);
    const object = names.object(name);
    if (object) return { kind: 'global', type: object.type, name: object.name };
    if (stream.is('(')) {
      // Called without a declaration in reach: an int comes back, as in old C.
      return { kind: 'global', type: types.func(int, [], true), name };
    }
    void line;
    return stream.fail(`nothing named ${name} was found in the tree`);
  };

  const generic = (): Expr => {
    stream.expect('(');
    const control = make.decay(assignment());
    let chosen: Expr | null = null;
    let otherwise: Expr | null = null;
    while (stream.take(',')) {
      if (stream.take('default')) {
        stream.expect(':');
        otherwise = assignment();
      } else {
        const type = parts.declarations().typeName();
        stream.expect(':');
        // Only the chosen branch need make sense for this operand.
        const start = stream.at;
        if (chosen === null && type === control.type) chosen = assignment();
        else {
          stream.at = start;
          skipAssignment();
        }
      }
    }
    stream.expect(')');
    return chosen ?? otherwise ?? stream.fail(`no branch of _Generic for ${types.show(control.type)}`);
  };

  const skipAssignment = (): void => {
    while (!stream.is(',') && !stream.is(')') && stream.peek().text !== '') {
      if (stream.is('(') || stream.is('[') || stream.is('{')) stream.at = stream.closing(stream.at);
      else stream.next();
    }
  };

  const builtin = (name: string): Expr => {
    const one = (value: bigint, type: TypeId): Expr => make.constant(value, type);
    switch (name) {
      case '__builtin_expect':
      case '__builtin_expect_with_probability':
      case '__builtin_assume_aligned':
        return argumentList()[0] ?? stream.fail(`${name} without an argument`);
      case '__builtin_constant_p': {
        const a = argumentList()[0];
        return one(a?.kind === 'constant' ? 1n : 0n, int);
      }
      case '__builtin_object_size':
      case '__builtin_dynamic_object_size':
        argumentList();
        return one(-1n, ulong);
      case '__builtin_return_address':
      case '__builtin_frame_address':
        argumentList();
        return one(0n, types.pointer(types.void));
      case '__builtin_prefetch':
        argumentList();
        return { kind: 'cast', type: types.void, a: one(0n, int) };
      case '__builtin_has_attribute':
        stream.at = stream.closing(stream.at);
        return one(0n, int);
      case '__builtin_choose_expr': {
        stream.expect('(');
        const condition = make.truth(assignment());
        stream.expect(',');
        const start = stream.at;
        if (condition === true) {
          const yes = assignment();
          stream.expect(',');
          skipAssignment();
          stream.expect(')');
          return yes;
        }
        stream.at = start;
        skipAssignment();
        stream.expect(',');
        const no = assignment();
        stream.expect(')');
        return no;
      }
      case '__builtin_types_compatible_p': {
        stream.expect('(');
        const a = parts.declarations().typeName();
        stream.expect(',');
        const b = parts.declarations().typeName();
        stream.expect(')');
        return one(a === b ? 1n : 0n, int);
      }
      case '__builtin_offsetof':
        return offsetOf();
      case '__builtin_unreachable':
        argumentList();
        return { kind: 'unsupported', type: types.void, what: '__builtin_unreachable' };
      default:
        return builtinCall(name);
    }
  };

  const builtinCall = (name: string): Expr => {
    const known = builtinCalls[name];
    const line = stream.peek().line;
    const args = argumentList();
    if (!known) return { kind: 'unsupported', type: int, what: name };
    const typeNamed = (word: string): TypeId =>
      word === 'void'
        ? types.void
        : word === 'bool'
          ? types.bool
          : word === 'void *'
            ? types.pointer(types.void)
            : types.int(word as 'int');
    const converted = args.map((arg, i) => {
      const param = known.params[i] ?? '…';
      return param === '…' ? make.promote(arg) : make.convert(arg, typeNamed(param));
    });
    const folded = converted.length === 1 && converted[0]?.kind === 'constant' ? foldedBits(name, converted[0].value) : null;
    if (folded !== null) return make.constant(folded, int);
    if (name.endsWith('_overflow')) {
      const into = types.of(converted[2]?.type ?? int);
      const result = into.kind === 'pointer' ? types.of(into.to) : into;
      const signed = (at: number): bigint => {
        const type = types.of(converted[at]?.type ?? int);
        return type.kind === 'int' && type.signed ? 1n : 0n;
      };
      const bits = result.kind === 'int' ? BigInt(result.bits) : 64n;
      const flags = [bits, result.kind === 'int' && result.signed ? 1n : 0n, signed(0), signed(1)];
      converted.push(...flags.map((value) => make.constant(value, int)));
    }
    const type = types.func(
      typeNamed(known.returns),
      converted.map((arg) => arg.type),
      false,
    );
    return { kind: 'call', type: typeNamed(known.returns), callee: make.decay({ kind: 'global', type, name }), args: converted, line };
  };

  const offsetOf = (): Expr => {
    stream.expect('(');
    let type = parts.declarations().typeName();
    stream.expect(',');
    let at: Expr = make.constant(0n, ulong);
    const step = (name: string): void => {
      const field = types.field(type, name);
      if (!field) return stream.fail(`no member ${name} in ${types.show(type)}`);
      at = make.binary('+', at, make.constant(BigInt(field.offset), ulong));
      type = field.type;
    };
    step(stream.next().text);
    for (;;) {
      if (stream.take('.')) step(stream.next().text);
      else if (stream.take('[')) {
        const index = expression();
        stream.expect(']');
        const array = types.of(type);
        if (array.kind !== 'array') return stream.fail('offsetof with an index into something that is no array');
        at = make.binary('+', at, make.binary('*', make.cast(index, ulong), make.constant(BigInt(types.size(array.of)), ulong)));
        type = array.of;
      } else break;
    }
    stream.expect(')');
    return at;
  };

  return { expression, assignment, conditional, unary, stringBytes };
}
