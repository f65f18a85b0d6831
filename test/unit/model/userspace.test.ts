/** What the model keeps of users, over memory without checks: contents, stage-2 leaves, holds, page tables. */
import { beforeEach, describe, expect, it } from 'vitest';
import { I64 } from '../../../src/model/fields';
import { pageOf } from '../../../src/model/memmap';
import { USERSPACE } from '../../../src/model/record';
import {
  contentOfWord,
  contentText,
  contentWord,
  readContent,
  STALE,
  writeContent,
  zeroBytesOf,
  zeroFrames,
} from '../../../src/model/userspace/contents';
import { bindHolds, holdOn, holdsOf } from '../../../src/model/userspace/holds';
import { bindPageTables, entryAt } from '../../../src/model/userspace/page-tables';
import { MAPPINGS, MOST_HOLDS, numbered, USERS, USERS_SIZE, usersOf } from '../../../src/model/userspace/record';
import { installLeaf, leafAt, leavesOf, zapLeaves, zapSharedLeaf } from '../../../src/model/userspace/stage2';
import { toyKernel, toyLayout, type ToyKernel } from './toy-kernel';

const SIZE = 64;
const PFN = 0x100;
const field = (offset: number, size: 1 | 4 | 8 = 4, signed = true) => ({ offset, size, signed });
const layout = toyLayout(
  {
    'struct page.flags': field(0, 8),
    'struct page.compound_head': field(8, 8),
    'struct page.page_type': field(48, 4, false),
    'struct page._mapcount': field(48),
    'struct page._refcount': field(52),
    'struct folio.flags': field(0, 8),
    'struct folio.mapping': field(24, 8),
    'struct folio.index': field(32, 8),
    'struct folio._flags_1': field(64, 8),
    'struct folio._large_mapcount': field(80),
    'struct folio._nr_pages_mapped': field(88),
    'struct folio._pincount': field(92),
  },
  { 'struct page': SIZE, 'struct folio': 256 },
  { PG_head: 6, PG_locked: 0, PGTY_hugetlb: 0xf4 },
);
const INDICES = 8;

