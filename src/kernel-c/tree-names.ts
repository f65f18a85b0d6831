/** The names of a tree as types, constants and objects: found by name in the index, read when asked for. */
import type { Problem } from '../base/place';
import { definitionsOf, inReach } from './choose';
import { macroResults } from './overrides';
import { createExpressionMaker, type ExpressionMaker } from './expressions';
import { type Parsed, parseDeclarations } from './parse-function';
import type { Preprocessor } from './preprocessor';
import { innerScope, type Scope, type TreeNames } from './scope';
import type { Expr, Init } from './syntax';
import { createTokenStream, Trouble } from './token-stream';
import { createExpressionParser } from './parse-expression';
import { createDeclarationParser } from './parse-declaration';
import { tokensOf } from './tokens';
import type { Found, TreeIndex } from './tree-index';
import { createTypeTable, type TypeTable } from './type-table';
import type { TypeId } from './types';

export interface StaticObject {
  readonly name: string;
  readonly type: TypeId;
  readonly file: string;
  readonly line: number;
  readonly init: Init | null;
  readonly bytes?: readonly number[];
  readonly constant: boolean;
}

/** Everything of one reading that files share: types, strings, static locals, problems. */
export interface Reading {
  readonly types: TypeTable;
  readonly make: ExpressionMaker;
  readonly problems: Problem[];
  /** String literals and static locals by name. */
  readonly statics: Map<string, StaticObject>;
  /** Names as a file of the tree sees them. */
  namesIn(file: string): FileNames;
  /** Reads a definition's tokens as declarations. */
  parse(found: Found, withBodies: boolean): Parsed | null;
  /** The function's definition as a place in the tree would find it. */
  functionNamed(name: string, seenFrom: string): Found | null;
  objectNamed(name: string, seenFrom: string): Found | null;
  /** Value of an enumerator, macro or constant expression. */
  constant(name: string, seenFrom: string): bigint | null;
  typeNamed(name: string, seenFrom: string): TypeId | null;
}

export interface FileNames extends TreeNames {
  readonly scope: Scope;
}

const typedefKinds: ReadonlySet<string> = new Set(['typedef']);
const enumeratorKinds: ReadonlySet<string> = new Set(['enumerator']);
const functionKinds: ReadonlySet<string> = new Set(['function']);
const objectKinds: ReadonlySet<string> = new Set(['variable']);
const declaredKinds: ReadonlySet<string> = new Set(['function', 'prototype', 'variable']);

/** Definitions that ask for each other, one inside the other: types by value, enumerators, lengths. */
const deepestReading = 120;
/** Bytes of a string that `String.fromCharCode` takes at a time. */
const chunk = 8192;

const keyOf = (bytes: readonly number[]): string => {
  let key = '';
  for (let i = 0; i < bytes.length; i += chunk) key += String.fromCharCode(...bytes.slice(i, i + chunk));
  return key;
};

