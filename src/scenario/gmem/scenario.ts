/** A `.gmem` scenario as data: what its text says, with the place of everything. */
import type { HostSpec, SwitchSpec, VmSpec } from '../../model/host/host-spec';
import type { DesignId, ErrorName, Operation } from '../../model/host/operation';

/** A place in the text; lines and columns from 1, the end behind the last character. */
export interface TextSpan {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** For whom a line speaks; empty: all designs of the scenario. */
export type ForDesigns = readonly DesignId[];

/** Arguments that the text gives by a parameter: name of the argument → `$name`. */
export type Written = Readonly<Record<string, string>>;

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Expectation =
  /** Of the step above it. `null`: it goes well. */
  | { readonly kind: 'error'; readonly error: ErrorName | null; readonly at?: number }
  /** Of what another thread did during the step above it. */
  | { readonly kind: 'meanwhile'; readonly error: ErrorName | null }
  | { readonly kind: 'counter'; readonly name: string; readonly is: Comparison; readonly value: number }
  | { readonly kind: 'metric'; readonly name: string; readonly is: Comparison; readonly value: number }
  | { readonly kind: 'invariant'; readonly name: string; readonly held: boolean }
  /** Every page of the range has this property: `block whole`, `content zero`, `mapped 0`, with the names of FileExtent. */
  | {
      readonly kind: 'state';
      readonly file: string;
      readonly from: number;
      readonly to: number;
      readonly property: string;
      readonly value: string;
    };

export interface ExpectLine {
  readonly expectation: Expectation;
  readonly designs: ForDesigns;
  /** Of its `when`; absent: there is none. What does not hold is not checked. */
  readonly holds?: boolean;
  readonly written?: Written;
  readonly span: TextSpan;
}

interface StepLine {
  /** What is expected once the step, or the whole block, is done. */
  readonly expects: readonly ExpectLine[];
  readonly written?: Written;
  /** Of the line that opens it. */
  readonly span: TextSpan;
}

export interface OperationStep extends StepLine {
  readonly kind: 'operation';
  readonly operation: Operation;
  /** The designs that do it; the others pass over it. */
  readonly designs: ForDesigns;
  /** Bytes by which the range moves on in each turn of the innermost block that repeats. */
  readonly moving?: number;
}

export interface RepeatStep extends StepLine {
  readonly kind: 'repeat';
  readonly times: number;
  readonly steps: readonly Step[];
}

/** So many of the steps, drawn evenly. */
export interface RandomStep extends StepLine {
  readonly kind: 'random';
  readonly times: number;
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** Each branch by a task of its own: the model runs them in every order of whole steps up to a bound, the C by its schedule. */
export interface ParallelStep extends StepLine {
  readonly kind: 'parallel';
  readonly branches: readonly (readonly Step[])[];
}

export type Step = OperationStep | RepeatStep | RandomStep | ParallelStep;

/** A word or number of the text with a name, `$name` where it is used: `let span 64MiB`. */
export interface Parameter {
  readonly name: string;
  /** As it is written, sums as sums. */
  readonly value: string;
}

/** A parameter that a sweep varies: `sweep buddy from 0 to 65520 by 4095`. */
export interface SweepLine {
  readonly name: string;
  /** Plain numbers as numbers; words and numbers with a unit as they are written. */
  readonly values: readonly (number | string)[];
  readonly span: TextSpan;
}

export interface GmemScenario {
  readonly name: string;
  /** Sentences of the `about` lines. */
  readonly about: readonly string[];
  /** How sure its expectations are: `code`, `thread`, `derived`, `assumption`; empty where it is not said. */
  readonly labels: readonly string[];
  readonly host: HostSpec;
  /** At least one, in the order in which they are to be shown. */
  readonly designs: readonly DesignId[];
  readonly switches: readonly (SwitchSpec & { readonly designs: ForDesigns })[];
  readonly vms: readonly VmSpec[];
  readonly processes: readonly string[];
  readonly devices: readonly string[];
  readonly parameters: readonly Parameter[];
  /** Every combination of their values is a run. */
  readonly sweeps: readonly SweepLine[];
  readonly steps: readonly Step[];
  /** Arguments of declarations that are given by a parameter, by the declaration: `node 0`, `vm td`, `switch A-2`. */
  readonly written: Readonly<Record<string, Written>>;
  /** Of its first line. */
  readonly span: TextSpan;
  /** Its last line. */
  readonly lastLine: number;
}

/** What a text holds; problems are beside it, never instead of it. */
export interface GmemText {
  readonly scenarios: readonly GmemScenario[];
  readonly problems: readonly TextProblem[];
}

export interface TextProblem {
  readonly severity: 'error' | 'warning';
  readonly span: TextSpan;
  /** What was met, what it means, what to do. */
  readonly message: string;
}
