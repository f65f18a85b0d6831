/** Cells of the memory map: runs say of each cell what looking at each of its pages would say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileExtent } from '../../../src/model/host/host-model';
import type { MapWindow } from '../../../src/protocol/scenario-page';
import { COLOURINGS, extentAt, fileRuns, poolAmounts, poolRuns, POOL_BASE, POOL_LOOKS, sectionsOf } from '../../../src/review/scenario-map';

const STATES = ['whole', 'split', 'mixed'] as const;
const extent = (from: number, to: number, block: FileExtent['block']): FileExtent => ({
  from,
  to,
  block,
  folioOrder: 0,
  pfn: from,
  type: 'small',
  owner: 'gmem',
  sharing: 'private',
  attribute: 'private',
  content: 'zero',
  contentOf: '',
  prepared: true,
  hvo: false,
  poisoned: false,
  mapped: 0,
  pinned: 0,
  references: 0,
  stage2: -1,
});

/** Runs as one entry a cell. */
const cellsOf = (runs: readonly number[]): readonly (readonly number[])[] => {
  const cells: number[][] = [];
  for (let at = 0; at < runs.length; at += 4) for (let count = 0; count < runs[at]!; count++) cells.push(runs.slice(at + 1, at + 4));
  return cells;
};

describe('cells of a file', () => {
  it('are what most of their pages are, and what the second most are', () => {
    const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(...STATES)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 9 }), (parts, order, from) => {
        let at = 0;
        const extents = parts.map(([length, state]) => extent(at, (at += length), state));
        const size = 2 ** order;
        const cells = Math.ceil(at / size);
        const window: MapWindow = { section: 'file:f', order, from: Math.min(from, cells), to: cells };
        const seen = cellsOf(fileRuns(extents, window, COLOURINGS.block));
        expect(seen).toHaveLength(cells - window.from);
        seen.forEach(([look, other, share], index) => {
          const first = (window.from + index) * size;
          const counts = new Map<number, number>();
          for (let page = first; page < Math.min(first + size, at); page++) {
            const number = COLOURINGS.block.of(extentAt(extents, page)!);
            counts.set(number, (counts.get(number) ?? 0) + 1);
          }
          const most = Math.max(...counts.values());
          expect(counts.get(look!)).toBe(most);
          if (counts.size === 1) return expect([other, share]).toEqual([-1, 0]);
          const rest = [...counts].filter(([number]) => number !== look).map(([, pages]) => pages);
          expect(counts.get(other!)).toBe(Math.max(...rest));
          expect(share).toBeGreaterThan(0);
        });
      }),
    );
  });

  it('are one run where a terabyte looks the same', () => {
    const whole = [extent(0, 2 ** 28, 'whole')];
    expect(fileRuns(whole, { section: 'file:f', order: 0, from: 0, to: 2 ** 28 }, COLOURINGS.block)).toEqual([2 ** 28, 1, -1, 0]);
  });

  it('are nothing where the design has no such file', () => {
    expect(fileRuns([], { section: 'file:f', order: 9, from: 0, to: 7 }, COLOURINGS.block)).toEqual([7, -1, -1, 0]);
  });
});

describe('cells of pools and nodes', () => {
  it('stand for the amounts, in order', () => {
    const looks = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), looks), { maxLength: 6 }),
        fc.integer({ min: 0, max: 3 }),
        (amounts, order) => {
          const size = 2 ** order;
          const all = amounts.flatMap(([pages, number]) => new Array<number>(pages).fill(number));
          const cells = Math.max(1, Math.ceil(all.length / size));
          const seen = cellsOf(poolRuns(amounts, { section: 'pool:p', order, from: 0, to: cells }));
          expect(seen).toHaveLength(cells);
          seen.forEach(([number], index) => {
            const own = all.slice(index * size, (index + 1) * size);
            const count = (wanted: number): number => own.filter((one) => one === wanted).length;
            if (own.length === 0) expect(number).toBe(-1);
            else expect(count(number!)).toBe(Math.max(...own.map(count)));
          });
        },
      ),
    );
  });

  it('make up the whole node', () => {
    const counters = {
      'node0.total': 2 ** 24,
      'node0.buddy_free': 2 ** 22,
      'node0.vmemmap_rest': 2 ** 18,
      'hstate.1G.node0.nr_huge_pages': 16,
      'hstate.1G.nr_huge_pages': 16,
      'hstate.1G.free_huge_pages': 10,
      'hstate.1G.resv_huge_pages': 4,
    };
    const pools = poolAmounts(counters);
    const [node, hugetlb] = sectionsOf([pools], new Map([['gmem0', 512]]));
    expect(node).toMatchObject({ id: 'node:0', pages: 2 ** 24, leastOrder: 18 });
    expect(hugetlb).toMatchObject({ id: 'pool:hugetlb 1G', pages: 2 ** 22 });
    const runs = poolRuns(pools.get('pool:hugetlb 1G')!, { section: '', order: 18, from: 0, to: 16 });
    expect(cellsOf(runs).map(([number]) => POOL_LOOKS[number! - POOL_BASE]!.id)).toEqual([
      ...new Array<string>(6).fill('in-use'),
      ...new Array<string>(4).fill('reserved'),
      ...new Array<string>(6).fill('free'),
    ]);
  });
});

describe('colourings', () => {
  it('have a name for each look, and letters that tell those with memory apart', () => {
    for (const { looks } of Object.values(COLOURINGS)) {
      expect(looks.every(({ name }) => name !== '')).toBe(true);
      const letters = looks.map(({ letter }) => letter).filter((letter) => letter !== '');
      expect(new Set(letters).size).toBe(letters.length);
    }
  });
});
