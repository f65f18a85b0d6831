/** Messages between the extension and the page of the memory model, and between the page and its own worker; what a view of a played scenario holds. */
import type { ClaimLabel, FolioReferences, ModelEvent } from '../model/host/host-model';
import type { DesignId } from '../model/host/operation';

/** A design that is played, and why it is not where its host cannot be made. */
export interface PlayedDesign {
  readonly design: DesignId;
  readonly problem: string;
}

/** A scenario of the text, as the page offers it. */
export interface OfferedScenario {
  readonly name: string;
  readonly about: readonly string[];
  readonly labels: readonly string[];
  readonly line: number;
  readonly lastLine: number;
  readonly designs: readonly DesignId[];
}

/** A `parallel` of the scenario that is played. */
export interface PlayedParallel {
  readonly line: number;
  /** *Shape* numbers of the branches whose next step comes, from 0. Those that can be played. */
  readonly orders: readonly (readonly number[])[];
  /** All that there are. */
  readonly all: number;
  /** Number of the one that is played. */
  readonly chosen: number;
}

/** What a value is that is shown by its name. */
export interface ValueNote {
  /** False: a time that is reckoned with costs that nobody measured. */
  readonly exact: boolean;
  /** Its formula, unit, source, and how sure that is. */
  readonly text: string;
}

/** What one order of a `parallel` brings in one design. */
export interface OrderVerdict {
  /** Number of the block in the scenario. */
  readonly block: number;
  readonly order: number;
  readonly design: DesignId;
  /** Invariants that it violates, and expectations that it does not meet. */
  readonly troubles: readonly string[];
}

