/** Where cells of the memory map lie: every cell is found where it is drawn, from the whole host to a page. */
import { describe, expect, it } from 'vitest';
import type { MapSection } from '../../../src/protocol/scenario-page';
import {
  boxOf,
  cellAt,
  cellOf,
  cursorAt,
  geometryOf,
  LAST_LEVEL,
  LEVELS,
  movedInMap,
  topShowing,
  windowsOf,
} from '../../../webview-ui/scenario/map-geometry';

const HEIGHT = 340;
const sections: readonly MapSection[] = [
  { id: 'node:0', title: 'node 0', pages: 2 ** 28 + 2 ** 24, leastOrder: 18 },
  { id: 'pool:hugetlb 1G', title: 'hugetlb 1G', pages: 2 ** 28, leastOrder: 18 },
  { id: 'file:a', title: 'a', pages: 2 ** 28, leastOrder: 0 },
  { id: 'file:b', title: 'b', pages: 1000, leastOrder: 0 },
];

describe('the geometry of the map', () => {
  it('has a host of 1 TiB in the picture as a whole', () => {
    expect(geometryOf(sections, 0, 600, HEIGHT).height).toBeLessThanOrEqual(HEIGHT);
  });

  it('drops the names where there are more files than lines, and has them again when it is looked at closely', () => {
    const many = Array.from({ length: 60 }, (_, at): MapSection => ({ id: `file:${at}`, title: `${at}`, pages: 2 ** 22, leastOrder: 0 }));
    const whole = geometryOf([...sections, ...many], 0, 600, HEIGHT);
    expect(whole.hasTitles).toBe(false);
    expect(whole.height).toBeLessThanOrEqual(HEIGHT + 60);
    expect(geometryOf(many, 3, 600, HEIGHT).hasTitles).toBe(true);
  });

  it('finds every cell where its box is, at every level', () => {
    for (let level = 0; level <= LAST_LEVEL; level++) {
      const geometry = geometryOf(sections, level, 500, HEIGHT);
      for (const placed of geometry.sections) {
        for (const cell of [0, 1, placed.columns - 1, placed.columns, placed.cells - 1].filter(
          (each) => each >= 0 && each < placed.cells,
        )) {
          const box = boxOf({ placed, cell });
          expect(cellAt(geometry, box.x + box.width / 2, box.y + box.height / 2)).toEqual({ placed, cell });
          expect(cellOf(geometry, cursorAt({ placed, cell }))).toEqual({ placed, cell });
        }
      }
    }
  });

  it('asks for a few thousand cells at the most, whatever is looked at', () => {
    for (let level = 0; level <= LAST_LEVEL; level++) {
      const geometry = geometryOf(sections, level, 600, HEIGHT);
      for (const top of [0, geometry.height / 2, geometry.height - HEIGHT]) {
        const cells = windowsOf(geometry, top, HEIGHT).reduce((sum, { from, to }) => sum + to - from, 0);
        expect(cells).toBeLessThan(5_000);
      }
    }
  });

  it('keeps the cursor in sight and within the sections', () => {
    const geometry = geometryOf(sections, LAST_LEVEL, 500, HEIGHT);
    let cursor = { section: 'file:a', page: 2 ** 27 };
    const top = topShowing(geometry, cursor, 0, HEIGHT);
    const box = boxOf(cellOf(geometry, cursor)!);
    expect(box.y).toBeGreaterThanOrEqual(top);
    expect(box.y + box.height).toBeLessThanOrEqual(top + HEIGHT);
    cursor = movedInMap(geometry, cursor, 'right', HEIGHT);
    expect(cursor).toEqual({ section: 'file:a', page: 2 ** 27 + 1 });
    cursor = movedInMap(geometry, cursor, 'last', HEIGHT);
    expect(cursor.page).toBe(2 ** 28 - 1);
    cursor = movedInMap(geometry, cursor, 'right', HEIGHT);
    expect(cursor).toEqual({ section: 'file:b', page: 0 });
    cursor = movedInMap(geometry, cursor, 'next-section', HEIGHT);
    expect(cursor.section).toBe('file:b');
    for (let times = 0; times < 5; times++) cursor = movedInMap(geometry, cursor, 'previous-section', HEIGHT);
    expect(cursor).toEqual({ section: 'node:0', page: 0 });
    expect(movedInMap(geometry, cursor, 'left', HEIGHT)).toEqual(cursor);
    expect(movedInMap(geometry, cursor, 'up', HEIGHT)).toEqual(cursor);
  });

  it('goes down to one page', () => {
    expect(LEVELS[LAST_LEVEL]!.order).toBe(0);
    expect(LEVELS[0]!.order).toBe(18);
  });
});
