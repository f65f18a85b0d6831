/** The memory of a scenario with its users as plain data: what the invariants are asked of. */
import type { FolioExtent, MemoryView } from '../../protocol/simulation';
import { fieldIfAny, I64 } from '../fields';
import { memoryView } from '../memory-view';
import { inMemmap, pfnOf } from '../memmap';
import { eachEntry, type MemoryReader } from '../page-cache-view';
import type { Address, FieldRef, Layout } from '../primitive';
import type { World } from '../world';
import { xarrayLayout, isValue } from '../xarray-layout';
import { type Hold, holdsOf } from './holds';
import { MAPPINGS, numbered, USERS, usersOf, wordAt } from './record';
import { bindAttributes, type Leaf, leavesOf } from './stage2';
import { entryAt } from './page-tables';
import { type Reading, readingOf } from './reading';

/** A page table entry of a process. */
export interface MappedPage {
  readonly mapping: number;
  readonly index: number;
  readonly pfn: number;
}

export interface UserState {
  readonly memory: MemoryView;
  /** Pages of the file, and of the guest: the slot has the whole file. */
  readonly indices: number;
  readonly firstPfn: number;
  readonly frames: number;
  readonly closed: boolean;
  readonly entries: readonly MappedPage[];
  readonly leaves: readonly Leaf[];
  readonly holds: readonly Hold[];
  /** Words as `contents.ts` has them, by page frame from the first on. */
  readonly contents: ArrayLike<number>;
  /** By page of the file: a word of contents and one more, or 0. */
  readonly expected: ArrayLike<number>;
  /** By page of the file: whether the attributes of the VM say private. */
  readonly privates: ArrayLike<boolean>;
  /** Heads of huge pages on the free list of node 0. */
  readonly free: readonly number[];
  /** The access of the last step that read. */
  readonly reading: Reading;
}

/** Null where the scenario has no users. */
export function userState(reader: MemoryReader, layout: Layout, world: World): UserState | null {
  const users = usersOf(reader);
  if (users === 0) return null;
  const get = (field: FieldRef): number => reader.peek(users, field);
  const indices = get(USERS.indices);
  const frames = get(USERS.frames);
  const words = (array: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, index) => wordAt(reader, array, index));
  return {
    memory: memoryView(reader, layout, worldNow(reader, layout, world, get)),
    indices,
    firstPfn: get(USERS.firstPfn),
    frames,
    closed: get(USERS.closed) !== 0,
    entries: entriesOf(reader, users, indices),
    leaves: leavesOf(reader),
    holds: holdsOf(reader),
    contents: words(get(USERS.contents), frames),
    expected: words(get(USERS.expected), indices),
    privates: privatesOf(reader, layout, world, indices),
    free: freeHeads(reader, layout, world),
    reading: readingOf(reader),
  };
}

/** The world with the file that is open now, which need not be the first; nothing of a file that is gone but its empty mapping. */
function worldNow(reader: MemoryReader, layout: Layout, world: World, get: (field: FieldRef) => number): World {
  const inode = get(USERS.inode);
  const mapping = get(USERS.mapping);
  const now = { ...world, inode, mapping, file: get(USERS.file) };
  if (get(USERS.closed) !== 0) return { ...now, faultability: 0, subpool: 0, hgmem: 0, inodePrivate: 0 };
  if (inode === world.inode) return now;
  const follow = (at: Address, type: string, path: string): Address => {
    const field = at === 0 ? null : fieldIfAny(layout, type, path);
    return field === null ? 0 : reader.peek(at, field);
  };
  const type = 'struct kvm_gmem_inode_private';
  const inodePrivate = follow(mapping, 'struct address_space', 'i_private_data');
  const hgmem = follow(inodePrivate, type, 'hgmem');
  const faultability = inodePrivate !== 0 && layout.has(type, 'faultability') ? inodePrivate + layout.offsetof(type, 'faultability') : 0;
  return { ...now, inodePrivate, hgmem, faultability, subpool: follow(hgmem, 'struct kvm_gmem_hugetlb', 'spool') };
}

function entriesOf(reader: MemoryReader, users: number, indices: number): MappedPage[] {
  const entries: MappedPage[] = [];
  for (let mapping = 0; mapping < MAPPINGS; mapping++) {
    const table = reader.peek(users, numbered(USERS.tables, mapping));
    for (let index = 0; index < indices; index++) {
      if (wordAt(reader, table, index) !== 0) entries.push({ mapping, index, pfn: entryAt(reader, mapping, index) });
    }
  }
  return entries;
}

function privatesOf(reader: MemoryReader, layout: Layout, world: World, indices: number): boolean[] {
  const privates = new Array<boolean>(indices).fill(false);
  if (world.kvm === 0 || !layout.has('struct kvm', 'mem_attr_array')) return privates;
  const bit = bindAttributes(layout).privateBit;
  eachEntry(reader, xarrayLayout(layout), world.kvm + layout.offsetof('struct kvm', 'mem_attr_array'), ({ index, order, entry }) => {
    if (!isValue(entry) || (Math.floor(entry / 2) & bit) === 0) return;
    for (let each = index; each < Math.min(index + 2 ** order, indices); each++) privates[each] = true;
  });
  return privates;
}

/** Huge pages of a scenario are few: a list with more entries goes round in circles. */
const MOST_FREE = 1024;

function freeHeads(reader: MemoryReader, layout: Layout, world: World): number[] {
  if (world.hstate === 0 || !layout.has('struct hstate', 'hugepage_freelists')) return [];
  const list = world.hstate + layout.offsetof('struct hstate', 'hugepage_freelists');
  const inside = layout.offsetof('struct folio', 'lru');
  const heads: number[] = [];
  for (let at = reader.peek(list, I64); at !== list && at !== 0 && heads.length < MOST_FREE; at = reader.peek(at, I64)) {
    if (inMemmap(at)) heads.push(pfnOf(at - inside, layout.sizeof('struct page')));
  }
  return heads;
}

/** The folio that holds a page frame. */
export interface FolioOfFrame {
  readonly extent: FolioExtent;
  /** The frame of its head. */
  readonly head: number;
}

/** Finds by halving: extents are in order of frames. */
export function folioAt({ memory: { folios } }: UserState, pfn: number): FolioOfFrame | null {
  let [low, high] = [0, folios.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const extent = folios[middle];
    if (extent === undefined) return null;
    const pages = 2 ** extent.order;
    if (pfn < extent.pfn) high = middle - 1;
    else if (pfn >= extent.pfn + extent.count * pages) low = middle + 1;
    else return { extent, head: pfn - ((pfn - extent.pfn) % pages) };
  }
  return null;
}

/** The frame that the page cache has at a page of the file, -1 where it has none. */
export function cachedFrame({ memory: { pageCache } }: UserState, index: number): number {
  for (const extent of pageCache) {
    const inside = index - extent.index;
    if (inside >= 0 && inside < extent.count * 2 ** extent.order) return extent.pfn < 0 ? -1 : extent.pfn + inside;
  }
  return -1;
}
