/** The page of the memory model: plays a scenario in its worker, asks for what is in sight once a frame, and tells the editor where it stands. */
import type { DesignId } from '../../src/model/host/operation';
import type {
  EventWindow,
  ExportFormat,
  FromScenarioWorker,
  MapColour,
  OrderVerdict,
  PlayedParallel,
  ScenarioView,
  ToScenarioPage,
  ToScenarioWorker,
  ValueSeries,
} from '../../src/protocol/scenario-page';
import { el, setText } from '../dom';
import { byName, foldingOf, isInside, scenarioAt, withValues } from './answers';
import { FIRST_CHART, valueChart } from './chart';
import { pressKey, scenarioStatus, scenarioTimeline, scenarioToolbar, statusText } from './controls';
import { counterTable } from './counters';
import { openScenarioEngine, type ScenarioEngine } from './engine';
import { MOST_EVENTS, scenarioEvents } from './events';
import { FrameCount } from './frame-count';
import type { FirstLoad, ScenarioHost } from './host';
import { mapAsPng, mapAsSvg } from './map-export';
import { mapView } from './map-view';
import { commandsOf } from './commands';
import { badOrdersOf, orderChoice } from './orders';
import { count, type Busy, type Loaded, type PageActions, type PageNow, type ScenarioPart } from './page-now';
import { tellMemory } from './painted';
import { problemList } from './problems';
import { partsInSight } from './sight';
import { vmemmapOfFiles } from './strip';
import { allDifferences, differenceTable, expectationTable, troubleList } from './tables';
import { scenarioTop } from './top';

const USUAL_SPEED = 5;
const ORDER_KEYS: Readonly<Record<string, 'next' | 'previous' | 'bad'>> = { F9: 'next', 'Shift+F9': 'previous', 'Alt+F9': 'bad' };
/** Tables are filled anew so often while it plays, in milliseconds; the map at every frame. */
const TABLES_MS = 200;
const SERIES_MS = 800;
/** Events that are asked for while it plays: nobody reads more of them then. */
const EVENTS_PLAYING = 30;

