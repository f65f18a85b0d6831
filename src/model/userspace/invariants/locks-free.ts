/** I-locks: an operation that has ended holds no lock. */
import type { Invariant } from './invariant';

export const locksFree: Invariant = {
  id: 'locks-free',
  statement: 'No lock is held between operations.',
  check: ({ memory: { locks } }) => locks.map(({ what }) => `${what} is held, and no operation is in progress.`),
};
