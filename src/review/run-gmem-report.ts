/** What a run of a scenario gives. Plain data: `docs/schemas/run.schema.json` describes it. */
import type { Counters, Metrics, ModelEvent, Violation } from '../model/host/host-model';
import type { DesignId, ErrorName, OperationResult } from '../model/host/operation';
import type { TextSpan } from '../scenario/gmem/scenario';

/** What the step of one line gave, over all times that it was done. */
export interface StepRun {
  readonly line: number;
  /** As it was done the first time. */
  readonly text: string;
  readonly times: number;
  /** How often each error was given; those that went well are not among them. */
  readonly errors: Readonly<Partial<Record<ErrorName, number>>>;
  readonly pages: number;
  /** Null where it could not be done. */
  readonly last: OperationResult | null;
  /** Why it could not be done, the first time. */
  readonly refusal: string | null;
}

export interface ExpectationRun {
  readonly span: TextSpan;
  /** `not-run`: no run of the step came to it. */
  readonly status: 'passed' | 'failed' | 'not-run';
  /** How often it was checked. */
  readonly times: number;
  readonly expected: string;
  /** The first time that it was not met, else the last time. */
  readonly actual: string;
}

export interface MetricSample {
  /** Operations done. */
  readonly step: number;
  /** Illustrated, in microseconds. */
  readonly time: number;
  readonly metrics: Metrics;
}

export interface DesignRun {
  readonly scenario: string;
  readonly design: DesignId;
  /** `failed`: an expectation is not met, or a step could not be done. */
  readonly status: 'passed' | 'failed';
  readonly operations: number;
  /** Illustrated, in microseconds. */
  readonly time: number;
  /** In the order in which they were first done. */
  readonly steps: readonly StepRun[];
  /** In the order of the text; those for other designs are not among them. */
  readonly expectations: readonly ExpectationRun[];
  /** Of each `parallel`: orders run, and all that there are. */
  readonly orders: readonly { readonly line: number; readonly run: number; readonly all: number }[];
  /** At most `MOST_SAMPLES`, evenly over the operations; the last is the end. */
  readonly samples: readonly MetricSample[];
  readonly counters: Counters;
  readonly metrics: Metrics;
  readonly events: readonly ModelEvent[];
  readonly violations: readonly Violation[];
  /** The run came to the bound of operations, and stopped there. */
  readonly isCut: boolean;
}
