import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FolioExtent } from '../../../src/protocol/simulation';
import { movedCursor, zoomedAtCursor } from '../../../webview-ui/map-cursor';
import { axisOf, edgesOf, extentAt, folioAt, marksOf, pfnAt, placed, positionOf } from '../../../webview-ui/map-layout';
import { wholeAxis } from '../../../webview-ui/viewport';

const extent = (pfn: number, order: number, count: number, index = -1): FolioExtent => ({
  pfn,
  count,
  order,
  type: 'folio',
  owner: 'page cache',
  refcount: 1,
  mapcount: 0,
  flags: [],
  index,
});
const unit = (one: { readonly extent: FolioExtent }): number => 2 ** one.extent.order;

describe('the axis', () => {
  it('puts blocks side by side though memory lies between them', () => {
    const axis = axisOf({ order: 9, blocks: 2, folios: [extent(0x80000, 9, 1), extent(0x40000, 0, 512)] });
    expect(axis.blocks.map((one) => [one.firstPfn, one.start])).toEqual([[0x40000, 0], [0x80000, 512]]); // prettier-ignore
    expect(positionOf(0x80001, axis)).toBe(513);
    expect(pfnAt(513, axis)).toBe(0x80001);
    expect(positionOf(0x60000, axis)).toBe(-1);
  });

  it('has room for the blocks where no folio is known', () => {
    expect(axisOf({ order: 9, blocks: 2, folios: [] }).total).toBe(1024);
  });

  it('finds the folio that holds a page, with its pfn and index', () => {
    const axis = axisOf({ order: 9, blocks: 1, folios: [extent(0x40000, 2, 4, 16), extent(0x40010, 0, 496)] });
    const extents = placed([extent(0x40010, 0, 496), extent(0x40000, 2, 4, 16)], axis);
    expect(folioAt(6, extents)).toMatchObject({ pfn: 0x40004, start: 4, pages: 4, index: 20, number: 1 });
    expect(folioAt(16, extents)).toMatchObject({ pfn: 0x40010, index: -1, number: 0 });
    expect(extentAt(512, extents)).toBeUndefined();
  });
});

describe('the marks', () => {
  it('draws a 1G block that was split as one rectangle without edges, and with edges up close', () => {
    const axis = axisOf({ order: 18, blocks: 1, folios: [extent(0x40000, 0, 2 ** 18)] });
    const extents = placed([extent(0x40000, 0, 2 ** 18)], axis);
    const far = marksOf(extents, wholeAxis(axis.total), 1000, unit);
    expect(far).toMatchObject([{ x: 0, width: 1000, pitch: 0 }]);
    const near = marksOf(extents, { start: 100, length: 10 }, 1000, unit);
    expect(near[0]?.pitch).toBe(100);
    expect(edgesOf(near[0]!, { start: 100, length: 10 }, 1000)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  it('joins extents that are too small to be told apart, and counts them', () => {
    const folios = Array.from({ length: 512 }, (_, page) => extent(0x40000 + page, 0, 1));
    const axis = axisOf({ order: 9, blocks: 1, folios });
    const marks = marksOf(placed(folios, axis), wholeAxis(512), 100, unit);
    expect(marks.length).toBeLessThanOrEqual(51);
    expect(marks.reduce((sum, mark) => sum + mark.items, 0)).toBe(512);
  });

  it('stays inside the picture, in order, and never draws more than there are pixels for', () => {
    const sizes = fc.array(fc.nat(6), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(sizes, fc.nat(1000), fc.integer({ min: 1, max: 2000 }), (orders, start, length) => {
        let at = 0;
        const spans = orders.map((order) => {
          const span = { start: at, pages: 2 ** order };
          at += span.pages;
          return span;
        });
        const marks = marksOf(spans, { start, length }, 300, (one) => one.pages);
        let last = -1;
        for (const mark of marks) {
          expect(mark.x).toBeGreaterThanOrEqual(last);
          expect(mark.x + mark.width).toBeLessThanOrEqual(301);
          last = mark.x;
        }
        expect(marks.length).toBeLessThanOrEqual(302);
        const inSight = spans.filter((one) => one.start < start + length && one.start + one.pages > start).length;
        expect(marks.reduce((sum, mark) => sum + mark.items, 0)).toBe(inSight);
      }),
    );
  });
});

describe('the cursor', () => {
  const folios = [extent(0x40000, 8, 1), extent(0x40100, 0, 256)];
  const axis = axisOf({ order: 9, blocks: 1, folios });
  const extents = placed(folios, axis);
  const near = { start: 250, length: 20 };

  it('goes from folio to folio where they can be told apart', () => {
    expect(movedCursor(0, 'next', extents, axis, near, 800)).toBe(256);
    expect(movedCursor(256, 'next', extents, axis, near, 800)).toBe(257);
    expect(movedCursor(256, 'previous', extents, axis, near, 800)).toBe(0);
  });

  it('goes by a few pixels where they cannot', () => {
    const far = wholeAxis(axis.total);
    expect(movedCursor(256, 'next', extents, axis, far, 128)).toBe(280);
    expect(movedCursor(400, 'previous', extents, axis, far, 128)).toBe(376);
  });

  it('goes from one run of equal folios to the next, and stays at the ends', () => {
    expect(movedCursor(3, 'next-extent', extents, axis, near, 800)).toBe(256);
    expect(movedCursor(300, 'previous-extent', extents, axis, near, 800)).toBe(256);
    expect(movedCursor(256, 'previous-extent', extents, axis, near, 800)).toBe(0);
    expect(movedCursor(300, 'next-extent', extents, axis, near, 800)).toBe(300);
    expect(movedCursor(0, 'end', extents, axis, near, 800)).toBe(511);
    expect(movedCursor(511, 'next', extents, axis, near, 800)).toBe(511);
    expect(movedCursor(0, 'previous', extents, axis, near, 800)).toBe(0);
  });

  it('stays in sight while the map zooms in on it, down to its page', () => {
    let viewport = wholeAxis(axis.total);
    for (let times = 0; times < 12; times += 1) viewport = zoomedAtCursor(viewport, 2, 300, extents, axis);
    expect(viewport).toEqual({ start: 300, length: 1 });
  });
});
