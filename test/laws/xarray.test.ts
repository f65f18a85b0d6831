/** The xarray over simulated nodes against a plain map of indices. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachEntry } from '../../src/model/page-cache-view';
import { bindXarray } from '../../src/model/xarray';
import { xarrayLayout } from '../../src/model/xarray-layout';
import { toyKernel, xarrayToyLayout } from '../unit/model/toy-kernel';

interface Op {
  readonly order: number;
  readonly index: number;
  readonly value: number;
}

/** Aligned pieces of orders 0 to 12 in the first 2^14 indices; value 0 erases. */
const op = fc
  .record({ order: fc.constantFrom(0, 0, 0, 1, 2, 3, 5, 6, 7, 9, 12), place: fc.nat(2 ** 14 - 1), value: fc.nat(3) })
  .map(({ order, place, value }): Op => ({ order, index: place - (place % 2 ** order), value: value === 0 ? 0 : value * 2 + 1 }));

/** What a store does where entries do not overlap partly: the map's own meaning. */
class Plain {
  readonly entries = new Map<number, { order: number; value: number }>();
  covering(index: number): { index: number; order: number; value: number } | null {
    for (let order = 0; order <= 14; order++) {
      const first = index - (index % 2 ** order);
      const found = this.entries.get(first);
      if (found?.order === order) return { index: first, ...found };
    }
    return null;
  }
}

describe('xarray', () => {
  it('finds what was stored, by load, by find and by the view, and frees every node in the end', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
        const kernel = toyKernel(xarrayToyLayout);
        const array = bindXarray(xarrayToyLayout);
        const root = 0x1000;
        const plain = new Plain();
        for (const { order, index, value } of ops) {
          const over = plain.covering(index);
          // Storing a small entry into a large one replaces the large one: not what the model's callers do.
          if (over !== null && over.order > order) continue;
          const needs = value !== 0 && array.needsNode(kernel, root, index, order);
          const nodes = kernel.live.size;
          array.store(kernel, root, index, order, value);
          // Where smaller entries go, their nodes go too, and the number says nothing.
          const replaces = [...plain.entries.keys()].some((first) => first >= index && first < index + 2 ** order);
          if (value !== 0 && !replaces) expect(kernel.live.size > nodes || !needs).toBe(true);
          for (const first of [...plain.entries.keys()]) if (first >= index && first < index + 2 ** order) plain.entries.delete(first);
          if (value !== 0) plain.entries.set(index, { order, value });
        }
        for (const [index, { order, value }] of plain.entries) {
          expect(array.load(kernel, root, index)).toBe(value);
          expect(array.load(kernel, root, index + 2 ** order - 1)).toBe(value);
        }
        const sorted = [...plain.entries]
          .map(([index, { order, value }]) => ({ index, order, entry: value }))
          .sort((a, b) => a.index - b.index);
        const seen: unknown[] = [];
        eachEntry(kernel, xarrayLayout(xarrayToyLayout), root, (entry) => seen.push(entry));
        expect(seen).toEqual(sorted);
        const found: unknown[] = [];
        for (let from = 0; ;) {
          const next = array.find(kernel, root, from, 2 ** 20);
          if (next === null) break;
          found.push(next);
          from = next.index + 2 ** next.order;
        }
        expect(found).toEqual(sorted);
        for (const { index, order } of sorted) array.store(kernel, root, index, order, 0);
        expect(array.isEmpty(kernel, root)).toBe(true);
        expect(kernel.live.size).toBe(0);
        expect(kernel.reports).toEqual([]);
      }),
    );
  });

  it('needs 4161 nodes for 2^18 single entries and one for a single entry of order 18', () => {
    const kernel = toyKernel(xarrayToyLayout);
    const array = bindXarray(xarrayToyLayout);
    for (let index = 0; index < 2 ** 18; index++) array.store(kernel, 0x1000, index, 0, 3);
    expect(kernel.live.size).toBe(4161);
    array.destroy(kernel, 0x1000);
    expect(kernel.live.size).toBe(0);
    array.store(kernel, 0x1000, 0, 18, 3);
    expect(kernel.live.size).toBe(1);
  });
});
