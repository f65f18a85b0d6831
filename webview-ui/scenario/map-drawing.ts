/** Draws the cells of the memory map, on a canvas or as SVG, from one list of what is to be drawn. */
import type { CellRuns, MapColour, MapWindow } from '../../src/protocol/scenario-page';
import { svg } from '../dom';
import { boxOf, BAR_PIXELS, cellOf, TITLE_PIXELS, type Geometry, type MapCursor, type PlacedSection } from './map-geometry';
import { lookNamed, type Paint, type Palette } from './palette';

export interface MapPicture {
  readonly geometry: Geometry;
  readonly windows: readonly MapWindow[];
  readonly cells: readonly CellRuns[];
  readonly colour: MapColour;
  readonly cursor: MapCursor | null;
  readonly hasFocus: boolean;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What both kinds of picture can do. */
interface Pen {
  /** A cell or a run of cells that look the same. */
  cells(x: number, y: number, width: number, height: number, paint: Paint): void;
  fill(x: number, y: number, width: number, height: number, colour: string): void;
  frame(x: number, y: number, width: number, height: number, colour: string, line: number): void;
  text(text: string, x: number, y: number, colour: string, size: number): void;
}

/** Cells from this size on have a gap between them. */
const LEAST_GAP = 5;
/** Letters stand in cells of at least this height. */
const LEAST_LETTER = 12;

function draw(pen: Pen, picture: MapPicture, palette: Palette): void {
  const { geometry, windows, cells, colour, top, width, height } = picture;
  pen.fill(0, 0, width, height, palette.back);
  for (const placed of geometry.hasTitles ? geometry.sections : []) {
    const title = placed.y - top - 4;
    if (title > -TITLE_PIXELS && title < height + TITLE_PIXELS) pen.text(titleOf(placed, width), 0, title, palette.dim, 11);
  }
  windows.forEach((window, at) => {
    const placed = geometry.sections.find(({ section }) => section.id === window.section);
    // A window of another zoom is on its way: what is here is not of this geometry.
    if (placed === undefined || placed.order !== window.order) return;
    const runs = cells[at] ?? [];
    drawRuns(pen, placed, window, runs, colour, top, palette);
    if (geometry.hasTitles && isNone(runs)) pen.text('none in this design', 0, placed.y - top + 11, palette.dim, 10);
  });
  const here = picture.cursor === null ? null : cellOf(geometry, picture.cursor);
  if (here !== null) {
    const box = boxOf(here);
    const colours = picture.hasFocus ? palette.focus : palette.fore;
    pen.frame(box.x - 0.5, box.y - top - 0.5, box.width, box.height, palette.back, 4);
    pen.frame(box.x - 0.5, box.y - top - 0.5, box.width, box.height, colours, 2);
  }
  if (geometry.height > height) {
    const share = Math.max(12, (height / geometry.height) * height);
    const at = (top / Math.max(1, geometry.height - height)) * (height - share);
    pen.fill(width - BAR_PIXELS + 3, 0, 4, height, palette.paintOf(0).fill);
    pen.fill(width - BAR_PIXELS + 3, at, 4, share, palette.dim);
  }
}

/** A design that has no such pool or file. */
function isNone(runs: CellRuns): boolean {
  for (let at = 1; at < runs.length; at += 4) if (runs[at]! >= 0) return false;
  return runs.length > 0;
}

function drawRuns(
  pen: Pen,
  placed: PlacedSection,
  window: MapWindow,
  runs: CellRuns,
  colour: MapColour,
  top: number,
  palette: Palette,
): void {
  const { columns, width, height, y } = placed;
  const gap = width >= LEAST_GAP ? 1 : 0;
  let cell = window.from;
  for (let at = 0; at + 3 < runs.length; at += 4) {
    const [count = 0, look = -1, other = -1, share = 0] = [runs[at], runs[at + 1], runs[at + 2], runs[at + 3]];
    const end = cell + count;
    const paint = look < 0 ? null : palette.paintOf(look);
    let isFirst = true;
    while (cell < end && paint !== null) {
      const row = Math.floor(cell / columns);
      const rowEnd = Math.min(end, (row + 1) * columns);
      const x = (cell - row * columns) * width;
      const rowY = y + row * height - top;
      const wide = (rowEnd - cell) * width - gap;
      pen.cells(x, rowY, wide, height - gap, paint);
      if (other >= 0) {
        const part = Math.min(height - gap - 2, Math.max(2, Math.round(((height - gap) * share) / 255)));
        pen.cells(x, rowY + height - gap - part, wide, part, palette.paintOf(other));
      }
      if (height >= LEAST_LETTER) letters(pen, placed, cell, rowEnd, rowY, look, colour, isFirst, palette);
      isFirst = false;
      cell = rowEnd;
    }
    cell = end;
  }
  if (gap > 0) drawGaps(pen, placed, window, top, palette);
}

/** A letter on the first cell of a run; where there is room for words, each cell says its page and what it is. */
function letters(
  pen: Pen,
  { columns, width, section }: PlacedSection,
  from: number,
  to: number,
  y: number,
  look: number,
  colour: MapColour,
  isFirst: boolean,
  palette: Palette,
): void {
  const named = lookNamed(colour, look);
  if (named === undefined) return;
  if (width < WORDS_PIXELS) {
    if (!isFirst || named.letter === '') return;
    const x = (from % columns) * width;
    // On a ground of its own: strokes of a pattern would cross it.
    pen.fill(x + 1, y + 1, 10, 11, palette.paintOf(look).fill);
    pen.text(named.letter, x + 3, y + 10, palette.fore, 10);
    return;
  }
  if (section.leastOrder > 0) return;
  for (let cell = from; cell < to; cell++) {
    const x = (cell % columns) * width + 4;
    pen.text(`0x${cell.toString(16)}`, x, y + 13, palette.fore, 11);
    pen.text(named.name.slice(0, 12), x, y + 27, palette.fore, 10);
  }
}

const WORDS_PIXELS = 50;

function drawGaps(pen: Pen, { columns, width, height, y, rows }: PlacedSection, window: MapWindow, top: number, palette: Palette): void {
  const first = Math.floor(window.from / columns);
  const last = Math.min(rows, Math.ceil(window.to / columns));
  const inUse = Math.min(columns, window.to - window.from);
  for (let column = 1; column < inUse; column++)
    pen.fill(column * width - 1, y + first * height - top, 1, (last - first) * height, palette.back);
}

const SIZES: readonly (readonly [number, string])[] = [
  [28, 'TiB'],
  [18, 'GiB'],
  [8, 'MiB'],
];

export function pagesText(pages: number): string {
  for (const [order, unit] of SIZES) if (pages >= 2 ** order) return `${trimmed(pages / 2 ** order)} ${unit}`;
  return `${trimmed(pages * 4)} KiB`;
}
const trimmed = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** About as wide as a letter of the titles. */
const LETTER_PIXELS = 6.7;

/** As much as there is room for. */
function titleOf({ section, order, columns, rows }: PlacedSection, width: number): string {
  const name = `${section.title}  ${pagesText(section.pages)}`;
  const cell = `${name}  ${pagesText(2 ** order)} a cell`;
  const amount = section.leastOrder > 0 ? `${cell}, by amount` : cell;
  const texts = [rows > 1 ? `${amount}, ${columns} in a row` : amount, amount, cell, name];
  return texts.find((text) => text.length * LETTER_PIXELS <= width) ?? section.title;
}

/** Tiles of the grains, made once a colour. */
const tiles = new Map<string, CanvasPattern | null>();

export function drawOnCanvas(canvas: HTMLCanvasElement, picture: MapPicture, palette: Palette): void {
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  const pen: Pen = {
    cells(x, y, wide, high, { fill, ink, grain }) {
      context.fillStyle = fill;
      context.fillRect(x, y, wide, high);
      if (grain === 'plain') return;
      const pattern = tileOf(context, grain, ink);
      if (pattern === null) return;
      context.fillStyle = pattern;
      context.fillRect(x, y, wide, high);
    },
    fill(x, y, wide, high, colour) {
      context.fillStyle = colour;
      context.fillRect(x, y, wide, high);
    },
    frame(x, y, wide, high, colour, line) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x, y, wide, high);
    },
    text(text, x, y, colour, size) {
      context.font = `${size}px ${palette.font}`;
      context.fillStyle = colour;
      context.fillText(text, x, y);
    },
  };
  draw(pen, picture, palette);
}

