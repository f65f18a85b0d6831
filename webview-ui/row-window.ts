/** Which rows of a long list are in the document: those in sight and a few around them. */

interface RowWindow {
  /** [from, to) of the rows to draw. */
  readonly from: number;
  readonly to: number;
  /** Pixels from the top of the list to the first drawn row. */
  readonly offset: number;
  /** Pixels of the whole list. */
  readonly height: number;
}

/** Rows kept on either side, so that scrolling by a wheel's notch does not show a gap. */
const AROUND = 8;

export function rowWindow(count: number, rowHeight: number, scrollTop: number, viewHeight: number): RowWindow {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const from = Math.max(0, Math.min(count, first) - AROUND);
  const to = Math.min(count, first + Math.ceil(Math.max(0, viewHeight) / rowHeight) + 1 + AROUND);
  return { from, to: Math.max(from, to), offset: from * rowHeight, height: count * rowHeight };
}

/**
 * The scroll position that has the row in sight, moving as little as needed.
 * @param around rows above and below it that should be in sight too, where there is room
 */
export function scrollToRow(row: number, rowHeight: number, scrollTop: number, viewHeight: number, around = 0): number {
  const room = Math.max(0, Math.min(around, Math.floor((viewHeight / rowHeight - 1) / 2)));
  const top = Math.max(0, (row - room) * rowHeight);
  const bottom = (row + room + 1) * rowHeight;
  if (top < scrollTop) return top;
  return bottom > scrollTop + viewHeight ? Math.max(0, bottom - viewHeight) : scrollTop;
}
