/** Where each operation of a design stands in the run: a few bytes an operation, however long the run is. */

/** Of operations behind these nothing is kept. */
const MOST_KEPT = 1_000_000;
const MOST_BRANCH = 255;
const MOST_LINE = 2 ** 24 - 1;

export interface StepPlace {
  /** Line of the text; 0 where it is not known. */
  readonly line: number;
  /** Of a `parallel`, from 1; 0 outside of one. */
  readonly branch: number;
  /** Step of the run, from 1: a design passes over those that are for others. */
  readonly tick: number;
}

export class StepPlaces {
  /** Two numbers an operation: line and branch, then the step. */
  private packed = new Uint32Array(512);
  private length = 0;

  add({ line, branch, tick }: StepPlace): void {
    if (this.length >= MOST_KEPT * 2) return;
    if (this.length === this.packed.length) {
      const larger = new Uint32Array(this.packed.length * 2);
      larger.set(this.packed);
      this.packed = larger;
    }
    this.packed[this.length] = Math.min(line, MOST_LINE) * 256 + Math.min(branch, MOST_BRANCH);
    this.packed[this.length + 1] = tick;
    this.length += 2;
  }

  /** @param operation of the design, from 0 */
  of(operation: number): StepPlace {
    const at = operation * 2;
    if (at >= this.length) return { line: 0, branch: 0, tick: operation + 1 };
    const packed = this.packed[at] ?? 0;
    return { line: Math.floor(packed / 256), branch: packed % 256, tick: this.packed[at + 1] ?? 0 };
  }
}
