/** Zoom arithmetic of the map: which pages of the blocks are in sight, from all of them down to a single one. */

/** A range of the axis, in base pages (4 KiB). Fractions occur while panning. */
export interface Viewport {
  readonly start: number;
  readonly length: number;
}

/** At most this much of the map is one page. */
const FEWEST_PAGES = 1;

/** All of the axis. */
export const wholeAxis = (total: number): Viewport => ({ start: 0, length: Math.max(FEWEST_PAGES, total) });

/** The viewport within the axis: never longer than it, never past its ends. */
export function clamped(viewport: Viewport, total: number): Viewport {
  const length = Math.min(Math.max(viewport.length, FEWEST_PAGES), Math.max(FEWEST_PAGES, total));
  const start = Math.min(Math.max(viewport.start, 0), Math.max(0, total - length));
  return { start, length };
}

/**
 * Zoomed so that the page under `at` stays where it is on the screen.
 * @param factor above 1 shows fewer pages
 */
export function zoomedAt(viewport: Viewport, at: number, factor: number, total: number): Viewport {
  const length = Math.min(Math.max(viewport.length / factor, FEWEST_PAGES), Math.max(FEWEST_PAGES, total));
  const share = (at - viewport.start) / viewport.length;
  return clamped({ start: at - share * length, length }, total);
}

/** Moved by a number of pages. */
export const panned = (viewport: Viewport, pages: number, total: number): Viewport =>
  clamped({ start: viewport.start + pages, length: viewport.length }, total);

/** Moved as little as needed so that [start, start + length) is in sight. */
export function showing(viewport: Viewport, start: number, length: number, total: number): Viewport {
  if (length >= viewport.length) {
    const inside = viewport.start >= start && viewport.start + viewport.length <= start + length;
    return inside ? viewport : clamped({ start, length: viewport.length }, total);
  }
  if (start < viewport.start) return clamped({ start, length: viewport.length }, total);
  if (start + length > viewport.start + viewport.length)
    return clamped({ start: start + length - viewport.length, length: viewport.length }, total);
  return viewport;
}

/** Pixel of a page's left edge in a picture `width` pixels wide. */
export const pixelOf = (page: number, viewport: Viewport, width: number): number => ((page - viewport.start) / viewport.length) * width;

/** Page under a pixel. */
export const pageAt = (pixel: number, viewport: Viewport, width: number): number =>
  viewport.start + (pixel / Math.max(1, width)) * viewport.length;

/** Distance between the ticks of a ruler: the smallest power of two that leaves `room` pixels between two of them. */
export function tickStep(viewport: Viewport, width: number, room: number): number {
  let step = 1;
  while ((step / viewport.length) * width < room && step < viewport.length * 2) step *= 2;
  return step;
}
