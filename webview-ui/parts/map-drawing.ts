/** Draws the folio map as SVG: an overview, the folios, the page cache and the faultable ranges on one axis. */
import type { MemoryView } from '../../src/protocol/simulation';
import { svg } from '../dom';
import { edgesOf, folioAt, marksOf, pfnAt, type Axis, type FolioAt, type Mark, type PlacedExtent, type Span } from '../map-layout';
import { LOOKS, count, lookOf, pfnText } from '../words';
import { pixelOf, tickStep, wholeAxis, type Viewport } from '../viewport';

/** Pixels from the top, and heights, of what is drawn. */
const ROWS = {
  overview: { y: 2, height: 8 },
  pfns: { y: 14, height: 14 },
  folios: { y: 29, height: 42 },
  cache: { y: 75, height: 18 },
  faultable: { y: 97, height: 14 },
  indices: { y: 112, height: 14 },
} as const;

export const MAP_PIXELS = ROWS.indices.y + ROWS.indices.height + 2;
export const OVERVIEW_PIXELS = ROWS.overview.y + ROWS.overview.height + 2;
/** Room at the left for the names of the rows. */
export const GUTTER_PIXELS = 76;

/** About as wide as a letter of an 11-pixel monospace face. */
const LETTER_PIXELS = 6.7;
/** Room for a label between two ticks. */
const TICK_PIXELS = 110;
/** Folios are labelled one by one when they are this wide. */
const LABELLED_FOLIO_PIXELS = 58;

interface MapPicture {
  readonly axis: Axis;
  readonly extents: readonly PlacedExtent[];
  readonly memory: MemoryView;
  readonly viewport: Viewport;
  /** Pixels of the axis, without the gutter. */
  readonly width: number;
  readonly cursor: FolioAt | undefined;
  readonly hovered: FolioAt | undefined;
}

interface CacheSpan extends Span {
  readonly order: number;
}

/** Fills the SVG with the picture. */
export function drawMap(picture: SVGSVGElement, map: MapPicture): void {
  const { memory, width } = map;
  const cache: readonly CacheSpan[] = memory.pageCache
    .map((one) => ({ start: one.index, pages: one.count * 2 ** one.order, order: one.order }))
    .sort((a, b) => a.start - b.start);
  const faultable: readonly Span[] = memory.faultable
    .map((one) => ({ start: one.index, pages: one.count }))
    .sort((a, b) => a.start - b.start);
  const inside = svg(
    'g',
    { transform: `translate(${GUTTER_PIXELS} 0)` },
    overview(map),
    ruler(map, ROWS.pfns.y, (at) => pfnText(pfnAt(at, map.axis)), 'tick-pfn'),
    svg('rect', { class: 'lane', x: 0, y: ROWS.folios.y, width, height: ROWS.folios.height }),
    ...marksOf(map.extents, map.viewport, width, (one) => 2 ** one.extent.order).map((mark) => folios(mark, map)),
    svg('rect', { class: 'lane', x: 0, y: ROWS.cache.y, width, height: ROWS.cache.height }),
    ...marksOf(cache, map.viewport, width, (one) => 2 ** one.order).map((mark) => cached(mark, map)),
    svg('rect', { class: 'lane', x: 0, y: ROWS.faultable.y, width, height: ROWS.faultable.height }),
    ...marksOf(faultable, map.viewport, width, () => 1).map((mark) => ranges(mark)),
    ruler(map, ROWS.indices.y, count, 'tick-index'),
    ...map.axis.blocks.slice(1).map((block) => boundary(block.start, map)),
    frameOf(map.hovered, map, 'hovered'),
    frameOf(map.cursor, map, 'cursor'),
  );
  picture.replaceChildren(
    patterns(),
    name('overview', ROWS.overview.y + 8),
    name('pfn', ROWS.pfns.y + 11),
    name('folios', ROWS.folios.y + 25),
    name('page cache', ROWS.cache.y + 13),
    name('faultable', ROWS.faultable.y + 11),
    name('index', ROWS.indices.y + 11),
    inside,
  );
}

const name = (text: string, y: number): SVGElement => svg('text', { class: 'lane-name', x: 0, y }, text);

