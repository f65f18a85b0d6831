/** The simulator page: puts the parts together and lets them act on one run. */
import { append, el, fill, setText } from './dom';
import { openEngine, type Engine, type Request } from './engine';
import type { Host } from './host';
import { onKeys } from './keyboard';
import { callStack } from './parts/call-stack';
import { countersTable } from './parts/counters-table';
import { eventList } from './parts/event-list';
import { folioMap } from './parts/folio-map';
import { choicesList } from './parts/choices-list';
import { findingsList } from './parts/findings-list';
import { differencesList, fidelityCard, locksList } from './parts/lists';
import type { Actions, Folding, Part } from './parts/part';
import { placeLink } from './parts/part';
import { scenarioForm } from './parts/scenario-form';
import { statusLine } from './parts/status-line';
import { timeline } from './parts/timeline';
import { toolbar } from './parts/toolbar';
import { vmemmapStrip } from './parts/vmemmap-strip';
import { rememberedSetup, resumed } from './remembered';
import { newSession, withAnswer, type Session } from './session';
import { statusWords } from './words';
import type { FromWorker, ToPage } from '../src/protocol/page';
import type { SimulationSetup } from '../src/protocol/simulation';

/** Asks the engine and shows what it answers. The DOM is drawn at most once a frame. */
export function openSimulator(host: Host, root: HTMLElement, workerSource: string): void {
  let session: Session | null = null;
  let given: SimulationSetup | null = null;
  /** Step to go to once the setup is loaded, after a reload of the page. */
  let returnTo = 0;
  /** The newest step that the slider asked for while the engine was on its way to another. */
  let wanted: number | null = null;
  let asked = 0;
  /** Number of the newest request, so that a timer knows whether it is still about that one. */
  let ordered = 0;

  const engine: Engine = openEngine(workerSource, (answer) => take(answer));
  const actions: Actions = {
    run: () => ask('running', { kind: 'run' }),
    pause: () => ask('pausing', { kind: 'pause' }),
    step: (kind) => ask('stepping', { kind }),
    restart: (setup) => {
      if (session) start(setup ?? session.setup, session.tree, setup !== undefined && setup !== session.setup);
    },
    goTo(step) {
      wanted = step;
      if (session?.busy?.what === GOING) return;
      wanted = null;
      if (session?.view?.step !== step || session.busy) ask(GOING, { kind: 'go-to', step });
    },
    reveal: (place) => host.post({ kind: 'reveal', file: place.file, line: place.line }),
  };
  const folding = foldingOf(host);
  const page = pageOf(actions, folding, () => session);
  root.replaceChildren(page.element);

  const show = (): void => {
    if (asked !== 0) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      if (session) page.update(session);
    });
  };
  const ask = (what: string, request: Request): void => {
    if (!session) return;
    session = { ...session, busy: { what, steps: 0, silent: false } };
    engine.ask(request);
    const mine = (ordered += 1);
    setTimeout(() => mine === ordered && show(), BUSY_SHOWN_MS);
    setTimeout(() => mine === ordered && fallenSilent(), SILENT_MS);
  };
  const fallenSilent = (): void => {
    if (!session?.busy || session.busy.steps > 0) return;
    session = { ...session, busy: { ...session.busy, silent: true } };
    show();
  };
  const start = (setup: SimulationSetup, tree: string, told: boolean): void => {
    if (session?.busy) engine.kill();
    wanted = null;
    session = newSession(setup, tree);
    if (given) host.remember({ ...rememberedSetup(given, setup), step: 0 });
    if (told) host.post({ kind: 'scenario', scenario: setup.scenario, fail: setup.fail ?? 0 });
    ask('loading', { kind: 'load', setup });
    show();
  };
  const take = (answer: FromWorker): void => {
    if (!session) return;
    session = withAnswer(session, answer);
    if (answer.kind === 'problem') host.post({ kind: 'problem', text: answer.text });
    if (answer.kind === 'view') stopped();
    show();
  };
  const stopped = (): void => {
    if (!session?.view) return;
    const { view } = session;
    const next = wanted ?? returnTo;
    const go = wanted !== null || returnTo > 0;
    wanted = null;
    returnTo = 0;
    if (go && next !== view.step) return ask(GOING, { kind: 'go-to', step: next });
    host.remember({ step: view.step });
    const { place, step, stack, findings, choices } = view;
    host.post({
      kind: 'at',
      place,
      step,
      status: statusWords(view.status, place, step).text,
      stack,
      findings: { total: findings.length, from: 0, shown: findings.slice(0, MOST_TOLD) },
      choices: { total: choices.length, from: Math.max(0, choices.length - MOST_TOLD), shown: choices.slice(-MOST_TOLD) },
    });
  };
  const load = (setup: SimulationSetup, tree: string, goTo = 0): void => {
    // A page that was made anew goes on where it was; a function that is simulated again begins at its entry.
    const back = session || goTo > 0 ? { setup, step: goTo } : resumed(setup, host.remembered());
    given = setup;
    returnTo = back.step;
    const step = returnTo;
    start(back.setup, tree, false);
    host.remember({ step });
  };
  /** What was shown is not what is asked for any more. */
  const fail = (text: string): void => {
    if (session?.busy) engine.kill();
    session = null;
    page.problem(text);
  };
  host.listen((message: ToPage) => {
    if (message.kind === 'load') return load(message.setup, message.tree, message.goTo);
    if (message.kind === 'problem') return fail(message.text);
    if (!session || session.busy) return;
    if (message.command === 'run') actions.run();
    else if (message.command === 'restart') actions.restart();
    else actions.step(message.command);
  });
  onKeys(actions, () => session);
  host.post({ kind: 'ready' });
}

