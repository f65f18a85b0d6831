/** Messages between the extension and the simulator page, and between the page and its own worker. */
import type {
  FrameView,
  MadeChoice,
  MemoryView,
  RunFinding,
  RunPlace,
  Scenario,
  SimulationSetup,
  SimulationView,
  StateDifference,
} from './simulation';

/** Extension → page. */
export type ToPage =
  /** With `goTo` the page goes to that step first, as far as the run has it. */
  | { readonly kind: 'load'; readonly version: 1; readonly setup: SimulationSetup; readonly tree: string; readonly goTo?: number }
  /** The command palette's step commands, so that the editor can drive the page. */
  | { readonly kind: 'command'; readonly command: 'step' | 'step-back' | 'run' | 'restart' }
  | { readonly kind: 'problem'; readonly text: string };

/** A long list as it is told where only a part of it is looked at. */
export interface Shown<T> {
  readonly total: number;
  /** Number of the first one in `shown`, from 0. */
  readonly from: number;
  readonly shown: readonly T[];
}

/** Page → extension. */
export type FromPage =
  | { readonly kind: 'ready' }
  /** The run is at this line: the editor shows it. */
  | {
      readonly kind: 'at';
      readonly place: RunPlace;
      readonly step: number;
      readonly status: string;
      /** What the editor's own views show of the run. */
      readonly stack?: readonly FrameView[];
      /** The first ones. */
      readonly findings?: Shown<RunFinding>;
      /** The last ones: a split of a 1G folio makes thousands. */
      readonly choices?: Shown<MadeChoice>;
    }
  /** The user clicked an event, a frame or a finding. */
  | { readonly kind: 'reveal'; readonly file: string; readonly line: number }
  | { readonly kind: 'scenario'; readonly scenario: Scenario; readonly fail: number }
  | { readonly kind: 'problem'; readonly text: string };

/** Page → its worker. Answers carry the same `id`; stale ones are dropped. */
export type ToWorker =
  | { readonly kind: 'load'; readonly id: number; readonly setup: SimulationSetup }
  | { readonly kind: 'step'; readonly id: number }
  | { readonly kind: 'step-over'; readonly id: number }
  | { readonly kind: 'step-out'; readonly id: number }
  | { readonly kind: 'step-back'; readonly id: number }
  | { readonly kind: 'run'; readonly id: number }
  | { readonly kind: 'go-to'; readonly id: number; readonly step: number }
  | { readonly kind: 'pause'; readonly id: number };

/** Lists of a view that grow along a run, and are long. */
export type GrowingList = 'events' | 'findings' | 'choices';

/** What is known once a run has ended. */
export interface RunEnd {
  readonly bounds: string;
  readonly unknowns: readonly string[];
  readonly differences: readonly StateDifference[];
}

export type FromWorker =
  | {
      readonly kind: 'view';
      readonly id: number;
      /** Its lists hold what comes from these numbers on; what is before them is as sent earlier since the last load. */
      readonly view: SimulationView;
      readonly from: { readonly [K in GrowingList]: number };
      /** Its `memory` is that of an earlier stop; the present one follows under the same id. */
      readonly memoryLater?: boolean;
      /** At the end of the run. */
      readonly end?: RunEnd;
    }
  | { readonly kind: 'memory'; readonly id: number; readonly memory: MemoryView }
  | { readonly kind: 'progress'; readonly id: number; readonly steps: number }
  | { readonly kind: 'problem'; readonly id: number; readonly text: string };
