/** What the page shows at the moment, and what its parts can ask for. */
import { el } from '../dom';
import type { DesignId } from '../../src/model/host/operation';
import type { EventWindow, FromScenarioWorker, ScenarioView, SeekAim, ValueSeries } from '../../src/protocol/scenario-page';

export type Loaded = Extract<FromScenarioWorker, { kind: 'loaded' }>;
export type Busy = '' | 'playing' | 'seeking';

export interface PageNow {
  readonly loaded: Loaded;
  readonly view: ScenarioView;
  /** Names of the values of the view. */
  readonly names: readonly string[];
  readonly busy: Busy;
  /** By name, one a design. */
  readonly series: ReadonlyMap<string, readonly ValueSeries[]>;
  readonly events: EventWindow | null;
  /** `order 2 of 3`; empty where nothing is parallel. */
  readonly orders: string;
}

export interface PageActions {
  goTo(tick: number): void;
  seek(aim: SeekAim): void;
  step(): void;
  stepBack(): void;
  play(): void;
  pause(): void;
  /** Shows a line in the editor. */
  reveal(line: number): void;
  /** Puts the map's cursor on a page of a file. */
  show(file: string, page: number): void;
  eventsOf(design: DesignId): void;
  /** Something that only the page knows was changed: series may be wanted that were not before. */
  changed(): void;
}

export interface ScenarioPart {
  readonly element: HTMLElement;
  /** Called at most once a frame; parts with many rows do it less often while it plays. */
  update(now: PageNow): void;
  /** Names of values of which it wants the series. */
  wanted?(): readonly string[];
}

export const designsOf = ({ view }: PageNow): readonly DesignId[] => view.designs.map(({ design }) => design);

const whole = new Intl.NumberFormat('en-US');
const precise = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
/** Counts as they are read: grouped. One formatter for all, since making one takes longer than using it. */
export const count = (value: number): string => whole.format(value);

/** A number as it is read best: whole ones in full, others with what matters. */
export function valueText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (Number.isInteger(value)) return value >= 0 && value < 1000 ? String(value) : whole.format(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e9 ? precise.format(value) : value.toExponential(2);
}

/** The name of a value, with its formula and source at hand, and with a word where it is no count but an illustration. */
export function valueName(name: string, { notes }: Loaded): HTMLElement {
  const note = notes[name];
  const about = note === undefined ? name : `${name}\n${note.text}`;
  return el(
    'span',
    { class: 'value-name', title: about },
    el('code', {}, name),
    note?.exact === false ? el('em', {}, ' illustrated') : null,
  );
}

/** Illustrated time of the model. */
export function timeText(microseconds: number): string {
  if (microseconds < 1_000) return `${valueText(Math.round(microseconds))} µs`;
  return microseconds < 1_000_000 ? `${(microseconds / 1_000).toFixed(1)} ms` : `${(microseconds / 1_000_000).toFixed(2)} s`;
}
