/** I-mapped: page tables of user space and of the guest lead only to pages of the file, each at its place. */
import { cachedFrame, folioAt, type UserState } from '../user-state';
import type { Invariant } from './invariant';

export const mapped: Invariant = {
  id: 'mapped',
  statement:
    'No page table entry and no stage-2 leaf leads to a page frame that is free, or that is not the page of the file at its place.',
  check: (state) => [
    ...state.entries.flatMap(({ mapping, index, pfn }) => wrong(state, `Mapping ${mapping} of user space`, index, pfn)),
    ...state.leaves.flatMap(({ index, pfn, order }) =>
      Array.from({ length: 2 ** order }, (_, page) => page)
        .flatMap((page) => wrong(state, 'The guest', index + page, pfn + page))
        .slice(0, 1),
    ),
  ],
};

/** A page that the file no longer has is for `unmapped-on-removal` to tell, as long as its frame is not free. */
function wrong(state: UserState, who: string, index: number, pfn: number): string[] {
  const folio = folioAt(state, pfn);
  if (folio === null || folio.extent.refcount === 0 || state.free.includes(folio.head)) {
    return [`${who} has page ${index} at page frame 0x${pfn.toString(16)}, which is free.`];
  }
  const cached = cachedFrame(state, index);
  if (cached < 0 || cached === pfn) return [];
  return [`${who} has page ${index} at page frame 0x${pfn.toString(16)}, and the file has it at 0x${cached.toString(16)}.`];
}
