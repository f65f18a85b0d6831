/** Runs of pages behave like an array with a value for each page, whatever is done to them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  alikeEnd,
  countPages,
  firstClash,
  firstIn,
  firstOther,
  hashPages,
  mapPages,
  pageAt,
  regionsWithAny,
  runsOf,
  setPages,
  sumPages,
  type Pages,
} from '../../src/model/host/pages';
import { NOT_ZERO, valueSet } from '../../src/model/host/page-cells';

const PAGES = 6144;
// Many in one place, so that some parts are cut to pieces.
const at = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 2020, max: 2120 }) },
  fc.integer({ min: 0, max: PAGES }),
  fc.constantFrom(0, 1, 31, 32, 511, 512, 513, 2047, 2048, 2049, 4096, PAGES),
);
const change = fc.record({
  from: at,
  to: at,
  value: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 1, 255, 256, 70_000)),
  add: fc.boolean(),
  fresh: fc.boolean(),
});

test('set, map, sum, find and hash agree with an array; older trees keep their values', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100, size: 'max' }), at, at, (changes, a, b) => {
      let map: Pages = 0;
      let epoch = 1;
      const plain = new Array<number>(PAGES).fill(0);
      const kept: { readonly map: Pages; readonly plain: readonly number[] }[] = [];
      for (const { from, to, value, add, fresh } of changes) {
        if (fresh) {
          kept.push({ map, plain: plain.slice() });
          epoch++;
        }
        map = add ? mapPages(map, PAGES, from, to, (old) => (old + value) % 300, epoch) : setPages(map, PAGES, from, to, value, epoch);
        for (let page = from; page < to; page++) plain[page] = add ? (plain[page]! + value) % 300 : value;
      }
      for (const each of [...kept, { map, plain }]) {
        const runs = runsOf(each.map, 0, PAGES);
        expect(runs.flatMap(({ from, to, value }) => new Array<number>(to - from).fill(value))).toEqual(each.plain);
        expect(runs.every((run, index) => index === 0 || (runs[index - 1]!.to === run.from && runs[index - 1]!.value !== run.value))).toBe(
          true,
        );
      }
      const from = Math.min(a, b);
      const to = Math.max(a, b);
      const slice = plain.slice(from, to);
      expect(sumPages(map, PAGES, from, to)).toBe(slice.reduce((sum, value) => sum + value, 0));
      expect(countPages(map, from, to)).toBe(slice.filter((value) => value !== 0).length);
      const other = slice.findIndex((value) => value !== 1);
      expect(firstOther(map, from, to, 1)).toBe(other < 0 ? -1 : from + other);
      if (from < PAGES) expect(pageAt(map, from)).toBe(plain[from]);
      expect(regionsWithAny(map, PAGES)).toBe(
        Array.from({ length: PAGES / 512 }, (_, region) => region).filter((region) =>
          plain.slice(region * 512, region * 512 + 512).some((value) => value !== 0),
        ).length,
      );
      let rebuilt: Pages = 0;
      for (let page = PAGES - 1; page >= 0; page--) rebuilt = setPages(rebuilt, PAGES, page, page + 1, plain[page]!, 1);
      expect(hashPages(rebuilt, PAGES, 7)).toBe(hashPages(map, PAGES, 7));
    }),
    { seed: 20260101, numRuns: 50 },
  );
});

test('what stands in one map beside what in another is found as in two arrays', () => {
  const bit = fc.record({ from: at, to: at, value: fc.integer({ min: 0, max: 1 }) });
  const leaf = fc.record({ from: at, to: at, value: fc.constantFrom(0, 1, 2, 5, 31, 400) });
  const set = fc.constantFrom(0, NOT_ZERO, valueSet(0), valueSet(1, 2), valueSet(5), valueSet(400));
  const isIn = (value: number, values: number): boolean => ((values >>> Math.min(value, 31)) & 1) === 1;
  fc.assert(
    fc.property(
      fc.array(bit, { maxLength: 80, size: 'max' }),
      fc.array(leaf, { maxLength: 80, size: 'max' }),
      set,
      set,
      at,
      at,
      (bits, leaves, with0, with1, a, b) => {
        let [map, other]: [Pages, Pages] = [0, 0];
        const [one, two] = [new Array<number>(PAGES).fill(0), new Array<number>(PAGES).fill(0)];
        for (const { from, to, value } of bits) {
          map = setPages(map, PAGES, from, to, value, 1);
          one.fill(value, from, Math.max(from, to));
        }
        for (const { from, to, value } of leaves) {
          other = setPages(other, PAGES, from, to, value, 1);
          two.fill(value, from, Math.max(from, to));
        }
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const first = (is: (page: number) => boolean): number => {
          for (let page = from; page < to; page++) if (is(page)) return page;
          return -1;
        };
        expect(firstIn(other, from, to, with0)).toBe(first((page) => isIn(two[page]!, with0)));
        const clash = firstClash(map, other, from, to, with0, with1);
        expect(clash).toBe(first((page) => isIn(two[page]!, one[page] === 0 ? with0 : with1)));
        if (clash < 0) return;
        let end = clash;
        while (end < to && one[end] === one[clash] && two[end] === two[clash]) end++;
        expect(alikeEnd(map, other, clash, to)).toBe(end);
      },
    ),
    { seed: 20260101, numRuns: 150 },
  );
});
