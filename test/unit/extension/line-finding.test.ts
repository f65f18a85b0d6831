import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyStart, linesOf, nearestLine, writesLine } from '../../../src/extension/line-finding';

describe('nearestLine', () => {
  const lines = ['a();', '', '\tb();', '}', '\tb();'];

  it('stays where the line reads the same, and does not mind blanks', () => {
    expect(nearestLine(lines, 3, 'b();')).toBe(3);
  });

  it('goes to the nearest that does, of two as near the upper', () => {
    expect(nearestLine(lines, 4, 'b();')).toBe(3);
    expect(nearestLine(lines, 900, 'a();')).toBe(1);
  });

  it('knows no line that is gone', () => {
    expect(nearestLine(lines, 3, 'c();')).toBeUndefined();
    expect(nearestLine([], 1, 'c();')).toBeUndefined();
  });

  it('leaves a remark on a blank line where it was', () => {
    expect(nearestLine(lines, 4, ' ')).toBe(4);
    expect(nearestLine(lines, 9, ' ')).toBeUndefined();
  });

  it('finds a line that moved, wherever it moved to', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('x', 'y', '', '}'), { maxLength: 40 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 60 }),
        (others, at, from) => {
          const text = [...others.slice(0, at), 'the line', ...others.slice(at)];
          expect(nearestLine(text, from, '  the line')).toBe(text.indexOf('the line') + 1);
        },
      ),
    );
  });
});

describe('writesLine', () => {
  it('is true of the change after which there is one more', () => {
    expect(writesLine('a\nb\n', 'a\nb\n\tb\n', 'b')).toBe(true);
    expect(writesLine('a\nb\n', 'b\na\n', 'b')).toBe(false);
    expect(writesLine('a\n', 'a\n\n\n', '')).toBe(false);
  });
});

describe('bodyStart', () => {
  it('is after the first empty line', () => {
    expect(bodyStart(linesOf('From: x\r\nSubject: y\r\n\r\nHello\r\n'))).toBe(4);
    expect(bodyStart(['From: x'])).toBe(2);
  });
});
