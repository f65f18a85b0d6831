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
    const present = [state, ...state.others].map((file) => ({ file, blocks: presentBlocks(file) }));
    const total = state.frames / huge - state.buddy.length;
    if (reserved > free)
      wrong.push(`hstate.resv_huge_pages is ${reserved}, and ${free} huge pages are free: a promise has nothing behind it.`);
    if (all !== total) wrong.push(`hstate.nr_huge_pages is ${all}, and there are ${total} huge pages.`);
    const promised = present.reduce((sum, { file, blocks }) => sum + promisedTo(file, blocks), 0);
    if (reserved !== promised) {
      wrong.push(
        present.every(({ file }) => file.closed)
          ? `hstate.resv_huge_pages is ${reserved} after the ${present.length === 1 ? 'only file that reserved any is' : 'files that reserved any are'} gone.`
          : `hstate.resv_huge_pages is ${reserved}, and the ${present.length === 1 ? 'file' : 'files'} may still ask for ${promised} huge pages.`,
      );
    }
    return [...wrong, ...ofFile(state)];
  },
};

/** Huge pages that an open file has not yet. */
const promisedTo = (state: UserState, blocks: number): number =>
  state.closed ? 0 : Math.max(0, (counter(state, 'subpool', 'min_hpages') ?? 0) - blocks);

function ofFile(state: UserState): string[] {
  if (state.closed) return [];
  const wrong: string[] = [];
  const present = presentBlocks(state);
  const used = counter(state, 'subpool', 'used_hpages');
  if (used !== null && used !== present) wrong.push(`subpool.used_hpages is ${used}, and the file has pages of ${present} blocks.`);
  const blocks = counter(state, 'inode', 'i_blocks');
  const sectors = present * 2 ** state.memory.order * 8;
  if (blocks !== null && blocks !== sectors) wrong.push(`inode.i_blocks is ${blocks}, and the file has ${sectors} sectors.`);
  return wrong;
}

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
