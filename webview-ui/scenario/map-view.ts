/** The memory map: the same part of the host for each design side by side, with one cursor, in the colour that is chosen. */
import type { MapColour, MapWindow, ScenarioView, ViewRequest } from '../../src/protocol/scenario-page';
import { COLOURINGS, POOL_BASE, POOL_LOOKS } from '../../src/review/scenario-map';
import { el, fill, setText } from '../dom';
import { pane, table, toggle, tool, type Folding } from '../parts/part';
import { drawOnCanvas, pagesText, type MapPicture } from './map-drawing';
import type { ShownMap } from './map-export';
import { drawFacts } from './map-facts';
import { runRows, type RunRow } from './map-rows';
import { isOther, paintSwatch } from './map-swatch';
import {
  cellAt,
  cellOf,
  boxOf,
  clampedTop,
  cursorAt,
  geometryOf,
  LAST_LEVEL,
  LEVELS,
  movedInMap,
  TITLE_PIXELS,
  topShowing,
  windowsOf,
  type Geometry,
  type MapCursor,
  type MapMove,
} from './map-geometry';
import type { PageNow, ScenarioPart } from './page-now';
import { lookNamed, paletteOf, type Palette } from './palette';

export interface MapView extends ScenarioPart {
  request(): Omit<ViewRequest, 'withValues'>;
  zoom(by: number): void;
  fit(): void;
  /** Down to single pages at the cursor. */
  toPage(): void;
  show(file: string, page: number): void;
  /** Pages of a cell as a power of two. */
  order(): number;
  /** What is shown, to be exported; null where nothing is. */
  picture(caption: string): ShownMap | null;
}

/** Asks for a view of another part: what is in sight has changed. */
type Ask = () => void;

const HEIGHT = 340;
/** Cells above and below the picture that are asked for too, so that panning shows no gap. In heights of it. */
const AROUND = 0.5;

