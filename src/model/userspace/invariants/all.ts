/** All invariants of a scenario with users, in the order in which their violations are told. */
import type { Reading } from '../reading';
import type { UserState } from '../user-state';
import { content, leaked } from './content';
import { counts } from './counts';
import type { Invariant } from './invariant';
import { isolation } from './isolation';
import { locksFree } from './locks-free';
import { mapped } from './mapped';
import { mergedWhenPrivate } from './merged-when-private';
import { pagesConserved } from './pages-conserved';
import { pool } from './pool';
import { unmappedOnRemoval } from './unmapped-on-removal';

export const userInvariants: readonly Invariant[] = [
  content,
  isolation,
  mapped,
  unmappedOnRemoval,
  counts,
  pagesConserved,
  pool,
  mergedWhenPrivate,
  locksFree,
];

export interface Violation {
  readonly invariant: string;
  readonly message: string;
}

/** Shape: in the order of `userInvariants`; empty where all hold. */
export const violationsIn = (state: UserState): Violation[] =>
  userInvariants.flatMap(({ id, check }) => check(state).map((message) => ({ invariant: id, message })));

/** Those of the last access alone: all that can be new in a state that was checked before. */
export const violationsInReading = (reading: Reading): Violation[] =>
  leaked(reading).map((message) => ({ invariant: content.id, message }));
