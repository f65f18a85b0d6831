/** The slab allocator: kmalloc and its kin, with failure as a choice, and kfree with its checks. */
import { finds, primitive, returns } from '../define';
import { constantIfAny } from '../fields';
import type { BoundPrimitive, Choice, Kernel, Layout, Primitive } from '../primitive';
import { maySleep } from '../record';

export const ALLOCATION = ['succeeds', 'fails'] as const;
export const FAILS = 1;

export const allocationChoice = (what: string): Choice => ({ kind: 'allocation', what, options: ALLOCATION, usual: 0 });

/** The bit of gfp flags that says an allocation may sleep; 6.12's value where the tree does not name it. */
export const reclaimBit = (layout: Layout): number =>
  constantIfAny(layout, '___GFP_DIRECT_RECLAIM') ?? constantIfAny(layout, '__GFP_DIRECT_RECLAIM') ?? 0x400;

export const gfpMaySleep = (kernel: Kernel, gfp: number, bit: number, what: string): void => {
  if ((gfp & bit) !== 0) maySleep(kernel, what);
};

const SLAB = 'include/linux/slab.h';
const MOST = 2 ** 30;

interface Allocator {
  readonly name: string;
  readonly size: (kernel: Kernel) => number;
  readonly gfp: number;
  readonly zeroed: boolean;
  readonly args: string;
}

const ALLOCATORS: readonly Allocator[] = [
  { name: 'kmalloc', size: (k) => k.arg(0), gfp: 1, zeroed: false, args: '16, 0' },
  { name: 'kzalloc', size: (k) => k.arg(0), gfp: 1, zeroed: true, args: '16, 0' },
  { name: 'kvmalloc', size: (k) => k.arg(0), gfp: 1, zeroed: false, args: '16, 0' },
  { name: 'kvzalloc', size: (k) => k.arg(0), gfp: 1, zeroed: true, args: '16, 0' },
  { name: 'kmalloc_array', size: (k) => k.arg(0) * k.arg(1), gfp: 2, zeroed: false, args: '4, 4, 0' },
  { name: 'kcalloc', size: (k) => k.arg(0) * k.arg(1), gfp: 2, zeroed: true, args: '4, 4, 0' },
  { name: 'kmalloc_node', size: (k) => k.arg(0), gfp: 1, zeroed: false, args: '16, 0, 0' },
  { name: 'kzalloc_node', size: (k) => k.arg(0), gfp: 1, zeroed: true, args: '16, 0, 0' },
];

const zeroGfp = 'With no gfp flags it does not sleep.';

const allocatorRow = (each: Allocator): Primitive =>
  primitive({
    name: each.name,
    form: 'macro',
    meaning: `A new object of the size asked for${each.zeroed ? ', zeroed' : ', its bytes uninitialised'}, or NULL: a choice.`,
    source: `${SLAB}: ${each.name}()`,
    leavesOut: `Memcg charges and size classes. ${zeroGfp}`,
    examples: each.zeroed
      ? [returns(`long *p = ${each.name}(${each.args}); long v = p[1]; kfree(p); return v;`, 0)]
      : [
          returns(`long *p = ${each.name}(${each.args}); p[0] = 3; long v = p[0]; kfree(p); return v;`, 3),
          finds(`long *p = ${each.name}(${each.args}); long v = p[1]; kfree(p); return v;`, 'uninitialised-read'),
          finds(`long *p = ${each.name}(${each.args}); p[2] = 1; return 0;`, 'out-of-bounds'),
        ],
    bind: (layout): BoundPrimitive => {
      const bit = reclaimBit(layout);
      const choice = allocationChoice(each.name);
      return {
        choice: () => choice,
        run: (kernel) => {
          gfpMaySleep(kernel, kernel.arg(each.gfp), bit, `${each.name}()`);
          const size = each.size(kernel);
          if (kernel.decision === FAILS || size < 0 || size > MOST) return 0;
          return kernel.allocate(Math.max(size, 1), { name: each.name, zeroed: each.zeroed, kind: 'heap' });
        },
      };
    },
  });

const freeRow = (name: string): Primitive =>
  primitive({
    name,
    meaning: 'Frees the object; NULL and an error pointer of the size class ZERO_SIZE_PTR are nothing.',
    source: `mm/slub.c: ${name}()`,
    leavesOut: name === 'kfree_sensitive' ? 'Zeroing first.' : '',
    examples: [
      returns(`${name}((void *)0); return 1;`, 1),
      finds(`long *p = kmalloc(16, 0); ${name}(p); ${name}(p); return 0;`, 'double-free'),
      finds(`long *p = kmalloc(16, 0); ${name}(p + 1); return 0;`, 'bad-free'),
      finds(`long *p = kzalloc(16, 0); ${name}(p); return *p;`, 'use-after-free'),
    ],
    bind: () => (kernel) => {
      const object = kernel.arg(0);
      if (object === 0 || object === 16) return undefined;
      return kernel.free(object);
    },
  });

export const slab: readonly Primitive[] = [...ALLOCATORS.map(allocatorRow), ...['kfree', 'kvfree', 'kfree_sensitive'].map(freeRow)];
