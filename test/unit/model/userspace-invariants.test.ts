/** Each invariant of a scenario with users, on a state in which it holds and on ones in which it does not. */
import { describe, expect, it } from 'vitest';
import type { FolioExtent, MemoryView } from '../../../src/protocol/simulation';
import { contentWord, STALE, ZERO } from '../../../src/model/userspace/contents';
import { userInvariants, violationsIn } from '../../../src/model/userspace/invariants/all';
import { content } from '../../../src/model/userspace/invariants/content';
import { counts } from '../../../src/model/userspace/invariants/counts';
import { placesText } from '../../../src/model/userspace/invariants/invariant';
import { isolation } from '../../../src/model/userspace/invariants/isolation';
import { locksFree } from '../../../src/model/userspace/invariants/locks-free';
import { mapped } from '../../../src/model/userspace/invariants/mapped';
import { mergedWhenPrivate } from '../../../src/model/userspace/invariants/merged-when-private';
import { pagesConserved } from '../../../src/model/userspace/invariants/pages-conserved';
import { pool } from '../../../src/model/userspace/invariants/pool';
import { unmappedOnRemoval } from '../../../src/model/userspace/invariants/unmapped-on-removal';
import { expectedWord } from '../../../src/model/userspace/step';
import type { UserState } from '../../../src/model/userspace/user-state';

const PFN = 0x1000;
const HOST = contentWord('host', 5);
const SECRET = contentWord('guest-private', 6);

const folio = (pfn: number, count: number, more: Partial<FolioExtent> = {}): FolioExtent => ({
  pfn,
  count,
  order: 0,
  type: 'folio',
  owner: 'page cache',
  refcount: 1,
  mapcount: 0,
  flags: [],
  index: pfn - PFN,
  ...more,
});
const freeHuge = folio(PFN + 4, 1, { order: 2, type: 'hugetlb', owner: 'free', refcount: 0, flags: ['freed'], index: -1 });
const wholeBlock = folio(PFN, 1, { order: 2, type: 'hugetlb', refcount: 4 });

const counted = (values: Readonly<Record<string, number>>): MemoryView['counters'] =>
  Object.entries(values).map(([path, value]) => {
    const [group = '', name = ''] = path.split('.');
    return { group, name, value };
  });
const COUNTERS = {
  'hstate.nr_huge_pages': 2,
  'hstate.free_huge_pages': 1,
  'hstate.resv_huge_pages': 0,
  'subpool.used_hpages': 1,
  'subpool.min_hpages': 1,
  'inode.i_blocks': 32,
};

type Change = Omit<Partial<UserState>, 'memory'> & { readonly memory?: Partial<MemoryView> };

/** A block of four pages, split, page 1 mapped by a process that wrote to it; a huge page is free. */
function stateWith({ memory = {}, ...more }: Change = {}): UserState {
  const whole: UserState = {
    memory: {
      order: 2,
      blocks: 1,
      folios: [folio(PFN, 1), folio(PFN + 1, 1, { refcount: 2, mapcount: 1 }), folio(PFN + 2, 2), freeHuge],
      vmemmap: [],
      pageCache: [{ index: 0, count: 4, order: 0, pfn: PFN }],
      faultable: [{ index: 0, count: 4 }],
      counters: counted(COUNTERS),
      locks: [],
      ...memory,
    },
    indices: 4,
    firstPfn: PFN,
    frames: 8,
    closed: false,
    entries: [{ mapping: 0, index: 1, pfn: PFN + 1 }],
    leaves: [],
    holds: [],
    contents: [ZERO, HOST, STALE, STALE, STALE, STALE, STALE, STALE],
    expected: [0, expectedWord(HOST), 0, 0],
    privates: [false, false, false, false],
    free: [PFN + 4],
    hugetlbfs: [],
    buddy: [],
    others: [],
    reading: { reader: 'nobody', index: 0, word: 0, expected: 0 },
  };
  return { ...whole, ...more };
}

