/** The steps of a scenario one after the other, as its runner does them: a place in it can be kept, and gone back to. */
import type { ExpectLine, GmemScenario, OperationStep, ParallelStep, RandomStep, RepeatStep, Step } from '../scenario/gmem/scenario';

/** What comes next: an operation, or the expectations of a block that has ended. */
export type Next =
  | { readonly kind: 'operation'; readonly step: OperationStep; /** Of the innermost block that repeats, from 0. */ readonly turn: number }
  | { readonly kind: 'block-end'; readonly step: Step; readonly expects: readonly ExpectLine[] };

type Frame =
  | { readonly kind: 'list'; readonly steps: readonly Step[]; at: number; readonly turn: number }
  | { readonly kind: 'repeat'; readonly step: RepeatStep; turn: number }
  | { readonly kind: 'random'; readonly step: RandomStep; turn: number; state: number }
  | {
      readonly kind: 'parallel';
      readonly step: ParallelStep;
      /** Numbers of the branches whose next step comes. */
      readonly order: readonly number[];
      turn: number;
      /** Steps done of each branch. */
      done: readonly number[];
    };

export type ClockMark = readonly Frame[];

export class ScenarioClock {
  private frames: Frame[];

  /** @param orderOf the order of a block that is entered */
  constructor(
    steps: readonly Step[],
    private readonly orderOf: (step: ParallelStep) => readonly number[],
  ) {
    this.frames = [{ kind: 'list', steps, at: 0, turn: 0 }];
  }

  mark(): ClockMark {
    return this.frames.map((frame) => ({ ...frame }));
  }

  restore(mark: ClockMark): void {
    this.frames = mark.map((frame) => ({ ...frame }));
  }

  /** Null at the end. */
  next(): Next | null {
    for (let top = this.frames.at(-1); top !== undefined; top = this.frames.at(-1)) {
      if (top.kind === 'list') {
        const step = top.steps[top.at];
        if (step === undefined) {
          this.frames.pop();
          continue;
        }
        top.at += 1;
        if (step.kind === 'operation') return { kind: 'operation', step, turn: top.turn };
        this.frames.push(this.frameOf(step));
        continue;
      }
      const inner = innerOf(top);
      if (inner !== null) {
        this.frames.push(inner);
        continue;
      }
      this.frames.pop();
      if (top.step.expects.length > 0) return { kind: 'block-end', step: top.step, expects: top.step.expects };
    }
    return null;
  }

  /** Line of the operation that comes next; 0 at the end. The place stays. */
  peekLine(): number {
    const here = this.mark();
    let next = this.next();
    while (next !== null && next.kind !== 'operation') next = this.next();
    this.restore(here);
    return next === null ? 0 : next.step.span.line;
  }

  /** The turn of each block around the place, outermost first. */
  turns(): readonly string[] {
    return this.frames.flatMap((frame) => {
      if (frame.kind === 'list') return [];
      if (frame.kind === 'parallel') return [`branch ${(frame.order[frame.turn - 1] ?? 0) + 1} of ${frame.step.branches.length}`];
      return [`turn ${frame.turn.toLocaleString('en-US')} of ${frame.step.times.toLocaleString('en-US')}`];
    });
  }

  /** Of the outermost `parallel` around the place: its branch whose step was the last; -1 outside of all. */
  branch(): number {
    for (const frame of this.frames) if (frame.kind === 'parallel') return frame.order[frame.turn - 1] ?? -1;
    return -1;
  }

  private frameOf(step: Exclude<Step, OperationStep>): Frame {
    if (step.kind === 'repeat') return { kind: 'repeat', step, turn: 0 };
    if (step.kind === 'random') return { kind: 'random', step, turn: 0, state: step.seed >>> 0 };
    return { kind: 'parallel', step, order: this.orderOf(step), turn: 0, done: step.branches.map(() => 0) };
  }
}

/** The list of the next turn, or null where the block has ended. A block without operations ends at once, however often it repeats. */
function innerOf(frame: Exclude<Frame, { kind: 'list' }>): Frame | null {
  if (!hasOperation(frame.step)) return null;
  const { turn } = frame;
  if (frame.kind === 'parallel') {
    const branch = frame.order[turn];
    if (branch === undefined) return null;
    const step = frame.step.branches[branch]?.[frame.done[branch] ?? 0];
    frame.turn += 1;
    frame.done = frame.done.map((count, at) => count + (at === branch ? 1 : 0));
    return { kind: 'list', steps: step === undefined ? [] : [step], at: 0, turn: 0 };
  }
  if (turn >= frame.step.times) return null;
  frame.turn += 1;
  if (frame.kind === 'repeat') return { kind: 'list', steps: frame.step.steps, at: 0, turn };
  const drawn = numberFrom(frame.state);
  frame.state = drawn.state;
  const picked = frame.step.steps[Math.floor(drawn.value * frame.step.steps.length)];
  return { kind: 'list', steps: picked === undefined ? [] : [picked], at: 0, turn };
}

const known = new WeakMap<Step, boolean>();

function hasOperation(step: Step): boolean {
  if (step.kind === 'operation') return true;
  let has = known.get(step);
  if (has === undefined) {
    has = (step.kind === 'parallel' ? step.branches.flat() : step.steps).some(hasOperation);
    known.set(step, has);
  }
  return has;
}

/** From 0 to below 1, and the state after it. *Source* Mulberry32, as the runner draws. */
function numberFrom(before: number): { readonly value: number; readonly state: number } {
  const state = (before + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, state };
}

/** Operations of a scenario; null where chance decides between steps of different length. */
export function operationsOf({ steps }: Pick<GmemScenario, 'steps'>): number | null {
  return sumOf(steps);
}

function sumOf(steps: readonly Step[]): number | null {
  let sum = 0;
  for (const step of steps) {
    const length = lengthOf(step);
    if (length === null) return null;
    sum += length;
  }
  return sum;
}

function lengthOf(step: Step): number | null {
  if (step.kind === 'operation') return 1;
  if (step.kind === 'parallel') return sumOf(step.branches.flat());
  if (step.kind === 'repeat') {
    const inner = sumOf(step.steps);
    return inner === null ? null : inner * step.times;
  }
  const lengths = new Set(step.steps.map(lengthOf));
  const [only = 0] = lengths;
  return lengths.size > 1 || only === null ? null : only * step.times;
}