/** What cannot be read in the text, or cannot be run. */
export interface ShownProblem {
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** Properties that the map can be coloured by. */
export type MapColour = 'block' | 'owner' | 'type' | 'sharing' | 'mapped' | 'pinned' | 'stage2' | 'content' | 'hvo';

/** A part of the map that is in sight: cells [from, to) of a section, each of 2^order pages. */
export interface MapWindow {
  readonly section: string;
  readonly order: number;
  readonly from: number;
  readonly to: number;
}

/** A row of cells on the map: a file, a pool, or the memory of a node. */
export interface MapSection {
  /** `file:gmem0`, `pool:hugetlb 1G`, `node:0`. */
  readonly id: string;
  readonly title: string;
  /** Pages of 4 KiB in all. */
  readonly pages: number;
  /** Cells are never finer than this: pools and nodes are told by amount, not by address. */
  readonly leastOrder: number;
}

/**
 * Cells next to each other that look the same: `[cells, look, other look or -1, 255ths of the cell that are other]`, as numbers of the looks of the colour.
 * Shape: flat, four numbers a run, gapless over the window.
 */
export type CellRuns = readonly number[];

/** What a step has given in one design. */
export interface StepAnswer {
  readonly kind: 'ok' | 'error' | 'refused' | 'passed-over' | 'none';
  /** As short as it can be said: `ok`, `EAGAIN at 4096`, why it could not be done. */
  readonly text: string;
  readonly pages: number;
}

export interface DesignView {
  readonly design: DesignId;
  readonly answer: StepAnswer;
  /** Illustrated time in microseconds. */
  readonly time: number;
  /** By `ScenarioView.names`; NaN where the design has none of that name. Empty where they were not asked for. */
  readonly values: readonly number[];
  /** Runs of each window that was asked for. */
  readonly cells: readonly CellRuns[];
  /** Of the page under the cursor. */
  readonly facts: CursorFacts | null;
  /** Violations up to this step. */
  readonly violations: number;
  readonly failed: number;
}

/** What is known of one page of a file. */
export interface CursorFacts {
  /** Pages [from, to) that look the same. */
  readonly from: number;
  readonly to: number;
  readonly rows: readonly { readonly name: string; readonly value: string }[];
  readonly references: FolioReferences | null;
}

/** A violation or an unmet expectation, at the step after which it was seen first. */
export interface SeenTrouble {
  readonly kind: 'violation' | 'expectation';
  readonly design: DesignId;
  /** Steps done when it was seen. */
  readonly tick: number;
  readonly line: number;
  readonly name: string;
  readonly text: string;
  readonly label: ClaimLabel | '';
}

/** An `expect` line over the run so far. */
export interface ExpectationView {
  readonly line: number;
  readonly expected: string;
  readonly results: readonly {
    readonly design: DesignId;
    readonly status: 'passed' | 'failed';
    readonly actual: string;
    readonly tick: number;
    readonly times: number;
  }[];
}

export interface ScenarioView {
  /** Steps done. */
  readonly tick: number;
  /** Steps of the whole scenario; null where chance decides. */
  readonly total: number | null;
  /** The furthest step that was seen. */
  readonly known: number;
  readonly ended: boolean;
  /** Of the step that was done last: its line and text; 0 and empty before the first. */
  readonly line: number;
  readonly text: string;
  /** `turn 12 of 1,000` of each block around it, outermost first. */
  readonly turns: readonly string[];
  /** Line of the step that comes next; 0 at the end. */
  readonly nextLine: number;
  /** Names of the values: counters, then metrics with `metric ` in front. Left out where they are as last sent. */
  readonly names?: readonly string[];
  readonly sections: readonly MapSection[];
  readonly designs: readonly DesignView[];
  readonly troubles: readonly SeenTrouble[];
  readonly expectations: readonly ExpectationView[];
}

/** What of the state the page wants to see. */
export interface ViewRequest {
  readonly windows: readonly MapWindow[];
  readonly colour: MapColour;
  /** The page of a file under the map's cursor. */
  readonly cursor: { readonly file: string; readonly page: number } | null;
  /** Counters, metrics, troubles and expectations too: while it plays nobody reads them at every frame. Without, their lists are empty. */
  readonly withValues: boolean;
}

/** A value over the run. */
export interface ValueSeries {
  readonly name: string;
  readonly design: DesignId;
  readonly ticks: readonly number[];
  readonly values: readonly number[];
}

export interface EventWindow {
  readonly design: DesignId;
  readonly total: number;
  readonly events: readonly ModelEvent[];
  /** Of each event: line of its step, the branch of a `parallel` that did it, from 1 (0 outside of one), and the step of the run. */
  readonly places: readonly { readonly line: number; readonly branch: number; readonly tick: number }[];
}

export type SeekAim = 'end' | 'violation' | 'failure';

export const EXPORT_FORMATS = ['png', 'svg', 'csv', 'json', 'text'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
/** Formats that the worker makes from the whole run. */
export type RunFormat = Extract<ExportFormat, 'csv' | 'json' | 'text'>;

/** Page → its worker. Views carry the `id` of the request; `load` begins anew. */
export type ToScenarioWorker =
  | {
      readonly kind: 'load';
      readonly text: string;
      /** The first one of the text where there is none of that name. */
      readonly scenario: string;
      /** Those of the scenario where it is empty. */
      readonly designs: readonly DesignId[];
      /** Of each `parallel` of the scenario; the first where it is left out or not there. */
      readonly orders: readonly number[];
      /** Step to go to. */
      readonly tick: number;
    }
  /** Plays a block in another order, and goes to a step. `toTrouble`: on to the first thing that goes wrong in the block. */
  | { readonly kind: 'order'; readonly block: number; readonly order: number; readonly toTrouble: boolean }
  | { readonly kind: 'view'; readonly id: number; readonly request: ViewRequest }
  | { readonly kind: 'step' }
  | { readonly kind: 'step-back' }
  | { readonly kind: 'go-to'; readonly tick: number }
  | { readonly kind: 'go-to-line'; readonly line: number }
  | { readonly kind: 'seek'; readonly aim: SeekAim }
  /** Steps a second; 0: as many as can be done. */
  | { readonly kind: 'play'; readonly rate: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'series'; readonly names: readonly string[] }
  | { readonly kind: 'events'; readonly design: DesignId; readonly most: number }
  | { readonly kind: 'report'; readonly format: RunFormat; readonly file: string };

export type FromScenarioWorker =
  | {
      readonly kind: 'loaded';
      readonly scenarios: readonly OfferedScenario[];
      /** Index in `scenarios`; -1: none of them can be played. */
      readonly chosen: number;
      readonly designs: readonly PlayedDesign[];
      readonly parallels: readonly PlayedParallel[];
      /** By name, of those values that have a formula. */
      readonly notes: Readonly<Record<string, ValueNote>>;
      /** What each design is, in words. */
      readonly titles: Readonly<Record<DesignId, string>>;
      readonly problems: readonly ShownProblem[];
      readonly problemsInAll: number;
    }
  | { readonly kind: 'view'; readonly id: number; readonly view: ScenarioView }
  /** Something has changed, and nobody has seen it yet. `busy`: more will come by itself. */
  | { readonly kind: 'moved'; readonly tick: number; readonly busy: '' | 'playing' | 'seeking' }
  | { readonly kind: 'series'; readonly series: readonly ValueSeries[] }
  /** Another order is played. */
  | { readonly kind: 'ordered'; readonly parallels: readonly PlayedParallel[] }
  /** What the orders of the blocks bring. `all`: each of them was tried. */
  | { readonly kind: 'surveyed'; readonly verdicts: readonly OrderVerdict[]; readonly all: boolean }
  | { readonly kind: 'events'; readonly window: EventWindow }
  | { readonly kind: 'report'; readonly format: RunFormat; readonly text: string }
  | { readonly kind: 'problem'; readonly text: string };

export type ScenarioCommand =
  | 'play'
  | 'pause'
  | 'step'
  | 'step-back'
  | 'to-start'
  | 'to-end'
  | 'next-violation'
  | 'next-order'
  | 'previous-order'
  | 'bad-order'
  | 'zoom-in'
  | 'zoom-out'
  | 'zoom-page'
  | 'zoom-fit';

/** Extension → page. */
export type ToScenarioPage =
  | {
      readonly kind: 'load';
      readonly uri: string;
      /** Name of the file, for titles and reports. */
      readonly file: string;
      readonly text: string;
      /** The scenario in this line is shown; 0: as before. */
      readonly line: number;
      readonly designs?: readonly DesignId[];
    }
  /** The cursor of the editor is in this line. */
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'command'; readonly command: ScenarioCommand }
  | { readonly kind: 'speed'; readonly rate: number }
  | { readonly kind: 'export'; readonly format: ExportFormat };

/** Page → extension. */
export type FromScenarioPage =
  /** `taken`: the text that came with the page itself is played already. */
  | { readonly kind: 'ready'; readonly uri: string; readonly taken: boolean }
  /** The page was painted first, or the first state of the memory: when, as `Date.now()`, and so many milliseconds after the page's frame was there. */
  | { readonly kind: 'painted'; readonly what: 'page' | 'memory'; readonly at: number; readonly after: number }
  | {
      readonly kind: 'at';
      readonly scenario: string;
      readonly designs: readonly DesignId[];
      readonly tick: number;
      readonly total: number;
      readonly ended: boolean;
      readonly playing: boolean;
      readonly line: number;
      readonly status: string;
      /** Pages of a cell of the map, as a power of two. */
      readonly order: number;
      readonly troubles: number;
      readonly failed: number;
      readonly differences: number;
      /** Number of the order of each `parallel` that is played. */
      readonly orders: readonly number[];
      /** Orders of it in which something goes wrong, as far as they were tried. */
      readonly badOrders: readonly (readonly number[])[];
    }
  /** Milliseconds from each frame to the next over the last second of playing, and views that came in it. */
  | { readonly kind: 'frames'; readonly intervals: readonly number[]; readonly views: number }
  | { readonly kind: 'reveal'; readonly line: number }
  | { readonly kind: 'problems'; readonly lines: readonly number[] }
  /** `base64`: the content is bytes. */
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly content: string; readonly base64: boolean };
