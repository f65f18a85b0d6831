/** Declarations: specifiers, declarators, structs, enums and attributes (C11 6.7 with GNU extensions). */
import type { ExpressionMaker } from './expressions';
import { innerScope, lookUpName, lookUpTag, type Scope, type TreeNames } from './scope';
import type { Expr } from './syntax';
import type { TokenStream } from './token-stream';
import { type IntName, largestObject, type NewField, type TypeTable } from './type-table';
import type { TypeId } from './types';

export interface Attributes {
  packed: boolean;
  align: number;
  cleanup?: string;
}

export interface Specifiers {
  readonly type: TypeId;
  readonly storage: '' | 'typedef' | 'static' | 'extern';
  /** `__auto_type`: the initialiser gives the type. */
  readonly auto: boolean;
  readonly constant: boolean;
  readonly inline: boolean;
  readonly attributes: Attributes;
}

export interface Declarator {
  readonly name: string;
  readonly type: TypeId;
  readonly line: number;
  readonly params: readonly { readonly name: string; readonly type: TypeId; readonly line: number }[];
  readonly attributes: Attributes;
}

export interface DeclarationParser {
  startsType(ahead?: number): boolean;
  specifiers(): Specifiers;
  declarator(base: TypeId, attributes?: Attributes): Declarator;
  /** `type-name` of casts and sizeof. */
  typeName(): TypeId;
  skipAttributes(into?: Attributes): void;
}

/** What declarations need of expressions: constants in array lengths, enumerators, bit-fields, `typeof`. */
export interface ExpressionParser {
  conditional(): Expr;
  expression(): Expr;
  unary(): Expr;
}

const typeWords = new Set(
  'void char short int long signed unsigned float double _Bool __int128 struct union enum typeof __typeof__ __typeof typeof_unqual __typeof_unqual__ __auto_type const volatile restrict __restrict __restrict__ __const __const__ __volatile__ __volatile static extern typedef inline __inline __inline__ register auto _Noreturn _Thread_local __thread _Alignas __signed__ __signed _Atomic __extension__ __attribute__ __attribute _Complex __builtin_va_list __int128_t __uint128_t'.split(
    ' ',
  ),
);

/** What gcc takes at most. */
const largestAlignment = 1n << 28n;

const noAttributes = (): Attributes => ({ packed: false, align: 0 });

