/** I-pool: the counters of the pool and of the inode's share in it agree with the lists and with the file. */
import type { UserState } from '../user-state';
import type { Invariant } from './invariant';

export const pool: Invariant = {
  id: 'pool',
  statement:
    'The pool counts the huge pages that it has, those on its free list, and one reservation for each block that the file may still ask for.',
  check(state) {
    const free = counter(state, 'hstate', 'free_huge_pages');
    const reserved = counter(state, 'hstate', 'resv_huge_pages');
    const all = counter(state, 'hstate', 'nr_huge_pages');
    if (free === null || reserved === null || all === null) return [];
    const wrong: string[] = [];
    const huge = 2 ** state.memory.order;
    if (free !== state.free.length)
      wrong.push(`hstate.free_huge_pages is ${free}, and ${state.free.length} huge pages are on the free list.`);
    if (all !== state.frames / huge) wrong.push(`hstate.nr_huge_pages is ${all}, and there are ${state.frames / huge} huge pages.`);
    if (state.closed) {
      if (reserved !== 0) wrong.push(`hstate.resv_huge_pages is ${reserved} after the only file that reserved any is gone.`);
      return wrong;
    }
    const present = presentBlocks(state);
    const used = counter(state, 'subpool', 'used_hpages');
    const least = counter(state, 'subpool', 'min_hpages') ?? 0;
    if (used !== null && used !== present) wrong.push(`subpool.used_hpages is ${used}, and the file has pages of ${present} blocks.`);
    const promised = Math.max(0, least - present);
    if (reserved !== promised) wrong.push(`hstate.resv_huge_pages is ${reserved}, and the file may still ask for ${promised} huge pages.`);
    const blocks = counter(state, 'inode', 'i_blocks');
    const sectors = present * huge * 8;
    if (blocks !== null && blocks !== sectors) wrong.push(`inode.i_blocks is ${blocks}, and the file has ${sectors} sectors.`);
    return wrong;
  },
};

const counter = ({ memory: { counters } }: UserState, group: string, name: string): number | null =>
  counters.find((each) => each.group === group && each.name === name)?.value ?? null;

/** Blocks of the file of which the page cache has at least one page. */
function presentBlocks({ memory: { pageCache, order } }: UserState): number {
  const blocks = new Set<number>();
  const huge = 2 ** order;
  for (const extent of pageCache) {
    const end = extent.index + extent.count * 2 ** extent.order;
    for (let index = extent.index; index < end; index += huge - (index % huge)) blocks.add(Math.floor(index / huge));
  }
  return blocks.size;
}