describe('the record of users', () => {
  let kernel: ToyKernel;
  const page = (pfn: number): number => pageOf(pfn, SIZE);
  const refs = (pfn: number): number => kernel.load(page(pfn), field(52));
  const maps = (pfn: number): number => kernel.load(page(pfn), field(48)) + 1;

  beforeEach(() => {
    kernel = toyKernel(layout);
    const holder = kernel.allocate(8, { name: '', zeroed: true, kind: 'model' });
    kernel.symbols.set(USERSPACE, holder);
    const make = (size: number): number => kernel.allocate(size, { name: '', zeroed: true, kind: 'model' });
    const users = make(USERS_SIZE);
    kernel.store(holder, I64, users);
    for (const [at, value] of [
      [USERS.contents, make(INDICES * 8)],
      [USERS.expected, make(INDICES * 8)],
      [USERS.leaves, make(INDICES * 8)],
      [USERS.room, INDICES],
      [USERS.slotPages, INDICES],
      [USERS.mappings, MAPPINGS],
      [USERS.holds, make(MOST_HOLDS * 24)],
      [USERS.indices, INDICES],
      [USERS.firstPfn, PFN],
      [USERS.frames, INDICES],
      [USERS.order, 2],
      [USERS.mapping, 0x5000],
      ...Array.from({ length: MAPPINGS }, (_, number) => [numbered(USERS.tables, number), make(INDICES * 8)] as const),
    ] as const) {
      kernel.store(users, at, value);
    }
    for (let pfn = PFN; pfn < PFN + INDICES; pfn++) {
      kernel.store(page(pfn), field(48), -1);
      kernel.store(page(pfn), field(52), 1);
    }
  });

  it('is not there in a program without it, and nothing then happens', () => {
    const bare = toyKernel(layout);
    expect(usersOf(bare)).toBe(0);
    writeContent(bare, PFN, 8);
    zeroFrames(bare, PFN, 1);
    expect(readContent(bare, PFN)).toBe(STALE);
    expect(leavesOf(bare)).toEqual([]);
    expect(zapLeaves(bare, 0, 8)).toBe(false);
    expect(holdsOf(bare)).toEqual([]);
    expect(entryAt(bare, 0, 0)).toBe(-1);
    expect(bindPageTables(layout).zapAll(bare, 0x5000, 0, 8)).toBeUndefined();
  });

  it('keeps who wrote a frame, and zeroes frames and parts of them', () => {
    const word = contentWord('guest-private', 123_456_789);
    expect(contentOfWord(word)).toEqual({ writer: 'guest-private', token: 123_456_789 });
    expect([contentText(0), contentText(STALE), contentText(word)]).toEqual(['zero', 'stale', '123456789 of guest-private']);
    for (let pfn = PFN; pfn < PFN + INDICES; pfn++) writeContent(kernel, pfn, contentWord('host', pfn));
    zeroFrames(kernel, PFN + 6, 100);
    // Bytes 100 of frame 0 to 10 of frame 3: two whole frames, and parts of two.
    zeroBytesOf(kernel, PFN, 100, 3 * 4096 + 10);
    zeroBytesOf(kernel, PFN + 4, 8, 16);
    zeroBytesOf(kernel, PFN + 5, 16, 16);
    const texts = Array.from({ length: INDICES }, (_, frame) => contentText(readContent(kernel, PFN + frame)));
    expect(texts).toEqual(['256 of partly', 'zero', 'zero', '259 of partly', '260 of partly', '261 of host', 'zero', 'zero']);
    writeContent(kernel, PFN + INDICES, 8);
    expect(readContent(kernel, PFN + INDICES)).toBe(STALE);
  });

  it('finds a leaf from each of its pages, and zaps it as a whole', () => {
    const at = <Leaf extends { readonly gfn: number }>(leaf: Leaf): Leaf & { readonly index: number } => ({ ...leaf, index: leaf.gfn });
    const huge = { gfn: 4, pfn: PFN + 4, order: 2, shared: false };
    const small = { gfn: 1, pfn: PFN + 1, order: 0, shared: true };
    installLeaf(kernel, huge);
    installLeaf(kernel, small);
    expect(leavesOf(kernel)).toEqual([at(small), at(huge)]);
    expect([leafAt(kernel, 4), leafAt(kernel, 7), leafAt(kernel, 1)]).toEqual([huge, huge, small]);
    expect([leafAt(kernel, 0), leafAt(kernel, 2), leafAt(kernel, 8), leafAt(kernel, -1)]).toEqual([null, null, null, null]);
    expect(zapLeaves(kernel, 2, 4)).toBe(false);
    expect(zapLeaves(kernel, 6, 7)).toBe(true);
    expect(leavesOf(kernel)).toEqual([at(small)]);
    zapSharedLeaf(kernel, 1);
    expect(leavesOf(kernel)).toEqual([]);
    installLeaf(kernel, { ...small, gfn: 5 });
    installLeaf(kernel, huge);
    expect(leavesOf(kernel)).toEqual([at(huge)]);
    zapSharedLeaf(kernel, 4);
    expect(leavesOf(kernel)).toEqual([at(huge)]);
  });

  it('pins a single page by 1024 references, and holds it for a pipe by one', () => {
    const holds = bindHolds(layout);
    const pin = { kind: 'pin', pfn: PFN + 2, index: 2 } as const;
    const pipe = { kind: 'pipe', pfn: PFN + 2, index: 2 } as const;
    expect(holds.take(kernel, pin)).toBe(true);
    expect(holds.take(kernel, pipe)).toBe(true);
    expect(refs(PFN + 2)).toBe(1026);
    expect(holdOn(kernel, 'pipe', 2)).toEqual(pipe);
    holds.drop(kernel, pin);
    expect(refs(PFN + 2)).toBe(2);
    holds.drop(kernel, pin);
    expect(holdsOf(kernel)).toEqual([pipe]);
    holds.drop(kernel, pipe);
    expect([refs(PFN + 2), holdsOf(kernel)]).toEqual([1, []]);
    for (let count = 0; count < MOST_HOLDS; count++) expect(holds.note(kernel, pipe)).toBe(true);
    expect(holds.take(kernel, pipe)).toBe(false);
    expect(refs(PFN + 2)).toBe(1);
  });

  it('pins a large folio by its own count', () => {
    kernel.store(page(PFN), field(0, 8), 2 ** 6);
    kernel.store(page(PFN), field(64, 1), 2);
    for (let tail = 1; tail < 4; tail++) kernel.store(page(PFN + tail), field(8, 8), page(PFN) + 1);
    const holds = bindHolds(layout);
    const pin = { kind: 'pin', pfn: PFN + 3, index: 3 } as const;
    holds.take(kernel, pin);
    expect([refs(PFN), kernel.load(page(PFN), field(92))]).toEqual([2, 1]);
    holds.drop(kernel, pin);
    expect([refs(PFN), kernel.load(page(PFN), field(92))]).toEqual([1, 0]);
    const tables = bindPageTables(layout);
    kernel.store(page(PFN), field(80), -1);
    kernel.store(page(PFN), field(52), 3);
    tables.install(kernel, 0, 3, PFN + 3, false);
    expect([maps(PFN + 3), kernel.load(page(PFN), field(80)), kernel.load(page(PFN), field(88))]).toEqual([1, 0, 1]);
    tables.zap(kernel, 0, 0, 7);
    expect([maps(PFN + 3), kernel.load(page(PFN), field(80)), kernel.load(page(PFN), field(88)), refs(PFN)]).toEqual([0, -1, 0, 2]);
  });

  it('maps a page with the reference that the fault had, and takes both back', () => {
    const tables = bindPageTables(layout);
    for (const number of [0, 1]) {
      kernel.store(page(PFN + 5), field(52), refs(PFN + 5) + 1);
      tables.install(kernel, number, 5, PFN + 5, number === 1);
    }
    expect([entryAt(kernel, 0, 5), entryAt(kernel, 1, 5), entryAt(kernel, 0, 4), maps(PFN + 5), refs(PFN + 5)]).toEqual([
      PFN + 5,
      PFN + 5,
      -1,
      2,
      3,
    ]);
    installLeaf(kernel, { gfn: 5, pfn: PFN + 5, order: 0, shared: true });
    tables.zap(kernel, 1, 0, 4);
    tables.zapAll(kernel, 0x6000, 0, 7);
    expect(maps(PFN + 5)).toBe(2);
    tables.zap(kernel, 1, 5, 5);
    expect([maps(PFN + 5), leavesOf(kernel).length]).toEqual([1, 1]);
    tables.zapAll(kernel, 0x5000, 0, Number.MAX_SAFE_INTEGER);
    expect([entryAt(kernel, 0, 5), maps(PFN + 5), refs(PFN + 5), leavesOf(kernel).length]).toEqual([-1, 0, 1, 0]);
    expect(kernel.reports).toEqual([]);
  });

  it('says where an entry leads to a folio that has no map count', () => {
    kernel.store(page(PFN), field(48, 4, false), 0xf4000000);
    bindPageTables(layout).install(kernel, 0, 0, PFN, false);
    expect(kernel.reports.map((report) => report.kind)).toEqual(['warn-on']);
  });
});