function overview(map: MapPicture): SVGElement {
  const { y, height } = ROWS.overview;
  const whole = wholeAxis(map.axis.total);
  const left = pixelOf(map.viewport.start, whole, map.width);
  const right = pixelOf(map.viewport.start + map.viewport.length, whole, map.width);
  const marks = marksOf(map.extents, whole, map.width, (one) => 2 ** one.extent.order);
  const rect = (mark: Mark<PlacedExtent>): SVGElement =>
    svg('rect', { class: `look look-${lookOf(mark.item.extent).look}`, x: mark.x, y, width: mark.width, height });
  return svg(
    'g',
    { class: 'overview' },
    ...marks.map(rect),
    svg('rect', { class: 'sight', x: left, y: y - 0.5, width: Math.max(4, right - left), height: height + 2 }),
  );
}

function ruler(map: MapPicture, y: number, label: (at: number) => string, kind: string): SVGElement {
  const step = tickStep(map.viewport, map.width, TICK_PIXELS);
  const ticks: SVGElement[] = [];
  const end = map.viewport.start + map.viewport.length;
  for (let at = Math.ceil(map.viewport.start / step) * step; at < end; at += step) {
    const x = pixelOf(at, map.viewport, map.width);
    const text = label(at);
    ticks.push(svg('line', { class: 'tick', x1: x + 0.5, x2: x + 0.5, y1: y + 2, y2: y + 13 }));
    if (x + text.length * LETTER_PIXELS + 4 <= map.width) ticks.push(svg('text', { class: 'tick-text', x: x + 4, y: y + 11 }, text));
  }
  return svg('g', { class: kind }, ...ticks);
}

function folios(mark: Mark<PlacedExtent>, map: MapPicture): SVGElement {
  const { y, height } = ROWS.folios;
  const { look } = lookOf(mark.item.extent);
  const box = { x: mark.x, y, width: mark.width, height };
  const edges = edgesOf(mark, map.viewport, map.width).map((x) => svg('line', { class: 'edge', x1: x, x2: x, y1: y, y2: y + height }));
  return svg(
    'g',
    {},
    svg('rect', { class: `look look-${look}`, ...box }),
    svg('rect', { class: 'grain', fill: `url(#grain-${look})`, ...box }),
    ...edges,
    ...(mark.pitch >= LABELLED_FOLIO_PIXELS ? folioLabels(mark, map) : extentLabels(mark)),
  );
}

/** Two lines on an extent as a whole, as long as there is room for. */
function extentLabels(mark: Mark<PlacedExtent>): readonly SVGElement[] {
  const { extent } = mark.item;
  const { letter, name: look } = lookOf(extent);
  const number = extent.count > 1 ? `${count(extent.count)} × ` : '';
  const upper = [`${number}order ${extent.order} · ${look}`, `${number}order ${extent.order}`, `${letter}${extent.order}`, letter];
  const flags = extent.flags.length > 0 ? ` · ${extent.flags.join(' ')}` : '';
  const lower = [
    `ref ${extent.refcount} · map ${extent.mapcount}${flags}`,
    `ref ${extent.refcount} · map ${extent.mapcount}`,
    `r${extent.refcount}`,
  ];
  return [label(upper, mark.x, mark.width, ROWS.folios.y + 18), label(lower, mark.x, mark.width, ROWS.folios.y + 33)].filter(
    (one) => one !== null,
  );
}

/** Labels on each folio in sight, once they are wide enough. */
function folioLabels(mark: Mark<PlacedExtent>, map: MapPicture): readonly SVGElement[] {
  const labels: SVGElement[] = [];
  const unit = 2 ** mark.item.extent.order;
  const first = Math.max(mark.item.start, Math.floor(map.viewport.start / unit) * unit);
  const end = Math.min(mark.item.start + mark.item.pages, map.viewport.start + map.viewport.length);
  for (let at = first; at < end; at += unit) {
    const folio = folioAt(at, map.extents);
    if (!folio) continue;
    const left = Math.max(0, pixelOf(folio.start, map.viewport, map.width));
    const width = Math.min(map.width, pixelOf(folio.start + folio.pages, map.viewport, map.width)) - left;
    const { extent } = folio;
    const { letter } = lookOf(extent);
    const upper = [`${letter} ${pfnText(folio.pfn)} order ${extent.order}`, pfnText(folio.pfn), letter];
    const lower = [
      `ref ${extent.refcount} · map ${extent.mapcount} · ${extent.flags.join(' ')}`,
      `ref ${extent.refcount}`,
      `r${extent.refcount}`,
    ];
    labels.push(
      ...[label(upper, left, width, ROWS.folios.y + 18), label(lower, left, width, ROWS.folios.y + 33)].filter((one) => one !== null),
    );
  }
  return labels;
}

