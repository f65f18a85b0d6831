/** I-merged: a block of which no page may be mapped by user space is one huge page again. */
import { cachedFrame, type UserState } from '../user-state';
import type { Invariant } from './invariant';

export const mergedWhenPrivate: Invariant = {
  id: 'merged-when-private',
  statement:
    'A block that is wholly in the file, private and held by nobody else is one huge page: what was split for sharing is put together again.',
  check(state) {
    if (state.closed) return [];
    const huge = 2 ** state.memory.order;
    const blocks = Array.from({ length: state.indices / huge }, (_, block) => block * huge);
    return blocks
      .filter((first) => isSplit(state, first, huge) && isPrivate(state, first, huge) && !isHeld(state, first, huge))
      .map((first) => `Pages ${first} to ${first + huge - 1} are all private, and still single pages: nothing puts them together.`);
  },
};

/** Every page of the block is there, and they are not one folio. */
function isSplit({ memory: { pageCache } }: UserState, first: number, huge: number): boolean {
  let pages = 0;
  for (const { index, count, order } of pageCache) {
    if (2 ** order >= huge) continue;
    const from = Math.max(index, first);
    const end = Math.min(index + count * 2 ** order, first + huge);
    pages += Math.max(0, end - from);
  }
  return pages === huge;
}

function isPrivate({ privates, memory: { faultable } }: UserState, first: number, huge: number): boolean {
  for (let index = first; index < first + huge; index++) if (privates[index] !== true) return false;
  return !faultable.some(({ index, count }) => index < first + huge && index + count > first);
}

/** Someone keeps one of its pages, so that it cannot be put together now. */
const isHeld = (state: UserState, first: number, huge: number): boolean =>
  [...state.holds, ...state.entries].some(({ index, pfn }) => index >= first && index < first + huge && cachedFrame(state, index) === pfn);
