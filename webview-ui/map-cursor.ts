/** Where the map's keyboard cursor goes: from folio to folio when they can be told apart, else by what a few pixels show. */
import { extentAt, folioAt, type Axis, type PlacedExtent } from './map-layout';
import { showing, zoomedAt, type Viewport } from './viewport';

export type CursorMove = 'next' | 'previous' | 'next-extent' | 'previous-extent' | 'start' | 'end' | 'page-next' | 'page-previous';

/** A step of the cursor covers at least this many pixels, so that holding the key down gets somewhere. */
const STEP_PIXELS = 6;

/** The axis position after the move: the first page of a folio, within the axis. */
export function movedCursor(
  cursor: number,
  move: CursorMove,
  extents: readonly PlacedExtent[],
  axis: Axis,
  viewport: Viewport,
  width: number,
): number {
  const last = Math.max(0, axis.total - 1);
  const land = (position: number): number => {
    const within = Math.min(Math.max(0, Math.floor(position)), last);
    return folioAt(within, extents)?.start ?? within;
  };
  const here = folioAt(cursor, extents);
  const stride = Math.max(1, Math.ceil((STEP_PIXELS / Math.max(1, width)) * viewport.length));
  switch (move) {
    case 'next': {
      const after = here ? here.start + here.pages : cursor + 1;
      return land(Math.max(after, cursor + stride));
    }
    case 'previous':
      return land(Math.min((here ? here.start : cursor) - 1, cursor - stride));
    case 'next-extent': {
      const extent = extentAt(cursor, extents);
      const after = extent ? extent.start + extent.pages : cursor + 1;
      return after > last ? land(cursor) : land(after);
    }
    case 'previous-extent': {
      const extent = extentAt(cursor, extents);
      if (extent && folioAt(cursor, extents)?.number !== 0) return extent.start;
      const before = extentAt((extent ? extent.start : cursor) - 1, extents);
      return before ? before.start : 0;
    }
    case 'start':
      return land(0);
    case 'end':
      return land(last);
    case 'page-next':
      return land(cursor + viewport.length);
    case 'page-previous':
      return land(cursor - viewport.length);
  }
}

/** Zoomed about the cursor where its folio is in sight, so that it stays there; else about the middle. */
export function zoomedAtCursor(viewport: Viewport, factor: number, cursor: number, extents: readonly PlacedExtent[], axis: Axis): Viewport {
  const { start, pages } = folioAt(cursor, extents) ?? { start: cursor, pages: 1 };
  const end = viewport.start + viewport.length;
  const inSight = start + pages > viewport.start && start < end;
  if (!inSight) return zoomedAt(viewport, viewport.start + viewport.length / 2, factor, axis.total);
  // A folio larger than what is shown is zoomed about the middle of its part in sight.
  const at = (Math.max(start, viewport.start) + Math.min(start + pages, end)) / 2;
  const zoomed = zoomedAt(viewport, at, factor, axis.total);
  return pages <= zoomed.length ? showing(zoomed, start, pages, axis.total) : zoomed;
}
