/** Scenario texts as tests: what of a text can be run, and what came of a run. Between editor, language server and its thread. */
import type { Outcome } from '../base/outcome';
import type { DesignId } from '../model/host/operation';

export type { DesignId };

/** Lines and columns from 1; the end stands behind the last character. */
export interface LineSpan {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

/** A step at any depth, blocks included. */
export interface StepTest {
  /** The line without its indentation. */
  readonly text: string;
  readonly span: LineSpan;
  /** The designs that do it; empty: all of the scenario. */
  readonly designs: readonly DesignId[];
  /** Lines of its expectations, and for whom they speak; empty: all. */
  readonly expects: readonly { readonly line: number; readonly designs: readonly DesignId[] }[];
  /** A run can end behind it: it is an operation, and none of a block in which chance or another order decides. */
  readonly isStop: boolean;
}

export interface ScenarioTest {
  readonly name: string;
  readonly span: LineSpan;
  readonly lastLine: number;
  readonly about: readonly string[];
  readonly labels: readonly string[];
  readonly designs: readonly DesignId[];
  readonly steps: readonly StepTest[];
  /** The first error in its lines: it cannot be run. */
  readonly problem: { readonly span: LineSpan; readonly message: string } | null;
}

export interface ScenarioTests {
  readonly scenarios: readonly ScenarioTest[];
  /** Scenarios and steps beyond a bound were left out: how many. */
  readonly leftOut: number;
  /** What each design is, by its letter. */
  readonly titles: Readonly<Record<string, string>>;
}

/** Most scenarios and steps of one text that are shown as tests. */
export const MOST_TESTS = 5000;

export interface RunScenarioParams {
  readonly text: string;
  /** Name of the file, for the report. */
  readonly file: string;
  /** First line of the scenario. */
  readonly line: number;
  /** At least one. */
  readonly designs: readonly DesignId[];
  /** The run ends once the step in this line has been done; 0: it goes to the end. */
  readonly untilLine: number;
  /** Directory of a kernel tree: the scenario is run on its C, and `designs` must be A alone. */
  readonly tree?: string;
  /** What was read of the tree for an earlier run will do. */
  readonly isRead?: boolean;
}

export interface StepResult {
  readonly line: number;
  readonly times: number;
  /** `ok`, `EAGAIN`, `EAGAIN in 3 of 8`; why it could not be done. */
  readonly answer: string;
  readonly isDone: boolean;
}

export interface ExpectationResult {
  readonly span: LineSpan;
  readonly status: 'passed' | 'failed' | 'not-run';
  readonly times: number;
  readonly expected: string;
  readonly actual: string;
}

export interface DesignResult {
  readonly design: DesignId;
  readonly status: 'passed' | 'failed';
  readonly operations: number;
  /** What the run took here, in milliseconds. */
  readonly took: number;
  readonly steps: readonly StepResult[];
  readonly expectations: readonly ExpectationResult[];
  /** It came to the bound of operations, and stopped there. */
  readonly isCut: boolean;
}

export interface ScenarioResult {
  /** In the order in which they were asked for. None where the C cannot be asked for the scenario: the report says why. */
  readonly designs: readonly DesignResult[];
  /** Lines of at most 75 columns, the designs side by side. */
  readonly report: string;
}

/** Server → thread. One message at a time. */
export type ToScenarioThread = RunScenarioParams & { readonly id: number };

/** Thread → server. */
export type FromScenarioThread =
  | { readonly kind: 'progress'; readonly id: number; readonly text: string }
  | { readonly kind: 'result'; readonly id: number; readonly outcome: Outcome<ScenarioResult> };
