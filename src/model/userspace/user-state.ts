/** The memory of a scenario with its users as plain data: what the invariants are asked of. */
import type { FolioExtent, MemoryView } from '../../protocol/simulation';
import { fieldIfAny, I64 } from '../fields';
import { scanFolios } from '../folio-extents';
import { fileView } from '../memory-view';
import { inMemmap, pfnOf } from '../memmap';
import { eachEntry, type MemoryReader } from '../page-cache-view';
import type { Address, FieldRef, Layout } from '../primitive';
import type { World } from '../world';
import { xarrayLayout, isValue } from '../xarray-layout';
import { type Hold, holdsOf } from './holds';
import { NODES } from '../primitives/numa';
import { hugetlbfsHeads } from './hugetlbfs';
import { buddyHeads } from './buddy';
import { allUsers, memslotsOf, numbered, USERS, usersOf, wordAt } from './record';
import { bindAttributes, type FileLeaf, leavesOf } from './stage2';
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
  /** Pages of the file. */
  readonly indices: number;
  readonly firstPfn: number;
  readonly frames: number;
  readonly closed: boolean;
  readonly entries: readonly MappedPage[];
  readonly leaves: readonly FileLeaf[];
  readonly holds: readonly Hold[];
  /** Words as `contents.ts` has them, by page frame from the first on. */
  readonly contents: ArrayLike<number>;
  /** By page of the file: a word of contents and one more, or 0. */
  readonly expected: ArrayLike<number>;
  /** By page of the file: whether the attributes of the VM say private. */
  readonly privates: ArrayLike<boolean>;
  /** Heads of huge pages on the free lists. */
  readonly free: readonly number[];
  /** The access of the last step that read. */
  readonly reading: Reading;
  /** Heads of huge pages that mappings of hugetlbfs have. */
  readonly hugetlbfs: readonly number[];
  /** Heads of huge pages that the buddy allocator has. */
  readonly buddy: readonly number[];
  /** Users of the other files, whose own list of others is empty. */
  readonly others: readonly UserState[];
}

/** Of the present file. Null where the scenario has no users. */
export function userState(reader: MemoryReader, layout: Layout, world: World): UserState | null {
  const users = usersOf(reader);
  return users === 0 ? null : (userStates(reader, layout, world).find((each) => each.users === users)?.state ?? null);
}

export interface StateOfFile {
  /** Address of the users of the file. */
  readonly users: Address;
  readonly state: UserState;
}

/** Of all files, in the order in which they were made ready. */
export function userStates(reader: MemoryReader, layout: Layout, world: World): StateOfFile[] {
  const present = usersOf(reader);
  const all = allUsers(reader);
  const [first = 0] = all;
  if (first === 0) return [];
  const firstPfn = reader.peek(first, USERS.firstPfn);
  const frames = reader.peek(first, USERS.frames);
  const shared: OfAllFiles = {
    folios: scanFolios(reader, layout, world),
    firstPfn,
    frames,
    contents: words(reader, reader.peek(first, USERS.contents), frames),
    free: freeHeads(reader, layout, world),
    hugetlbfs: hugetlbfsHeads(reader, layout),
    buddy: buddyHeads(reader),
  };
  const states = all.map((users) => ofFile(reader, layout, world, { users, isPresent: users === present }, shared));
  if (all.length === 1) return states;
  return states.map(({ users, state }) => ({
    users,
    state: { ...state, others: states.filter((each) => each.users !== users).map((each) => each.state) },
  }));
}

interface OfAllFiles extends Pick<UserState, 'firstPfn' | 'frames' | 'contents' | 'free' | 'hugetlbfs' | 'buddy'> {
  readonly folios: MemoryView['folios'];
}

const words = (reader: MemoryReader, array: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, index) => wordAt(reader, array, index));

const NO_READING: Reading = { reader: 'nobody', index: 0, word: 0, expected: 0 };

interface Which {
  readonly users: Address;
  readonly isPresent: boolean;
}