describe('invariants of users', () => {
  it('all hold in a state without defects, and have names of their own', () => {
    expect(violationsIn(stateWith())).toEqual([]);
    expect(new Set(userInvariants.map((each) => each.id)).size).toBe(userInvariants.length);
  });

  it('content: what was written stays', () => {
    expect(content.check(stateWith({ reading: { reader: 'host', index: 1, word: HOST, expected: expectedWord(HOST) } }))).toEqual([]);
    expect(content.check(stateWith({ contents: [ZERO, ZERO, STALE, STALE] }))).toEqual([
      'Data loss: page 1 was written and is zero now, and no operation was asked to change it.',
    ]);
    expect(content.check(stateWith({ contents: [ZERO, contentWord('partly', 5)] }))[0]).toMatch(/page 1 holds other than what was written/);
    expect(content.check(stateWith({ memory: { pageCache: [] } }))[0]).toMatch(/page 1 was written and is no longer in the file/);
    // Zero is expected after a hole, and an absent page reads as zero.
    expect(content.check(stateWith({ expected: [1, 1, 1, 1], memory: { pageCache: [] } }))).toEqual([]);
    expect(content.check(stateWith({ reading: { reader: 'host', index: 0, word: HOST, expected: 1 } }))[0]).toMatch(
      /User space reads 5 of host at page 0, where zero was left/,
    );
  });

  it('content: nobody reads what is not theirs', () => {
    const reads = (reader: 'host' | 'guest', word: number) =>
      content.check(stateWith({ reading: { reader, index: 2, word, expected: 0 } }));
    expect(reads('host', ZERO)).toEqual([]);
    expect(reads('guest', SECRET)).toEqual([]);
    expect(reads('host', contentWord('guest-shared', 1))).toEqual([]);
    expect(reads('host', SECRET)[0]).toMatch(/what the guest wrote while the page was private/);
    expect(reads('guest', STALE)[0]).toMatch(/held before it was given to the file/);
  });

  it('isolation', () => {
    const privates = [false, true, false, false];
    expect(isolation.check(stateWith({ privates: [true, false, true, true] }))).toEqual([]);
    expect(isolation.check(stateWith({ privates }))).toEqual(['Page 1 is private to the guest and mapped into user space.']);
    const pinned = stateWith({ privates, entries: [], holds: [{ kind: 'pin', pfn: PFN + 1, index: 1 }] });
    expect(isolation.check(pinned)).toEqual(['Page 1 is private to the guest and pinned by user space.']);
    const pipe = stateWith({ privates, entries: [], holds: [{ kind: 'pipe', pfn: PFN + 1, index: 1 }] });
    expect(isolation.check(pipe)[0]).toMatch(/has a reference by which it reads and writes/);
    // A frame that the file has given up is no way to the page that is there now; what memory failure keeps is no way at all.
    for (const hold of [
      { kind: 'pipe' as const, pfn: PFN + 5, index: 1 },
      { kind: 'poison' as const, pfn: PFN + 1, index: 1 },
    ]) {
      expect(isolation.check(stateWith({ privates, entries: [], holds: [hold] }))).toEqual([]);
    }
  });

  it('mapped', () => {
    expect(mapped.check(stateWith({ leaves: [{ gfn: 0, index: 0, pfn: PFN, order: 0, shared: false }] }))).toEqual([]);
    expect(mapped.check(stateWith({ entries: [{ mapping: 1, index: 1, pfn: PFN + 5 }] }))).toEqual([
      'Mapping 1 of user space has page 1 at page frame 0x1005, which is free.',
    ]);
    expect(mapped.check(stateWith({ leaves: [{ gfn: 0, index: 0, pfn: PFN + 2, order: 1, shared: false }] }))).toEqual([
      'The guest has page 0 at page frame 0x1002, and the file has it at 0x1000.',
    ]);
  });

  it('unmapped on removal', () => {
    expect(unmappedOnRemoval.check(stateWith())).toEqual([]);
    const removed = { pageCache: [{ index: 2, count: 2, order: 0, pfn: PFN + 2 }] };
    expect(unmappedOnRemoval.check(stateWith({ memory: removed }))).toEqual([
      'User space still maps page 1, which the file no longer has.',
    ]);
    const leaf = { gfn: 0, index: 0, pfn: PFN, order: 2, shared: false };
    expect(unmappedOnRemoval.check(stateWith({ memory: removed, entries: [], leaves: [leaf] }))[0]).toMatch(
      /The guest still maps pages 0 to 1/,
    );
    expect(unmappedOnRemoval.check(stateWith({ closed: true }))).toHaveLength(1);
  });

  it('counts', () => {
    expect(counts.check(stateWith())).toEqual([]);
    expect(counts.check(stateWith({ entries: [] }))).toEqual([
      'The folio at page frame 0x1001 has 2 references, and 1 have an owner: 1 of the page cache, 0 of page tables, 0 of holds.',
      'The folio at page frame 0x1001 has a map count of 1, and 0 page table entries lead to it.',
    ]);
    const pinned = (order: number, refcount: number, folios: readonly FolioExtent[]) =>
      counts.check(
        stateWith({
          entries: [],
          holds: [{ kind: 'pin', pfn: PFN, index: 0 }],
          memory: { folios: [{ ...folios[0]!, order, refcount }, freeHuge] },
        }),
      );
    // A pin of a single page counts 1024; one of a large folio counts 1.
    expect(pinned(0, 1025, [folio(PFN, 1)])).toEqual([]);
    expect(pinned(0, 2, [folio(PFN, 1)])).toHaveLength(1);
    expect(pinned(2, 5, [wholeBlock])).toEqual([]);
    expect(counts.check(stateWith({ memory: { folios: [{ ...freeHuge, refcount: 1 }] }, entries: [] }))).toHaveLength(1);
  });

  it('pages are conserved', () => {
    expect(pagesConserved.check(stateWith())).toEqual([]);
    expect(pagesConserved.check(stateWith({ free: [] }))).toEqual([
      'Lost: page frames 4 to 7 (counted from 0x1000) are in no file and no pool, and no user holds them.',
    ]);
    expect(pagesConserved.check(stateWith({ free: [PFN + 4, PFN] }))[0]).toMatch(/^Twice: page frames 0 to 3/);
    const partly = { pageCache: [{ index: 1, count: 3, order: 0, pfn: PFN + 1 }], folios: [folio(PFN, 1, { owner: 'nobody' })] };
    expect(pagesConserved.check(stateWith({ memory: partly, holds: [{ kind: 'pin', pfn: PFN, index: 0 }] }))).toEqual([]);
    expect(pagesConserved.check(stateWith({ memory: partly, entries: [] }))).toHaveLength(1);
  });

  it('pool', () => {
    const counting = (change: Readonly<Record<string, number>>, more: Change = {}) =>
      pool.check(stateWith({ ...more, memory: { ...more.memory, counters: counted({ ...COUNTERS, ...change }) } }));
    expect(counting({})).toEqual([]);
    expect(counting({ 'hstate.free_huge_pages': 2 })[0]).toMatch(/free_huge_pages is 2, and 1 huge pages are on the free list/);
    expect(counting({ 'hstate.nr_huge_pages': 3 })[0]).toMatch(/nr_huge_pages is 3, and there are 2/);
    expect(counting({ 'hstate.resv_huge_pages': 1 })[0]).toMatch(/resv_huge_pages is 1, and the file may still ask for 0/);
    expect(counting({ 'subpool.used_hpages': 0 })[0]).toMatch(/used_hpages is 0, and the file has pages of 1 blocks/);
    expect(counting({ 'inode.i_blocks': 0 })[0]).toMatch(/i_blocks is 0, and the file has 32 sectors/);
    expect(counting({ 'hstate.resv_huge_pages': 1 }, { closed: true })[0]).toMatch(/after the only file that reserved any is gone/);
    expect(pool.check(stateWith({ memory: { counters: [] } }))).toEqual([]);
  });

  it('merged when private', () => {
    const memory = { faultable: [] };
    const privates = [true, true, true, true];
    expect(mergedWhenPrivate.check(stateWith({ memory, privates, entries: [] }))).toEqual([
      'Pages 0 to 3 are all private, and still single pages: nothing puts them together.',
    ]);
    const folios = [wholeBlock, freeHuge];
    const pageCache = [{ index: 0, count: 1, order: 2, pfn: PFN }];
    expect(mergedWhenPrivate.check(stateWith({ memory: { ...memory, folios, pageCache }, privates, entries: [] }))).toEqual([]);
    expect(mergedWhenPrivate.check(stateWith({ memory, privates }))).toEqual([]);
    expect(mergedWhenPrivate.check(stateWith({ privates, entries: [] }))).toEqual([]);
    expect(mergedWhenPrivate.check(stateWith({ memory, privates: [true, true, true, false], entries: [] }))).toEqual([]);
  });

  it('locks are free', () => {
    expect(locksFree.check(stateWith())).toEqual([]);
    expect(locksFree.check(stateWith({ memory: { locks: [{ what: 'kvm.slots_lock', holder: 'P0' }] } }))).toEqual([
      'kvm.slots_lock is held, and no operation is in progress.',
    ]);
  });

  it('says places in runs, and not more of them than a person reads', () => {
    expect(placesText('page', [3])).toBe('page 3');
    expect(placesText('page', [0, 1, 2])).toBe('pages 0 to 2');
    expect(placesText('page', [0, 2, 4, 5, 6, 8, 10, 11])).toBe('pages 0, 2, 4 to 6, 8 and 2 more');
  });
});
