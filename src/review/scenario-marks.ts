/** States of a run that are kept so that going back does a few steps anew: evenly over the whole run, and close together around the step that was gone to. */

/** States that are kept over the whole run, and as many on the way to the step that was last gone to. */
const MOST_MARKS = 64;

export class KeptMarks<Mark extends { readonly tick: number }> {
  /** Sorted by step; the first is the start. */
  private marks: Mark[];
  private near: Mark[] = [];
  private distance = 1;
  private nearDistance = 0;

  constructor(private readonly start: Mark) {
    this.marks = [start];
  }

  get first(): Mark {
    return this.start;
  }

  /** Keeps the state of a step where it is wanted. */
  keep(tick: number, mark: () => Mark): void {
    if (tick % this.distance === 0 && tick > this.marks.at(-1)!.tick) {
      this.marks.push(mark());
      if (this.marks.length < MOST_MARKS) return;
      this.distance *= 2;
      this.marks = this.marks.filter((each) => each.tick % this.distance === 0);
      return;
    }
    if (this.nearDistance === 0 || tick % this.nearDistance !== 0 || this.near.some((each) => each.tick === tick)) return;
    this.near.push(mark());
    if (this.near.length > MOST_MARKS * 2) this.near.shift();
  }

  /** On the way from one step to another, states are kept closer together. */
  aim(from: number, to: number): void {
    this.nearDistance = Math.max(1, Math.ceil((to - from) / MOST_MARKS));
    this.near = this.near.filter(({ tick }) => Math.abs(tick - to) <= this.distance * 2);
  }

  arrived(): void {
    this.nearDistance = 0;
  }

  /** The last state at or before a step that was kept. */
  before(tick: number): Mark {
    let best = this.start;
    for (const each of [...this.marks, ...this.near]) if (each.tick <= tick && each.tick > best.tick) best = each;
    return best;
  }
}
