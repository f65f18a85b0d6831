/** What an invariant of the model is: its statement with its source, a check of what an operation has changed, and examples of both sides. */
import type { ClaimLabel } from '../host/host-model';
import type { ModelSpec } from '../host/host-spec';
import type { Fact, FactKind, Host, Touched } from '../host/host';
import type { DesignId, Operation } from '../host/operation';

/** A host and operations on it after which the invariant holds, or does not. */
export interface Example {
  /** What happens, in a few words. */
  readonly what: string;
  readonly spec: ModelSpec;
  readonly operations: readonly Operation[];
}

interface Claim {
  /** As in model-facts §3.1 and §3.3. */
  readonly name: string;
  readonly statement: string;
  readonly label: ClaimLabel;
  readonly source: string;
  /** Designs in which it is meant to hold on the success path. */
  readonly holdsFor: readonly DesignId[];
  /** Safety, quality (it costs memory, not correctness), or liveness. */
  readonly kind: 'safety' | 'quality' | 'liveness';
  readonly held: readonly [Example, ...Example[]];
  readonly violated: readonly Example[];
}

/** Looks at each block that the operation has touched. Null: it holds. */
export interface BlockInvariant extends Claim {
  readonly watches: 'block';
  readonly check: (host: Host, touched: Touched) => string | null;
}

/** Looks at the pools and charges after every operation. */
export interface CountInvariant extends Claim {
  readonly watches: 'counts';
  readonly check: (host: Host) => string | null;
}

/** Looks at what has happened, where no state shows it any more. */
export interface FactInvariant extends Claim {
  readonly watches: 'facts';
  readonly facts: readonly FactKind[];
  readonly check: (host: Host, fact: Fact) => string | null;
}

export type Invariant = BlockInvariant | CountInvariant | FactInvariant;
