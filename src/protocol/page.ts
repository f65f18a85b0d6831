/** Messages between the extension and the simulator page, and between the page and its own worker. */
import type { FrameView, MadeChoice, RunFinding, RunPlace, Scenario, SimulationSetup, SimulationView, StateDifference } from './simulation';

/** Extension → page. */
export type ToPage =
  | { readonly kind: 'load'; readonly version: 1; readonly setup: SimulationSetup; readonly tree: string }
  /** The command palette's step commands, so that the editor can drive the page. */
  | { readonly kind: 'command'; readonly command: 'step' | 'step-back' | 'run' | 'restart' }
  | { readonly kind: 'problem'; readonly text: string };

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
      readonly findings?: readonly RunFinding[];
      readonly choices?: readonly MadeChoice[];
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
      /** Its `events` are the ones from number `eventsFrom` on; those before it are as sent earlier since the last load. */
      readonly view: SimulationView;
      readonly eventsFrom?: number;
      /** At the end of the run. */
      readonly end?: RunEnd;
    }
  | { readonly kind: 'progress'; readonly id: number; readonly steps: number }
  | { readonly kind: 'problem'; readonly id: number; readonly text: string };
