/** Sizes, fields and constants of the tree under review, from the types of a program. */
import type { Program } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';
import { type FieldRef, type Layout, MissingLayout } from '../model/primitive';
import { sizeOfType } from './value-shape';

/** Fails: a name that the program does not have throws MissingLayout. */
export function layoutOf(program: Program): Layout {
  const { types, typeNames, constants } = program;
  // Views look fields up after every step: what was found, or found missing, is kept.
  const found = new Map<string, Map<string, Member | null>>();
  const numbers = new Map<string, number>();
  const memberIfAny = (type: string, path: string): Member | null => {
    let ofType = found.get(type);
    if (ofType === undefined) found.set(type, (ofType = new Map()));
    let known = ofType.get(path);
    if (known === undefined) {
      const id = typeNames[type];
      ofType.set(path, (known = id === undefined ? null : memberOf(types, id, path, type)));
    }
    return known;
  };
  const member = (type: string, path: string): Member => {
    const known = memberIfAny(type, path);
    if (known === null)
      throw new MissingLayout(
        typeNames[type] === undefined ? `The tree has no type ${type}.` : `${type} of the tree has no member ${path}.`,
      );
    return known;
  };
  const typeOf = (name: string): TypeId => {
    const id = typeNames[name];
    if (id === undefined) throw new MissingLayout(`The tree has no type ${name}.`);
    return id;
  };
  const layout: Layout = {
    has: (type, path) => (path === undefined ? isComplete(types[typeNames[type] ?? -1]) : memberIfAny(type, path) !== null),
    sizeof(name) {
      const type = types[typeOf(name)];
      if (type === undefined || !isComplete(type)) throw new MissingLayout(`The tree says nothing about the size of ${name}.`);
      return sizeOfType(types, type);
    },
    field(type, path) {
      const { ref } = member(type, path);
      if (ref === null) throw new MissingLayout(`${type}.${path} is no number or pointer of its own bytes.`);
      return ref;
    },
    offsetof: (type, path) => member(type, path).offset,
    constant(name) {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      const value = constants[name];
      if (value === undefined) throw new MissingLayout(`The tree has no constant ${name}.`);
      const number = Number(BigInt.asIntN(64, BigInt(value)));
      numbers.set(name, number);
      return number;
    },
  };
  return layout;
}

const isComplete = (type: CType | undefined): boolean =>
  type !== undefined &&
  (type.kind === 'struct' || type.kind === 'union' ? type.complete : type.kind !== 'void' && type.kind !== 'function');

interface Place {
  readonly offset: number;
  readonly type: TypeId;
  readonly isBits: boolean;
}

interface Member extends Place {
  /** Null when it is no number or pointer of its own bytes. */
  readonly ref: FieldRef | null;
}

/** Follows `a.b[2].c`; members of anonymous members are found through them. Null when there is none. */
function memberOf(types: readonly CType[], from: TypeId, path: string, name: string): Member | null {
  let at: Place = { offset: 0, type: from, isBits: false };
  for (const part of path.split('.')) {
    const [, field = '', indices = ''] = /^([^[]*)((?:\[\d+\])*)$/.exec(part) ?? [];
    const next = field === '' ? null : findMember(types, at.type, field);
    if (next === null) return null;
    at = { ...next, offset: at.offset + next.offset };
    for (const [, index = '0'] of indices.matchAll(/\[(\d+)\]/g)) {
      const array = types[at.type];
      const of = array?.kind === 'array' ? types[array.of] : undefined;
      if (array?.kind !== 'array' || of === undefined) throw new MissingLayout(`${path} of ${name} is no array.`);
      at = { offset: at.offset + Number(index) * sizeOfType(types, of), type: array.of, isBits: false };
    }
  }
  return { ...at, ref: at.isBits ? null : scalar(types[at.type], at.offset) };
}

function findMember(types: readonly CType[], id: TypeId, name: string): Place | null {
  const type = types[id];
  if (type?.kind !== 'struct' && type?.kind !== 'union') return null;
  for (const field of type.fields) {
    if (field.name === name) return { offset: field.offset, type: field.type, isBits: field.bits !== undefined };
    if (field.name !== '') continue;
    const inner = findMember(types, field.type, name);
    if (inner !== null) return { ...inner, offset: field.offset + inner.offset };
  }
  return null;
}

function scalar(type: CType | undefined, offset: number): FieldRef | null {
  switch (type?.kind) {
    case 'bool':
      return { offset, size: 1, signed: false };
    case 'int':
    case 'enum': {
      const size = type.bits / 8;
      return size === 1 || size === 2 || size === 4 || size === 8 ? { offset, size, signed: type.signed } : null;
    }
    case 'pointer':
      return { offset, size: 8, signed: true };
    default:
      return null;
  }
}
