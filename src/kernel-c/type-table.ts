/** The types of one program while it is read: interned, laid out for x86-64 (System V ABI). */
import type { CField, CType, TypeId } from './types';

export interface NewField {
  readonly name: string;
  readonly type: TypeId;
  /** Width of a bit-field; undefined for a plain member. */
  readonly width?: number;
  /** From `__attribute__((aligned))` on the member. */
  readonly align?: number;
  readonly packed?: boolean;
}

export interface TypeTable {
  readonly types: CType[];
  of(id: TypeId): CType;
  int(name: IntName): TypeId;
  readonly void: TypeId;
  readonly bool: TypeId;
  float(bits: 32 | 64 | 128): TypeId;
  pointer(to: TypeId): TypeId;
  array(of: TypeId, length: number | null): TypeId;
  func(returns: TypeId, params: readonly TypeId[], variadic: boolean): TypeId;
  /** A struct or union that is declared; `complete` fills it. */
  record(kind: 'struct' | 'union', tag: string): TypeId;
  complete(id: TypeId, fields: readonly NewField[], packed: boolean, align: number): void;
  enumeration(tag: string): TypeId;
  completeEnum(id: TypeId, signed: boolean, bits: 32 | 64): void;
  /** Bytes; 1 for void and functions, as GNU C has it; 0 where not complete. */
  size(id: TypeId): number;
  align(id: TypeId): number;
  /** The member of that name, through anonymous members. */
  field(id: TypeId, name: string): CField | null;
  show(id: TypeId): string;
  /** Called with a struct or union of which the size or members are wanted while it is not complete. */
  completer: (id: TypeId) => void;
}

const ints = {
  char: [8, true],
  'signed char': [8, true],
  'unsigned char': [8, false],
  short: [16, true],
  'unsigned short': [16, false],
  int: [32, true],
  'unsigned int': [32, false],
  long: [64, true],
  'unsigned long': [64, false],
  'long long': [64, true],
  'unsigned long long': [64, false],
  __int128: [128, true],
  'unsigned __int128': [128, false],
} as const;
export type IntName = keyof typeof ints;

/** Bytes of the largest object: of user space on x86-64. What would be larger counts as this. */
export const largestObject = 2 ** 47;

export function createTypeTable(): TypeTable {
  const types: CType[] = [];
  const interned = new Map<string, TypeId>();
  const intern = (key: string, make: () => CType): TypeId => {
    let id = interned.get(key);
    if (id === undefined) {
      id = types.push(make()) - 1;
      interned.set(key, id);
    }
    return id;
  };
  const of = (id: TypeId): CType => types[id] ?? { kind: 'void' };

  /** The type, its struct or union completed where that can be done. */
  const whole = (id: TypeId): CType => {
    const type = of(id);
    if ((type.kind === 'struct' || type.kind === 'union') && !type.complete) {
      table.completer(id);
      return of(id);
    }
    return type;
  };

  const size = (id: TypeId): number => {
    const type = whole(id);
    switch (type.kind) {
      case 'void':
      case 'function':
      case 'bool':
        return 1;
      case 'int':
      case 'float':
      case 'enum':
        return type.bits / 8;
      case 'pointer':
        return 8;
      case 'array':
        return Math.min((type.length ?? 0) * size(type.of), largestObject);
      default:
        return type.size;
    }
  };
  const align = (id: TypeId): number => {
    const type = whole(id);
    if (type.kind === 'array') return align(type.of);
    if (type.kind === 'struct' || type.kind === 'union') return type.align;
    return Math.max(1, Math.min(16, size(id)));
  };

  const field = (id: TypeId, name: string): CField | null => {
    const type = whole(id);
    if (type.kind !== 'struct' && type.kind !== 'union') return null;
    for (const one of type.fields) {
      if (one.name === name) return one;
      if (one.name === '') {
        const inner = field(one.type, name);
        if (inner) return { ...inner, offset: inner.offset + one.offset };
      }
    }
    return null;
  };

  const show = (id: TypeId): string => {
    const type = of(id);
    switch (type.kind) {
      case 'void':
        return 'void';
      case 'bool':
        return 'bool';
      case 'int':
        return type.name;
      case 'float':
        return type.bits === 32 ? 'float' : type.bits === 64 ? 'double' : 'long double';
      case 'enum':
        return `enum ${type.tag}`;
      case 'pointer': {
        const to = of(type.to);
        return to.kind === 'function' ? `${show(to.returns)} (*)(${to.params.map(show).join(', ')})` : `${show(type.to)} *`;
      }
      case 'array':
        return `${show(type.of)}[${type.length ?? ''}]`;
      case 'function':
        return `${show(type.returns)}(${type.params.map(show).join(', ')})`;
      default:
        return `${type.kind} ${type.tag}`;
    }
  };

  const table: TypeTable = {
    completer: () => undefined,
    types,
    of,
    size,
    align,
    field,
    show,
    int: (name) => intern(`i:${name}`, () => ({ kind: 'int', bits: ints[name][0], signed: ints[name][1], name })),
    void: intern('v', () => ({ kind: 'void' })),
    bool: intern('b', () => ({ kind: 'bool' })),
    float: (bits) => intern(`f:${bits}`, () => ({ kind: 'float', bits })),
    pointer: (to) => intern(`p:${to}`, () => ({ kind: 'pointer', to })),
    array: (element, length) => intern(`a:${element}:${length ?? ''}`, () => ({ kind: 'array', of: element, length })),
    func: (returns, params, variadic) =>
      intern(`fn:${returns}:${params.join(',')}:${variadic ? 'v' : ''}`, () => ({ kind: 'function', returns, params, variadic })),
    record: (kind, tag) => types.push({ kind, tag, size: 0, align: 1, fields: [], complete: false }) - 1,
    complete: (id, fields, packed, minimum) => {
      const old = of(id);
      if (old.kind !== 'struct' && old.kind !== 'union') return;
      types[id] = { ...old, ...layOut(old.kind, fields, packed, minimum, size, align), complete: true };
    },
    enumeration: (tag) => types.push({ kind: 'enum', tag, bits: 32, signed: false }) - 1,
    completeEnum: (id, signed, bits) => {
      const old = of(id);
      if (old.kind === 'enum') types[id] = { ...old, signed, bits };
    },
  };
  return table;
}

