/** I-isolation: user space has no way to a page that is private to the guest. */
import { cachedFrame, type UserState } from '../user-state';
import { type Invariant, overPlaces } from './invariant';

export const isolation: Invariant = {
  id: 'isolation',
  statement: 'No page table entry, pin or reference of user space leads to a page that is private to the guest.',
  check(state) {
    if (state.closed) return [];
    const mapped = [...new Set(state.entries.filter(({ index }) => state.privates[index]).map(({ index }) => index))].sort((a, b) => a - b);
    return [
      ...overPlaces('page', mapped, (pages, many) => `${pages} ${many ? 'are' : 'is'} private to the guest and mapped into user space.`),
      ...overPlaces(
        'page',
        held(state, 'pin'),
        (pages, many) => `${pages} ${many ? 'are' : 'is'} private to the guest and pinned by user space.`,
      ),
      ...overPlaces(
        'page',
        held(state, 'pipe'),
        (pages, many) =>
          `${pages} ${many ? 'are' : 'is'} private to the guest, and user space has a reference by which it reads and writes.`,
      ),
    ].map(capital);
  },
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Private pages whose very frame is held. */
const held = (state: UserState, kind: 'pin' | 'pipe'): number[] =>
  state.holds
    .filter((hold) => hold.kind === kind && state.privates[hold.index] === true && cachedFrame(state, hold.index) === hold.pfn)
    .map((hold) => hold.index)
    .sort((a, b) => a - b);
