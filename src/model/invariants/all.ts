/** All invariants of model-facts §3.1 and §3.3. A new one is one file and one line here. */
import type { Invariant } from './invariant';

export const invariants: readonly Invariant[] = [];