export function mapView(folding: Folding, colour: MapColour, ask: Ask, chosen: (colour: MapColour) => void): MapView {
  let now: PageNow | null = null;
  let drawn: { readonly windows: readonly MapWindow[]; readonly colour: MapColour; readonly view: ScenarioView } | null = null;
  let asked: { readonly windows: readonly MapWindow[]; readonly colour: MapColour; readonly at: MapCursor | null } = {
    windows: [],
    colour,
    at: null,
  };
  let level = 0;
  let top = 0;
  let cursor: MapCursor | null = null;
  let palette: Palette | null = null;
  let speak = false;
  let geometry: Geometry = { level: 0, sections: [], height: 0, hasTitles: true };
  /** Of one design's picture. */
  let width = 0;

  const choice = el('select', { label: 'Colour the map by' });
  for (const [id, { title }] of Object.entries(COLOURINGS)) choice.append(el('option', { attributes: { value: id } }, title));
  choice.value = colour;
  const asTable = toggle('Table', 'Show the map as a table', () => draw());
  const tools = [
    el('label', { class: 'choice-label' }, 'Colour: ', choice),
    tool('−', 'Zoom out (−)', () => zoom(-1)),
    tool('+', 'Zoom in (+)', () => zoom(1)),
    tool('All', 'All: show the whole host (0)', () => fit()),
    asTable.button,
  ];
  const columns = el('div', { class: 'map-columns', attributes: { 'aria-hidden': 'true' } });
  const map = el(
    'div',
    {
      class: 'memory-map',
      role: 'application',
      label: 'Memory map',
      tabIndex: 0,
      attributes: { 'aria-roledescription': 'memory map', 'aria-describedby': 'map-keys' },
    },
    columns,
  );
  const rows = el('div', { class: 'map-table' });
  const legend = el('ul', { class: 'legend', label: 'Legend' });
  const spoken = el('p', { class: 'unseen', role: 'status', attributes: { 'aria-live': 'polite' } });
  const cursorFacts = el('div', { class: 'cursor-facts' });
  const hint = el(
    'p',
    { class: 'hint', id: 'map-keys' },
    'Arrows move the cursor, + and − zoom at it, 0 shows all, Shift+arrows pan, Page Up and Page Down, Home and End, Ctrl+↑ and Ctrl+↓ go by file.',
  );
  const around = pane(folding, 'map', 'Memory map', tools, el('div', {}, map, rows, legend, cursorFacts, hint, spoken));
  const canvases: HTMLCanvasElement[] = [];

  const place = (): void => {
    if (!now) return;
    const designs = Math.max(1, now.view.designs.length);
    width = Math.max(60, Math.floor((map.clientWidth - 12 * (designs - 1)) / designs));
    geometry = geometryOf(now.view.sections, level, width, HEIGHT);
    top = clampedTop(geometry, top, HEIGHT);
  };
  const changed = (): void => {
    place();
    ask();
    draw();
  };
  const follow = (): void => {
    place();
    if (cursor) top = topShowing(geometry, cursor, top, HEIGHT);
    speak = true;
    ask();
    draw();
  };
  /** Keeps what is at the cursor, or at a point, where it is on the screen. */
  const zoom = (by: number, at?: { readonly x: number; readonly y: number }): void => {
    const to = Math.max(0, Math.min(LAST_LEVEL, level + by));
    if (to === level || !now) return;
    const under = at === undefined ? null : cellAt(geometry, at.x, at.y + top);
    const here = under ?? (cursor ? cellOf(geometry, cursor) : null) ?? cellAt(geometry, 1, top + HEIGHT / 2);
    const kept = under ? cursorAt(under) : (cursor ?? (here ? cursorAt(here) : null));
    const before = here ? boxOf(here).y - top : 0;
    level = to;
    place();
    const after = kept ? cellOf(geometry, kept) : null;
    if (after) top = clampedTop(geometry, boxOf(after).y - before, HEIGHT);
    if (by > 0 && kept && !cursor) cursor = kept;
    if (!at && cursor) top = topShowing(geometry, cursor, top, HEIGHT);
    speak = at === undefined;
    changed();
  };
  const fit = (): void => {
    level = 0;
    top = 0;
    changed();
  };
  const toPage = (): void => {
    cursor = firstFile(cursor);
    level = LAST_LEVEL;
    place();
    const here = cursor ? cellOf(geometry, cursor) : null;
    // Its file stands at the top: pools and nodes are not what is looked for.
    if (here) top = clampedTop(geometry, boxOf(here).y - TITLE_PIXELS, HEIGHT);
    follow();
  };
  const firstFile = (at: MapCursor | null): MapCursor | null => {
    if (at?.section.startsWith('file:')) return at;
    const file = now?.view.sections.find(({ id }) => id.startsWith('file:'));
    return file ? { section: file.id, page: 0 } : at;
  };
  const move = (to: MapMove): void => {
    cursor = cursor
      ? movedInMap(geometry, cursor, to, HEIGHT)
      : (firstFile(null) ?? movedInMap(geometry, { section: '', page: 0 }, to, HEIGHT));
    follow();
  };
  const pan = (rowsBy: number): void => {
    const row = LEVELS[level]!.height;
    top = clampedTop(geometry, top + rowsBy * row, HEIGHT);
    ask();
    draw();
  };

  const MOVES: Readonly<Record<string, MapMove>> = {
    ArrowLeft: 'left',
    ArrowRight: 'right',
    ArrowUp: 'up',
    ArrowDown: 'down',
    Home: 'first',
    End: 'last',
    PageUp: 'page-up',
    PageDown: 'page-down',
    'Ctrl+ArrowUp': 'previous-section',
    'Ctrl+ArrowDown': 'next-section',
  };
  map.addEventListener('keydown', (event) => {
    if (event.altKey || event.metaKey) return;
    const key = `${event.ctrlKey ? 'Ctrl+' : ''}${event.key}`;
    const to = MOVES[key];
    if (event.shiftKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) pan(event.key === 'ArrowUp' ? -2 : 2);
    else if (to !== undefined && !event.shiftKey) move(to);
    else if (key === '+' || key === '=') zoom(1);
    else if (key === '-') zoom(-1);
    else if (key === '0') fit();
    else return;
    event.preventDefault();
  });
  const pointOf = (event: MouseEvent): { x: number; y: number } => {
    const target = event.target instanceof HTMLCanvasElement ? event.target : canvases[0];
    const box = (target ?? map).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  map.addEventListener(
    'wheel',
    (event) => {
      const focused = document.activeElement === map;
      if (event.shiftKey) pan(Math.sign(event.deltaY || event.deltaX) * 2);
      else if (event.ctrlKey || focused) zoom(event.deltaY < 0 ? 1 : -1, pointOf(event));
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
  let drag: { readonly y: number; readonly top: number; moved: boolean } | null = null;
  map.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    drag = { y: event.clientY, top, moved: false };
    map.setPointerCapture(event.pointerId);
  });
  map.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const by = event.clientY - drag.y;
    if (Math.abs(by) > 3) drag.moved = true;
    if (!drag.moved) return;
    top = clampedTop(geometry, drag.top - by, HEIGHT);
    ask();
    draw();
  });
  map.addEventListener('pointerup', (event) => {
    const wasMoved = drag?.moved ?? true;
    drag = null;
    if (wasMoved) return;
    // The capture makes the map the target: the canvas under the pointer is looked up.
    const hit = canvases.find((canvas) => {
      const box = canvas.getBoundingClientRect();
      return event.clientX >= box.left && event.clientX < box.right;
    });
    if (!hit) return;
    const box = hit.getBoundingClientRect();
    const found = cellAt(geometry, event.clientX - box.left, event.clientY - box.top + top);
    if (!found) return;
    cursor = cursorAt(found);
    follow();
  });
  map.addEventListener('dblclick', (event) => zoom(1, pointOf(event)));
  map.addEventListener('focus', () => draw());
  map.addEventListener('blur', () => draw());
  choice.addEventListener('change', () => {
    palette = null;
    chosen(choice.value as MapColour);
    legendKey = '';
    changed();
  });
  new ResizeObserver(() => changed()).observe(map);
  new MutationObserver(() => {
    palette = null;
    legendKey = '';
    draw();
  }).observe(document.body, { attributes: true, attributeFilter: ['class'] });

  const pictureOf = (at: number): MapPicture | null => {
    const design = drawn?.view.designs[at];
    if (!drawn || !design) return null;
    return {
      geometry,
      windows: drawn.windows,
      cells: design.cells,
      colour: drawn.colour,
      cursor,
      hasFocus: document.activeElement === map,
      top,
      width,
      height: HEIGHT,
    };
  };
  const draw = (): void => {
    if (!drawn || !now) return;
    const shownAsTable = asTable.on();
    map.hidden = shownAsTable;
    rows.hidden = !shownAsTable;
    // The choice may be another already, whose cells are on their way.
    if (palette?.colour !== drawn.colour) palette = paletteOf(drawn.colour);
    if (shownAsTable) return drawTable();
    const { designs } = drawn.view;
    fill(
      columns,
      designs,
      ({ design }) => design,
      ({ design }) => {
        const canvas = el('canvas', { class: 'map-canvas' });
        const title = now?.loaded.titles[design] ?? '';
        return el(
          'div',
          { class: 'map-column' },
          el('div', { class: 'map-design', title }, el('b', {}, design), el('span', {}, title)),
          canvas,
        );
      },
    );
    canvases.length = 0;
    for (const [at, column] of [...columns.children].entries()) {
      const canvas = column.querySelector('canvas')!;
      canvases.push(canvas);
      const size = `${width}px`;
      if ((column as HTMLElement).style.width !== size) (column as HTMLElement).style.width = size;
      if (canvas.style.width !== size) canvas.style.width = size;
      if (canvas.style.height !== `${HEIGHT}px`) canvas.style.height = `${HEIGHT}px`;
      const picture = pictureOf(at);
      if (picture && isOther(canvas, picture, palette)) drawOnCanvas(canvas, picture, palette);
    }
    drawLegend();
  };
  const drawTable = (): void => {
    if (!drawn) return;
    const { view, windows, colour: by } = drawn;
    const all = windows.flatMap((window, at) => runRows(view, window, at, by));
    rows.replaceChildren(
      table(
        'Memory map',
        [
          { title: 'of', cell: (row) => row.section },
          { title: 'from page', number: true, cell: (row) => row.from.toLocaleString('en-US') },
          { title: 'size', number: true, cell: (row) => pagesText(row.pages) },
          ...view.designs.map(({ design }, index) => ({ title: design, cell: (row: RunRow) => row.looks[index] ?? '' })),
        ],
        all,
      ),
    );
  };
  let legendKey = '';
  let shownLooks: readonly number[] = [];
  const drawLegend = (): void => {
    if (!drawn || !palette) return;
    const used = new Set<number>();
    for (const { cells } of drawn.view.designs)
      for (const runs of cells)
        for (let at = 1; at < runs.length; at += 4) for (const each of [runs[at]!, runs[at + 1]!]) if (each >= 0) used.add(each);
    const colouring = COLOURINGS[drawn.colour].looks.map((_, at) => at);
    const pools = POOL_LOOKS.map((_, at) => at + POOL_BASE).filter((look) => used.has(look));
    const looks = [...colouring.filter((look) => used.has(look)), ...pools];
    const key = `${drawn.colour} ${looks.join()} ${palette.back}`;
    if (key === legendKey) return;
    legendKey = key;
    shownLooks = looks;
    const { colour: by } = drawn;
    const tones = palette;
    legend.replaceChildren(
      ...looks.map((look) => {
        const named = lookNamed(by, look);
        const swatch = el('canvas', { class: 'swatch', attributes: { width: '14', height: '14', 'aria-hidden': 'true' } });
        paintSwatch(swatch, look, tones);
        return el('li', {}, swatch, `${named?.letter ? `${named.letter} ` : ''}${named?.name ?? ''}`);
      }),
    );
  };

  return {
    element: around.element,
    request() {
      place();
      const slack = HEIGHT * AROUND;
      asked = { windows: windowsOf(geometry, top - slack, HEIGHT + 2 * slack), colour: choice.value as MapColour, at: cursor };
      const file = cursor?.section.startsWith('file:') ? cursor.section.slice(5) : null;
      return { windows: asked.windows, colour: asked.colour, cursor: file === null || !cursor ? null : { file, page: cursor.page } };
    },
    update(next) {
      const isFirst = now === null || now.view.sections.length !== next.view.sections.length;
      now = next;
      drawn = { ...asked, view: next.view };
      if (isFirst) {
        place();
        // Sections have come: what they hold was not asked for yet.
        ask();
      }
      draw();
      drawFacts(cursorFacts, next.view, asked.at, setSpoken);
      around.note(`${pagesText(2 ** LEVELS[level]!.order)} a cell`);
    },
    zoom: (by) => zoom(by),
    fit,
    toPage,
    show(file, page) {
      cursor = { section: `file:${file}`, page };
      follow();
    },
    order: () => LEVELS[level]!.order,
    picture(caption) {
      if (!now) return null;
      const designs = now.view.designs.flatMap(({ design }, at) => {
        const picture = pictureOf(at);
        return picture ? [{ title: `${design}: ${now?.loaded.titles[design] ?? ''}`, picture: { ...picture, hasFocus: false } }] : [];
      });
      const tones = palette ?? paletteOf(choice.value as MapColour);
      return { caption: `${caption}, by ${COLOURINGS[tones.colour].title.toLowerCase()}`, designs, looks: shownLooks, palette: tones };
    },
  };

  function setSpoken(text: string): void {
    // The answer of the place before: the one of this place is on its way.
    if (!speak || asked.at !== cursor) return;
    speak = false;
    setText(spoken, text);
  }
}
