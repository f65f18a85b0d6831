/** A global's initialiser to bytes and relocations (C11 6.6: constant expressions). */
import { wrap } from './expressions';
import type { Relocation } from './program';
import type { Expr, Init } from './syntax';
import type { TypeTable } from './type-table';
import type { TypeId } from './types';

export interface ObjectBytes {
  readonly bytes: readonly number[];
  readonly relocations: readonly Relocation[];
  /** Initialisers that are no constants: their bytes are left zero. */
  readonly unread: readonly string[];
}

/** Initialised bytes beyond this are left out: a table of that size is not what a function under review turns on. */
const mostBytes = 1 << 22;

export function objectBytes(init: Init, type: TypeId, types: TypeTable): ObjectBytes {
  const size = Math.min(types.size(type), mostBytes);
  const bytes = new Uint8Array(size);
  const relocations: Relocation[] = [];
  const unread: string[] = [];
  let last = 0;

  const put = (offset: number, width: number, value: bigint): void => {
    for (let i = 0; i < width && offset + i < size; i++) bytes[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    last = Math.max(last, Math.min(size, offset + width));
  };

  const place = (offset: number, target: TypeId, value: Expr, bits?: { at: number; width: number; unit: number }): void => {
    if (value.kind === 'literal') {
      write(value.init, value.type, offset);
      return;
    }
    const got = constantOf(value, types);
    if (!got) {
      unread.push(value.kind);
      return;
    }
    if (got.symbol !== null) {
      relocations.push({ offset, symbol: got.symbol, addend: Number(got.value) });
      last = Math.max(last, offset + 8);
      return;
    }
    if (bits) {
      let unit = 0n;
      for (let i = 0; i < bits.unit; i++) unit |= BigInt(bytes[offset + i] ?? 0) << BigInt(8 * i);
      const mask = ((1n << BigInt(bits.width)) - 1n) << BigInt(bits.at);
      put(offset, bits.unit, (unit & ~mask) | ((got.value << BigInt(bits.at)) & mask));
    } else put(offset, types.size(target), wrap(got.value, types.of(target)));
  };

  const write = (one: Init, of: TypeId, at: number): void => {
    if (one.whole) place(at, of, one.whole);
    for (const item of one.items) place(at + item.offset, item.type, item.value, item.bits);
  };
  write(init, type, 0);
  return { bytes: Array.from(bytes.subarray(0, last)), relocations, unread };
}

/** An address constant: a symbol's address plus a number, or a plain number. */
function constantOf(expr: Expr, types: TypeTable): { symbol: string | null; value: bigint } | null {
  switch (expr.kind) {
    case 'constant':
      return { symbol: null, value: expr.value };
    case 'cast': {
      const inner = constantOf(expr.a, types);
      return inner && inner.symbol === null ? { symbol: null, value: wrap(inner.value, types.of(expr.type)) } : inner;
    }
    case 'address':
      return addressOf(expr.of, types);
    case 'binary': {
      const a = constantOf(expr.a, types);
      const b = constantOf(expr.b, types);
      if (!a || !b || b.symbol !== null || (expr.op !== 'add' && expr.op !== 'sub')) return null;
      return { symbol: a.symbol, value: expr.op === 'add' ? a.value + b.value : a.value - b.value };
    }
    case 'global':
      return null;
    default:
      return null;
  }
}

function addressOf(expr: Expr, types: TypeTable): { symbol: string | null; value: bigint } | null {
  if (expr.kind === 'global') return { symbol: expr.name, value: 0n };
  if (expr.kind === 'member') {
    const base = addressOf(expr.base, types);
    return base && { symbol: base.symbol, value: base.value + BigInt(expr.offset) };
  }
  if (expr.kind === 'deref') return constantOf(expr.pointer, types);
  return null;
}
