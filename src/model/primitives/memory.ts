/** Bytes: memset, memcpy, strlen and their kin. */
import { finds, primitive, returns } from '../define';
import { U8 } from '../fields';
import type { Kernel, Primitive, Result } from '../primitive';

const MOST = 2 ** 26;
const sizeOf = (kernel: Kernel): number => Math.min(Math.max(kernel.arg(2), 0), MOST);

const row = (name: string, meaning: string, examples: Primitive['examples'], run: (kernel: Kernel) => Result): Primitive =>
  primitive({ name, form: 'function', meaning, source: `lib/string.c: ${name}()`, leavesOut: '', examples, bind: () => run });

const fill = (kernel: Kernel): Result => {
  const [to, value, size] = [kernel.arg(0), kernel.arg(1) & 0xff, sizeOf(kernel)];
  if (value === 0) kernel.zero(to, size);
  else for (let index = 0; index < size; index++) kernel.store(to + index, U8, value);
  return to;
};

const copy = (kernel: Kernel): Result => {
  kernel.copy(kernel.arg(0), kernel.arg(1), sizeOf(kernel));
  return kernel.arg(0);
};

export const memory: readonly Primitive[] = [
  ...['memset'].map((name) =>
    row(
      name,
      'Fills bytes.',
      [returns(`long v = 5; ${name}(&v, 1, 2); return v;`, 0x101), finds(`char b[4]; ${name}(b, 0, 8); return 0;`, 'out-of-bounds')],
      fill,
    ),
  ),
  ...['memcpy', 'memmove'].map((name) =>
    row(name, 'Copies bytes.', [returns(`long v = 5, w = 0; ${name}(&w, &v, 8); return w;`, 5)], copy),
  ),
  row('memcmp', 'Compares bytes.', [returns('long v = 5, w = 4; return memcmp(&v, &w, 8) > 0;', 1)], (kernel) => {
    for (let index = 0; index < sizeOf(kernel); index++) {
      const difference = kernel.load(kernel.arg(0) + index, U8) - kernel.load(kernel.arg(1) + index, U8);
      if (difference !== 0) return difference;
    }
    return 0;
  }),
  row('strlen', 'Counts the bytes before the first zero.', [returns('return strlen("abc");', 3)], (kernel) => {
    let length = 0;
    while (length < MOST && kernel.load(kernel.arg(0) + length, U8) !== 0) length++;
    return length;
  }),
];
