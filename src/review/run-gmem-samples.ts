/** The metrics of a run, and the violations met in it, within bounds. */
import type { HostModel, Violation } from '../model/host/host-model';
import type { MetricSample } from './run-gmem-report';

/** Enough for a chart as wide as a screen. */
export const MOST_SAMPLES = 256;
const MOST_VIOLATIONS = 1_000;

/** Takes every so many operations one sample; where there are too many, each second goes, and the distance doubles. */
export class MetricSamples {
  private samples: MetricSample[];
  private distance = 1;
  private since = 0;

  constructor(private readonly model: HostModel) {
    this.samples = [this.now()];
  }

  next(): void {
    this.since += 1;
    if (this.since < this.distance) return;
    this.since = 0;
    this.samples.push(this.now());
    if (this.samples.length < MOST_SAMPLES) return;
    this.samples = this.samples.filter((_, index) => index % 2 === 0);
    this.distance *= 2;
  }

  /** The end of the run. */
  last(): void {
    if (this.samples.at(-1)?.step !== this.model.steps()) this.samples.push(this.now());
  }

  get kept(): readonly MetricSample[] {
    return this.samples;
  }

  private now(): MetricSample {
    return { step: this.model.steps(), time: this.model.time(), metrics: this.model.metrics() };
  }
}

/** Violations of all orders that were run, each once. */
export class ViolationSet {
  readonly list: Violation[] = [];
  private readonly known = new Set<string>();

  add(violations: readonly Violation[]): void {
    for (const each of violations) {
      const key = `${each.invariant} ${each.step} ${each.met}`;
      if (this.known.has(key) || this.list.length >= MOST_VIOLATIONS) continue;
      this.known.add(key);
      this.list.push(each);
    }
  }
}
