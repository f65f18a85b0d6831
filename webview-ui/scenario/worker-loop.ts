/** What the worker does with the page's messages: plays, goes and looks in slices, so that a pause is never late. */
import { csv, runText, type ScenarioRuns } from '../../src/review/gmem-report';
import { unwatched } from '../../src/base/progress';
import type { DesignId } from '../../src/model/host/operation';
import type { FromScenarioWorker, OfferedScenario, PlayedDesign, RunFormat, ToScenarioWorker } from '../../src/protocol/scenario-page';
import { runScenario } from '../../src/review/run-gmem';
import type { DesignRun } from '../../src/review/run-gmem-report';
import { DESIGN_TITLES, METRIC_NOTES } from '../../src/review/scenario-model';
import { orderedBlocks, OrderSurvey } from '../../src/review/scenario-orders';
import { createScenarioPlayer, type ScenarioPlayer } from '../../src/review/scenario-player';
import { readGmem } from '../../src/scenario/gmem/read-gmem';
import type { GmemScenario } from '../../src/scenario/gmem/scenario';

/** What the loop needs of the thread that it runs in. */
export interface ScenarioThread {
  send(message: FromScenarioWorker): void;
  /** After the messages that wait already. */
  later(work: () => void): void;
  pause(milliseconds: number, work: () => void): void;
  clock(): number;
}

export interface ScenarioLoop {
  receive(message: ToScenarioWorker): void;
}

/** A slice of work ends after so many milliseconds: a frame's worth is left to those who ask for a view. */
const SLICE_MS = 8;
/** Between two steps that are not due yet. */
const BETWEEN_STEPS_MS = 8;
/** Orders are tried for so long, and then as long not. */
const SURVEY_MS = 4;
/** Steps between two looks at the clock. */
const BETWEEN_LOOKS = 8;
/** Problems that the page lists. */
const MOST_PROBLEMS = 100;

