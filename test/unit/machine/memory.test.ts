import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldRef } from '../../../src/model/primitive';
import type { Machine } from '../../../src/machine/api';
import { machineOf, programOf } from './build';
import { runC } from './c';

const VMEMMAP = -0x160000000000;
const PAGE = 4096;
const byte: FieldRef = { offset: 0, size: 1, signed: false };
const word: FieldRef = { offset: 0, size: 8, signed: true };

function mapped(pages: number): Machine {
  const machine = machineOf(programOf([{ op: 'return', a: null }], 1));
  machine.map(VMEMMAP, pages * PAGE, 'memmap');
  return machine;
}

describe('memory', () => {
  it('is bytes, at any alignment and across pages', () => {
    const access = fc.record({
      at: fc.nat(2 * PAGE - 8),
      size: fc.constantFrom<1 | 2 | 4 | 8>(1, 2, 4, 8),
      value: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    });
    fc.assert(
      fc.property(fc.array(access, { minLength: 1, maxLength: 30 }), (accesses) => {
        const { kernel } = mapped(2);
        const bytes = new DataView(new ArrayBuffer(2 * PAGE));
        for (const { at, size, value } of accesses) {
          kernel.storeBig(VMEMMAP + at, { offset: 0, size, signed: false }, value);
          for (let index = 0; index < size; index++) bytes.setUint8(at + index, Number((value >> BigInt(index * 8)) & 255n));
        }
        for (const { at, size } of accesses) {
          const whole = bytes.getBigInt64(at, true);
          for (const signed of [true, false]) {
            const expected = signed ? BigInt.asIntN(size * 8, whole) : BigInt.asUintN(size * 8, whole);
            expect(kernel.loadBig(VMEMMAP, { offset: at, size, signed })).toBe(expected);
            // As a Word, what has 64 bits is signed.
            const field: FieldRef = { offset: at, size, signed };
            const asWord = size === 8 ? Number(BigInt.asIntN(64, expected)) : Number(expected);
            expect([kernel.load(VMEMMAP, field), kernel.peek(VMEMMAP, field)]).toEqual([asWord, asWord]);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('shows one page at many addresses, and gives them pages of their own again', () => {
    const { kernel } = mapped(4096);
    kernel.store(VMEMMAP, word, 11);
    kernel.mapReadOnly(VMEMMAP + PAGE, 4095, VMEMMAP);
    expect(kernel.load(VMEMMAP + 4095 * PAGE, word)).toBe(11);
    kernel.store(VMEMMAP, word, 12);
    expect(kernel.load(VMEMMAP + 7 * PAGE, word)).toBe(12);
    expect(() => kernel.store(VMEMMAP + 7 * PAGE, word, 1)).toThrow(/optimised away/);
    kernel.mapOwn(VMEMMAP + PAGE, 4095);
    kernel.store(VMEMMAP + 7 * PAGE, word, 13);
    expect([0, 7, 8].map((page) => kernel.load(VMEMMAP + page * PAGE, word))).toEqual([12, 13, 12]);
  });

  it('can be unmapped, aliased and protected page by page', () => {
    const machine = mapped(3);
    const { kernel } = machine;
    kernel.store(VMEMMAP, word, 5);
    machine.protect(VMEMMAP, 1, 'read-only');
    expect(() => kernel.store(VMEMMAP, word, 6)).toThrow(/read-only/);
    machine.protect(VMEMMAP, 1, 'writable');
    machine.alias(VMEMMAP + PAGE, 2, VMEMMAP, 'writable');
    kernel.store(VMEMMAP + 2 * PAGE, word, 7);
    expect(kernel.load(VMEMMAP, word)).toBe(7);
    machine.unmap(VMEMMAP, 3);
    expect(() => kernel.load(VMEMMAP, word)).toThrow(/in no object/);
  });

  it('has no memory where nobody put any', () => {
    const { kernel } = mapped(1);
    expect(() => kernel.load(VMEMMAP + PAGE, byte)).toThrow(/in no object/);
    expect(kernel.peek(VMEMMAP + PAGE, word)).toBe(0);
    expect(() => kernel.load(-0x780000000000 + 0x1000, byte)).toThrow(/content of page frames/);
  });

  it('copies with what was never written', () => {
    const { kernel } = mapped(1);
    const object = (): number => kernel.allocate(16, { name: 'object', zeroed: false, kind: 'heap' });
    const [a, b] = [object(), object()];
    kernel.store(a, byte, 9);
    kernel.copy(b, a, 16);
    expect(kernel.load(b, byte)).toBe(9);
    kernel.copy(VMEMMAP + 1, VMEMMAP, 4000);
    expect(kernel.load(VMEMMAP + 3000, byte)).toBe(0);
    expect([kernel.objectOf(a + 7), kernel.objectOf(a + 16), kernel.objectOf(VMEMMAP + 5)]).toEqual([a, 0, VMEMMAP]);
  });

  it('gives addresses that were never used before', () => {
    const { kernel } = mapped(1);
    const seen = new Set<number>();
    for (let count = 0; count < 100; count++) {
      const at = kernel.allocate(count * 100, { name: 'object', zeroed: true, kind: 'heap' });
      expect(seen.has(at)).toBe(false);
      seen.add(at);
      if (count > 0) kernel.free(at);
    }
  });
});

describe('builtins', () => {
  it.each([
    ['__builtin_clz(1u) * 100 + __builtin_clzl(1ul)', '3163'],
    ['__builtin_ctz(8u) * 100 + __builtin_ctzll(1ull << 40)', '340'],
    ['__builtin_ffs(0) * 10000 + __builtin_ffs(4) * 100 + __builtin_ffsl(1l << 62)', '363'],
    ['__builtin_popcount(-1) * 1000 + __builtin_popcountl(-1l) * 10 + __builtin_parity(7u)', '32641'],
    ['__builtin_bswap16(0x1234) + __builtin_bswap32(0x12345678u)', String(0x3412 + 0x78563412)],
    ['(long)__builtin_bswap64(0xfful)', String(BigInt.asIntN(64, 0xffn << 56n))],
    ['({ int r; int o = __builtin_add_overflow(0x7fffffff, 1, &r); o * 10 + (r < 0); })', '11'],
    ['({ unsigned char r; int o = __builtin_mul_overflow(16, 15, &r); o * 1000 + r; })', '240'],
    ['({ unsigned char r; int o = __builtin_mul_overflow(16, 16, &r); o * 1000 + r; })', '1000'],
    ['({ unsigned long r; __builtin_sub_overflow(1ul, 2ul, &r) * 10 + (r == -1ul); })', '11'],
    ['({ long r; __builtin_sub_overflow(1ul, 2ul, &r) * 10 + (r == -1); })', '1'],
    [
      '({ char a[6] = "hello", b[6]; __builtin_memcpy(b, a, 6); b[0] = 0; __builtin_strlen(a) * 10 + (__builtin_memcmp(a, b, 6) > 0); })',
      '51',
    ],
    ['({ char a[4]; __builtin_memset(a, 3, 4); __builtin_memmove(a + 1, a, 3); a[3] + __builtin_strcmp("ab", "ac"); })', '2'],
  ])('%s', (expression, value) => {
    const machine = runC(`long f(void) { return ${expression}; }`);
    expect([machine.status(), machine.findings()]).toEqual([{ kind: 'returned', value }, []]);
  });
});
