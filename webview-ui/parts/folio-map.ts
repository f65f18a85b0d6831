/** The folio map: what each page of the blocks is, from the whole block down to one page, by mouse and keyboard. */
import type { FolioExtent, MemoryView, PageCacheExtent } from '../../src/protocol/simulation';
import { el, setText, svg } from '../dom';
import { movedCursor, zoomedAtCursor, type CursorMove } from '../map-cursor';
import { axisOf, folioAt, placed, type Axis, type FolioAt, type PlacedExtent } from '../map-layout';
import { LOOKS, count, lookOf, many, pfnText, sizeOfPages } from '../words';
import { clamped, pageAt, panned, showing, wholeAxis, zoomedAt, type Viewport } from '../viewport';
import { GUTTER_PIXELS, MAP_PIXELS, OVERVIEW_PIXELS, drawMap, legend } from './map-drawing';
import { pane, table, toggle, tool, type Folding, type Part } from './part';

const ZOOM = 2;
/** A wheel turned by this many pixels zooms by `ZOOM`. */
const WHEEL_PIXELS = 160;

const KEYS: Readonly<Record<string, CursorMove>> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  'Ctrl+ArrowRight': 'next-extent',
  'Ctrl+ArrowLeft': 'previous-extent',
  Home: 'start',
  End: 'end',
  PageDown: 'page-next',
  PageUp: 'page-previous',
};