export function createReading(index: TreeIndex, pre: Preprocessor): Reading {
  const types = createTypeTable();
  const make = createExpressionMaker(types);
  const problems: Problem[] = [];
  const statics = new Map<string, StaticObject>();
  const strings = new Map<string, string>();
  const files = new Map<string, FileNames>();
  /** Records by the definition that completes them, so that each is one type in the whole program. */
  const records = new Map<string, TypeId>();
  const pending = new Map<TypeId, Found>();
  const parsedDefinitions = new Map<Found['definition'], Parsed | null>();
  const reading = new Set<Found['definition']>();
  let depth = 0;
  const madeBy = new Map<string, readonly Found[]>();
  let counter = 0;

  const trouble = (code: string, message: string, file: string, line: number): void => {
    problems.push({ code, message, place: { file, line } });
  };

  const parse = (found: Found, withBodies: boolean): Parsed | null => {
    const known = withBodies ? undefined : parsedDefinitions.get(found.definition);
    if (known !== undefined) return known;
    if (reading.has(found.definition)) return null;
    // Not kept: from another place it may be near enough.
    if (depth > deepestReading) return null;
    reading.add(found.definition);
    depth++;
    let parsed: Parsed | null = null;
    try {
      const names = namesIn(found.file.path);
      parsed = parseDeclarations(pre.expanded(found), { types, names, make }, innerScope(null), withBodies);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      const line = error.line || found.definition.line;
      trouble('kernel-c/unread', `${found.definition.name} could not be read: ${error.message}.`, found.file.path, line);
    }
    depth--;
    reading.delete(found.definition);
    if (!withBodies) parsedDefinitions.set(found.definition, parsed);
    return parsed;
  };

  const seen = (found: readonly Found[]): Found | null => found.find((one) => pre.seen(one)) ?? null;

  /** Invocations of macros that may make the wanted name. */
  const invocationsFor = (name: string): readonly Found[] => {
    const known = madeBy.get(name);
    if (known) return known;
    const result = pre.invocationsFor(name).filter(pre.seen);
    madeBy.set(name, result);
    return result;
  };

  const inInvocation = (name: string, seenFrom: string): Found | null => {
    for (const found of invocationsFor(name)) {
      if (found.file.path !== seenFrom && !found.file.path.endsWith('.h')) continue;
      const parsed = parse(found, false);
      if (parsed?.declared.has(name)) return found;
    }
    return null;
  };

  const typedefInInvocation = (name: string, seenFrom: string): TypeId | null => {
    for (const found of invocationsFor(name)) {
      if (found.file.path !== seenFrom && !found.file.path.endsWith('.h')) continue;
      const made = parse(found, false)?.scope.names.get(name);
      if (made?.kind === 'typedef') return made.type;
    }
    return null;
  };

  const functionNamed = (name: string, seenFrom: string): Found | null =>
    seen(definitionsOf(index, name, seenFrom, functionKinds)) ??
    (index.byName.has(name) && definitionsOf(index, name, seenFrom, declaredKinds).length > 0 ? null : inInvocation(name, seenFrom));

  const objectNamed = (name: string, seenFrom: string): Found | null =>
    seen(definitionsOf(index, name, seenFrom, objectKinds)) ?? inInvocation(name, seenFrom);

  types.completer = (id) => {
    const found = pending.get(id);
    const type = types.of(id);
    if (!found || (type.kind !== 'struct' && type.kind !== 'union')) return;
    pending.delete(id);
    if (depth > deepestReading) {
      trouble('kernel-c/unread', `${type.kind} ${type.tag} is nested too deeply in other types.`, found.file.path, found.definition.line);
      return;
    }
    depth++;
    const scope = innerScope(null);
    // The definition completes the type that was handed out already.
    scope.tags.set(`${type.kind} ${type.tag}`, id);
    try {
      parseDeclarations(pre.expanded(found), { types, names: namesIn(found.file.path), make }, scope, false);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      trouble(
        'kernel-c/unread',
        `${type.kind} ${type.tag} could not be read: ${error.message}.`,
        found.file.path,
        error.line || found.definition.line,
      );
    }
    depth--;
  };

  /** What a call of a macro that is not expanded gives: as the function it wraps (`kmalloc` and `kmalloc_noprof`), or as listed. */
  const asMacro = (name: string, names: FileNames): { name: string; type: TypeId } | null => {
    const wrapped = index.byName.has(`${name}_noprof`) ? names.object(`${name}_noprof`) : null;
    if (wrapped) return { name, type: wrapped.type };
    const returns = macroResults[name];
    if (returns === undefined || !index.byName.has(name)) return null;
    const type = returns.startsWith('struct')
      ? types.pointer(names.tagged('struct', returns.replace(/^struct | \*$/g, '')))
      : returns === 'void *'
        ? types.pointer(types.void)
        : types.int('unsigned long');
    return { name, type: types.func(type, [], true) };
  };

  const namesIn = (file: string): FileNames => {
    const known = files.get(file);
    if (known) return known;
    const typedefs = new Map<string, TypeId | null>();
    const enumerators = new Map<string, { value: bigint; type: TypeId } | null>();
    const objects = new Map<string, { name: string; type: TypeId } | null>();
    const names: FileNames = {
      scope: innerScope(null),
      typedef: (name) => {
        const before = typedefs.get(name);
        if (before !== undefined) return before;
        typedefs.set(name, null);
        let type: TypeId | null = null;
        for (const found of inReach(index, name, file, typedefKinds)) {
          const read = pre.seen(found) ? parse(found, false)?.scope.names.get(name) : undefined;
          if (read?.kind === 'typedef') {
            type = read.type;
            break;
          }
        }
        // Types that macros make: `SEQCOUNT_LOCKNAME(spinlock, …)`. Asked for every name, so only where the name says type.
        if (type === null && name.endsWith('_t')) type = typedefInInvocation(name, file);
        typedefs.set(name, type);
        return type;
      },
      tagged: (kind, tag) => {
        const found = seen(inReach(index, tag, file, new Set([kind])));
        const key = found ? `${kind} ${tag} ${found.file.path} ${found.definition.from}` : `${kind} ${tag}`;
        const before = records.get(key);
        if (before !== undefined) return before;
        if (kind === 'enum') {
          const id = types.enumeration(tag);
          records.set(key, id);
          if (found && depth <= deepestReading) {
            const scope = innerScope(null);
            scope.tags.set(`enum ${tag}`, id);
            depth++;
            try {
              parseDeclarations(pre.expanded(found), { types, names, make }, scope, false);
            } catch (error) {
              if (!(error instanceof Trouble)) throw error;
              trouble('kernel-c/unread', `enum ${tag} could not be read: ${error.message}.`, file, error.line || found.definition.line);
            }
            depth--;
          }
          return id;
        }
        const id = types.record(kind, tag);
        records.set(key, id);
        if (found) pending.set(id, found);
        return id;
      },
      enumerator: (name) => {
        const before = enumerators.get(name);
        if (before !== undefined) return before;
        enumerators.set(name, null);
        let result: { value: bigint; type: TypeId } | null = null;
        for (const found of inReach(index, name, file, enumeratorKinds)) {
          if (!pre.seen(found)) continue;
          const read = parse(found, false)?.scope.names.get(name);
          if (read?.kind === 'constant') {
            result = { value: read.value, type: read.type };
            break;
          }
        }
        enumerators.set(name, result);
        return result;
      },
      object: (name) => {
        const before = objects.get(name);
        if (before !== undefined) return before;
        objects.set(name, null);
        let result: { name: string; type: TypeId } | null = null;
        for (const found of definitionsOf(index, name, file, declaredKinds)) {
          if (!pre.seen(found)) continue;
          const type = parse(found, false)?.declared.get(name);
          if (type !== undefined) {
            result = { name, type };
            break;
          }
        }
        if (!result) {
          const found = inInvocation(name, file);
          const type = found ? parse(found, false)?.declared.get(name) : undefined;
          if (type !== undefined) result = { name, type };
        }
        result ??= asMacro(name, names);
        objects.set(name, result);
        return result;
      },
      string: (bytes): Expr => {
        const key = keyOf(bytes);
        let name = strings.get(key);
        const type = types.array(types.int('char'), bytes.length);
        if (name === undefined) {
          name = `.str.${strings.size}`;
          strings.set(key, name);
          statics.set(name, { name, type, file, line: 0, init: null, bytes, constant: true });
        }
        return { kind: 'global', type, name };
      },
      staticLocal: (name, type, line, init) => {
        const unique = statics.has(name) ? `${name}.${++counter}` : name;
        statics.set(unique, { name: unique, type, file, line, init, constant: false });
        return unique;
      },
      doubt: (message, line) => trouble('kernel-c/incomplete', message, file, line),
      unnamed: (line) => `<anonymous>@${file}:${line}.${++counter}`,
    };
    files.set(file, names);
    return names;
  };

  const expressionIn = (text: string, file: string): Expr | null => {
    // Line 0: seen from the end of the file, after all its macros.
    const stream = createTokenStream(pre.expand(tokensOf(text, 0, text.length, 0), { file, line: Number.MAX_SAFE_INTEGER }));
    const names = namesIn(file);
    const scopes = { current: innerScope(null) };
    const parser = createExpressionParser({
      stream,
      types,
      names,
      make,
      scopes,
      declarations: () => declarations,
      block: () => stream.fail('a statement where a constant is wanted'),
      initializer: () => stream.fail('an initialiser where a constant is wanted'),
      unnamedLocal: () => stream.fail('a literal where a constant is wanted'),
      functionName: () => '',
    });
    const declarations = createDeclarationParser(stream, types, names, make, scopes, parser);
    try {
      const expr = make.decay(parser.expression());
      return stream.peek().text === '' ? expr : null;
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      return null;
    }
  };

  const typeNamed = (name: string, seenFrom: string): TypeId | null => {
    const tag = /^(struct|union|enum)\s+(\w+)$/.exec(name);
    const id = tag ? namesIn(seenFrom).tagged(tag[1] as 'struct', tag[2] ?? '') : namesIn(seenFrom).typedef(name);
    if (id === null) return null;
    types.size(id);
    const type = types.of(id);
    return (type.kind === 'struct' || type.kind === 'union') && !type.complete ? null : id;
  };

  return {
    types,
    make,
    problems,
    statics,
    namesIn,
    parse,
    functionNamed,
    objectNamed,
    constant: (name, seenFrom) => {
      const expr = expressionIn(name, seenFrom);
      return expr?.kind === 'constant' ? expr.value : null;
    },
    typeNamed,
  };
}
