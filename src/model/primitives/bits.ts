/** Bit searches that the kernel writes in assembly, and work that is put off. */
import { primitive, returns } from '../define';
import { fieldOf, I64 } from '../fields';
import type { BoundPrimitive, Kernel, Primitive } from '../primitive';
import { putOff, takeWork } from '../userspace/work-list';

const unsigned = (word: bigint): bigint => BigInt.asUintN(64, word);

const lowest = (word: bigint): number => {
  let bit = 0;
  for (let rest = unsigned(word); rest !== 0n && (rest & 1n) === 0n; rest >>= 1n) bit++;
  return bit;
};
const highest = (word: bigint): number => unsigned(word).toString(2).length - 1;
const ones = (word: bigint): number => [...unsigned(word).toString(2)].filter((digit) => digit === '1').length;

const BITOPS = 'arch/x86/include/asm/bitops.h';
const row = (name: string, source: string, meaning: string, c: string, gives: number, run: BoundPrimitive['run']): Primitive =>
  primitive({ name, meaning, source: `${source}: ${name}()`, examples: [returns(c, gives)], bind: () => run });

/** The word of a bitmap that holds a bit. */
const wordAt = (kernel: Kernel, map: number, bit: number): bigint => kernel.loadBig(map, { ...I64, offset: Math.floor(bit / 64) * 8 });

function findFrom(kernel: Kernel, map: number, size: number, from: number): number {
  for (let bit = from; bit < size; bit = Math.floor(bit / 64) * 64 + 64) {
    const word = unsigned(wordAt(kernel, map, bit)) >> BigInt(bit % 64);
    if (word !== 0n) return Math.min(size, bit + lowest(word));
  }
  return size;
}

const words = [
  ...(['__ffs', 'variable__ffs'] as const).map((name) =>
    row(name, BITOPS, 'Number of the lowest bit that is set.', `return ${name}(8UL);`, 3, (k) => lowest(k.argBig(0))),
  ),
  ...(['__fls'] as const).map((name) =>
    row(name, BITOPS, 'Number of the highest bit that is set.', `return ${name}(9UL);`, 3, (k) => highest(k.argBig(0))),
  ),
  row('fls64', BITOPS, 'One more than the number of the highest bit that is set; 0 for none.', 'return fls64(9UL);', 4, (k) =>
    k.argBig(0) === 0n ? 0 : highest(k.argBig(0)) + 1,
  ),
  row('fls', BITOPS, 'The same for 32 bits.', 'return fls(9);', 4, (k) => {
    const word = k.argBig(0) & 0xffffffffn;
    return word === 0n ? 0 : highest(word) + 1;
  }),
  row('ffs', BITOPS, 'One more than the number of the lowest bit that is set; 0 for none.', 'return ffs(8);', 4, (k) => {
    const word = k.argBig(0) & 0xffffffffn;
    return word === 0n ? 0 : lowest(word) + 1;
  }),
  row('__arch_hweight64', 'arch/x86/include/asm/arch_hweight.h', 'How many bits are set.', 'return __arch_hweight64(7UL);', 3, (k) =>
    ones(k.argBig(0)),
  ),
  row('__arch_hweight32', 'arch/x86/include/asm/arch_hweight.h', 'How many bits are set.', 'return __arch_hweight32(7);', 3, (k) =>
    ones(k.argBig(0) & 0xffffffffn),
  ),
];

