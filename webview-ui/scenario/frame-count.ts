/** Measures the frames and the views while it plays: whether the page keeps up is measured, not believed. */

interface Counted {
  /** Milliseconds from each frame to the next. */
  readonly intervals: readonly number[];
  readonly views: number;
}

const SECOND = 1000;

export class FrameCount {
  private began = 0;
  private before = 0;
  private intervals: number[] = [];
  private views = 0;

  /** @param told once a second */
  constructor(private readonly told: (counted: Counted) => void) {}

  frame(time: number, isPlaying: boolean): void {
    if (!isPlaying) {
      this.began = 0;
      return;
    }
    if (this.began === 0) return this.start(time);
    this.intervals.push(Math.round((time - this.before) * 100) / 100);
    this.before = time;
    if (time - this.began < SECOND) return;
    this.told({ intervals: this.intervals, views: this.views });
    this.start(time);
  }

  view(): void {
    this.views += 1;
  }

  private start(time: number): void {
    this.began = this.before = time;
    this.intervals = [];
    this.views = 0;
  }
}