/** The longest of the texts that has room, in the middle; nothing where none has. */
function label(texts: readonly string[], x: number, width: number, y: number): SVGElement | null {
  const text = texts.find((one) => one.length * LETTER_PIXELS + 8 <= width);
  if (text === undefined) return null;
  return svg('text', { class: 'mark-text', x: x + width / 2, y, 'text-anchor': 'middle' }, text);
}

function cached(mark: Mark<CacheSpan>, map: MapPicture): SVGElement {
  const { y, height } = ROWS.cache;
  const edges = edgesOf(mark, map.viewport, map.width).map((x) => svg('line', { class: 'edge', x1: x, x2: x, y1: y, y2: y + height }));
  const folios = mark.item.pages / 2 ** mark.item.order;
  const texts = [`${folios > 1 ? `${count(folios)} × ` : ''}order ${mark.item.order}`, `o${mark.item.order}`];
  return svg(
    'g',
    {},
    svg('rect', { class: 'look look-cache', x: mark.x, y, width: mark.width, height }),
    ...edges,
    label(texts, mark.x, mark.width, y + 13),
  );
}

function ranges(mark: Mark<Span>): SVGElement {
  const { y, height } = ROWS.faultable;
  const box = { x: mark.x, y, width: mark.width, height };
  return svg(
    'g',
    {},
    svg('rect', { class: 'look faultable', ...box }),
    svg('rect', { class: 'grain', fill: 'url(#grain-faultable)', ...box }),
    label([`${count(mark.item.pages)} faultable`, 'faultable'], mark.x, mark.width, y + 11),
  );
}

function boundary(at: number, map: MapPicture): SVGElement | null {
  const x = pixelOf(at, map.viewport, map.width);
  if (x < 0 || x > map.width) return null;
  return svg('line', { class: 'boundary', x1: x, x2: x, y1: ROWS.pfns.y, y2: MAP_PIXELS - 2 });
}

function frameOf(folio: FolioAt | undefined, map: MapPicture, kind: string): SVGElement | null {
  if (!folio) return null;
  const left = Math.max(0, pixelOf(folio.start, map.viewport, map.width));
  const right = Math.min(map.width, pixelOf(folio.start + folio.pages, map.viewport, map.width));
  if (right < 0 || left > map.width) return null;
  return svg('rect', {
    class: `frame-${kind}`,
    x: left,
    y: ROWS.folios.y - 1,
    width: Math.max(3, right - left),
    height: ROWS.folios.height + 2,
  });
}

/** One pattern a look, so that colour is never the only sign. */
const GRAINS: Readonly<Record<string, string>> = {
  hugetlb: 'M0 6 L6 0',
  'hugetlb-free': 'M0 6 L6 0 M0 0 L6 6',
  cache: 'M1 3 h1.5',
  frozen: 'M0 0 L6 6',
  tail: 'M3 0 V6',
  other: 'M0 3 H6',
  faultable: 'M3 0 V6 M0 3 H6',
};

function patterns(): SVGElement {
  const pattern = ([look, d]: readonly [string, string]): SVGElement =>
    svg(
      'pattern',
      { id: `grain-${look}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse' },
      svg('path', { d, class: `grain-line grain-${look}` }),
    );
  return svg('defs', {}, ...Object.entries(GRAINS).map(pattern));
}

/** A sample of each look with its name. */
export function legend(): readonly SVGElement[] {
  return LOOKS.map(({ look }) =>
    svg(
      'svg',
      { width: 18, height: 12, 'aria-hidden': 'true' },
      svg('rect', { class: `look look-${look}`, x: 0.5, y: 0.5, width: 17, height: 11 }),
      svg('rect', { class: 'grain', fill: `url(#grain-${look})`, x: 0.5, y: 0.5, width: 17, height: 11 }),
    ),
  );
}
