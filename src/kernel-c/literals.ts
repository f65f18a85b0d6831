/** Values of C's number, character and string literals. */
import { longestNumber } from './condition';
import type { IntName } from './type-table';

/** An integer literal with the type that C11 6.4.4.1 gives it; null for a floating one. */
export function integerLiteral(text: string): { value: bigint; type: IntName } | null {
  if (text.length > longestNumber) return null;
  const found = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*)$/.exec(text);
  if (!found) return null;
  const digits = found[1] ?? '0';
  const suffix = (found[2] ?? '').toLowerCase();
  const decimal = !digits.startsWith('0') || digits === '0';
  const value = /^0[0-7]+$/.test(digits)
    ? BigInt(`0o${digits.slice(1)}`)
    : /^\d+$/.test(digits)
      ? BigInt(decimal ? digits : '0')
      : BigInt(digits);
  const unsigned = suffix.includes('u');
  const longs = suffix.replace(/u/g, '').length;
  const order: readonly (readonly [IntName, bigint])[] = [
    ['int', 0x7fffffffn],
    ['unsigned int', 0xffffffffn],
    ['long', 0x7fffffffffffffffn],
    ['unsigned long', 0xffffffffffffffffn],
  ];
  for (const [name, most] of order) {
    const isUnsigned = name.startsWith('unsigned');
    if (unsigned && !isUnsigned) continue;
    if (!unsigned && isUnsigned && decimal) continue;
    if (longs > 0 && name.endsWith('int')) continue;
    if (value <= most) return { value, type: longs > 1 ? (name.replace('long', 'long long') as IntName) : name };
  }
  return { value: BigInt.asUintN(64, value), type: 'unsigned long' };
}

const simple: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

/** Bytes of a string or character literal (its quotes and prefix included), UTF-8, without a NUL at the end. */
export function literalBytes(text: string): number[] {
  const body = text.replace(/^(u8|L|u|U)?["']/, '').replace(/["']$/, '');
  const bytes: number[] = [];
  for (let i = 0; i < body.length; i++) {
    const c = body.charCodeAt(i);
    if (c !== 92) {
      const point = body.codePointAt(i) ?? c;
      if (point > 0xffff) i++;
      utf8(point, bytes);
      continue;
    }
    i++;
    const escape = body[i] ?? '\\';
    const octal = /^[0-7]{1,3}/.exec(body.slice(i))?.[0];
    const hex = escape === 'x' ? /^[0-9a-fA-F]+/.exec(body.slice(i + 1))?.[0] : undefined;
    if (octal) {
      bytes.push(parseInt(octal, 8) & 255);
      i += octal.length - 1;
    } else if (hex) {
      bytes.push(parseInt(hex.slice(-2), 16));
      i += hex.length;
    } else bytes.push(simple[escape] ?? escape.charCodeAt(0) & 255);
  }
  return bytes;
}

function utf8(point: number, into: number[]): void {
  if (point < 0x80) into.push(point);
  else if (point < 0x800) into.push(0xc0 | (point >> 6), 0x80 | (point & 63));
  else if (point < 0x10000) into.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  else into.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
}
