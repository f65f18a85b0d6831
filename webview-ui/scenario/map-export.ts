/** The map as a picture of its own, as PNG and SVG: designs side by side, what is shown, and the legend. */
import { el, svg } from '../dom';
import { drawAsSvg, drawOnCanvas, type MapPicture } from './map-drawing';
import { swatchOf } from './map-swatch';
import { lookNamed, type Palette } from './palette';

export interface ShownMap {
  /** Scenario, step and colour. */
  readonly caption: string;
  readonly designs: readonly { readonly title: string; readonly picture: MapPicture }[];
  /** Numbers of the looks of the legend. */
  readonly looks: readonly number[];
  readonly palette: Palette;
}

const GAP = 12;
const LINE = 18;
/** Caption and titles of designs. */
const TOP = 2 * LINE + 4;
/** About as wide as a letter of the legend. */
const LETTER = 7;
const FONT = '12px monospace';

/** Where everything lies, for both kinds of picture. */
function layoutOf({ designs, looks, palette }: ShownMap) {
  const pictureWidth = designs[0]?.picture.width ?? 0;
  const pictureHeight = designs[0]?.picture.height ?? 0;
  const width = Math.max(1, designs.length * (pictureWidth + GAP) + GAP);
  const legendTop = TOP + pictureHeight + GAP;
  let [x, y] = [GAP, legendTop];
  const legend = looks.map((look) => {
    const named = lookNamed(palette.colour, look);
    const text = `${named?.letter ? `${named.letter} ` : ''}${named?.name ?? ''}`;
    const wide = text.length * LETTER + 36;
    if (x > GAP && x + wide > width) [x, y] = [GAP, y + LINE];
    const place = { look, text, x, y };
    x += wide;
    return place;
  });
  const columns = designs.map((one, at) => ({ ...one, x: GAP + at * (pictureWidth + GAP) }));
  const fits = Math.floor(pictureWidth / LETTER);
  return {
    width,
    height: y + LINE + GAP,
    legend,
    columns,
    cut: (text: string) => (text.length > fits ? `${text.slice(0, fits - 1)}…` : text),
  };
}

export function mapAsSvg(map: ShownMap): string {
  const { width, height, legend, columns, cut } = layoutOf(map);
  const { fore, back } = map.palette;
  const text = (words: string, x: number, y: number): SVGElement => svg('text', { x, y, fill: fore, 'font-size': 12 }, words);
  const placed = (picture: SVGSVGElement, x: number, y: number): SVGSVGElement => {
    picture.setAttribute('x', String(x));
    picture.setAttribute('y', String(y));
    return picture;
  };
  const whole = svg(
    'svg',
    { width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': 'monospace' },
    svg('title', {}, map.caption),
    svg('rect', { width, height, fill: back }),
    text(map.caption, GAP, LINE),
    ...columns.flatMap(({ title, picture, x }) => [text(cut(title), x, 2 * LINE), placed(drawAsSvg(picture, map.palette, title), x, TOP)]),
    ...legend.flatMap((one) => [
      placed(drawAsSvg(swatchOf(one.look), map.palette, one.text), one.x, one.y),
      text(one.text, one.x + 20, one.y + 11),
    ]),
  );
  return new XMLSerializer().serializeToString(whole);
}

/** Bytes in base64. */
export function mapAsPng(map: ShownMap): string {
  const { width, height, legend, columns, cut } = layoutOf(map);
  const scale = window.devicePixelRatio || 1;
  const whole = el('canvas', { attributes: { width: String(Math.round(width * scale)), height: String(Math.round(height * scale)) } });
  const brush = whole.getContext('2d');
  if (brush === null) return '';
  brush.scale(scale, scale);
  brush.fillStyle = map.palette.back;
  brush.fillRect(0, 0, width, height);
  const text = (words: string, x: number, y: number): void => {
    brush.font = FONT;
    brush.fillStyle = map.palette.fore;
    brush.fillText(words, x, y);
  };
  const picture = (one: MapPicture, x: number, y: number): void => {
    const canvas = el('canvas');
    drawOnCanvas(canvas, one, map.palette);
    brush.drawImage(canvas, x, y, one.width, one.height);
  };
  text(map.caption, GAP, LINE);
  for (const one of columns) {
    text(cut(one.title), one.x, 2 * LINE);
    picture(one.picture, one.x, TOP);
  }
  for (const one of legend) {
    picture(swatchOf(one.look), one.x, one.y);
    text(one.text, one.x + 20, one.y + 11);
  }
  return whole.toDataURL('image/png').replace(/^data:[^,]*,/, '');
}
