/** What an invariant of the model is: its statement with its source, a check of what an operation has changed, and examples of both sides. */
import type { FactKind, Host, Touched } from '../host/host';
import type { ClaimLabel } from '../host/host-model';
import type { ModelSpec } from '../host/host-spec';
import type { DesignId, Operation } from '../host/operation';

/** A host and operations on it after which the invariant holds, or does not. */
export interface Example {
  /** What happens, in a few words. */
  readonly what: string;
  readonly spec: ModelSpec;
  readonly operations: readonly Operation[];
  /** Where no modelled design breaks it: a state that no operation makes, to show that the check sees it. */
  readonly damage?: (host: Host) => void;
}

/** What is wrong, in one sentence; null: it holds. */
type Met = string | null;

export interface Invariant {
  /** As in model-facts §3.1 and §3.3. */
  readonly name: string;
  readonly statement: string;
  readonly label: ClaimLabel;
  readonly source: string;
  /** Designs in which it is meant to hold on the success path. */
  readonly holdsFor: readonly DesignId[];
  /** Safety; quality: it costs memory, not correctness; liveness. */
  readonly kind: 'safety' | 'quality' | 'liveness';
  /** A violation is told once of each block, of each file, or of the host. */
  readonly oncePer: 'block' | 'file' | 'host';
  readonly held: readonly [Example, ...Example[]];
  readonly violated: readonly [Example, ...Example[]];
  /** Looks at each block that the operation has touched. */
  readonly block?: (host: Host, touched: Touched) => Met;
  /** Looks at each block too, but of it and its file at nothing that `hasNewOutline` leaves out: while that is as it was it holds as it did. */
  readonly outline?: (host: Host, touched: Touched) => Met;
  /** Looks at the pools and charges after every operation. */
  readonly counts?: (host: Host) => Met;
  /** What has happened, where no state shows it any more. */
  readonly facts?: readonly FactKind[];
}

export const ALL: readonly DesignId[] = ['A', 'B', 'B2', 'C', 'D', 'E'];
