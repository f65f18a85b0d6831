/** Answers that are kept: to questions that may ask each other, and themselves. */

/** The questions that are open at a moment; shared by all kinds of questions that may ask each other. */
export interface Asking {
  /** How many are open. */
  depth: number;
  /** The outermost open question that what was found since rests on; `nothing` where it rests on none. */
  reached: number;
  /** Called when no question is open any more. */
  readonly onSettled: (() => void)[];
}

export const createAsking = (): Asking => ({ depth: 0, reached: nothing, onSettled: [] });

const nothing = Number.MAX_SAFE_INTEGER;

/**
 * Gives the answer that is kept, or the one that `find` gives; a question that is asked while it is open is answered by `again`.
 *
 * An answer is kept for good only where it rests on nothing that was being asked outside of it, so that it does not matter
 * which question came first. Others are kept until the outermost question is answered.
 */
export function createAnswers<Q, A>(asking: Asking, again: A): (question: Q, find: () => A) => A {
  const kept = new Map<Q, A>();
  const passing = new Map<Q, A>();
  /** Open questions with their depth. */
  const open = new Map<Q, number>();
  asking.onSettled.push(() => passing.clear());
  return (question, find) => {
    const known = kept.get(question);
    if (known !== undefined) return known;
    const asked = open.get(question);
    if (asked !== undefined) {
      asking.reached = Math.min(asking.reached, asked);
      return again;
    }
    const early = passing.get(question);
    if (early !== undefined) {
      asking.reached = 0;
      return early;
    }
    const before = asking.reached;
    const depth = asking.depth++;
    asking.reached = nothing;
    open.set(question, depth);
    const found = find();
    open.delete(question);
    asking.depth--;
    if (asking.reached >= depth) {
      kept.set(question, found);
      asking.reached = before;
    } else {
      passing.set(question, found);
      asking.reached = Math.min(before, asking.reached);
    }
    if (depth === 0) for (const settle of asking.onSettled) settle();
    return found;
  };
}
