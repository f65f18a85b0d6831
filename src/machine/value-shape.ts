/** What a C type is to the machine: how many bytes in memory, and how its values are kept in a register. */
import type { CType, TypeId } from '../kernel-c/types';

export const returnType = (types: readonly CType[], type: TypeId): CType | undefined => {
  const called = types[type];
  return called?.kind === 'function' ? types[called.returns] : undefined;
};

/** How a value of the type is kept in a register; 0 bits: no value. */
export function valueShape(type: CType | undefined): { readonly bits: number; readonly signed: boolean } {
  switch (type?.kind) {
    case 'bool':
      return { bits: 1, signed: false };
    case 'int':
      return { bits: Math.min(type.bits, 64), signed: type.signed };
    case 'enum':
      return { bits: type.bits, signed: type.signed };
    case 'void':
      return { bits: 0, signed: false };
    default:
      return { bits: 64, signed: true };
  }
}

/** Bytes; 0 where the type is incomplete or has none. */
export function sizeOfType(types: readonly CType[], type: CType): number {
  switch (type.kind) {
    case 'bool':
      return 1;
    case 'int':
    case 'float':
    case 'enum':
      return type.bits / 8;
    case 'pointer':
      return 8;
    case 'array': {
      const of = types[type.of];
      return of === undefined || type.length === null ? 0 : sizeOfType(types, of) * type.length;
    }
    case 'struct':
    case 'union':
      return type.size;
    default:
      return 0;
  }
}