export function openScenarioPage(host: ScenarioHost, root: HTMLElement, workerSource: string, first: FirstLoad | null): void {
  const remembered = host.remembered();
  let uri = remembered.uri ?? '';
  let file = '';
  let text = '';
  let loaded: Loaded | null = null;
  let view: ScenarioView | null = null;
  let names: readonly string[] = [];
  let busy: Busy = '';
  let scenario = remembered.scenario ?? '';
  let chosenDesigns: readonly DesignId[] = remembered.designs ?? [];
  let chosenOrders: readonly number[] = remembered.orders ?? [];
  let parallels: readonly PlayedParallel[] = [];
  let verdicts: readonly OrderVerdict[] = [];
  let rate = remembered.rate ?? USUAL_SPEED;
  let follows = remembered.follow ?? true;
  let returnTo = remembered.tick ?? 0;
  const series = new Map<string, readonly ValueSeries[]>();
  let events: EventWindow | null = null;
  let problem = '';

  // ---- the worker: one view at a time is on its way, the next is asked for at the next frame ----
  let viewId = 0;
  let viewPending = false;
  let viewWanted = false;
  let frameAsked = 0;
  let tablesAt = 0;
  let seriesAt = 0;
  let valuesAt = 0;
  /** A page whose parts are to be filled although nothing has moved. */
  let stale = true;
  let painted = false;
  const frames = new FrameCount((counted) => host.post({ kind: 'frames', ...counted }));
  const engine: ScenarioEngine = openScenarioEngine(workerSource, (answer) => take(answer));
  const ask = (message: ToScenarioWorker): void => engine.ask(message);

  const frame = (): void => {
    if (frameAsked === 0) frameAsked = requestAnimationFrame(onFrame);
  };
  const onFrame = (time: number): void => {
    frameAsked = 0;
    frames.frame(time, busy === 'playing');
    if (viewWanted && !viewPending && loaded && loaded.chosen >= 0) {
      viewWanted = false;
      viewPending = true;
      viewId += 1;
      const withValues = busy !== 'playing' || time - valuesAt > TABLES_MS;
      if (withValues) valuesAt = time;
      ask({ kind: 'view', id: viewId, request: { ...map.request(), withValues } });
    }
    if (view && loaded) draw(time);
    if (view && !painted) {
      painted = true;
      tellMemory((paint) => host.post({ kind: 'painted', ...paint }));
    }
    if (busy === 'playing' || stale) frame();
  };
  const wantView = (): void => {
    viewWanted = true;
    frame();
  };

  const actions: PageActions = {
    goTo: (tick) => moveTo({ kind: 'go-to', tick }),
    seek: (aim) => moveTo({ kind: 'seek', aim }),
    step: () => ask({ kind: 'step' }),
    stepBack: () => moveTo({ kind: 'step-back' }),
    play: () => ask({ kind: 'play', rate }),
    pause: () => ask({ kind: 'pause' }),
    reveal: (line) => host.post({ kind: 'reveal', line }),
    show: (name, page) => map.show(name, page),
    eventsOf: (design) => ask({ kind: 'events', design, most: busy === 'playing' ? EVENTS_PLAYING : MOST_EVENTS }),
    changed: () => askSeries(),
  };
  const moveTo = (message: ToScenarioWorker): void => ask(message);

  const folding = foldingOf(host);
  const toolbar = scenarioToolbar(actions);
  const timeline = scenarioTimeline(actions);
  const status = scenarioStatus(actions);
  const map = mapView(folding, remembered.colour ?? 'block', wantView, (colour: MapColour) => host.remember({ colour }));
  const eventPart = scenarioEvents(actions, folding);
  const quick: readonly ScenarioPart[] = [toolbar, timeline, status];
  const left: readonly ScenarioPart[] = [expectationTable(actions, folding), troubleList(actions, folding), eventPart];
  const right: readonly ScenarioPart[] = [
    differenceTable(folding),
    valueChart(actions, folding, remembered.chart ?? FIRST_CHART, (chart) => host.remember({ chart })),
    counterTable(actions, folding),
    vmemmapOfFiles(folding),
  ];
  const slow = [...left, ...right];
  const sight = partsInSight(slow, () => {
    stale = true;
    frame();
  });
  /** While it plays, nobody looks at what is outside of the window. */
  const seen = (): readonly ScenarioPart[] => (busy === 'playing' ? sight() : slow);
  const problems = problemList((line) => host.post({ kind: 'reveal', line }));

  // ---- the top ----
  const about = el('p', { class: 'about' });
  const top = scenarioTop(
    {
      scenario(name) {
        scenario = name;
        [chosenDesigns, chosenOrders] = [[], []];
        host.remember({ scenario, designs: [], orders: [] });
        load(0);
      },
      designs(chosen) {
        chosenDesigns = chosen;
        host.remember({ designs: chosenDesigns });
        load(view?.tick ?? 0);
      },
      speed: (value) => setSpeed(value),
      follow(value) {
        follows = value;
        host.remember({ follow: follows });
      },
      export: (format) => exportAs(format),
    },
    rate,
    follows,
  );
  const orders = orderChoice({ play: (block, order, toTrouble) => playOrder(block, order, toTrouble) });
  const playOrder = (block: number, order: number, toTrouble: boolean): void => ask({ kind: 'order', block, order, toTrouble });
  const setSpeed = (value: number): void => {
    rate = value;
    top.setSpeed(value);
    host.remember({ rate });
    if (busy === 'playing') actions.play();
  };

  const waiting = el('p', { class: 'waiting', role: 'status' }, 'Waiting for the scenario from the editor.');
  const content = el(
    'div',
    { class: 'content', hidden: true },
    map.element,
    el(
      'div',
      { class: 'columns' },
      el('div', { class: 'column' }, ...left.map(({ element }) => element)),
      el('div', { class: 'column' }, ...right.map(({ element }) => element)),
    ),
  );
  const main = el(
    'main',
    { class: 'simulator scenario-page', id: 'scenario-page' },
    el(
      'header',
      { class: 'top' },
      top.choices,
      el('div', { class: 'top-row' }, toolbar.element, ...top.playing),
      orders.element,
      el('div', { class: 'top-row' }, timeline.element),
      status.element,
    ),
    about,
    problems.element,
    waiting,
    content,
  );
  root.replaceChildren(main);

  // ---- what comes ----
  const load = (tick: number): void => {
    series.clear();
    events = null;
    viewPending = false;
    returnTo = tick;
    ask({ kind: 'load', text, scenario, designs: chosenDesigns, orders: chosenOrders, tick });
  };
  const take = (answer: FromScenarioWorker): void => {
    switch (answer.kind) {
      case 'loaded':
        return takeLoaded(answer);
      case 'moved':
        if (busy !== answer.busy) stale = true;
        busy = answer.busy;
        return wantView();
      case 'view':
        if (answer.id !== viewId) return;
        viewPending = false;
        names = answer.view.names ?? names;
        view = withValues(answer.view, view);
        stale = true;
        frames.view();
        map.update(now()!);
        return frame();
      case 'series':
        for (const [name, own] of byName(answer.series)) series.set(name, own);
        stale = true;
        return frame();
      case 'ordered':
        // The same steps, another run: nothing of the one before holds.
        series.clear();
        events = null;
        view = null;
        viewPending = false;
        told = '';
        return takeOrders(answer.parallels, false);
      case 'surveyed':
        verdicts = answer.verdicts;
        orders.tell(answer.verdicts, answer.all);
        told = '';
        return frame();
      case 'events':
        events = answer.window;
        stale = true;
        return frame();
      case 'report':
        return;
      case 'problem':
        problem = answer.text;
        busy = '';
        viewPending = false;
        problems.show([{ line: 0, column: 0, severity: 'error', message: problem }], 1);
    }
  };
  const takeLoaded = (answer: Loaded): void => {
    loaded = answer;
    problem = '';
    problems.show(answer.problems, answer.problemsInAll);
    host.post({ kind: 'problems', lines: answer.problems.map(({ line }) => line) });
    const chosen = answer.scenarios[answer.chosen];
    waiting.hidden = chosen !== undefined;
    content.hidden = chosen === undefined;
    for (const { element } of [...quick, orders]) element.hidden = chosen === undefined;
    setText(
      waiting,
      answer.scenarios.length === 0 ? 'There is no scenario in the text. Write one: scenario "Name".' : 'The scenario cannot be played.',
    );
    if (chosen === undefined) {
      view = null;
      return;
    }
    scenario = chosen.name;
    top.show(answer, scenario);
    setText(about, [...chosen.about, chosen.labels.length > 0 ? `[${chosen.labels.join(', ')}]` : ''].join(' ').trim());
    verdicts = [];
    takeOrders(answer.parallels, true);
    host.remember({ uri, scenario, designs: chosenDesigns });
    view = null;
    viewPending = false;
    wantView();
  };
  const takeOrders = (next: readonly PlayedParallel[], isNew: boolean): void => {
    parallels = next;
    chosenOrders = parallels.map(({ chosen }) => chosen);
    host.remember({ orders: chosenOrders });
    orders.show(parallels, isNew);
  };

  const now = (): PageNow | null => (loaded && view ? { loaded, view, names, busy, series, events, orders: orders.text() } : null);
  const askSeries = (): void => {
    const wanted = [...new Set(seen().flatMap((part) => part.wanted?.() ?? []))].slice(0, 200);
    if (wanted.length > 0) ask({ kind: 'series', names: wanted });
    stale = true;
    frame();
  };
  let told = '';
  const draw = (time: number): void => {
    const state = now();
    if (!state) return;
    for (const part of quick) part.update(state);
    main.setAttribute('aria-busy', String(busy === 'seeking'));
    if (busy === '' || time - tablesAt > TABLES_MS) {
      tablesAt = time;
      if (stale) for (const part of seen()) part.update(state);
      stale = false;
    }
    const key = `${state.view.tick} ${state.view.known} ${busy} ${scenario} ${map.order()} ${state.view.designs.length} ${loaded?.problems.length ?? 0}`;
    if (key === told) return;
    if (busy === '' || time - seriesAt > SERIES_MS) {
      seriesAt = time;
      told = key;
      askSeries();
      const design = eventPart.design();
      if (design !== null) actions.eventsOf(design);
      tell(state);
    }
  };
  const tell = (state: PageNow): void => {
    if (busy === '') host.remember({ tick: state.view.tick });
    const total = state.view.total ?? state.view.known;
    host.post({
      kind: 'at',
      scenario,
      designs: state.view.designs.map(({ design }) => design),
      tick: state.view.tick,
      total,
      ended: state.view.ended,
      playing: busy === 'playing',
      line: state.view.line,
      status: `step ${count(state.view.tick)} of ${count(total)}: ${statusText(state.view, busy, state.orders)}`,
      order: map.order(),
      troubles: state.view.troubles.length,
      failed: state.view.designs.reduce((sum, { failed }) => sum + failed, 0),
      differences: allDifferences(state).length,
      orders: chosenOrders,
      badOrders: parallels.map((_, block) => badOrdersOf(verdicts, block)),
    });
  };

  const exportAs = (format: ExportFormat): void => {
    if (!loaded || loaded.chosen < 0) return;
    const given = (content: string, base64 = false): void => host.post({ kind: 'export', format, content, base64 });
    if (format === 'png' || format === 'svg') {
      const shown = map.picture(`${file}: ${scenario}, step ${count(view?.tick ?? 0)}${orders.text() === '' ? '' : `, ${orders.text()}`}`);
      if (shown === null) return;
      return format === 'png' ? given(mapAsPng(shown), true) : given(mapAsSvg(shown));
    }
    // The whole run is done anew beside the page, which goes on.
    const other = openScenarioEngine(workerSource, (answer) => {
      if (answer.kind === 'report') given(answer.text);
      else if (answer.kind === 'problem') problems.show([{ line: 0, column: 0, severity: 'error', message: answer.text }], 1);
      else return;
      other.kill();
    });
    other.ask({ kind: 'load', text, scenario, designs: chosenDesigns, orders: [], tick: 0 });
    other.ask({ kind: 'report', format, file });
  };
  const command = commandsOf(actions, map, orders);
  const takeText = (message: Extract<ToScenarioPage, { kind: 'load' }>): void => {
    const isOther = message.uri !== uri || text === '';
    if (message.uri !== uri) {
      returnTo = 0;
      scenario = '';
      [chosenDesigns, chosenOrders] = [[], []];
    }
    const hasChanged = message.text !== text;
    uri = message.uri;
    file = message.file;
    text = message.text;
    if (message.designs) chosenDesigns = message.designs;
    if (!isOther && !hasChanged && message.line === 0 && !message.designs) return;
    const resumed = isOther ? returnTo : (view?.tick ?? 0);
    if (message.line > 0) scenario = scenarioAt(message.text, message.line) ?? scenario;
    return load(message.line > 0 ? 0 : resumed);
  };
  host.listen((message: ToScenarioPage) => {
    switch (message.kind) {
      case 'load':
        return takeText(message);
      case 'line':
        if (follows && busy === '' && loaded && isInside(loaded, scenario, message.line) && view?.line !== message.line)
          moveTo({ kind: 'go-to-line', line: message.line });
        return;
      case 'command':
        return command[message.command]();
      case 'speed':
        return setSpeed(message.rate);
      case 'export':
        return exportAs(message.format);
    }
  });
  document.addEventListener(
    'keydown',
    (event) => {
      const key = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.key}`;
      const order = ORDER_KEYS[key];
      if (order !== undefined && parallels.length > 0) orders.go(order);
      else if (!pressKey(key, actions, now())) return;
      // VS Code listens on the window and would toggle full screen at F11, or step twice where the extension binds the same key.
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
  // What came with the page is the text of when it was opened: a page that lives again asks for what it is now.
  const isNew = first !== null && first.born !== remembered.born;
  if (isNew) {
    host.remember({ born: first.born });
    takeText(first.load);
  }
  host.post({ kind: 'ready', uri, taken: isNew });
  frame();
}
