/** How a run is cut short from within: a fault is a finding that stops it, `Undecided` ends it without a verdict. */
import type { FindingKind } from '../model/primitive';

/** A check that fired and lets nothing go on, like an oops. Caught by the machine at the instruction that it belongs to. */
export class Fault extends Error {
  constructor(
    readonly kind: FindingKind,
    message: string,
  ) {
    super(message);
  }
}

/** The machine cannot say what happens next: an unsupported construct, a bound. */
export class Undecided extends Error {}
