/** What the page knows of the run that it shows: plain, replaced as a whole with every answer of the worker. */
import type { FromWorker, RunEnd } from '../src/protocol/page';
import type { MadeChoice, RunEvent, RunFinding, SimulationSetup, SimulationView } from '../src/protocol/simulation';

/**
 * A run is a function of its setup, so what lies ahead of the current step stays true after a step back: events, findings and choices are kept
 * as far as the run was ever seen.
 */
export interface Session {
  readonly setup: SimulationSetup;
  readonly tree: string;
  /** The state before the run; null until the worker has answered once. */
  readonly initial: SimulationView | null;
  readonly view: SimulationView | null;
  /** The view of the stop before this one. */
  readonly previous: SimulationView | null;
  /** Furthest step ever seen, and what was seen up to it. */
  readonly known: number;
  readonly events: readonly RunEvent[];
  readonly findings: readonly RunFinding[];
  readonly choices: readonly MadeChoice[];
  /** Once the end was seen. */
  readonly end: RunEnd | null;
  /** What the worker does at the moment; null when it waits. */
  readonly busy: Busy | null;
  /** The memory of the view is still that of an earlier stop. */
  readonly memoryLater: boolean;
  readonly problem: string;
}

export interface Busy {
  readonly what: string;
  /** Instruction steps done, as far as it said. */
  readonly steps: number;
  /** Has not answered for long: it is in one piece of work that cannot be paused. */
  readonly silent: boolean;
}

export const newSession = (setup: SimulationSetup, tree: string): Session => ({
  setup,
  tree,
  initial: null,
  view: null,
  previous: null,
  known: -1,
  events: [],
  findings: [],
  choices: [],
  end: null,
  busy: null,
  memoryLater: false,
  problem: '',
});

/** The session after an answer of the worker (its view with whole lists, see `joined`). */
export function withAnswer(session: Session, answer: FromWorker): Session {
  if (answer.kind === 'problem') return { ...session, busy: null, problem: answer.text };
  if (answer.kind === 'progress')
    return session.busy ? { ...session, busy: { ...session.busy, steps: answer.steps, silent: false } } : session;
  if (answer.kind === 'memory')
    return session.view ? { ...session, view: { ...session.view, memory: answer.memory }, memoryLater: false } : session;
  // The very object that was shown before, so that nothing is drawn anew for it.
  const memoryLater = answer.memoryLater === true && session.view !== null;
  const view = memoryLater && session.view ? { ...answer.view, memory: session.view.memory } : answer.view;
  const further = view.step >= session.known;
  return {
    ...session,
    initial: session.initial ?? view,
    view,
    previous: session.view,
    known: Math.max(session.known, view.step),
    events: further ? view.events : session.events,
    findings: further ? view.findings : session.findings,
    choices: further ? view.choices : session.choices,
    end: answer.end ?? session.end,
    busy: null,
    memoryLater,
    problem: '',
  };
}

/** The whole list from what was sent before and the part that is new. */
export const joined = <T>(before: readonly T[], from: number, added: readonly T[]): readonly T[] =>
  from === before.length && added.length === 0 ? before : [...before.slice(0, from), ...added];

/** Another way that a choice could have gone. */
export interface Alternative {
  /** `fail this one`, `take “NULL”`. */
  readonly label: string;
  /** The setup that goes this way; made when it is asked for, since it may list every choice before. */
  readonly setup: () => SimulationSetup;
}

/**
 * What else each choice of the run could have been: an allocation fails, an unknown result is another one.
 * @returns for each choice its alternatives
 */
export function alternativesOf(setup: SimulationSetup, choices: readonly MadeChoice[]): readonly (readonly Alternative[])[] {
  const { program, function: name, scenario, then } = setup;
  const bare = { program, function: name, scenario, ...(then ? { then } : {}) };
  const numbers = allocationNumbers(choices);
  const firstUnusual = choices.findIndex((made) => made.option !== made.choice.usual);
  const takenBefore = (place: number): number[] => choices.slice(0, place).map((made) => made.option);
  return choices.map((made, place) => {
    const usualSoFar = firstUnusual < 0 || place <= firstUnusual;
    return made.choice.options.flatMap((option, at): readonly Alternative[] => {
      if (at === made.option) return [];
      const failing = made.choice.kind === 'allocation' && made.option === made.choice.usual;
      // The k-th allocation is how people and the command line name it; only where more than one choice is unusual must all be listed.
      const byNumber = failing && usualSoFar;
      return [
        {
          label: failing ? 'fail this one' : `take “${option}”`,
          setup: () => (byNumber ? { ...bare, fail: numbers[place]! } : { ...bare, fail: 0, choices: [...takenBefore(place), at] }),
        },
      ];
    });
  });
}

/** Which allocation of the run each choice is, from 1; 0 for other choices. */
export function allocationNumbers(choices: readonly MadeChoice[]): readonly number[] {
  let number = 0;
  return choices.map((made) => (made.choice.kind === 'allocation' ? (number += 1) : 0));
}

/**
 * Tells one setup from another, so that a reload of the page returns to where it was and a changed tree starts anew.
 * @returns eight hexadecimal digits (FNV-1a)
 */
export function keyOf(setup: SimulationSetup): string {
  let hash = 0x811c9dc5;
  const mix = (text: string): void => {
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  };
  mix(JSON.stringify([setup.function, setup.then ?? [], setup.scenario, setup.fail ?? 0, setup.choices ?? []]));
  for (const code of Object.values(setup.program.functions)) mix(JSON.stringify([code.name, code.file, code.lines, code.code]));
  return (hash >>> 0).toString(16).padStart(8, '0');
}
