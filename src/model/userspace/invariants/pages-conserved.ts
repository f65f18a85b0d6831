/** I-pages: no page frame of the scenario gets lost. */
import { folioAt, type UserState } from '../user-state';
import { type Invariant, overPlaces } from './invariant';

export const pagesConserved: Invariant = {
  id: 'pages-conserved',
  statement:
    'Every page frame is in a file, in the pool of free huge pages, with a user of hugetlbfs, in the buddy allocator as a part of a huge page that the pool gave up, or held by a user until it goes there; and in one of them alone.',
  check(state) {
    const owners = new Uint8Array(state.frames);
    const own = (pfn: number, pages: number): void => {
      for (let page = 0; page < pages; page++) {
        const place = pfn + page - state.firstPfn;
        if (place >= 0 && place < state.frames) owners[place] = (owners[place] ?? 0) + 1;
      }
    };
    for (const file of [state, ...state.others])
      for (const { pfn, count, order } of file.memory.pageCache) if (pfn >= 0) own(pfn, count * 2 ** order);
    for (const head of [...state.free, ...state.hugetlbfs, ...state.buddy]) own(head, 2 ** state.memory.order);
    const held = heldFrames(state);
    const lost: number[] = [];
    const twice: number[] = [];
    owners.forEach((count, place) => {
      if (count > 1) twice.push(place);
      else if (count === 0 && !held.has(place + state.firstPfn)) lost.push(place);
    });
    const from = `counted from 0x${state.firstPfn.toString(16)}`;
    return [
      ...overPlaces(
        'page frame',
        lost,
        (places, many) =>
          `Lost: ${places} (${from}) ${many ? 'are' : 'is'} in no file and no pool, and no user holds ${many ? 'them' : 'it'}.`,
      ),
      ...overPlaces('page frame', twice, (places, many) => `Twice: ${places} (${from}) ${many ? 'are' : 'is'} in two places at once.`),
    ];
  },
};

/** Frames of folios that a pin, a pipe or a page table still keeps. */
function heldFrames(state: UserState): ReadonlySet<number> {
  const frames = new Set<number>();
  for (const { pfn } of [state, ...state.others].flatMap((file) => [...file.holds, ...file.entries])) {
    const folio = folioAt(state, pfn);
    if (folio === null || folio.extent.refcount === 0) continue;
    for (let page = 0; page < 2 ** folio.extent.order; page++) frames.add(folio.head + page);
  }
  return frames;
}
