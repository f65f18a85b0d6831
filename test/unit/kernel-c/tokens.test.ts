import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokensOf } from '../../../src/kernel-c/tokens';

const textsOf = (text: string): string[] => tokensOf(text).map((one) => one.text);

describe('tokens', () => {
  it.each([
    ['a+++b', ['a', '++', '+', 'b']],
    ['x<<=y>>=z...', ['x', '<<=', 'y', '>>=', 'z', '...']],
    ['p->q.r', ['p', '->', 'q', '.', 'r']],
    ['1.5e+3 0x1p-2 0xfful 1u.', ['1.5e+3', '0x1p-2', '0xfful', '1u.']],
    ['"a\\"b" L"c" \'\\\'\'', ['"a\\"b"', 'L"c"', "'\\''"]],
    ['a/* b */c// d\ne', ['a', 'c', 'e']],
    ['a\\\nb', ['a', 'b']],
    ['#x##y', ['#', 'x', '##', 'y']],
    ['"open\nx', ['"open', 'x']],
    ['/* open', []],
    ['@`', ['@', '`']],
  ])('%j', (text, tokens) => {
    expect(textsOf(text)).toEqual(tokens);
  });

  it('counts lines through comments, literals and continuations', () => {
    expect(tokensOf('a /* \n */ b \\\n c\n"x\\\ny" d').map(({ text, line }) => [text, line])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['"xy"', 4],
      ['d', 5],
    ]);
  });

  it('knows what stands first on a line, and what has white space before it', () => {
    const [hash, define, name] = tokensOf('  # define x');
    expect([hash?.first, define?.first, define?.spaced, name?.spaced]).toEqual([true, false, true, true]);
  });

  it('is total, and leaves out nothing but white space and comments', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1 "\'\\\n/*#+-<>=(){};.') }), (text) => {
        const solid = (one: string): string => one.replace(/\\\n|\s/g, '');
        const kept = solid(textsOf(text).join(''));
        // Only comments and continuations may be missing.
        if (!/\/[/*]|\\/.test(text)) expect(kept).toBe(solid(text));
      }),
    );
  });
});
