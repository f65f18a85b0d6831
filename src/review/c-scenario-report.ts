/** What a run of a scenario on the C of a tree gives. Plain data. */
import type { RunFinding } from '../protocol/simulation';
import type { DesignRun } from './run-gmem-report';

/** A step that the C cannot be asked for. */
export interface CannotRun {
  /** 0: it is said of the whole scenario. */
  readonly line: number;
  /** The step or the declaration, as the text has it. */
  readonly what: string;
  readonly why: string;
}

/** What a check of the machine met in the C, or an invariant that did not hold afterwards. */
export interface CFinding {
  /** Of the step in the scenario; 0 where it is not known. */
  readonly line: number;
  /** Number of the operation, from 0. */
  readonly operation: number;
  readonly finding: RunFinding;
}

export interface CScenarioRun {
  readonly scenario: string;
  /** Of a huge page in this run. */
  readonly order: number;
  readonly status: 'passed' | 'failed' | 'not-runnable';
  /** Empty unless it is not runnable. */
  readonly reasons: readonly CannotRun[];
  /** As the model gives it, of design A: the design that the C is. Null where it is not runnable. */
  readonly run: DesignRun | null;
  readonly findings: readonly CFinding[];
}
