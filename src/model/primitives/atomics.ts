/** Atomic counters and bit operations on words: one indivisible step each. */
import { primitive, returns } from '../define';
import { I32, I64, U32 } from '../fields';
import type { FieldRef, Kernel, Primitive } from '../primitive';

type Act = readonly [
  name: string,
  meaning: string,
  args: 'value' | 'none' | 'read',
  run: (was: number, value: number) => readonly [next: number, gives: number],
];

const ACTS: readonly Act[] = [
  ['read', 'Reads the counter.', 'read', (was) => [was, was]],
  ['set', 'Stores the counter.', 'value', (_was, value) => [value, 0]],
  ['inc', 'Adds 1.', 'none', (was) => [was + 1, 0]],
  ['dec', 'Takes 1.', 'none', (was) => [was - 1, 0]],
  ['add', 'Adds.', 'value', (was, value) => [was + value, 0]],
  ['sub', 'Takes.', 'value', (was, value) => [was - value, 0]],
  ['inc_return', 'Adds 1 and gives the sum.', 'none', (was) => [was + 1, was + 1]],
  ['dec_return', 'Takes 1 and gives what is left.', 'none', (was) => [was - 1, was - 1]],
  ['add_return', 'Adds and gives the sum.', 'value', (was, value) => [was + value, was + value]],
  ['sub_return', 'Takes and gives what is left.', 'value', (was, value) => [was - value, was - value]],
  ['dec_and_test', 'Takes 1 and says whether 0 is left.', 'none', (was) => [was - 1, was === 1 ? 1 : 0]],
  ['inc_and_test', 'Adds 1 and says whether that gives 0.', 'none', (was) => [was + 1, was === -1 ? 1 : 0]],
  ['sub_and_test', 'Takes and says whether 0 is left.', 'value', (was, value) => [was - value, was === value ? 1 : 0]],
  ['add_negative', 'Adds and says whether the sum is negative.', 'value', (was, value) => [was + value, was + value < 0 ? 1 : 0]],
  ['inc_not_zero', 'Adds 1 unless it is 0, and says whether it did.', 'none', (was) => [was === 0 ? 0 : was + 1, was === 0 ? 0 : 1]],
  ...['', '_relaxed', '_acquire', '_release'].flatMap((order): Act[] => [
    [`fetch_add${order}`, 'Adds and gives what was there.', 'value', (was, value) => [was + value, was]],
    [`fetch_sub${order}`, 'Takes and gives what was there.', 'value', (was, value) => [was - value, was]],
  ]),
  ['xchg', 'Stores and gives what was there.', 'value', (was, value) => [value, was]],
];

/** `atomic_sub` takes its value before the counter, `atomic_set` after it. */
const VALUE_LAST = new Set(['set', 'xchg']);
const wrap = (size: 4 | 8, value: number): number => (size === 4 ? value | 0 : value);

const atomicRow = (prefix: string, type: string, field: FieldRef & { size: 4 | 8 }, [name, meaning, args, run]: Act): Primitive => {
  const full = `${prefix}_${name}`;
  const at = args === 'value' && !VALUE_LAST.has(name) ? 1 : 0;
  const [next, gives] = run(5, 2);
  const list = args === 'value' ? (at === 1 ? '2, &a' : '&a, 2') : '&a';
  const valued = /return|test|fetch|negative|not_zero|xchg|read/.test(name);
  return primitive({
    name: full,
    meaning,
    source: `include/linux/atomic/atomic-instrumented.h: ${full}()`,
    leavesOut: 'Memory ordering: runs are sequentially consistent.',
    needs: { types: [type] },
    visible: true,
    examples: [
      returns(
        `${type} a = { 5 }; ${valued ? `long r = ${full}(${list}); return r * 100 + a.counter;` : `${full}(${list}); return a.counter;`}`,
        valued ? gives * 100 + next : next,
      ),
    ],
    bind: () => (kernel) => {
      const counter = kernel.arg(at);
      const value = args === 'value' ? kernel.arg(1 - at) : 0;
      // A store alone does not read: the counter may be uninitialised until then.
      if (name === 'set') return kernel.store(counter, field, value);
      const [after, result] = run(kernel.load(counter, field), value);
      if (args !== 'read') kernel.store(counter, field, wrap(field.size, after));
      return wrap(field.size, result);
    },
  });
};

const byteOf = (kernel: Kernel): { readonly at: number; readonly mask: number } => {
  const bit = kernel.arg(0);
  return { at: kernel.arg(1) + Math.floor(bit / 32) * 4, mask: 2 ** (((bit % 32) + 32) % 32) };
};

const BITS: readonly (readonly [name: string, meaning: string, valued: boolean, next: (was: number, mask: number) => number])[] = [
  ['test_bit', 'Says whether the bit is set.', true, (was) => was],
  ['set_bit', 'Sets the bit.', false, (was, mask) => (was | mask) >>> 0],
  ['clear_bit', 'Clears the bit.', false, (was, mask) => (was & ~mask) >>> 0],
  ['__set_bit', 'Sets the bit, not atomically.', false, (was, mask) => (was | mask) >>> 0],
  ['__clear_bit', 'Clears the bit, not atomically.', false, (was, mask) => (was & ~mask) >>> 0],
  ['change_bit', 'Turns the bit over.', false, (was, mask) => (was ^ mask) >>> 0],
  ['test_and_set_bit', 'Sets the bit and says whether it was set.', true, (was, mask) => (was | mask) >>> 0],
  ['test_and_clear_bit', 'Clears the bit and says whether it was set.', true, (was, mask) => (was & ~mask) >>> 0],
];

const bitRows = BITS.map(([name, meaning, valued, next]) =>
  primitive({
    name,
    form: 'macro',
    meaning,
    source: `include/linux/bitops.h: ${name}()`,
    leavesOut: 'Memory ordering.',
    examples: [
      returns(
        `unsigned long w = 8; ${valued ? `long r = ${name}(3, &w); return r * 100 + w;` : `${name}(3, &w); return w;`}`,
        (valued ? 100 : 0) + next(8, 8),
        'the bit is set',
      ),
      returns(
        `unsigned long w = 4; ${valued ? `long r = ${name}(3, &w); return r * 100 + w;` : `${name}(3, &w); return w;`}`,
        next(4, 8),
        'the bit is clear',
      ),
    ],
    bind: () => (kernel) => {
      const { at, mask } = byteOf(kernel);
      const was = kernel.load(at, U32);
      if (name !== 'test_bit') kernel.store(at, U32, next(was, mask));
      return (was & mask) !== 0 ? 1 : 0;
    },
  }),
);

export const atomics: readonly Primitive[] = [
  ...ACTS.map((act) => atomicRow('atomic', 'atomic_t', { ...I32, size: 4 }, act)),
  ...ACTS.map((act) => atomicRow('atomic_long', 'atomic_long_t', { ...I64, size: 8 }, act)),
  ...ACTS.map((act) => atomicRow('atomic64', 'atomic64_t', { ...I64, size: 8 }, act)),
  ...bitRows,
];
