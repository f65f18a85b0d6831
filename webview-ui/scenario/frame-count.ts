/** Counts the frames and the views while it plays: whether the page keeps up is measured, not believed. */

interface Counted {
  readonly frames: number;
  readonly views: number;
  /** Milliseconds of the longest frame. */
  readonly longest: number;
}

const SECOND = 1000;

export class FrameCount {
  private began = 0;
  private before = 0;
  private frames = 0;
  private views = 0;
  private longest = 0;

  constructor(private readonly told: (counted: Counted) => void) {}

  frame(time: number, isPlaying: boolean): void {
    if (!isPlaying) {
      this.began = 0;
      return;
    }
    if (this.began === 0) return this.start(time);
    this.frames += 1;
    this.longest = Math.max(this.longest, time - this.before);
    this.before = time;
    if (time - this.began < SECOND) return;
    const scale = SECOND / (time - this.began);
    this.told({ frames: this.frames * scale, views: this.views * scale, longest: this.longest });
    this.start(time);
  }

  view(): void {
    this.views += 1;
  }

  private start(time: number): void {
    this.began = this.before = time;
    this.frames = this.views = this.longest = 0;
  }
}
