/** Single looks of the map for its legend, and whether a picture is on its canvas already. */
import { drawOnCanvas, type MapPicture } from './map-drawing';
import type { Palette } from './palette';

/** A cell that has one look. */
export function swatchOf(look: number): MapPicture {
  const section = { id: 's', title: '', pages: 1, leastOrder: 0 };
  const placed = { section, order: 0, cells: 1, columns: 1, width: 14, height: 11, y: 0, rows: 1 };
  return {
    geometry: { level: 0, sections: [placed], height: 14, hasTitles: false },
    windows: [{ section: 's', order: 0, from: 0, to: 1 }],
    cells: [[1, look, -1, 0]],
    colour: 'block',
    cursor: null,
    hasFocus: false,
    top: 0,
    width: 14,
    height: 14,
  };
}

export function paintSwatch(swatch: HTMLCanvasElement, look: number, palette: Palette): void {
  drawOnCanvas(swatch, swatchOf(look), palette);
  swatch.style.width = swatch.style.height = '14px';
}

const onCanvas = new WeakMap<HTMLCanvasElement, { readonly key: string; readonly palette: Palette }>();

/** A picture that is there already is not painted again: most steps change a few cells, many change none that are in sight. */
export function isOther(canvas: HTMLCanvasElement, picture: MapPicture, palette: Palette): boolean {
  const { geometry, windows, cells, colour, cursor, hasFocus, top, width, height } = picture;
  const placed = geometry.sections.map(({ section, y, width: cell }) => [section.id, section.pages, y, cell]);
  const key = JSON.stringify([
    geometry.level,
    placed,
    windows,
    cells,
    colour,
    cursor,
    hasFocus,
    top,
    width,
    height,
    window.devicePixelRatio,
  ]);
  const before = onCanvas.get(canvas);
  if (before?.key === key && before.palette === palette) return false;
  onCanvas.set(canvas, { key, palette });
  return true;
}
