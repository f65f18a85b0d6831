/** Values of designs over a run: their names, bounded series of them, and where designs differ. */
import type { HostModel } from '../model/host/host-model';
import type { DesignId } from '../model/host/operation';
import type { ValueSeries } from '../protocol/scenario-page';

/** Metrics stand behind counters, with this in front of their names. */
export const METRIC = 'metric ';

/** Names of values in the order in which they were met: a value keeps its number. */
export class ValueNames {
  readonly all: string[] = [];
  private readonly numbers = new Map<string, number>();

  /** The values of a model by number; NaN where it has none of that name. */
  valuesOf(model: HostModel): number[] {
    const values: number[] = new Array<number>(this.all.length).fill(NaN);
    for (const [name, value] of Object.entries(model.counters())) this.put(values, name, value);
    for (const [name, value] of Object.entries(model.metrics())) this.put(values, METRIC + name, value);
    return values;
  }

  numberOf(name: string): number | undefined {
    return this.numbers.get(name);
  }

  private put(values: number[], name: string, value: number): void {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.all.push(name) - 1;
      this.numbers.set(name, number);
    }
    while (values.length < number) values.push(NaN);
    values[number] = value;
  }
}

/** Samples of a design that are kept: enough for a chart as wide as a screen. */
export const MOST_SAMPLES = 256;

/** Takes the values of each step once, every so many steps one; where there are too many, each second goes, and the distance doubles. */
export class ValueSamples {
  private ticks: number[] = [];
  private rows: (readonly number[])[] = [];
  private distance = 1;
  private newest = -1;

  constructor(
    private readonly design: DesignId,
    private readonly model: HostModel,
    private readonly names: ValueNames,
  ) {}

  /** Steps that were seen before are passed over: a run is a function of its scenario. */
  at(tick: number, isLast: boolean): void {
    if (tick <= this.newest) return;
    this.newest = tick;
    if (tick % this.distance !== 0 && !isLast) return;
    this.ticks.push(tick);
    this.rows.push(this.names.valuesOf(this.model));
    if (this.ticks.length < MOST_SAMPLES) return;
    this.distance *= 2;
    const kept = this.ticks.map((each) => each % this.distance === 0);
    this.ticks = this.ticks.filter((_, index) => kept[index]);
    this.rows = this.rows.filter((_, index) => kept[index]);
  }

  seriesOf(name: string): ValueSeries {
    const number = this.names.numberOf(name);
    const values = this.rows.map((row) => (number === undefined ? NaN : (row[number] ?? NaN)));
    return { name, design: this.design, ticks: this.ticks, values };
  }
}

export interface ValueDifference {
  readonly name: string;
  /** In the order of the designs. */
  readonly values: readonly number[];
}

/** Values in which not all designs agree; a name that only some of them have is a difference where it is not nought. */
export function differencesOf(names: readonly string[], rows: readonly (readonly number[])[]): readonly ValueDifference[] {
  if (rows.length < 2) return [];
  const found: ValueDifference[] = [];
  names.forEach((name, number) => {
    const values = rows.map((row) => row[number] ?? NaN);
    const told = values.map((value) => (Number.isNaN(value) ? 0 : value));
    if (told.some((value) => value !== told[0])) found.push({ name, values });
  });
  return found;
}