export function folioMap(folding: Folding): Part {
  const picture = svg('svg', { class: 'map-picture', height: MAP_PIXELS, 'aria-hidden': 'true', focusable: 'false' });
  const said = el('p', { class: 'unseen', attributes: { 'aria-live': 'polite' } });
  const map = el(
    'div',
    { class: 'map', role: 'application', tabIndex: 0, attributes: { 'aria-roledescription': 'folio map', 'aria-describedby': 'map-hint' } },
    picture,
  );
  const facts = factsOf();
  const hint = el(
    'p',
    { class: 'hint', id: 'map-hint' },
    'Arrow keys move and zoom; Ctrl+arrow: next run of equal folios; Home, End, Page Up, Page Down; 0: all. Mouse: Ctrl+wheel zooms, drag pans, double-click zooms in.',
  );
  const keyTo = el('ul', { class: 'legend', label: 'Looks of the folios' });
  legend().forEach((sample, at) => keyTo.append(el('li', {}, sample, el('span', {}, `${LOOKS[at]!.letter} ${LOOKS[at]!.name}`))));
  const drawing = el('div', {}, map, facts.element, keyTo, hint, said);
  const holder = el('div', { hidden: true });

  const zoomIn = tool('+', 'Zoom in', () => zoomKeepingCursor(ZOOM));
  const zoomOut = tool('−', 'Zoom out', () => zoomKeepingCursor(1 / ZOOM));
  const fit = tool('All', 'Show all blocks', () => look(wholeAxis(axis.total)));
  const asTable = toggle('Table', 'Table: the folio map as tables', () => show());
  const around = pane(folding, 'folios', 'Folio map', [zoomOut, zoomIn, fit, asTable.button], el('div', {}, drawing, holder));

  let memory: MemoryView | null = null;
  let axis: Axis = { blocks: [], total: 1 };
  let extents: readonly PlacedExtent[] = [];
  let viewport: Viewport = wholeAxis(1);
  let cursor = 0;
  let hovered = -1;
  let asked = 0;

  const width = (): number => Math.max(50, map.clientWidth - GUTTER_PIXELS - 1);
  const draw = (): void => {
    if (asked !== 0) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      if (!memory || map.clientWidth === 0) return;
      picture.setAttribute('width', String(map.clientWidth));
      const under = hovered >= 0 ? folioAt(hovered, extents) : undefined;
      drawMap(picture, { axis, extents, memory, viewport, width: width(), cursor: folioAt(cursor, extents), hovered: under });
      facts.show(under ?? folioAt(cursor, extents), under ? hovered : cursor);
      around.note(noteOf(axis, viewport));
    });
  };
  const look = (next: Viewport): void => {
    viewport = clamped(next, axis.total);
    draw();
  };
  const zoom = (factor: number, at: number): void => look(zoomedAt(viewport, at, factor, axis.total));
  const zoomKeepingCursor = (factor: number): void => look(zoomedAtCursor(viewport, factor, cursor, extents, axis));
  const put = (position: number): void => {
    cursor = position;
    const folio = folioAt(cursor, extents);
    viewport = showing(viewport, folio?.start ?? cursor, folio && folio.pages < viewport.length ? folio.pages : 1, axis.total);
    setText(said, folio ? sentenceOf(folio) : 'no folio here');
    draw();
  };
  const show = (): void => {
    drawing.hidden = asTable.on();
    holder.hidden = !asTable.on();
    for (const button of [zoomIn, zoomOut, fit]) button.hidden = asTable.on();
    if (asTable.on() && memory) holder.replaceChildren(...tablesOf(memory));
    draw();
  };

  map.addEventListener('keydown', (event) => {
    const move = KEYS[`${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.key}`];
    if (move && !event.shiftKey) put(movedCursor(cursor, move, extents, axis, viewport, width()));
    else if (event.ctrlKey || event.altKey || event.metaKey) return;
    else if (event.shiftKey && event.key === 'ArrowRight') look(panned(viewport, viewport.length / 4, axis.total));
    else if (event.shiftKey && event.key === 'ArrowLeft') look(panned(viewport, -viewport.length / 4, axis.total));
    else if (event.key === 'ArrowUp' || event.key === '+' || event.key === '=') zoomKeepingCursor(ZOOM);
    else if (event.key === 'ArrowDown' || event.key === '-') zoomKeepingCursor(1 / ZOOM);
    else if (event.key === '0') look(wholeAxis(axis.total));
    else return;
    event.preventDefault();
  });
  const pageUnder = (event: MouseEvent): number =>
    pageAt(event.clientX - map.getBoundingClientRect().left - GUTTER_PIXELS, viewport, width());
  map.addEventListener(
    'wheel',
    (event) => {
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const zooming = event.ctrlKey || event.metaKey || document.activeElement === map;
      if (sideways) look(panned(viewport, ((event.deltaX || event.deltaY) / width()) * viewport.length, axis.total));
      else if (zooming) zoom(ZOOM ** (-event.deltaY / WHEEL_PIXELS), pageUnder(event));
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
  dragging(map, {
    start: (event) => (event.clientY - map.getBoundingClientRect().top < OVERVIEW_PIXELS ? 'overview' : 'map'),
    moved(event, from, pixels) {
      if (from === 'map') return look(panned(viewport, (-pixels / width()) * viewport.length, axis.total));
      const at = pageAt(event.clientX - map.getBoundingClientRect().left - GUTTER_PIXELS, wholeAxis(axis.total), width());
      look({ start: at - viewport.length / 2, length: viewport.length });
    },
    clicked(event) {
      const at = Math.floor(pageUnder(event));
      if (at >= 0 && at < axis.total) put(folioAt(at, extents)?.start ?? at);
    },
  });
  map.addEventListener('dblclick', (event) => zoom(ZOOM * ZOOM, pageUnder(event)));
  map.addEventListener('pointermove', (event) => {
    const at = Math.floor(pageUnder(event));
    hovered = at >= 0 && at < axis.total ? at : -1;
    draw();
  });
  map.addEventListener('pointerleave', () => {
    hovered = -1;
    draw();
  });
  new ResizeObserver(draw).observe(map);

  return {
    element: around.element,
    update({ view }) {
      if (!view || view.memory === memory) return;
      const first = memory === null;
      memory = view.memory;
      const total = axis.total;
      axis = axisOf(memory);
      extents = placed(memory.folios, axis);
      viewport = first || total !== axis.total ? wholeAxis(axis.total) : clamped(viewport, axis.total);
      cursor = Math.min(cursor, Math.max(0, axis.total - 1));
      map.setAttribute('aria-label', `Folio map: ${many(extents.length, 'run')} of equal folios in ${many(axis.blocks.length, 'block')}`);
      if (asTable.on()) holder.replaceChildren(...tablesOf(memory));
      draw();
    },
  };
}

function noteOf(axis: Axis, viewport: Viewport): string {
  const shown = Math.max(1, Math.round(viewport.length));
  if (shown >= axis.total) return `${many(axis.blocks.length, 'block')}, ${sizeOfPages(axis.total)}`;
  return `${many(shown, 'page')} of ${count(axis.total)}`;
}

interface Facts {
  readonly element: HTMLElement;
  show(folio: FolioAt | undefined, position: number): void;
}

const FACTS = ['pfn', 'order', 'type', 'owner', 'refcount', 'mapcount', 'index', 'flags', 'alike'] as const;

/** What is known of the folio under the pointer or the cursor: always the same places, so that the eye finds them. */
function factsOf(): Facts {
  const values = FACTS.map((one) => el('dd', { class: one === 'flags' ? 'wide' : '' }));
  const element = el(
    'dl',
    { class: 'facts' },
    ...FACTS.map((one, at) => el('div', { class: `fact fact-${one}` }, el('dt', {}, one), values[at]!)),
  );
  return {
    element,
    show(folio) {
      const texts = folio ? factTexts(folio) : FACTS.map(() => '–');
      texts.forEach((text, at) => setText(values[at]!, text));
    },
  };
}

function factTexts(folio: FolioAt): readonly string[] {
  const { extent } = folio;
  return [
    pfnText(folio.pfn),
    `${extent.order} (${sizeOfPages(folio.pages)})`,
    extent.type,
    extent.owner,
    String(extent.refcount),
    String(extent.mapcount),
    folio.index < 0 ? 'none' : count(folio.index),
    extent.flags.length > 0 ? extent.flags.join(' ') : 'none',
    extent.count > 1 ? `${count(folio.number + 1)} of ${count(extent.count)}` : '1 of 1',
  ];
}

const sentenceOf = (folio: FolioAt): string =>
  `${lookOf(folio.extent).name}, ${factTexts(folio)
    .map((text, at) => `${FACTS[at]} ${text}`)
    .join(', ')}`;

interface Drag {
  start(event: PointerEvent): 'map' | 'overview';
  moved(event: PointerEvent, from: 'map' | 'overview', pixels: number): void;
  clicked(event: PointerEvent): void;
}

/** Pixels that a pressed pointer may move and still be a click. */
const CLICK_PIXELS = 3;

function dragging(element: HTMLElement, drag: Drag): void {
  let from: 'map' | 'overview' | null = null;
  let last = 0;
  let way = 0;
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    from = drag.start(event);
    last = event.clientX;
    way = 0;
    element.setPointerCapture(event.pointerId);
    if (from === 'overview') drag.moved(event, from, 0);
  });
  element.addEventListener('pointermove', (event) => {
    if (!from) return;
    way += Math.abs(event.clientX - last);
    if (way > CLICK_PIXELS || from === 'overview') drag.moved(event, from, event.clientX - last);
    last = event.clientX;
  });
  const end = (event: PointerEvent): void => {
    if (from === 'map' && way <= CLICK_PIXELS && event.type === 'pointerup') drag.clicked(event);
    from = null;
  };
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
}