const TILE = 6;
/** Strokes of a tile of 6 × 6: it joins its neighbours on all sides. */
const STROKES: Readonly<Record<Exclude<Paint['grain'], 'plain'>, string>> = {
  diagonal: 'M-1 7 L7 -1 M-1 1 L1 -1 M5 7 L7 5',
  'back-diagonal': 'M-1 -1 L7 7 M5 -1 L7 1 M-1 5 L1 7',
  dots: 'M2 3 h2',
  bars: 'M3 0 V6',
  lines: 'M0 3 H6',
  cross: 'M-1 7 L7 -1 M-1 -1 L7 7',
};

function tileOf(context: CanvasRenderingContext2D, grain: Exclude<Paint['grain'], 'plain'>, ink: string): CanvasPattern | null {
  const key = `${grain} ${ink}`;
  const known = tiles.get(key);
  if (known !== undefined) return known;
  const tile = document.createElement('canvas');
  tile.width = tile.height = TILE;
  const brush = tile.getContext('2d');
  if (brush !== null) {
    brush.strokeStyle = ink;
    brush.lineWidth = 1;
    brush.stroke(new Path2D(STROKES[grain]));
  }
  const pattern = context.createPattern(tile, 'repeat');
  tiles.set(key, pattern);
  return pattern;
}

/** The same picture as SVG. */
export function drawAsSvg(picture: MapPicture, palette: Palette, title: string): SVGSVGElement {
  const parts: SVGElement[] = [];
  const grains = new Map<string, SVGElement>();
  const pen: Pen = {
    cells(x, y, width, height, { fill, ink, grain }) {
      parts.push(svg('rect', { x, y, width, height, fill }));
      if (grain === 'plain') return;
      const id = `g-${grain}-${ink.slice(1)}`;
      if (!grains.has(id))
        grains.set(
          id,
          svg(
            'pattern',
            { id, width: TILE, height: TILE, patternUnits: 'userSpaceOnUse' },
            svg('path', { d: STROKES[grain], stroke: ink, fill: 'none' }),
          ),
        );
      parts.push(svg('rect', { x, y, width, height, fill: `url(#${id})` }));
    },
    fill: (x, y, width, height, colour) => void parts.push(svg('rect', { x, y, width, height, fill: colour })),
    frame: (x, y, width, height, colour, line) =>
      void parts.push(svg('rect', { x, y, width, height, fill: 'none', stroke: colour, 'stroke-width': line })),
    text: (text, x, y, colour, size) =>
      void parts.push(svg('text', { x, y, fill: colour, 'font-size': size, 'font-family': 'monospace', 'xml:space': 'preserve' }, text)),
  };
  draw(pen, picture, palette);
  return svg(
    'svg',
    { viewBox: `0 0 ${picture.width} ${picture.height}`, width: picture.width, height: picture.height, overflow: 'hidden' },
    svg('title', {}, title),
    svg('defs', {}, ...grains.values()),
    ...parts,
  );
}
