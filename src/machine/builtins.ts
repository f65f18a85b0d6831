/** GNU builtins that the reader leaves as calls (`builtinCalls` of src/kernel-c/builtins.ts). Source: GCC manual, "Other Builtins". */
import type { BoundPrimitive, FieldRef, Kernel, Result } from '../model/primitive';
import { copyBytes, zeroBytes } from './access';
import type { Cpu } from './cpu';
import { Fault } from './faults';

const BYTE: FieldRef = { offset: 0, size: 1, signed: false };
/** Strings and blocks beyond it are not looked through. */
const MOST = 2 ** 28;

export function builtinsOf(cpu: () => Cpu): Readonly<Record<string, BoundPrimitive>> {
  const runs: Record<string, (kernel: Kernel) => Result> = {
    ...bitCounts(),
    __builtin_bswap16: (kernel) => swapped(kernel.argBig(0), 2),
    __builtin_bswap32: (kernel) => swapped(kernel.argBig(0), 4),
    __builtin_bswap64: (kernel) => swapped(kernel.argBig(0), 8),
    __builtin_add_overflow: (kernel) => overflow(kernel, (a, b) => a + b),
    __builtin_sub_overflow: (kernel) => overflow(kernel, (a, b) => a - b),
    __builtin_mul_overflow: (kernel) => overflow(kernel, (a, b) => a * b),
    __builtin_memcpy: (kernel) => copy(cpu(), kernel),
    __builtin_memmove: (kernel) => copy(cpu(), kernel),
    __builtin_memset: (kernel) => fill(cpu(), kernel),
    __builtin_memcmp: (kernel) => compare(kernel, sizeOf(kernel), false),
    __builtin_strlen: (kernel) => length(kernel),
    __builtin_strcmp: (kernel) => compare(kernel, MOST, true),
    __builtin_trap: () => {
      throw new Fault('unreachable', 'The run reaches __builtin_trap().');
    },
  };
  return Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, { run }]));
}

function bitCounts(): Record<string, (kernel: Kernel) => Result> {
  const counts: Record<string, (kernel: Kernel) => Result> = {};
  for (const [suffix, bits] of [
    ['', 32],
    ['l', 64],
    ['ll', 64],
  ] as const) {
    const text = (kernel: Kernel): string => BigInt.asUintN(bits, kernel.argBig(0)).toString(2);
    const ones = (kernel: Kernel): number => text(kernel).replaceAll('0', '').length;
    const trailing = (kernel: Kernel): number => text(kernel).length - 1 - text(kernel).lastIndexOf('1');
    // Of 0 the first two are undefined in C; here they give what x86's lzcnt and tzcnt give.
    counts[`__builtin_clz${suffix}`] = (kernel) => (ones(kernel) === 0 ? bits : bits - text(kernel).length);
    counts[`__builtin_ctz${suffix}`] = (kernel) => (ones(kernel) === 0 ? bits : trailing(kernel));
    counts[`__builtin_ffs${suffix}`] = (kernel) => (ones(kernel) === 0 ? 0 : trailing(kernel) + 1);
    counts[`__builtin_popcount${suffix}`] = ones;
    counts[`__builtin_parity${suffix}`] = (kernel) => ones(kernel) & 1;
  }
  return counts;
}

function swapped(value: bigint, bytes: number): bigint {
  let result = 0n;
  for (let byte = 0; byte < bytes; byte++) result = (result << 8n) | ((value >> BigInt(byte * 8)) & 255n);
  return result;
}

/** Arguments: a, b, address of the result, its bits, whether it is signed, whether a is, whether b is. */
function overflow(kernel: Kernel, operate: (a: bigint, b: bigint) => bigint): Result {
  const bits = kernel.arg(3);
  const typed = (index: number, signed: boolean): bigint => (signed ? kernel.argBig(index) : BigInt.asUintN(64, kernel.argBig(index)));
  const exact = operate(typed(0, kernel.arg(5) !== 0), typed(1, kernel.arg(6) !== 0));
  const wrapped = kernel.arg(4) !== 0 ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact);
  const size = bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
  kernel.storeBig(kernel.arg(2), { offset: 0, size, signed: false }, wrapped);
  return wrapped === exact ? 0 : 1;
}

const sizeOf = (kernel: Kernel): number => Math.min(Math.max(kernel.arg(2), 0), MOST);

function copy(cpu: Cpu, kernel: Kernel): Result {
  copyBytes(cpu, kernel.arg(0), kernel.arg(1), sizeOf(kernel));
  return kernel.arg(0);
}

function fill(cpu: Cpu, kernel: Kernel): Result {
  const [to, byte, size] = [kernel.arg(0), kernel.arg(1) & 255, sizeOf(kernel)];
  if (byte === 0) zeroBytes(cpu, to, size);
  else for (let index = 0; index < size; index++) kernel.store(to + index, BYTE, byte);
  return to;
}

function compare(kernel: Kernel, size: number, text: boolean): Result {
  const [a, b] = [kernel.arg(0), kernel.arg(1)];
  for (let index = 0; index < size; index++) {
    const [one, other] = [kernel.load(a + index, BYTE), kernel.load(b + index, BYTE)];
    if (one !== other) return one < other ? -1 : 1;
    if (text && one === 0) break;
  }
  return 0;
}

function length(kernel: Kernel): Result {
  let size = 0;
  while (size < MOST && kernel.load(kernel.arg(0) + size, BYTE) !== 0) size++;
  return size;
}