/** The same content as the picture. */
function tablesOf(memory: MemoryView): readonly HTMLElement[] {
  const folios = table<FolioExtent>(
    'Folios by page frame',
    [
      { title: 'pfn', number: true, cell: (one) => pfnText(one.pfn) },
      { title: 'Folios', number: true, cell: (one) => count(one.count) },
      { title: 'Order', number: true, cell: (one) => String(one.order) },
      { title: 'Type', cell: (one) => one.type },
      { title: 'Owner', cell: (one) => one.owner },
      { title: 'Refcount', number: true, cell: (one) => String(one.refcount) },
      { title: 'Mapcount', number: true, cell: (one) => String(one.mapcount) },
      { title: 'Index', number: true, cell: (one) => (one.index < 0 ? '' : count(one.index)) },
      { title: 'Flags', cell: (one) => one.flags.join(' ') },
    ],
    memory.folios,
  );
  const cache = table<PageCacheExtent>(
    'Page cache by index',
    [
      { title: 'Index', number: true, cell: (one) => count(one.index) },
      { title: 'Folios', number: true, cell: (one) => count(one.count) },
      { title: 'Order', number: true, cell: (one) => String(one.order) },
      { title: 'First pfn', number: true, cell: (one) => pfnText(one.pfn) },
    ],
    memory.pageCache,
  );
  const faultable = table<{ readonly index: number; readonly count: number }>(
    'Faultable ranges by index',
    [
      { title: 'Index', number: true, cell: (one) => count(one.index) },
      { title: 'Pages', number: true, cell: (one) => count(one.count) },
    ],
    memory.faultable,
  );
  return [el('h3', {}, 'Folios'), folios, el('h3', {}, 'Page cache'), cache, el('h3', {}, 'Faultable'), faultable];
}
