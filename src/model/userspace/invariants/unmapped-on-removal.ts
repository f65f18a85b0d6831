/** I-unmapped: what is taken out of the file is taken out of all page tables. */
import { cachedFrame } from '../user-state';
import { type Invariant, overPlaces } from './invariant';

export const unmappedOnRemoval: Invariant = {
  id: 'unmapped-on-removal',
  statement: 'No page table of user space or of the guest has a page that the file no longer has.',
  check(state) {
    const gone = (index: number): boolean => state.closed || cachedFrame(state, index) < 0;
    const users = [...new Set(state.entries.map(({ index }) => index).filter(gone))].sort((a, b) => a - b);
    const guest = state.leaves.flatMap(({ index, order }) => Array.from({ length: 2 ** order }, (_, page) => index + page).filter(gone));
    return [
      ...overPlaces(
        'page',
        users,
        (pages, many) => `User space still maps ${pages}, which the file no longer has${many ? ' any of' : ''}.`,
      ),
      ...overPlaces('page', guest, (pages, many) => `The guest still maps ${pages}, which the file no longer has${many ? ' any of' : ''}.`),
    ];
  },
};
