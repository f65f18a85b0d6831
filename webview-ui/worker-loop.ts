/** Answers the page's requests with a simulation, in budgets, so that a long run shows where it is and can be paused. */
import { refusalText } from '../src/base/outcome';
import type { FromWorker, GrowingList, RunEnd, ToWorker } from '../src/protocol/page';
import type { MemoryView, RunEvent, SimulationView } from '../src/protocol/simulation';
import type { CreateSimulation, Simulation } from '../src/review/simulation-contract';

/** A slice of a run is doubled or halved to take about this long, so that Pause is felt at once and the mailbox costs little. */
const SLICE_MS = { short: 60, long: 200 };
/** Instructions of the first slice. */
const FIRST_SLICE = 50_000;
const SHORTEST_SLICE = 1_000;

/** Milliseconds of looking at memory that are felt when a step waits for them. */
const FELT_MS = 12;
/** After the last step: longer than between two repeats of a held key. */
const PAUSE_MS = 90;

interface WorkerLoop {
  /** One message of the page. Work that takes long goes on through `later`. */
  receive(message: ToWorker): void;
}

/** What the thread offers to the loop. */
interface Thread {
  /** Posts an answer to the page. */
  send(message: FromWorker): void;
  /** Runs something once waiting messages were received. */
  later(work: () => void): void;
  /** Runs something after some milliseconds. */
  pause(milliseconds: number, work: () => void): void;
  /** Milliseconds since some fixed time. */
  clock(): number;
}

export function workerLoop(create: CreateSimulation, thread: Thread): WorkerLoop {
  const { send, later, clock } = thread;
  let simulation: Simulation | null = null;
  let sent = nothingSent;
  let end: RunEnd | null = null;
  /** Instruction steps done. */
  let reached = 0;
  /** Raised by every message; a run in budgets ends when it is no longer the newest work. */
  let turn = 0;
  /** Memory as it was last looked at, and how long that took. */
  let memory: MemoryView | null = null;
  let lookMs = 0;

  const look = (now: Simulation): SimulationView => {
    const began = clock();
    const view = now.view();
    lookMs = clock() - began;
    memory = view.memory;
    return view;
  };
  const answer = (id: number, now: Simulation, view: SimulationView, memoryLater: boolean): void => {
    reached = view.step;
    const ended = view.status.kind !== 'running';
    const { from, added, all } = grown(sent, view);
    sent = all;
    // A run is a function of its setup, so its report is made once.
    if (ended) end ??= endOf(now);
    send({
      kind: 'view',
      id,
      view: { ...view, ...added },
      from,
      ...(memoryLater ? { memoryLater } : {}),
      ...(end && ended ? { end } : {}),
    });
  };
  const wholly = (id: number, now: Simulation): void => answer(id, now, look(now), false);
  /** Answers at once; memory follows when the user pauses, where looking at it takes so long that it is felt. */
  const quickly = (id: number, now: Simulation): void => {
    const view = memory && lookMs > FELT_MS ? now.view(memory) : null;
    if (!view || (view.status.kind !== 'running' && !end)) return wholly(id, now);
    answer(id, now, view, true);
    const mine = turn;
    thread.pause(PAUSE_MS, () => {
      if (mine === turn) guarded(id, () => send({ kind: 'memory', id, memory: look(now).memory }));
    });
  };

  const goOn = (id: number, now: Simulation, mine: number, until: number, slice: number): void => {
    if (mine !== turn) return;
    guarded(id, () => {
      const began = clock();
      const budget = Math.min(slice, until - reached);
      const ended = now.run(budget);
      const took = clock() - began;
      // Counted, not asked for: a view of a 1G block costs more than the slice.
      reached += budget;
      if (!ended && reached >= until) now.goTo(until);
      if (ended || reached >= until) return wholly(id, now);
      send({ kind: 'progress', id, steps: reached });
      const next = took < SLICE_MS.short ? slice * 2 : took > SLICE_MS.long ? Math.max(SHORTEST_SLICE, slice / 2) : slice;
      later(() => goOn(id, now, mine, until, next));
    });
  };

  /** A bug of the engine ends in words on the page instead of a worker that is silent for ever. */
  const guarded = (id: number, work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      send({
        kind: 'problem',
        id,
        text: `The simulation met a bug of Folioscope: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      });
    }
  };

  const receive = (message: ToWorker): void => {
    turn += 1;
    const { id } = message;
    guarded(id, () => {
      if (message.kind === 'load') {
        simulation = null;
        sent = nothingSent;
        end = null;
        memory = null;
        const made = create(message.setup);
        if (made.kind === 'done') {
          simulation = made.value;
          wholly(id, simulation);
        } else send({ kind: 'problem', id, text: made.kind === 'refused' ? refusalText(made.refusal) : 'The simulation was cancelled.' });
        return;
      }
      if (!simulation) return send({ kind: 'problem', id, text: 'There is no simulation to step: it could not be loaded.' });
      if (message.kind === 'run') return goOn(id, simulation, turn, Infinity, FIRST_SLICE);
      if (message.kind === 'go-to' && message.step > reached) return goOn(id, simulation, turn, message.step, FIRST_SLICE);
      take(simulation, message);
      quickly(id, simulation);
    });
  };
  return { receive };
}

function take(simulation: Simulation, message: Exclude<ToWorker, { kind: 'load' | 'run' }>): void {
  if (message.kind === 'step') simulation.step();
  else if (message.kind === 'step-over') simulation.stepOver();
  else if (message.kind === 'step-out') simulation.stepOut();
  else if (message.kind === 'step-back') simulation.stepBack();
  else if (message.kind === 'go-to') simulation.goTo(message.step);
}

type Lists = Pick<SimulationView, GrowingList>;

const nothingSent: Lists = { events: [], findings: [], choices: [] };

/** What of a view's lists is new against what was sent, and what has been sent with it. */
function grown(before: Lists, view: Lists): { readonly from: Record<GrowingList, number>; readonly added: Lists; readonly all: Lists } {
  const from = {
    events: sharedLength(before.events, view.events, sameEvent),
    findings: sharedLength(before.findings, view.findings, (a, b) => a.step === b.step && a.kind === b.kind && a.message === b.message),
    choices: sharedLength(before.choices, view.choices, (a, b) => a.step === b.step && a.option === b.option),
  };
  return {
    from,
    added: {
      events: view.events.slice(from.events),
      findings: view.findings.slice(from.findings),
      choices: view.choices.slice(from.choices),
    },
    all: {
      events: kept(before.events, from.events, view.events),
      findings: kept(before.findings, from.findings, view.findings),
      choices: kept(before.choices, from.choices, view.choices),
    },
  };
}

/** The longer of both. What is new is copied: a machine gives its own list, which grows, and counts on in its entries. */
function kept<T extends object>(before: readonly T[], from: number, now: readonly T[]): readonly T[] {
  return now.length < before.length ? before : [...before.slice(0, from), ...now.slice(from).map((one) => ({ ...one }))];
}

/** How many at the front are the same in both. */
function sharedLength<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && (a[at] === b[at] || same(a[at]!, b[at]!))) at += 1;
  return at;
}

const sameEvent = (a: RunEvent, b: RunEvent): boolean => a.step === b.step && a.times === b.times && a.kind === b.kind && a.text === b.text;

function endOf(simulation: Simulation): RunEnd {
  const { bounds, unknowns, differences } = simulation.report();
  return { bounds, unknowns, differences };
}
