/** Where the cells of the memory map lie: sections below each other, each in rows as wide as the picture, at a level of zoom. */
import type { MapSection, MapWindow } from '../../src/protocol/scenario-page';

/** A level of zoom: pages of a cell as a power of two, and pixels of it. */
interface ZoomLevel {
  readonly order: number;
  readonly width: number;
  readonly height: number;
}

const CELL = 14;
/** From whole blocks of 1G down to one page; the last has room for words. The first is as large as there is room for. */
export const LEVELS: readonly ZoomLevel[] = [
  { order: 18, width: CELL, height: CELL },
  { order: 15, width: CELL, height: CELL },
  { order: 12, width: CELL, height: CELL },
  { order: 9, width: CELL, height: CELL },
  { order: 6, width: CELL, height: CELL },
  { order: 3, width: CELL, height: CELL },
  { order: 0, width: CELL, height: CELL },
  { order: 0, width: 76, height: 34 },
];
export const LAST_LEVEL = LEVELS.length - 1;

export const TITLE_PIXELS = 16;
const GAP_PIXELS = 6;
/** Room for the bar that tells where the picture is in the whole. */
export const BAR_PIXELS = 8;

export interface PlacedSection {
  readonly section: MapSection;
  readonly order: number;
  readonly cells: number;
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** Of the first row of cells, from the top of the whole. */
  readonly y: number;
  readonly rows: number;
}

export interface Geometry {
  readonly level: number;
  readonly sections: readonly PlacedSection[];
  readonly height: number;
  /** False where there are so many files that only their cells have room. */
  readonly hasTitles: boolean;
}

/** Sizes of cells that are tried to get the whole host into the picture. */
const FITTING = [28, 24, 20, 16, 14, 12, 10, 8, 7, 6, 5, 4, 3];

export function geometryOf(sections: readonly MapSection[], level: number, width: number, height: number): Geometry {
  const room = Math.max(1, width - BAR_PIXELS);
  const fits = (cell: number, hasTitles: boolean): boolean => placed(sections, 0, room, cell, hasTitles).height <= height;
  const titled = FITTING.find((cell) => fits(cell, true));
  const fitting = titled ?? FITTING.find((cell) => fits(cell, false)) ?? FITTING.at(-1)!;
  return placed(sections, level, room, fitting, titled !== undefined || level > 0);
}

function placed(sections: readonly MapSection[], level: number, room: number, fitting: number, hasTitles: boolean): Geometry {
  const zoom = LEVELS[level] ?? LEVELS[0]!;
  const [title, gap] = hasTitles ? [TITLE_PIXELS, GAP_PIXELS] : [0, 2];
  let y = 0;
  const all = sections.map((section): PlacedSection => {
    // What is told by amount stays small when files are looked at closely.
    const isCoarse = level === 0 || section.leastOrder > zoom.order;
    const [cellWidth, cellHeight] = isCoarse ? [fitting, fitting] : [zoom.width, zoom.height];
    const order = Math.max(section.leastOrder, zoom.order);
    const cells = Math.max(1, Math.ceil(section.pages / 2 ** order));
    const columns = Math.max(1, Math.floor(room / cellWidth));
    const rows = Math.ceil(cells / columns);
    const at = y + title;
    y = at + rows * cellHeight + gap;
    return { section, order, cells, columns, width: cellWidth, height: cellHeight, y: at, rows };
  });
  return { level, sections: all, height: y, hasTitles };
}

/** The cells in sight, section by section. */
export function windowsOf(geometry: Geometry, top: number, height: number): readonly MapWindow[] {
  return geometry.sections.flatMap(({ section, order, cells, columns, height: row, y, rows }) => {
    const first = Math.max(0, Math.floor((top - y) / row));
    const last = Math.min(rows, Math.ceil((top + height - y) / row));
    if (last <= first) return [];
    return [{ section: section.id, order, from: first * columns, to: Math.min(cells, last * columns) }];
  });
}

export interface CellAt {
  readonly placed: PlacedSection;
  readonly cell: number;
}

