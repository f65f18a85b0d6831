/** What an exploration of one function gives: plain data between the engine, the CLI's JSON, the server and the editor. */
import type { FidelityRow, RunFinding, RunPlace, Scenario } from './simulation';

export type Verdict = 'violated' | 'held' | 'undecided';

/** One thing that happened on the way to a finding. */
export interface TraceEntry extends RunPlace {
  readonly step: number;
  readonly text: string;
}

/** A finding with its witness: `scenario`, `then` and `choices` are what `simulate` needs to show it again. */
export interface ExploredFinding extends RunFinding {
  /** Name of the state that it was met in. */
  readonly state: string;
  /** That state, settled: with the arguments and the held locks that were taken. */
  readonly scenario: Scenario;
  /** Functions run after the explored one in the same memory: the function itself again where a failed call is tried once more. */
  readonly then: readonly string[];
  /** Options to take at the choices, in order. */
  readonly choices: readonly number[];
  /** The choices that were not the usual ones, and the last events before the finding; in order of steps. */
  readonly trace: readonly TraceEntry[];
}

/** How the exploration of one initial state went. */
export interface ExploredState {
  readonly state: string;
  readonly scenario: Scenario;
  readonly paths: number;
  readonly steps: number;
  readonly verdict: Verdict;
}

/** What `folioscope explore --json` prints. */
export interface ExplorationReport {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly verdict: Verdict;
  /** Why it is not `held` where nothing was found; one sentence each. */
  readonly because: readonly string[];
  /** The bounds under which it was looked, as a sentence. */
  readonly bounds: string;
  /** Shape: each kind at each place once, with its shortest witness; shortest witness first. */
  readonly findings: readonly ExploredFinding[];
  /** What ran on any path; `lines` counts the distinct lines of all of them together. */
  readonly fidelity: readonly FidelityRow[];
  readonly unknowns: readonly string[];
  readonly states: readonly ExploredState[];
  /** States that were to be explored and cannot be: with the function in it, or at all. */
  readonly unfit: readonly { readonly state: string; readonly why: string }[];
  /** What was taken as given at the entry, and why; one sentence each. */
  readonly assumptions: readonly string[];
  readonly paths: number;
  readonly steps: number;
}

/** One operation of a sequence, and the allocation in it that fails, from 1; 0: none. */
export interface SequenceOperationView {
  /** As a person says it: `page 0 becomes shared`. */
  readonly text: string;
  readonly step: string;
  readonly arguments: Readonly<Record<string, number>>;
  readonly failing: number;
}

export interface SequenceFindingView extends RunFinding {
  /** Initial state of the sequence. */
  readonly state: string;
  /** The finding is met in the last one. */
  readonly sequence: readonly SequenceOperationView[];
}

/** How one search over sequences went. */
export interface SequenceSearch {
  readonly state: string;
  readonly scenario: Scenario;
  /** Length up to which every sequence was visited. */
  readonly complete: number;
  /** Allocations that fail in a sequence: 0 or 1. */
  readonly failures: number;
  readonly states: number;
  readonly operations: number;
  /** Sequences not gone on with, because their state was met before with as many operations left. */
  readonly known: number;
  /** Operations left out, because they cannot be done or do what another does. */
  readonly symmetric: number;
}

/** What `folioscope explore --steps K --json` prints. */
export interface SequenceReport {
  readonly steps: number;
  readonly verdict: Verdict;
  readonly because: readonly string[];
  readonly bounds: string;
  /** Shape: each kind at each place once, with a shortest sequence; shortest first. */
  readonly findings: readonly SequenceFindingView[];
  readonly searches: readonly SequenceSearch[];
}
