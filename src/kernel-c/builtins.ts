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
