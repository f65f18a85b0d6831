/** Answers the page's requests with a simulation, in budgets, so that a long run shows where it is and can be paused. */
import { refusalText } from '../src/base/outcome';
import type { FromWorker, RunEnd, ToWorker } from '../src/protocol/page';
import type { RunEvent } from '../src/protocol/simulation';
import type { CreateSimulation, Simulation } from '../src/review/simulation-contract';

/** A slice of a run is doubled or halved to take about this long, so that Pause is felt at once and the mailbox costs little. */
const SLICE_MS = { short: 60, long: 200 };
/** Instructions of the first slice. */
const FIRST_SLICE = 50_000;
const SHORTEST_SLICE = 1_000;

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
  /** Milliseconds since some fixed time. */
  clock(): number;
}

export function workerLoop(create: CreateSimulation, thread: Thread): WorkerLoop {
  const { send, later, clock } = thread;
  let simulation: Simulation | null = null;
  let sent: readonly RunEvent[] = [];
  let end: RunEnd | null = null;
  /** Instruction steps done. */
  let reached = 0;
  /** Raised by every message; a run in budgets ends when it is no longer the newest work. */
  let turn = 0;

  const answer = (id: number, now: Simulation): void => {
    const view = now.view();
    reached = view.step;
    const from = sharedLength(sent, view.events);
    if (view.events.length >= sent.length) sent = view.events;
    // A run is a function of its setup, so its report is made once.
    if (view.status.kind !== 'running') end ??= endOf(now);
    send({
      kind: 'view',
      id,
      view: { ...view, events: view.events.slice(from) },
      eventsFrom: from,
      ...(end && view.status.kind !== 'running' ? { end } : {}),
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
      if (ended || reached >= until) return answer(id, now);
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
        sent = [];
        end = null;
        const made = create(message.setup);
        if (made.kind === 'done') {
          simulation = made.value;
          answer(id, simulation);
        } else send({ kind: 'problem', id, text: made.kind === 'refused' ? refusalText(made.refusal) : 'The simulation was cancelled.' });
        return;
      }
      if (!simulation) return send({ kind: 'problem', id, text: 'There is no simulation to step: it could not be loaded.' });
      if (message.kind === 'run') return goOn(id, simulation, turn, Infinity, FIRST_SLICE);
      if (message.kind === 'go-to' && message.step > reached) return goOn(id, simulation, turn, message.step, FIRST_SLICE);
      take(simulation, message);
      answer(id, simulation);
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

/** How many events at the front are the same in both. */
function sharedLength(a: readonly RunEvent[], b: readonly RunEvent[]): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && sameEvent(a[at]!, b[at]!)) at += 1;
  return at;
}

const sameEvent = (a: RunEvent, b: RunEvent): boolean =>
  a === b || (a.step === b.step && a.times === b.times && a.kind === b.kind && a.text === b.text);

function endOf(simulation: Simulation): RunEnd {
  const { bounds, unknowns, differences } = simulation.report();
  return { bounds, unknowns, differences };
}