/** Findings and choices that the editor's views show. */
const MOST_TOLD = 200;
const GOING = 'going there';
/** Most steps are answered before the eye would see a busy toolbar flicker. */
const BUSY_SHOWN_MS = 150;
const SILENT_MS = 2000;

interface Page {
  readonly element: HTMLElement;
  update(session: Session): void;
  /** Something that the extension has to say instead of a run. */
  problem(text: string): void;
}

function pageOf(actions: Actions, folding: Folding, now: () => Session | null): Page {
  const name = el('h1', { class: 'function-name' }, 'Simulation');
  const where = el('span', { class: 'function-place' });
  const header: readonly Part[] = [toolbar(actions), timeline(actions), statusLine(actions)];
  const [buttons, slider, status] = header;
  const scenario = scenarioForm(actions, folding);
  const lineOf = (called: string): number => now()?.setup.program.functions[called]?.line ?? 0;
  const map = folioMap(folding);
  const left: readonly Part[] = [
    findingsList(actions, folding),
    eventList(actions, folding),
    choicesList(actions, folding),
    differencesList(folding),
  ];
  const right: readonly Part[] = [
    callStack(actions, folding),
    countersTable(folding),
    locksList(folding),
    vmemmapStrip(folding),
    fidelityCard(actions, folding, lineOf),
  ];
  const waiting = el('p', { class: 'waiting', role: 'status' }, 'Waiting for the function from the worktree.');
  const content = el(
    'div',
    { class: 'content', hidden: true },
    scenario.element,
    map.element,
    el(
      'div',
      { class: 'columns' },
      el('div', { class: 'column' }, ...left.map((one) => one.element)),
      el('div', { class: 'column' }, ...right.map((one) => one.element)),
    ),
  );
  const element = el('main', { class: 'simulator', id: 'simulator' });
  append(element, [
    el(
      'header',
      { class: 'top' },
      el('div', { class: 'top-row' }, name, where, buttons!.element),
      el('div', { class: 'top-row' }, slider!.element),
      status!.element,
    ),
    waiting,
    content,
  ]);
  const parts = [...header, scenario, map, ...left, ...right];
  return {
    element,
    update(session) {
      const code = session.setup.program.functions[session.setup.function];
      setText(name, [session.setup.function, ...(session.setup.then ?? [])].map((one) => `${one}()`).join(', then '));
      fill(where, code ? [code] : [], (one) => `${one.file}:${one.line}`, (one) => placeLink(one, actions)); // prettier-ignore
      waiting.hidden = true;
      content.hidden = false;
      for (const part of header) part.element.hidden = false;
      for (const part of parts) part.update(session);
      element.setAttribute('aria-busy', String(session.busy !== null));
      content.classList.toggle('memory-later', session.memoryLater);
    },
    problem(text) {
      content.hidden = true;
      for (const part of header) part.element.hidden = true;
      setText(name, 'Simulation');
      where.replaceChildren();
      waiting.hidden = false;
      waiting.classList.add('failed');
      setText(waiting, text);
    },
  };
}

function foldingOf(host: Host): Folding {
  return {
    isFolded: (id) => (host.remembered().folded ?? ['scenario']).includes(id),
    fold(id, folded) {
      const others = (host.remembered().folded ?? ['scenario']).filter((one) => one !== id);
      host.remember({ folded: folded ? [...others, id] : others });
    },
  };
}
