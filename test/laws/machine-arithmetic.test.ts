/** Arithmetic on pairs of int32 is the arithmetic of C, for all widths, operands and counts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BinaryOp, Instr } from '../../src/kernel-c/program';
import { machineOf, programOf, valueOf } from '../unit/machine/build';

const word = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.bigInt({ min: -70n, max: 70n }),
  fc.integer({ min: 0, max: 63 }).map((bit) => BigInt.asIntN(64, 1n << BigInt(bit))),
  fc.integer({ min: 0, max: 63 }).map((bit) => BigInt.asIntN(64, (1n << BigInt(bit)) - 1n)),
  fc.integer({ min: 0, max: 63 }).map((bit) => BigInt.asIntN(64, ~((1n << BigInt(bit)) - 1n))),
);
const bits = fc.constantFrom<32 | 64>(32, 64);

/** The value of a C type of that width, as registers keep it. */
const fit = (value: bigint, width: number, signed: boolean): bigint =>
  signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
/** As a register holds it: 64 bits, signed. */
const held = (value: bigint): bigint => BigInt.asIntN(64, value);

function expected(op: BinaryOp, a: bigint, b: bigint, width: number, signed: boolean): string {
  const [x, y] = [fit(a, width, signed), fit(b, width, signed)];
  const count = BigInt.asUintN(width === 32 ? 5 : 6, b);
  if ((op === 'div' || op === 'mod') && y === 0n) return 'divide-by-zero';
  const exact: Record<BinaryOp, () => bigint> = {
    add: () => x + y,
    sub: () => x - y,
    mul: () => x * y,
    div: () => x / y,
    mod: () => x % y,
    and: () => x & y,
    or: () => x | y,
    xor: () => x ^ y,
    shl: () => x << count,
    shr: () => x >> count,
  };
  return held(fit(exact[op](), width, signed)).toString();
}

describe('arithmetic of the machine', () => {
  const operations: readonly BinaryOp[] = ['add', 'sub', 'mul', 'div', 'mod', 'and', 'or', 'xor', 'shl', 'shr'];

  it.each(operations)('%s is that of C', (op) => {
    fc.assert(
      fc.property(word, word, bits, fc.boolean(), fc.boolean(), (a, b, width, signed, constant) => {
        const [x, y] = [held(fit(a, width, signed)), held(fit(b, width, signed))];
        const program = programOf(
          [
            { op, dst: 2, a: 0, b: constant ? -1 : 1, bits: width, signed },
            { op: 'return', a: 2 },
          ],
          3,
          [y],
        );
        expect(valueOf(machineOf(program), [x, y])).toBe(expected(op, a, b, width, signed));
      }),
      { numRuns: 400 },
    );
  });

  it('comparisons are those of C', () => {
    fc.assert(
      fc.property(word, word, fc.constantFrom('eq', 'ne', 'lt', 'le'), fc.boolean(), fc.boolean(), (a, other, op, signed, same) => {
        const b = same ? a : other;
        const [x, y] = [fit(a, 64, signed), fit(b, 64, signed)];
        const instr = op === 'lt' || op === 'le' ? { op, dst: 2, a: 0, b: 1, signed } : { op: op as 'eq' | 'ne', dst: 2, a: 0, b: 1 };
        const result = { eq: x === y, ne: x !== y, lt: x < y, le: x <= y }[op as 'eq' | 'ne' | 'lt' | 'le'];
        expect(valueOf(machineOf(programOf([instr, { op: 'return', a: 2 }], 3)), [a, b])).toBe(result ? '1' : '0');
      }),
      { numRuns: 1000 },
    );
  });

  it('neg, not, bool and extend are those of C', () => {
    fc.assert(
      fc.property(word, bits, fc.boolean(), fc.constantFrom<8 | 16 | 32>(8, 16, 32), (a, width, signed, narrow) => {
        const x = fit(a, width, signed);
        const cases: readonly (readonly [Instr, bigint])[] = [
          [{ op: 'neg', dst: 1, a: 0, bits: width, signed }, fit(-x, width, signed)],
          [{ op: 'not', dst: 1, a: 0, bits: width, signed }, fit(~x, width, signed)],
          [{ op: 'bool', dst: 1, a: 0 }, x === 0n ? 0n : 1n],
          [{ op: 'extend', dst: 1, a: 0, bits: narrow, signed }, fit(x, narrow, signed)],
        ];
        for (const [instr, value] of cases) {
          expect(valueOf(machineOf(programOf([instr, { op: 'return', a: 1 }], 2)), [held(x)])).toBe(held(value).toString());
        }
      }),
      { numRuns: 400 },
    );
  });

  it('bit-fields are read as they were written, and leave their neighbours alone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<1 | 2 | 4 | 8>(1, 2, 4, 8).chain((unit) =>
          fc.tuple(
            fc.constant(unit),
            fc.integer({ min: 0, max: unit * 8 - 1 }).chain((at) => fc.tuple(fc.constant(at), fc.integer({ min: 1, max: unit * 8 - at }))),
          ),
        ),
        word,
        word,
        fc.boolean(),
        ([unit, [at, width]], before, value, signed) => {
          const field = { addr: 2, offset: 0, unit, at, width };
          const code: Instr[] = [
            { op: 'local', dst: 2, local: 0 },
            { op: 'store', addr: 2, offset: 0, size: 8, value: 0 },
            { op: 'store-bits', ...field, value: 1 },
            { op: 'load-bits', dst: 3, ...field, signed },
            { op: 'load', dst: 4, addr: 2, offset: 0, size: 8, signed: true },
          ];
          const mask = ((1n << BigInt(width)) - 1n) << BigInt(at);
          const whole = held((before & ~mask) | ((value << BigInt(at)) & mask));
          const read = (register: number): string =>
            valueOf(machineOf(programOf([...code, { op: 'return', a: register }], 5, [], [8])), [before, value]);
          expect(read(3)).toBe(held(fit(value, width, signed)).toString());
          expect(read(4)).toBe(whole.toString());
        },
      ),
      { numRuns: 400 },
    );
  });
});