export function scenarioLoop(thread: ScenarioThread): ScenarioLoop {
  const { send, later, clock } = thread;
  let scenario: GmemScenario | null = null;
  let designs: readonly DesignId[] = [];
  let player: ScenarioPlayer | null = null;
  /** Of each `parallel` of the scenario. */
  let orders: number[] = [];
  let survey: OrderSurvey | null = null;
  let namesSent = -1;
  /** Raised by whatever ends the work at hand. */
  let turn = 0;

  const moved = (busy: '' | 'playing' | 'seeking'): void => send({ kind: 'moved', tick: player?.tick() ?? 0, busy });

  /** Works in slices until `done` says so. `work` does one small part. */
  const inSlices = (busy: 'playing' | 'seeking', work: (now: ScenarioPlayer) => 'more' | 'done' | 'wait'): void => {
    const mine = (turn += 1);
    const slice = (): void =>
      guarded(() => {
        if (mine !== turn || !player) return;
        const began = clock();
        let state: 'more' | 'done' | 'wait' = 'more';
        while (state === 'more' && clock() - began < SLICE_MS) state = work(player);
        moved(state === 'done' ? '' : busy);
        if (state === 'more') later(slice);
        else if (state === 'wait') thread.pause(BETWEEN_STEPS_MS, slice);
      });
    slice();
  };
  const seek = (): void => inSlices('seeking', (now) => (now.advance(BETWEEN_LOOKS) ? 'done' : 'more'));
  const play = (rate: number): void => {
    const began = clock();
    const from = player?.tick() ?? 0;
    inSlices('playing', (now) => {
      const due = rate === 0 ? Infinity : from + Math.floor(((clock() - began) / 1000) * rate);
      for (let count = 0; count < BETWEEN_LOOKS; count++) {
        if (now.ended()) return 'done';
        if (now.tick() >= due) return 'wait';
        if (!now.step()) return 'done';
      }
      return now.ended() ? 'done' : 'more';
    });
  };

  /** A bug ends in words on the page instead of a worker that is silent for ever. */
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      turn += 1;
      send({ kind: 'problem', text: `Playing met a bug of Folioscope: ${thrown instanceof Error ? thrown.message : String(thrown)}` });
    }
  };

  const load = (message: Extract<ToScenarioWorker, { kind: 'load' }>): void => {
    turn += 1;
    const { scenarios, problems } = readGmem(message.text);
    const named = scenarios.findIndex(({ name }) => name === message.scenario);
    const chosen = named >= 0 ? named : Math.min(0, scenarios.length - 1);
    scenario = scenarios[chosen] ?? null;
    orders = [...message.orders];
    const { played, refusal } = begin(message.designs);
    const shown = problems
      .slice(0, MOST_PROBLEMS)
      .map(({ span, severity, message: text }) => ({ line: span.line, column: span.column, severity, message: text }));
    if (refusal !== '') shown.unshift({ line: scenario?.span.line ?? 1, column: 1, severity: 'error', message: refusal });
    send({
      kind: 'loaded',
      scenarios: scenarios.map(offered),
      chosen: player === null ? -1 : chosen,
      designs: played,
      parallels: player?.parallels ?? [],
      titles: DESIGN_TITLES,
      notes: METRIC_NOTES,
      problems: shown,
      problemsInAll: problems.length + (refusal === '' ? 0 : 1),
    });
    if (player === null) return;
    player.aimAt(message.tick);
    seek();
    tryOrders();
  };

  /** The scenario from its start, with the orders that are chosen. */
  const begin = (wanted: readonly DesignId[]): { readonly played: readonly PlayedDesign[]; readonly refusal: string } => {
    namesSent = -1;
    player = null;
    designs = [];
    if (scenario === null) return { played: [], refusal: '' };
    const made = createScenarioPlayer(scenario, wanted, orders);
    if (made.kind !== 'done')
      return { played: [], refusal: made.kind === 'refused' ? `${made.refusal.met} ${made.refusal.means} ${made.refusal.todo}` : '' };
    player = made.value;
    const { designs: played } = player;
    designs = played.filter(({ problem }) => problem === '').map(({ design }) => design);
    return { played, refusal: '' };
  };

  /** All orders of each block are tried beside what is played, a little at a time. */
  const tryOrders = (): void => {
    const blocks = orderedBlocks(scenario?.steps ?? []);
    survey = blocks.length === 0 || scenario === null ? null : new OrderSurvey(scenario, blocks, orders, designs);
    const mine = survey;
    if (mine === null) return;
    const slice = (): void =>
      guarded(() => {
        if (mine !== survey) return;
        const began = clock();
        let isDone = false;
        while (!isDone && clock() - began < SURVEY_MS) isDone = mine.advance(BETWEEN_LOOKS);
        if (isDone) send({ kind: 'surveyed', verdicts: mine.verdicts, all: mine.isWhole });
        else thread.pause(SURVEY_MS, slice);
      });
    thread.pause(SURVEY_MS, slice);
  };

  const playInOrder = ({ block, order, toTrouble }: Extract<ToScenarioWorker, { kind: 'order' }>): void => {
    const before = player;
    const parallel = before?.parallels[block];
    if (before === null || parallel === undefined) return;
    turn += 1;
    while (orders.length <= block) orders.push(0);
    orders[block] = order;
    const tick = before.tick();
    begin(designs);
    // `begin` cannot fail here: the same scenario was played before.
    const now = player as ScenarioPlayer | null;
    if (now === null) return;
    send({ kind: 'ordered', parallels: now.parallels });
    if (toTrouble) now.aimForTroubleIn(block);
    else now.aimAt(tick);
    seek();
    // Which order the blocks before it take decides from which state the others begin.
    if (now.parallels.length > 1) tryOrders();
  };

  const receive = (message: ToScenarioWorker): void => {
    guarded(() => {
      if (message.kind === 'load') return load(message);
      if (!player || !scenario) return;
      switch (message.kind) {
        case 'view': {
          const view = player.view(message.request);
          const names = player.names();
          const isNew = names.length !== namesSent;
          namesSent = names.length;
          return send({ kind: 'view', id: message.id, view: isNew ? { ...view, names: [...names] } : view });
        }
        case 'series':
          return send({ kind: 'series', series: player.series(message.names) });
        case 'events':
          return send({ kind: 'events', window: player.events(message.design, message.most) });
        case 'report':
          return send({ kind: 'report', format: message.format, text: reportText(scenario, designs, message.format, message.file) });
        case 'pause':
          turn += 1;
          return moved('');
        case 'step':
          turn += 1;
          player.step();
          return moved('');
        case 'step-back':
          player.aimAt(player.tick() - 1);
          return seek();
        case 'go-to':
          player.aimAt(message.tick);
          return seek();
        case 'go-to-line':
          player.aimAtLine(message.line);
          return seek();
        case 'seek':
          player.aimFor(message.aim);
          return seek();
        case 'order':
          return playInOrder(message);
        case 'play':
          return play(message.rate);
      }
    });
  };
  return { receive };
}

function offered({ name, about, labels, span, lastLine, designs }: GmemScenario): OfferedScenario {
  return { name, about, labels, line: span.line, lastLine, designs };
}

/** The whole run, as the command line tells it. */
function reportText(scenario: GmemScenario, designs: readonly DesignId[], format: RunFormat, file: string): string {
  const runs = designs.flatMap((design): readonly DesignRun[] => {
    const run = runScenario(scenario, design, unwatched);
    return run.kind === 'done' ? [run.value] : [];
  });
  const all: ScenarioRuns = { file, scenario, runs };
  if (format === 'text') return `${runText(all)}\n`;
  return format === 'json' ? `${JSON.stringify({ file, runs }, null, 2)}\n` : `${metricsCsv(all)}\n`;
}

/** One line a sample and design, one column a metric. */
function metricsCsv({ scenario, runs }: ScenarioRuns): string {
  const names = [...new Set(runs.flatMap(({ samples }) => samples.flatMap(({ metrics }) => Object.keys(metrics))))];
  const rows = runs.flatMap(({ design, samples }) =>
    samples.map(({ step, time, metrics }) => [scenario.name, design, step, time, ...names.map((name) => metrics[name] ?? '')]),
  );
  return csv([['scenario', 'design', 'step', 'illustrated time (us)', ...names], ...rows]);
}