export function createDeclarationParser(
  stream: TokenStream,
  types: TypeTable,
  names: TreeNames,
  make: ExpressionMaker,
  scopes: { current: Scope },
  expressions: ExpressionParser,
): DeclarationParser {
  const constantOf = (expr: Expr): bigint | null => (expr.kind === 'constant' ? expr.value : null);

  const isTypedef = (name: string): TypeId | null => {
    const local = lookUpName(scopes.current, name);
    if (local) return local.kind === 'typedef' ? local.type : null;
    return names.typedef(name);
  };

  const startsType = (ahead = 0): boolean => {
    const token = stream.peek(ahead);
    if (token.kind !== 'name') return false;
    return typeWords.has(token.text) || isTypedef(token.text) !== null;
  };

  const skipAttributes = (into: Attributes = noAttributes()): void => {
    for (;;) {
      if (stream.is('__attribute__') || stream.is('__attribute')) {
        stream.next();
        const end = stream.closing(stream.at);
        readAttributes(end, into);
        stream.at = end;
      } else if (stream.is('asm') || stream.is('__asm__') || stream.is('__asm')) {
        // `register long x asm("r10")` and symbol names.
        stream.next();
        stream.at = stream.closing(stream.at);
      } else if (stream.is('__extension__')) stream.next();
      else return;
    }
  };

  const readAttributes = (end: number, into: Attributes): void => {
    stream.expect('(');
    stream.expect('(');
    while (stream.at < end - 2) {
      const name = stream.next().text.replace(/^__|__$/g, '');
      if (stream.is('(')) {
        const close = stream.closing(stream.at);
        stream.next();
        if (name === 'aligned') into.align = Math.max(into.align, stream.is(')') ? 16 : alignment());
        else if (name === 'cleanup') into.cleanup = stream.peek().text;
        stream.at = close;
      } else if (name === 'packed') into.packed = true;
      else if (name === 'aligned') into.align = 16;
    }
  };

  const alignment = (): number => {
    const bytes = constantOf(expressions.conditional()) ?? 1n;
    return bytes > 0n && bytes <= largestAlignment && (bytes & (bytes - 1n)) === 0n ? Number(bytes) : 1;
  };

  const typeofSpecifier = (): TypeId => {
    stream.next();
    stream.expect('(');
    stream.enter('a type');
    const type = startsType() ? typeName() : expressions.expression().type;
    stream.depth--;
    stream.expect(')');
    return type;
  };

  const specifiers = (): Specifiers => {
    const attributes = noAttributes();
    let storage: Specifiers['storage'] = '';
    let type: TypeId | null = null;
    let auto = false;
    let constant = false;
    let inline = false;
    const count: Record<string, number> = {};
    let words = 0;
    for (;;) {
      const token = stream.peek();
      if (token.kind !== 'name') break;
      const text = token.text;
      if (text === '__attribute__' || text === '__attribute' || text === '__extension__') {
        skipAttributes(attributes);
        continue;
      }
      if (text === '_Alignas') {
        stream.next();
        stream.expect('(');
        const align = startsType() ? types.align(typeName()) : alignment();
        attributes.align = Math.max(attributes.align, align);
        stream.expect(')');
        continue;
      }
      if (text === 'typedef' || text === 'static' || text === 'extern') storage = text;
      else if (/^(const|__const|__const__)$/.test(text)) constant = true;
      else if (/^(inline|__inline|__inline__)$/.test(text)) inline = true;
      else if (
        /^(volatile|__volatile__|__volatile|restrict|__restrict|__restrict__|register|auto|_Noreturn|_Thread_local|__thread|_Atomic|_Complex)$/.test(
          text,
        )
      ) {
        // Of no consequence here.
      } else if (text === 'struct' || text === 'union') {
        type = record();
        continue;
      } else if (text === 'enum') {
        type = enumeration();
        continue;
      } else if (/^(typeof|__typeof__|__typeof|typeof_unqual|__typeof_unqual__)$/.test(text)) {
        type = typeofSpecifier();
        continue;
      } else if (text === '__auto_type') auto = true;
      else if (text === '__builtin_va_list') type = types.pointer(types.void);
      else if (text === '__int128_t') type = types.int('__int128');
      else if (text === '__uint128_t') type = types.int('unsigned __int128');
      else if (/^(void|char|short|int|long|signed|__signed__|__signed|unsigned|float|double|_Bool|__int128)$/.test(text)) {
        const word = text.replace(/^__(signed)(__)?$/, '$1');
        count[word] = (count[word] ?? 0) + 1;
        words++;
      } else {
        if (type !== null || words > 0 || auto) break;
        const known = isTypedef(text);
        if (known === null) break;
        type = known;
      }
      stream.next();
    }
    if (type === null) type = auto ? types.int('int') : words > 0 ? basicType(count) : types.int('int');
    skipAttributes(attributes);
    return { type, storage, auto, constant, inline, attributes };
  };

  const basicType = (count: Readonly<Record<string, number>>): TypeId => {
    const has = (word: string): number => count[word] ?? 0;
    if (has('void')) return types.void;
    if (has('_Bool')) return types.bool;
    if (has('float')) return types.float(32);
    if (has('double')) return types.float(has('long') ? 128 : 64);
    const unsigned = has('unsigned') > 0;
    let name: string;
    if (has('char')) name = unsigned ? 'unsigned char' : has('signed') ? 'signed char' : 'char';
    else {
      const width = has('__int128') ? '__int128' : has('short') ? 'short' : has('long') > 1 ? 'long long' : has('long') ? 'long' : 'int';
      name = unsigned ? `unsigned ${width}` : width;
    }
    return types.int(name as IntName);
  };

  const record = (): TypeId => {
    const kind = stream.next().text as 'struct' | 'union';
    const attributes = noAttributes();
    skipAttributes(attributes);
    const line = stream.peek().line;
    let tag = '';
    if (stream.peek().kind === 'name') tag = stream.next().text;
    skipAttributes(attributes);
    if (!stream.is('{')) {
      const local = lookUpTag(scopes.current, `${kind} ${tag}`);
      return local ?? names.tagged(kind, tag);
    }
    // A definition inside a function, or the one that the tree's names asked for (they set the tag first).
    const known = tag === '' ? undefined : lookUpTag(scopes.current, `${kind} ${tag}`);
    const id = known ?? types.record(kind, tag || names.unnamed(line));
    if (tag !== '') scopes.current.tags.set(`${kind} ${tag}`, id);
    stream.enter('a type');
    const fields = members();
    stream.depth--;
    skipAttributes(attributes);
    for (const one of fields) {
      if (incomplete(one.type))
        names.doubt(`${types.show(id)} has a member ${one.name} of the incomplete type ${types.show(one.type)}.`, line);
    }
    types.complete(id, fields, attributes.packed, attributes.align);
    return id;
  };

  /** A struct that holds itself, or one that the tree does not have: its size is not known, and counts as none. */
  const incomplete = (id: TypeId): boolean => {
    let type = types.of(id);
    while (type.kind === 'array') type = types.of(type.of);
    if (type.kind !== 'struct' && type.kind !== 'union') return false;
    types.size(id);
    type = types.of(id);
    while (type.kind === 'array') type = types.of(type.of);
    return (type.kind === 'struct' || type.kind === 'union') && !type.complete;
  };

  const members = (): NewField[] => {
    const fields: NewField[] = [];
    stream.expect('{');
    while (!stream.is('}')) {
      if (stream.peek().text === '') stream.fail('a struct does not end');
      if (stream.take(';')) continue;
      const base = specifiers();
      if (stream.is(';')) {
        // An anonymous struct or union member; a tagged one without a declarator declares nothing.
        const type = types.of(base.type);
        // One that is not complete is the one that is being read, by way of typeof.
        if ((type.kind === 'struct' || type.kind === 'union') && type.complete && type.tag.startsWith('<'))
          fields.push(field('', base.type, base.attributes));
        stream.next();
        continue;
      }
      for (;;) {
        if (stream.is(':')) {
          stream.next();
          fields.push({ name: '', type: base.type, width: width(base.type) });
        } else {
          const one = declarator(base.type, { ...base.attributes });
          // Only a struct or union that is defined here, and a bit-field, may go without.
          if (one.name === '') stream.fail('a member has no name');
          if (stream.take(':')) {
            const bits = width(one.type);
            const attributes = { ...one.attributes };
            skipAttributes(attributes);
            fields.push({ ...field(one.name, one.type, attributes), width: bits });
          } else fields.push(field(one.name, one.type, one.attributes));
        }
        skipAttributes();
        if (!stream.take(',')) break;
      }
      stream.expect(';');
    }
    stream.expect('}');
    return fields;
  };

  const field = (name: string, type: TypeId, attributes: Attributes): NewField => ({
    name,
    type,
    ...(attributes.align > 0 ? { align: attributes.align } : {}),
    ...(attributes.packed ? { packed: true } : {}),
  });

  /** gcc refuses what is wider than 64 bits, or than its type; such a field is no bit-field here. */
  const width = (of: TypeId): number => {
    const { kind } = types.of(of);
    if (kind !== 'int' && kind !== 'enum' && kind !== 'bool') stream.fail('a bit-field of a type that has no bits');
    const bits = constantOf(expressions.conditional()) ?? 0n;
    return bits >= 0n && bits <= 64n ? Number(bits) : stream.fail('a bit-field of an impossible width');
  };

  const enumeration = (): TypeId => {
    stream.next();
    skipAttributes();
    const line = stream.peek().line;
    let tag = '';
    if (stream.peek().kind === 'name') tag = stream.next().text;
    skipAttributes();
    if (!stream.is('{')) {
      const local = lookUpTag(scopes.current, `enum ${tag}`);
      return local ?? names.tagged('enum', tag);
    }
    const known = tag === '' ? undefined : lookUpTag(scopes.current, `enum ${tag}`);
    const id = known ?? types.enumeration(tag || names.unnamed(line));
    if (tag !== '') scopes.current.tags.set(`enum ${tag}`, id);
    stream.expect('{');
    let value = 0n;
    let least = 0n;
    let most = 0n;
    const found: [string, bigint][] = [];
    while (!stream.is('}')) {
      const name = stream.next();
      if (name.kind !== 'name') stream.fail(`expected an enumerator before "${name.text || 'the end'}"`);
      skipAttributes();
      if (stream.take('=')) {
        const given = constantOf(expressions.conditional());
        if (given === null) stream.fail(`the value of ${name.text} is not constant`);
        value = given;
      }
      least = value < least ? value : least;
      most = value > most ? value : most;
      found.push([name.text, value]);
      // Later enumerators may use this one.
      scopes.current.names.set(name.text, {
        kind: 'constant',
        value,
        type: types.int(value > 0x7fffffffn || value < -0x80000000n ? 'long' : 'int'),
      });
      value += 1n;
      if (!stream.take(',')) break;
    }
    stream.expect('}');
    skipAttributes();
    const signed = least < 0n;
    types.completeEnum(id, signed, most > (signed ? 0x7fffffffn : 0xffffffffn) || least < -0x80000000n ? 64 : 32);
    const type =
      least < -0x80000000n || most > 0xffffffffn
        ? types.int('long')
        : most > 0x7fffffffn
          ? types.int(signed ? 'long' : 'unsigned int')
          : types.int('int');
    for (const [name, one] of found) scopes.current.names.set(name, { kind: 'constant', value: one, type });
    return id;
  };

  const declarator = (base: TypeId, attributes: Attributes = noAttributes()): Declarator => {
    let type = base;
    skipAttributes(attributes);
    while (stream.take('*')) {
      type = types.pointer(type);
      for (;;) {
        skipAttributes(attributes);
        if (
          !/^(const|volatile|restrict|__restrict|__restrict__|__const|__const__|__volatile__|_Nonnull|_Nullable)$/.test(stream.peek().text)
        )
          break;
        stream.next();
      }
    }
    const line = stream.peek().line;
    if (stream.is('(') && nestedDeclarator()) {
      const inside = stream.at + 1;
      stream.at = stream.closing(stream.at);
      const outer = suffixes(type);
      skipAttributes(attributes);
      const after = stream.at;
      stream.at = inside;
      stream.enter('a declaration');
      const inner = declarator(outer.type, attributes);
      stream.depth--;
      stream.expect(')');
      stream.at = after;
      // `int (*f)(…)`: the names of the inner function's parameters are of use only where a function is defined.
      return { ...inner, params: inner.params.length > 0 ? inner.params : outer.params };
    }
    let name = '';
    if (stream.peek().kind === 'name' && !typeWords.has(stream.peek().text)) name = stream.next().text;
    skipAttributes(attributes);
    const { type: full, params } = suffixes(type);
    skipAttributes(attributes);
    return { name, type: full, line, params, attributes };
  };

  const nestedDeclarator = (): boolean => {
    const next = stream.peek(1);
    if (next.text === '*' || next.text === '(' || next.text === '__attribute__') return true;
    return next.kind === 'name' && !typeWords.has(next.text) && isTypedef(next.text) === null && stream.peek(2).text !== ',';
  };

  const suffixes = (base: TypeId): { type: TypeId; params: Declarator['params'] } => {
    const lengths: (number | null)[] = [];
    let params: Declarator['params'] = [];
    let type = base;
    if (stream.is('(')) {
      const read = parameters();
      params = read.params;
      type = types.func(
        base,
        params.map((one) => one.type),
        read.variadic,
      );
      return { type, params };
    }
    while (stream.take('[')) {
      while (/^(static|const|restrict|volatile|__restrict)$/.test(stream.peek().text)) stream.next();
      if (stream.take(']')) {
        lengths.push(null);
        continue;
      }
      const length = constantOf(make.decay(expressions.expression()));
      stream.expect(']');
      if (length === null) stream.fail('an array whose length is not constant');
      if (length < 0n) stream.fail('an array of negative length');
      lengths.push(Number(BigInt.asUintN(64, length)));
    }
    for (let i = lengths.length - 1; i >= 0; i--) {
      const length = lengths[i] ?? null;
      if (length !== null && length * types.size(type) > largestObject) stream.fail('an array larger than memory');
      type = types.array(type, length);
    }
    return { type, params };
  };

  const parameters = (): { params: { name: string; type: TypeId; line: number }[]; variadic: boolean } => {
    const params: { name: string; type: TypeId; line: number }[] = [];
    let variadic = false;
    stream.expect('(');
    stream.enter('a declaration');
    const outer = scopes.current;
    scopes.current = innerScope(outer);
    while (!stream.is(')')) {
      if (stream.take('...')) {
        variadic = true;
        break;
      }
      if (stream.peek().text === '') stream.fail('a parameter list does not end');
      const base = specifiers();
      const one = declarator(base.type);
      const kind = types.of(one.type);
      const type = kind.kind === 'array' ? types.pointer(kind.of) : kind.kind === 'function' ? types.pointer(one.type) : one.type;
      if (types.of(type).kind !== 'void') params.push({ name: one.name, type, line: one.line });
      if (!stream.take(',')) break;
    }
    scopes.current = outer;
    stream.depth--;
    stream.expect(')');
    return { params, variadic };
  };

  const typeName = (): TypeId => declarator(specifiers().type).type;

  return { startsType, specifiers, declarator, typeName, skipAttributes };
}
