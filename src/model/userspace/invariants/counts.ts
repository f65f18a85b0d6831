/** I-counts: every reference and every map count of a folio has someone who accounts for it. */
import type { FolioExtent } from '../../../protocol/simulation';
import { PIN_BIAS } from '../holds';
import { folioAt, type UserState } from '../user-state';
import type { Invariant } from './invariant';

interface Share {
  references: number;
  maps: number;
}

export const counts: Invariant = {
  id: 'counts',
  statement:
    'A folio has one reference for each of its pages in the page cache, each page table entry and each user that holds it, and one map count for each entry.',
  check(state) {
    const shares = sharesOf(state);
    const wrong: string[] = [];
    for (const extent of state.memory.folios) {
      if (extent.type === 'tail') continue;
      const pages = 2 ** extent.order;
      const cache = extent.owner === 'page cache' ? pages : 0;
      // A run of folios that nobody has but the page cache is right or wrong as one.
      if (extent.refcount === cache && extent.mapcount === 0 && !anyWithin(shares, extent)) continue;
      for (let each = 0; each < extent.count; each++) {
        const head = extent.pfn + each * pages;
        const share = shares.get(head);
        const references = cache + (share?.references ?? 0);
        const maps = share?.maps ?? 0;
        const where = `The folio at page frame 0x${head.toString(16)}`;
        if (extent.refcount !== references) {
          wrong.push(`${where} has ${extent.refcount} references, and ${references} have an owner: ${owners(cache, share, extent.order)}.`);
        }
        if (extent.mapcount !== maps)
          wrong.push(`${where} has a map count of ${extent.mapcount}, and ${maps} page table entries lead to it.`);
        if (wrong.length >= MOST) return wrong;
      }
    }
    return wrong;
  },
};

function anyWithin(shares: ReadonlyMap<number, Share>, { pfn, count, order }: FolioExtent): boolean {
  for (const head of shares.keys()) if (head >= pfn && head < pfn + count * 2 ** order) return true;
  return false;
}

/** Folios that are told; the rest are wrong alike. */
const MOST = 4;

const owners = (cache: number, share: Share | undefined, order: number): string =>
  `${cache} of the page cache, ${share?.maps ?? 0} of page tables, ${(share?.references ?? 0) - (share?.maps ?? 0)} of holds${order === 0 ? '' : ' (a large folio)'}`;

/** What page tables and holds have of each folio, by its head. */
function sharesOf(state: UserState): Map<number, Share> {
  const shares = new Map<number, Share>();
  const add = (pfn: number, references: number, maps: number): void => {
    const head = folioAt(state, pfn)?.head ?? pfn;
    const share = shares.get(head) ?? { references: 0, maps: 0 };
    share.references += references;
    share.maps += maps;
    shares.set(head, share);
  };
  for (const file of [state, ...state.others]) {
    for (const { pfn } of file.entries) add(pfn, 1, 1);
    for (const { kind, pfn } of file.holds) add(pfn, kind === 'pin' && folioAt(state, pfn)?.extent.order === 0 ? PIN_BIAS : 1, 0);
  }
  for (const head of state.hugetlbfs) add(head, 1, 0);
  return shares;
}
