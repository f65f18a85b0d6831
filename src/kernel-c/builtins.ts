/** GNU builtins: those that the reader answers itself, and those that it leaves to the machine as calls. */
import type { IntName } from './type-table';

/** A builtin that becomes a call: its result and parameters. `…` in place of a type: taken as it is, promoted. */
export interface BuiltinCall {
  readonly returns: IntName | 'void' | 'void *' | 'bool';
  readonly params: readonly (IntName | 'void *' | '…')[];
}

const bits = (suffix: '' | 'l' | 'll'): IntName =>
  suffix === '' ? 'unsigned int' : suffix === 'l' ? 'unsigned long' : 'unsigned long long';

/**
 * What the machine implements, by name. `__builtin_add_overflow(a, b, &r)` and its like are called with four more arguments:
 * the bits of `r`, whether `r` is signed, whether `a` is, whether `b` is.
 */
export const builtinCalls: Readonly<Record<string, BuiltinCall>> = {
  ...Object.fromEntries(
    (['', 'l', 'll'] as const).flatMap((suffix) => [
      [`__builtin_clz${suffix}`, { returns: 'int', params: [bits(suffix)] } satisfies BuiltinCall],
      [`__builtin_ctz${suffix}`, { returns: 'int', params: [bits(suffix)] } satisfies BuiltinCall],
      [`__builtin_ffs${suffix}`, { returns: 'int', params: [bits(suffix)] } satisfies BuiltinCall],
      [`__builtin_popcount${suffix}`, { returns: 'int', params: [bits(suffix)] } satisfies BuiltinCall],
      [`__builtin_parity${suffix}`, { returns: 'int', params: [bits(suffix)] } satisfies BuiltinCall],
    ]),
  ),
  __builtin_bswap16: { returns: 'unsigned short', params: ['unsigned short'] },
  __builtin_bswap32: { returns: 'unsigned int', params: ['unsigned int'] },
  __builtin_bswap64: { returns: 'unsigned long', params: ['unsigned long'] },
  __builtin_add_overflow: { returns: 'bool', params: ['…', '…', '…'] },
  __builtin_sub_overflow: { returns: 'bool', params: ['…', '…', '…'] },
  __builtin_mul_overflow: { returns: 'bool', params: ['…', '…', '…'] },
  __builtin_memcpy: { returns: 'void *', params: ['void *', 'void *', 'unsigned long'] },
  __builtin_memmove: { returns: 'void *', params: ['void *', 'void *', 'unsigned long'] },
  __builtin_memset: { returns: 'void *', params: ['void *', 'int', 'unsigned long'] },
  __builtin_memcmp: { returns: 'int', params: ['void *', 'void *', 'unsigned long'] },
  __builtin_strlen: { returns: 'unsigned long', params: ['void *'] },
  __builtin_strcmp: { returns: 'int', params: ['void *', 'void *'] },
  __builtin_trap: { returns: 'void', params: [] },
};

/** What a builtin about the bits of a word gives for a constant, so that `ilog2()` and its like stay constants; null where it is none, or has no value. */
export function foldedBits(name: string, value: bigint): bigint | null {
  const found = /^__builtin_(clz|ctz|ffs|popcount|parity)(l{0,2})$/.exec(name);
  if (!found) return null;
  const width = found[2] === '' ? 32 : 64;
  const word = BigInt.asUintN(width, value);
  const digits = word.toString(2);
  const ones = digits.replaceAll('0', '').length;
  const lowest = digits.length - 1 - digits.lastIndexOf('1');
  switch (found[1]) {
    case 'popcount':
      return BigInt(ones);
    case 'parity':
      return BigInt(ones % 2);
    case 'ffs':
      return word === 0n ? 0n : BigInt(lowest + 1);
    case 'ctz':
      return word === 0n ? null : BigInt(lowest);
    default:
      return word === 0n ? null : BigInt(width - digits.length);
  }
}