function ofFile(
  reader: MemoryReader,
  layout: Layout,
  world: World,
  { users, isPresent }: Which,
  { folios, ...shared }: OfAllFiles,
): StateOfFile {
  const get = (field: FieldRef): number => reader.peek(users, field);
  const indices = get(USERS.indices);
  return {
    users,
    state: {
      ...shared,
      memory: fileView(reader, layout, worldNow(reader, layout, world, get), folios),
      indices,
      closed: get(USERS.closed) !== 0,
      entries: entriesOf(reader, users, indices),
      leaves: leavesOf(reader, users),
      holds: holdsOf(reader, users),
      expected: words(reader, get(USERS.expected), indices),
      privates: privatesOf(reader, layout, users, indices),
      reading: isPresent ? readingOf(reader) : NO_READING,
      others: [],
    },
  };
}

/** The world with the file that is open now, which need not be the first; nothing of a file that is gone but its empty mapping. */
function worldNow(reader: MemoryReader, layout: Layout, world: World, get: (field: FieldRef) => number): World {
  const inode = get(USERS.inode);
  const mapping = get(USERS.mapping);
  const now = { ...world, inode, mapping, file: get(USERS.file), kvm: get(USERS.kvm) };
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
  for (let mapping = 0; mapping < reader.peek(users, USERS.mappings); mapping++) {
    const table = reader.peek(users, numbered(USERS.tables, mapping));
    for (let index = 0; index < indices; index++) {
      if (wordAt(reader, table, index) !== 0) entries.push({ mapping, index, pfn: entryAt(reader, mapping, index, users) });
    }
  }
  return entries;
}

/** Guest frames [gfn, gfn + pages) are pages of the file from `index` on. */
interface Segment {
  readonly gfn: number;
  readonly pages: number;
  readonly index: number;
}

function privatesOf(reader: MemoryReader, layout: Layout, users: Address, indices: number): boolean[] {
  const privates = new Array<boolean>(indices).fill(false);
  const kvm = reader.peek(users, USERS.kvm);
  if (kvm === 0 || !layout.has('struct kvm', 'mem_attr_array')) return privates;
  const bit = bindAttributes(layout).privateBit;
  const bound = memslotsOf(reader, users).filter((slot) => reader.peek(slot, USERS.slotPages) > 0);
  const segments: Segment[] = bound.map((slot) => ({
    gfn: reader.peek(slot, USERS.base),
    pages: reader.peek(slot, USERS.slotPages),
    index: reader.peek(slot, USERS.offset),
  }));
  const covers = (index: number): boolean => segments.some((each) => index >= each.index && index < each.index + each.pages);
  const home = reader.peek(users, USERS.home);
  const isWhole = segments.some((each) => each.index === 0 && each.pages >= indices);
  eachEntry(reader, xarrayLayout(layout), kvm + layout.offsetof('struct kvm', 'mem_attr_array'), ({ index: gfn, order, entry }) => {
    if (!isValue(entry) || (Math.floor(entry / 2) & bit) === 0) return;
    const end = gfn + 2 ** order;
    for (const segment of segments) {
      const last = Math.min(end, segment.gfn + segment.pages);
      for (let each = Math.max(gfn, segment.gfn); each < last; each++) privates[each - segment.gfn + segment.index] = true;
    }
    if (isWhole) return;
    for (let each = Math.max(gfn, home); each < Math.min(end, home + indices); each++)
      if (!covers(each - home)) privates[each - home] = true;
  });
  return privates;
}

/** Huge pages of a scenario are few: a list with more entries goes round in circles. */
const MOST_FREE = 1024;

function freeHeads(reader: MemoryReader, layout: Layout, world: World): number[] {
  if (world.hstate === 0 || !layout.has('struct hstate', 'hugepage_freelists')) return [];
  const inside = layout.offsetof('struct folio', 'lru');
  const heads: number[] = [];
  for (let node = 0; node < NODES; node++) {
    const list = world.hstate + layout.offsetof('struct hstate', 'hugepage_freelists') + node * 16;
    for (let at = reader.peek(list, I64); at !== list && at !== 0 && heads.length < MOST_FREE; at = reader.peek(at, I64)) {
      if (inMemmap(at)) heads.push(pfnOf(at - inside, layout.sizeof('struct page')));
    }
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
