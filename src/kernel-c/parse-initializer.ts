/** Initialisers brought to their places: designators, nesting and brace elision (C11 6.7.9). */
import type { ExpressionMaker } from './expressions';
import type { Expr, Init } from './syntax';
import type { TokenStream } from './token-stream';
import type { TypeTable } from './type-table';
import type { CField, TypeId } from './types';

type Item = Init['items'][number];

export interface InitializerParser {
  /** Reads one; `type` may be an array without a length, and comes back with it. */
  read(type: TypeId): { readonly init: Init; readonly type: TypeId };
}

/** An array range `[0 ... N] = x` wider than this is not written out. */
const mostElements = 1 << 20;
/** Values of one initialiser, written out. */
const mostItems = 1 << 20;

export function createInitializerParser(
  stream: TokenStream,
  types: TypeTable,
  make: ExpressionMaker,
  assignment: () => Expr,
  stringBytes: () => number[] | null,
): InitializerParser {
  const isChars = (type: TypeId): boolean => {
    const array = types.of(type);
    if (array.kind !== 'array') return false;
    const element = types.of(array.of);
    return element.kind === 'int' && element.bits === 8;
  };

  const aggregate = (type: TypeId): boolean => /^(struct|union|array)$/.test(types.of(type).kind);

  const items: Item[] = [];
  let longest = 0;

  /** Elements or members in order: what positional values go to. */
  const placesOf = (type: TypeId): { count: number; at: (index: number) => { offset: number; type: TypeId; field?: CField } | null } => {
    const kind = types.of(type);
    if (kind.kind === 'array') {
      const size = types.size(kind.of);
      return { count: kind.length ?? mostElements, at: (index) => ({ offset: index * size, type: kind.of }) };
    }
    types.size(type);
    const full = types.of(type);
    if (full.kind !== 'struct' && full.kind !== 'union') return { count: 0, at: () => null };
    const named = full.fields.filter((one) => one.name !== '' || !one.bits);
    return {
      count: full.kind === 'union' ? Math.min(1, named.length) : named.length,
      at: (index) => {
        const field = named[index];
        return field ? { offset: field.offset, type: field.type, field } : null;
      },
    };
  };

  const put = (offset: number, type: TypeId, value: Expr, field?: CField): void => {
    items.push({ offset, type, value: make.convert(value, type), ...(field?.bits ? { bits: field.bits } : {}) });
  };

  const putString = (offset: number, type: TypeId, bytes: readonly number[]): number => {
    const array = types.of(type);
    const room = array.kind === 'array' && array.length !== null ? array.length : bytes.length;
    const char = types.int('char');
    for (let i = 0; i < Math.min(room, bytes.length); i++)
      items.push({ offset: offset + i, type: char, value: make.constant(BigInt(bytes[i] ?? 0), char) });
    return bytes.length;
  };

  /** One value for a place: braces, a string, a whole aggregate, or its first members. */
  const element = (offset: number, type: TypeId, field?: CField): void => {
    stream.enter('an initialiser');
    if (items.length > mostItems) stream.fail('an initialiser that is too long');
    elementAt(offset, type, field);
    stream.depth--;
  };
  const elementAt = (offset: number, type: TypeId, field?: CField): void => {
    if (stream.is('{')) {
      if (aggregate(type)) list(offset, type);
      else {
        stream.expect('{');
        if (!stream.is('}')) element(offset, type, field);
        stream.take(',');
        stream.expect('}');
      }
      return;
    }
    if (aggregate(type)) {
      if (isChars(type)) {
        const bytes = stringBytes();
        if (bytes) {
          putString(offset, type, bytes);
          return;
        }
      }
      const value = assignment();
      if (value.type === type) {
        items.push({ offset, type, value });
        return;
      }
      elided(offset, type, value);
      return;
    }
    put(offset, type, assignment(), field);
  };

  /** Brace elision: the first value is read already, the next ones fill the members that follow. */
  const elided = (offset: number, type: TypeId, first: Expr): void => {
    const places = placesOf(type);
    for (let i = 0; i < places.count; i++) {
      const place = places.at(i);
      if (!place) return;
      if (i === 0) {
        if (aggregate(place.type) && first.type !== place.type) elided(offset + place.offset, place.type, first);
        else put(offset + place.offset, place.type, first, place.field);
      } else {
        if (!stream.is(',') || stream.peek(1).text === '}' || stream.peek(1).text === '.' || stream.peek(1).text === '[') return;
        stream.expect(',');
        element(offset + place.offset, place.type, place.field);
      }
    }
  };

  const constant = (): number => {
    const value = make.decay(assignment());
    if (value.kind !== 'constant') return stream.fail('an array designator that is not constant');
    return Number(value.value);
  };

  const list = (offset: number, type: TypeId): void => {
    stream.expect('{');
    const places = placesOf(type);
    let index = 0;
    while (!stream.is('}')) {
      if (stream.peek().text === '') stream.fail('an initialiser does not end');
      let place = { offset, type };
      let field: CField | undefined;
      let repeat = 1;
      let stride = 0;
      let designated = false;
      // GNU's old `name: value`.
      if (stream.peek().kind === 'name' && stream.peek(1).text === ':' && types.field(type, stream.peek().text)) {
        field = types.field(type, stream.next().text) ?? undefined;
        stream.next();
        if (field) place = { offset: offset + field.offset, type: field.type };
        designated = true;
        index = memberIndex(type, field?.name ?? '') + 1;
      }
      while (stream.is('.') || stream.is('[')) {
        const first = !designated;
        designated = true;
        if (stream.take('.')) {
          const name = stream.next().text;
          const found = types.field(place.type, name);
          if (!found) stream.fail(`no member ${name} in ${types.show(place.type)}`);
          if (first) index = memberIndex(type, name) + 1;
          field = found;
          place = { offset: place.offset + found.offset, type: found.type };
        } else {
          stream.expect('[');
          const from = constant();
          const to = stream.take('...') ? constant() : from;
          stream.expect(']');
          const array = types.of(place.type);
          if (array.kind !== 'array') return stream.fail('an index into something that is no array');
          if (to - from >= mostElements) return stream.fail('an array initialiser that is too long');
          repeat = Math.max(1, to - from + 1);
          stride = types.size(array.of);
          if (first) index = to + 1;
          field = undefined;
          place = { offset: place.offset + from * stride, type: array.of };
        }
      }
      if (designated) stream.take('=');
      else {
        const next = index < places.count ? places.at(index) : null;
        if (!next) stream.fail('more values than members');
        place = { offset: offset + next.offset, type: next.type };
        field = next.field;
        index++;
      }
      if (types.of(type).kind === 'array') longest = Math.max(longest, index);
      const before = items.length;
      element(place.offset, place.type, field);
      const made = repeat > 1 ? items.slice(before) : [];
      if (made.length * repeat > mostItems) stream.fail('an initialiser that is too long');
      for (let i = 1; i < repeat; i++) for (const one of made) items.push({ ...one, offset: one.offset + i * stride });
      if (!stream.take(',')) break;
    }
    stream.expect('}');
  };

  const memberIndex = (type: TypeId, name: string): number => {
    const record = types.of(type);
    if (record.kind !== 'struct' && record.kind !== 'union') return 0;
    const named = record.fields.filter((one) => one.name !== '' || !one.bits);
    return named.findIndex((one) => one.name === name || (one.name === '' && types.field(one.type, name) !== null));
  };

  return {
    read: (type) => {
      items.length = 0;
      longest = 0;
      const array = types.of(type);
      const open = array.kind === 'array' && array.length === null;
      if (aggregate(type)) {
        if (!stream.is('{')) {
          const bytes = isChars(type) ? stringBytes() : null;
          if (bytes) {
            const full = open && array.kind === 'array' ? types.array(array.of, bytes.length) : type;
            putString(0, full, bytes);
            return { init: { items: [...items], whole: null }, type: full };
          }
          return { init: { items: [], whole: assignment() }, type };
        }
        list(0, type);
        const full = open && array.kind === 'array' ? types.array(array.of, longest) : type;
        return { init: { items: [...items], whole: null }, type: full };
      }
      if (stream.is('{')) {
        element(0, type);
        return { init: { items: [...items], whole: null }, type };
      }
      return { init: { items: [], whole: make.convert(assignment(), type) }, type };
    },
  };
}