/** Offsets, size and alignment: System V ABI for x86-64, with GCC's `packed` and `aligned`. */
function layOut(
  kind: 'struct' | 'union',
  members: readonly NewField[],
  packed: boolean,
  minimum: number,
  size: (id: TypeId) => number,
  align: (id: TypeId) => number,
): { size: number; align: number; fields: CField[] } {
  const fields: CField[] = [];
  // In bits, as bit-fields need it.
  let at = 0;
  let end = 0;
  let largest = 1;
  for (const member of members) {
    const tight = packed || member.packed === true;
    const bytes = size(member.type);
    const natural = Math.max(tight ? 1 : align(member.type), member.align ?? 1);
    if (kind === 'union') at = 0;
    if (member.width !== undefined) {
      const unitBits = bytes * 8;
      if (member.width === 0) {
        at = Math.ceil(at / unitBits) * unitBits;
        continue;
      }
      if (!tight && Math.floor(at / unitBits) !== Math.floor((at + member.width - 1) / unitBits)) at = Math.ceil(at / unitBits) * unitBits;
      if (member.name !== '') {
        largest = Math.max(largest, natural);
        fields.push({ name: member.name, type: member.type, ...unitOf(at, member.width) });
      }
      at += member.width;
    } else {
      at = Math.ceil(at / (natural * 8)) * natural * 8;
      largest = Math.max(largest, natural);
      fields.push({ name: member.name, type: member.type, offset: at / 8 });
      at += bytes * 8;
    }
    at = Math.min(at, largestObject * 8);
    end = Math.max(end, at);
  }
  const whole = Math.max(largest, minimum);
  return { size: Math.ceil(end / 8 / whole) * whole, align: whole, fields };
}

/** The smallest aligned storage unit that holds the bits. */
function unitOf(at: number, width: number): { offset: number; bits: { at: number; width: number; unit: 1 | 2 | 4 | 8 } } {
  for (const unit of [1, 2, 4, 8] as const) {
    const offset = Math.floor(at / (unit * 8)) * unit;
    if (at + width <= (offset + unit) * 8) return { offset, bits: { at: at - offset * 8, width, unit } };
  }
  const offset = Math.floor(at / 8);
  return { offset, bits: { at: at - offset * 8, width, unit: 8 } };
}
