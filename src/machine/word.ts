/** Exact 64-bit arithmetic on pairs of int32 (low, high), and their ways to and from numbers and BigInt. */
import type { Word } from '../model/primitive';

const TWO_32 = 4294967296;
const MASK_64 = 0xffffffffffffffffn;

/** High half of the signed 64-bit value; the low half is `word | 0`. */
export const highOf = (word: Word): number => Math.floor(word / TWO_32) | 0;

/** As a signed number; rounded beyond ±2^53. */
export const wordOf = (low: number, high: number): Word => high * TWO_32 + (low >>> 0);

export const bigOf = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low >>> 0);
export const lowOfBig = (value: bigint): number => Number(value & 0xffffffffn) | 0;
export const highOfBig = (value: bigint): number => Number((value & MASK_64) >> 32n) | 0;

/** `0xffffea0000001000`. */
export const hexOf = (low: number, high: number): string => `0x${BigInt.asUintN(64, bigOf(low, high)).toString(16)}`;
export const hexOfWord = (word: Word): string => hexOf(word | 0, highOf(word));

/** High half of the product of two unsigned 32-bit numbers. */
export function highOfProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) | 0;
}

/** High half of a 64-bit product; the low half is `Math.imul(aLow, bLow)`. */
export const mulHigh = (aLow: number, aHigh: number, bLow: number, bHigh: number): number =>
  (highOfProduct(aLow, bLow) + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) | 0;

/** 2^21: below it in absolute value, a high half makes a number that a double holds exactly. */
const EXACT = 0x200000;
const isExact = (high: number): boolean => high >= -EXACT && high < EXACT;

export type Division = 'quotient' | 'remainder';

/** Writes the result to out[0], out[1]. The divisor is not 0. Truncates towards 0; INT64_MIN / -1 wraps. Source: C11 6.5.5p6. */
export function divide64(out: Int32Array, what: Division, signed: boolean, aLow: number, aHigh: number, bLow: number, bHigh: number): void {
  const exact = signed ? isExact(aHigh) && isExact(bHigh) : aHigh >= 0 && aHigh < EXACT && bHigh >= 0 && bHigh < EXACT;
  if (exact) {
    const a = wordOf(aLow, aHigh);
    const b = wordOf(bLow, bHigh);
    const remainder = a % b;
    const result = what === 'remainder' ? remainder : (a - remainder) / b;
    out[0] = result | 0;
    out[1] = highOf(result);
    return;
  }
  const a = signed ? bigOf(aLow, aHigh) : BigInt.asUintN(64, bigOf(aLow, aHigh));
  const b = signed ? bigOf(bLow, bHigh) : BigInt.asUintN(64, bigOf(bLow, bHigh));
  const result = what === 'remainder' ? a % b : a / b;
  out[0] = lowOfBig(result);
  out[1] = highOfBig(result);
}

/** Below as signed 64-bit numbers. */
export const belowSigned = (aLow: number, aHigh: number, bLow: number, bHigh: number): boolean =>
  aHigh === bHigh ? aLow >>> 0 < bLow >>> 0 : aHigh < bHigh;