/** The cell under a point of the whole; null between cells. */
export function cellAt(geometry: Geometry, x: number, y: number): CellAt | null {
  for (const each of geometry.sections) {
    const row = Math.floor((y - each.y) / each.height);
    const column = Math.floor(x / each.width);
    const cell = row * each.columns + column;
    if (row >= 0 && row < each.rows && column >= 0 && column < each.columns && cell < each.cells) return { placed: each, cell };
  }
  return null;
}

export interface MapCursor {
  readonly section: string;
  /** First page of what is under the cursor. */
  readonly page: number;
}

export function cellOf(geometry: Geometry, cursor: MapCursor): CellAt | null {
  const placedSection = geometry.sections.find(({ section }) => section.id === cursor.section);
  if (placedSection === undefined) return null;
  return { placed: placedSection, cell: Math.min(placedSection.cells - 1, Math.floor(cursor.page / 2 ** placedSection.order)) };
}

export const boxOf = ({
  placed: { columns, width, height, y },
  cell,
}: CellAt): { x: number; y: number; width: number; height: number } => ({
  x: (cell % columns) * width,
  y: y + Math.floor(cell / columns) * height,
  width,
  height,
});

export const cursorAt = ({ placed: { section, order }, cell }: CellAt): MapCursor => ({ section: section.id, page: cell * 2 ** order });

export type MapMove = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'page-up' | 'page-down' | 'next-section' | 'previous-section';

/** The cursor after a move; over the edge of a section it goes on in the next. */
export function movedInMap(geometry: Geometry, cursor: MapCursor, move: MapMove, height: number): MapCursor {
  const here = cellOf(geometry, cursor);
  const first = geometry.sections[0];
  if (here === null) return first === undefined ? cursor : { section: first.section.id, page: 0 };
  const at = geometry.sections.indexOf(here.placed);
  const { columns, cells, height: row } = here.placed;
  const rowsInSight = Math.max(1, Math.floor(height / row) - 1);
  const by: Readonly<Record<MapMove, number>> = {
    left: -1,
    right: 1,
    up: -columns,
    down: columns,
    'page-up': -columns * rowsInSight,
    'page-down': columns * rowsInSight,
    first: -here.cell,
    last: cells - 1 - here.cell,
    'next-section': Infinity,
    'previous-section': -Infinity,
  };
  const to = here.cell + by[move];
  const landed = (index: number, cell: (target: PlacedSection) => number): MapCursor => {
    const target = geometry.sections[index];
    if (target === undefined)
      return cursorAt({ placed: here.placed, cell: Math.min(cells - 1, Math.max(0, Number.isFinite(to) ? to : here.cell)) });
    return cursorAt({ placed: target, cell: Math.min(target.cells - 1, Math.max(0, cell(target))) });
  };
  if (to < 0) {
    const isRow = move === 'up' || move === 'page-up';
    if (move === 'page-up' && here.cell >= columns) return cursorAt({ placed: here.placed, cell: here.cell % columns });
    const share = (here.cell % columns) * here.placed.width;
    return landed(at - 1, (target) =>
      move === 'previous-section' ? 0 : isRow ? (target.rows - 1) * target.columns + Math.floor(share / target.width) : target.cells - 1,
    );
  }
  if (to >= cells) {
    const isLastRow = Math.floor(here.cell / columns) === here.placed.rows - 1;
    if ((move === 'down' || move === 'page-down') && !isLastRow) return cursorAt({ placed: here.placed, cell: cells - 1 });
    const share = (here.cell % columns) * here.placed.width;
    return landed(at + 1, (target) => (move === 'down' || move === 'page-down' ? Math.floor(share / target.width) : 0));
  }
  return cursorAt({ placed: here.placed, cell: to });
}

/** The top of the picture within the whole. */
export const clampedTop = (geometry: Geometry, top: number, height: number): number =>
  Math.max(0, Math.min(Math.round(top), Math.max(0, geometry.height - height)));

/** Moved as little as needed so that the cursor is in sight. */
export function topShowing(geometry: Geometry, cursor: MapCursor, top: number, height: number): number {
  const here = cellOf(geometry, cursor);
  if (here === null) return clampedTop(geometry, top, height);
  const box = boxOf(here);
  if (box.y - TITLE_PIXELS < top) return clampedTop(geometry, box.y - TITLE_PIXELS, height);
  return clampedTop(geometry, box.y + box.height > top + height ? box.y + box.height - height : top, height);
}
