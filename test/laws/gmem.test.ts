import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGmem } from '../../src/scenario/gmem/format-gmem';
import { printGmem } from '../../src/scenario/gmem/print-gmem';
import { readGmem } from '../../src/scenario/gmem/read-gmem';
import { STATEMENTS } from '../../src/scenario/gmem/statements';
import { anyScenario } from '../unit/scenario/gmem-scenarios';

/** Data without the places in the text. */
const placeless = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'span' || key === 'lastLine' ? undefined : each)));

/** Lines that are nearly right: words of the language in any order. */
const words = fc.constantFrom(
  ...STATEMENTS.flatMap(({ example }) => example.split(' ')),
  '$span',
  '$',
  '"',
  '"text"',
  '..',
  '[',
  ')',
  '-1',
  '99999999999999999999',
  '(',
  '+',
  '*',
  '/ 0',
  'min(',
  'when',
  'let sum 2 * $span',
  '1e9',
  '# note',
  '\t',
);
const line = fc
  .tuple(fc.nat(3), fc.oneof(fc.array(words, { maxLength: 8 }), fc.constantFrom(...STATEMENTS.map(({ example }) => [example]))))
  .map(([depth, all]) => `${'  '.repeat(depth)}${all.join(' ')}`);
const nearly = fc
  .array(line, { maxLength: 40 })
  .map((lines) => `scenario "x"\n  vm td type tdx\n  create gmem0 for td size 4GiB\n${lines.join('\n')}`);

describe('scenario texts', () => {
  it('that are printed are read as what they were', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const read = readGmem(printGmem([scenario]));
        expect(read.problems).toEqual([]);
        expect(placeless(read.scenarios)).toEqual(placeless([scenario]));
      }),
    );
  });

  it('of any kind are read without an exception, with every problem inside the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly), (text) => {
        const lines = text.split('\n');
        for (const { span, message } of readGmem(text).problems) {
          expect(span.line).toBeGreaterThanOrEqual(1);
          expect(span.line).toBeLessThanOrEqual(lines.length);
          expect(span.column).toBeGreaterThanOrEqual(1);
          expect(span.endColumn).toBeGreaterThan(span.column);
          expect(span.endColumn).toBeLessThanOrEqual((lines[span.line - 1]?.length ?? 0) + 2);
          expect(message).toMatch(/^\S.*\. .*\S/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are formatted without a change of what they say, and formatting again changes nothing', () => {
    fc.assert(
      fc.property(nearly, fc.nat(3), (text, more) => {
        const ragged = text.replace(/^( +)/gm, (space) => space.repeat(1 + more));
        const formatted = formatGmem(ragged);
        expect(formatGmem(formatted)).toBe(formatted);
        expect(placeless(readGmem(formatted).scenarios)).toEqual(placeless(readGmem(ragged).scenarios));
        expect(formatted.match(/#.*/g)).toEqual(ragged.match(/#.*/g)?.map((each) => each.trimEnd()) ?? null);
      }),
      { numRuns: 500 },
    );
  });

  it('are printed as they were read, whatever was wrong with them', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        const { scenarios } = readGmem(text);
        const again = readGmem(printGmem(scenarios));
        expect(placeless(again.scenarios)).toEqual(placeless(scenarios));
      }),
      { numRuns: 500 },
    );
  });
});
