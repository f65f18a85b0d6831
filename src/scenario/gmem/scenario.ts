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

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Expectation =
  /** Of the step above it. `null`: it goes well. */
  | { readonly kind: 'error'; readonly error: ErrorName | null; readonly at?: number }
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
  readonly span: TextSpan;
}

export type Step =
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      readonly designs: ForDesigns;
      readonly expects: readonly ExpectLine[];
      readonly span: TextSpan;
    }
  | { readonly kind: 'repeat'; readonly times: number; readonly steps: readonly Step[]; readonly span: TextSpan }
  /** So many of the steps, drawn evenly. */
  | { readonly kind: 'random'; readonly times: number; readonly seed: number; readonly steps: readonly Step[]; readonly span: TextSpan }
  /** Each branch by a task of its own: the model runs them in every order of whole steps up to a bound, the C by its schedule. */
  | { readonly kind: 'parallel'; readonly branches: readonly (readonly Step[])[]; readonly span: TextSpan };

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
  readonly steps: readonly Step[];
  readonly span: TextSpan;
}

/** A number that a sweep varies: `sweep host.buddy from 0 to 65520 by 4095`. */
export interface SweepLine {
  readonly name: string;
  readonly values: readonly number[];
  readonly span: TextSpan;
}

/** What a text holds; problems are beside it, never instead of it. */
export interface GmemText {
  readonly scenarios: readonly GmemScenario[];
  readonly sweeps: readonly SweepLine[];
  readonly problems: readonly TextProblem[];
}

export interface TextProblem {
  readonly severity: 'error' | 'warning';
  readonly span: TextSpan;
  /** What was met, what it means, what to do. */
  readonly message: string;
}
