import { describe, expect, it } from 'vitest';
import type { Site } from '../../../src/assumptions/site';
import { contextOf, entriesOf, reviewedAmong, reviewedFrom, reviewedText, withEntry } from '../../../src/review/reviewed-sites';

const site = (file: string, line: number, name: string, symbol = 'folio_test_hugetlb'): Site => ({
  file,
  line,
  column: 6,
  length: symbol.length,
  symbol,
  function: name,
  kind: 'folio-test',
  rule: 'folio-test-hugetlb',
});
const lines =
  (texts: Readonly<Record<string, string>>) =>
  (file: string, line: number): string =>
    texts[`${file}:${line}`] ?? '';

const BEFORE = [site('mm/a.c', 10, 'f'), site('mm/a.c', 12, 'f'), site('mm/a.c', 30, 'g')];
const TEXTS = { 'mm/a.c:10': '\tif (folio_test_hugetlb(folio))', 'mm/a.c:12': '\tif (folio_test_hugetlb(folio))', 'mm/a.c:30': 'x' };
const reviewedOf = (at: number) => [...entriesOf(BEFORE, lines(TEXTS)).values()].slice(at, at + 1);

describe('a reviewed site', () => {
  it('is found again where lines have moved and the line is set otherwise', () => {
    const later = BEFORE.map((one) => ({ ...one, line: one.line + 100 }));
    const texts = {
      'mm/a.c:110': '\t\tif  (folio_test_hugetlb(folio))\t/* why */',
      'mm/a.c:112': '\tif (folio_test_hugetlb(folio)) // so',
      'mm/a.c:130': 'x',
    };
    const found = reviewedAmong(entriesOf(later, lines(texts)), reviewedOf(1));
    expect([...found.keys()].map(({ line }) => line)).toEqual([112]);
  });

  it('is another one where its line says something else', () => {
    const texts = { ...TEXTS, 'mm/a.c:12': '\tif (!folio_test_hugetlb(folio))' };
    expect(reviewedAmong(entriesOf(BEFORE, lines(texts)), reviewedOf(1)).size).toBe(0);
  });

  it('goes with its function to another file, and only there', () => {
    const moved = [site('mm/b.c', 5, 'f'), site('mm/b.c', 9, 'other')];
    const texts = { 'mm/b.c:5': 'if (folio_test_hugetlb(folio))', 'mm/b.c:9': 'if (folio_test_hugetlb(folio))' };
    expect([...reviewedAmong(entriesOf(moved, lines(texts)), reviewedOf(0)).keys()]).toEqual([moved[0]]);
  });

  it('does not make one of the same words in another file reviewed while its own is there', () => {
    const both = [...BEFORE, site('mm/b.c', 5, 'f')];
    const texts = { ...TEXTS, 'mm/b.c:5': 'if (folio_test_hugetlb(folio))' };
    expect([...reviewedAmong(entriesOf(both, lines(texts)), reviewedOf(0)).keys()]).toEqual([BEFORE[0]]);
  });

  it('can be taken back', () => {
    const [entry] = reviewedOf(0);
    expect(withEntry(withEntry([], entry!, true), entry!, false)).toEqual([]);
    expect(withEntry(withEntry([], entry!, true), entry!, true)).toEqual([entry]);
  });
});

describe('the file', () => {
  it('gives back what was written, an entry a line, in one order', () => {
    const all = [...entriesOf(BEFORE, lines(TEXTS)).values()];
    const text = reviewedText(all);
    expect(reviewedText([...all].reverse())).toBe(text);
    const read = reviewedFrom(text);
    expect(read.kind === 'done' && [...read.value].sort((a, b) => a.nth - b.nth)).toEqual([...all].sort((a, b) => a.nth - b.nth));
    expect(text.split('\n').filter((line) => line.includes('"symbol"'))).toHaveLength(3);
    expect(reviewedFrom(reviewedText([]))).toEqual({ kind: 'done', value: [] });
  });

  it('is refused where it is no list, and leaves out what is no entry', () => {
    for (const text of ['', '{', '[]', '{"reviewed": 3}', 'null']) expect(reviewedFrom(text).kind, text).toBe('refused');
    const odd = JSON.stringify({ reviewed: [null, 7, {}, { file: 'a', function: 'f', symbol: 's', context: 'c', nth: 0 }] });
    expect(reviewedFrom(odd)).toEqual({ kind: 'done', value: [] });
  });
});

describe('contextOf', () => {
  it('leaves out comments and how a line is set', () => {
    expect(contextOf('\tif ( a ) /* b */ c; // d')).toBe('if ( a ) c;');
    expect(contextOf('a /* open')).toBe('a');
    expect(contextOf('x'.repeat(9000))).toHaveLength(400);
  });
});