const maps = [
  row(
    '_find_first_bit',
    'lib/find_bit.c',
    'Number of the first set bit of a bitmap, its size when there is none.',
    'unsigned long m[2] = { 0, 4 }; return _find_first_bit(m, 128);',
    66,
    (k) => findFrom(k, k.arg(0), k.arg(1), 0),
  ),
  row(
    '_find_next_bit',
    'lib/find_bit.c',
    'The same from a place on.',
    'unsigned long m[2] = { 1, 4 }; return _find_next_bit(m, 128, 1);',
    66,
    (k) => findFrom(k, k.arg(0), k.arg(1), k.arg(2)),
  ),
  row(
    '__bitmap_weight',
    'lib/bitmap.c',
    'How many bits of a bitmap are set.',
    'unsigned long m[2] = { 3, 4 }; return __bitmap_weight(m, 128);',
    3,
    (k) => {
      let count = 0;
      for (let bit = findFrom(k, k.arg(0), k.arg(1), 0); bit < k.arg(1); bit = findFrom(k, k.arg(0), k.arg(1), bit + 1)) count++;
      return count;
    },
  ),
];

const fill = (kernel: Kernel, set: boolean): void => {
  const [map, start] = [kernel.arg(0), kernel.arg(1)];
  for (let bit = start; bit < start + kernel.arg(2); bit++) {
    const word = { ...I64, offset: Math.floor(bit / 64) * 8 };
    const mask = 1n << BigInt(bit % 64);
    const was = unsigned(kernel.loadBig(map, word));
    kernel.storeBig(map, word, BigInt.asIntN(64, set ? was | mask : was & ~mask));
  }
};

const runs = [
  row(
    '__bitmap_set',
    'lib/bitmap.c',
    'Sets a run of bits.',
    'unsigned long m[2] = { 0, 0 }; __bitmap_set(m, 62, 3); return m[1];',
    1,
    (k) => fill(k, true),
  ),
  row(
    '__bitmap_clear',
    'lib/bitmap.c',
    'Clears a run of bits.',
    'unsigned long m[2] = { 0, 7 }; __bitmap_clear(m, 62, 3); return m[1];',
    6,
    (k) => fill(k, false),
  ),
  row(
    '__bitmap_intersects',
    'lib/bitmap.c',
    'Says whether two bitmaps have a bit in common.',
    'unsigned long a[2] = { 0, 6 }, b[2] = { 0, 4 }, c[2] = { 0, 1 }; return __bitmap_intersects(a, b, 128) * 10 + __bitmap_intersects(a, c, 128);',
    10,
    (k) => {
      for (let bit = findFrom(k, k.arg(0), k.arg(2), 0); bit < k.arg(2); bit = findFrom(k, k.arg(0), k.arg(2), bit + 1))
        if (findFrom(k, k.arg(1), k.arg(2), bit) === bit) return 1;
      return 0;
    },
  ),
];

/** Which argument is the work. */
const PUT_OFF = { queue_work_on: 2, schedule_work: 0, queue_work: 1 } as const;

const later = (Object.keys(PUT_OFF) as (keyof typeof PUT_OFF)[]).map((name) =>
  primitive({
    name,
    meaning: 'An event: work is put off to a kernel thread.',
    source: `kernel/workqueue.c: ${name}()`,
    leavesOut: 'The work itself: it is not run, but by the step that a scenario with users has for it.',
    examples: [returns(`return ${name}(0, 0, 0);`, 1)],
    bind: () => (kernel) => {
      const isNew = putOff(kernel, kernel.arg(PUT_OFF[name]));
      kernel.event('work', `${name}(): work is put off`);
      return isNew ? 1 : 0;
    },
  }),
);

const flush = primitive({
  name: 'flush_work',
  meaning: 'Runs a work that was put off, and says whether it was.',
  source: 'kernel/workqueue.c: flush_work()',
  leavesOut: 'Waiting for one that runs already; a work that nobody noted.',
  needs: { types: ['struct work_struct'] },
  examples: [returns('struct work_struct w = { 0 }; return flush_work(&w);', 0)],
  bind: (layout) => {
    const callback = fieldOf(layout, 'struct work_struct', 'func');
    return (kernel) => {
      if (kernel.phase === 1) return 1;
      const work = kernel.arg(0);
      return takeWork(kernel, work) ? kernel.call(kernel.load(work, callback), [work], 1) : 0;
    };
  },
});

export const bits: readonly Primitive[] = [...words, ...maps, ...runs, ...later, flush];
