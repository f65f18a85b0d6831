/** The memory of a run as a person looks at it: folios, vmemmap, page cache and faultable pages in runs, counters, locks. */
import type { CounterView, FolioExtent, LockView, MemoryView, PageCacheExtent, VmemmapView } from '../protocol/simulation';
import { DESCRIPTORS_TAKEN, MEMORY_GROUPS, MODULES, REFERENCES } from './balance';
import { constantIfAny, fieldIfAny, PAGE_SIZE } from './fields';
import { pageOf, pfnOf, inMemmap } from './memmap';
import { eachEntry, type MemoryReader } from './page-cache-view';
import type { FieldRef, Layout } from './primitive';
import { COUNTERS, heldLocks, recordOf, type HeldLock } from './record';
import { scanFolios } from './folio-extents';
import { xarrayLayout } from './xarray-layout';
import type { World } from './world';

/** @param layout must have the world's types; with an empty world the view is empty but for locks and counters */
export function memoryView(reader: MemoryReader, layout: Layout, world: World): MemoryView {
  return fileView(reader, layout, world, world.pages === 0 ? [] : scanFolios(reader, layout, world));
}

/** The same where the folios are known: they are the same for each file of a host. */
export function fileView(reader: MemoryReader, layout: Layout, world: World, folios: readonly FolioExtent[]): MemoryView {
  return {
    order: world.order,
    blocks: world.blocks,
    folios,
    vmemmap: vmemmapOf(reader, layout, world),
    pageCache: pageCacheOf(reader, layout, world),
    faultable: faultableOf(reader, layout, world),
    counters: countersOf(reader, layout, world),
    locks: locksOf(reader, layout, world),
  };
}

function vmemmapOf(reader: MemoryReader, layout: Layout, world: World): VmemmapView[] {
  if (world.pages === 0) return [];
  const size = layout.sizeof('struct page');
  const nr = 2 ** world.order;
  const whole = Math.max(1, Math.ceil((nr * size) / PAGE_SIZE));
  const flag = fieldIfAny(layout, 'struct folio', 'private');
  const bit = constantIfAny(layout, 'HPG_vmemmap_optimized');
  return Array.from({ length: world.blocks }, (_, block) => {
    const head = pageOf(world.firstPfn + block * nr, size);
    const word =
      flag === null || bit === null || !isHugetlbHead(reader, layout, head) ? 0 : reader.peek(head, { ...flag, size: 4, signed: false });
    const optimised = bit !== null && (word & (2 ** bit)) !== 0;
    return { block, optimised, pages: optimised ? 1 : whole, pagesWithoutHvo: whole };
  });
}

function isHugetlbHead(reader: MemoryReader, layout: Layout, head: number): boolean {
  const type = fieldIfAny(layout, 'struct page', 'page_type');
  const byte = constantIfAny(layout, 'PGTY_hugetlb');
  const bit = constantIfAny(layout, 'PG_hugetlb');
  if (type === null) return false;
  const value = reader.peek(head, { ...type, signed: false });
  if (byte !== null) return value >>> 24 === byte;
  return bit !== null && (value & (0xf0000000 | bit)) >>> 0 === 0xf0000000;
}

function pageCacheOf(reader: MemoryReader, layout: Layout, world: World): PageCacheExtent[] {
  if (world.mapping === 0) return [];
  const size = layout.sizeof('struct page');
  const extents: { index: number; count: number; order: number; pfn: number }[] = [];
  eachEntry(reader, xarrayLayout(layout), world.mapping + layout.offsetof('struct address_space', 'i_pages'), ({ index, order, entry }) => {
    const pfn = inMemmap(entry) ? pfnOf(entry, size) : -1;
    const last = extents.at(-1);
    const pages = 2 ** order;
    if (last !== undefined && last.order === order && last.index + last.count * pages === index && last.pfn + last.count * pages === pfn)
      last.count++;
    else extents.push({ index, count: 1, order, pfn });
  });
  return extents;
}

function faultableOf(reader: MemoryReader, layout: Layout, world: World): { index: number; count: number }[] {
  if (world.faultability === 0) return [];
  const runs: { index: number; count: number }[] = [];
  eachEntry(reader, xarrayLayout(layout), world.faultability, ({ index, order }) => {
    const last = runs.at(-1);
    if (last !== undefined && last.index + last.count === index) last.count += 2 ** order;
    else runs.push({ index, count: 2 ** order });
  });
  return runs;
}

const COUNTED: readonly (readonly [group: string, of: keyof World, type: string, names: readonly string[]])[] = [
  ['hstate', 'hstate', 'struct hstate', ['nr_huge_pages', 'free_huge_pages', 'resv_huge_pages', 'surplus_huge_pages']],
  ['subpool', 'subpool', 'struct hugepage_subpool', ['max_hpages', 'used_hpages', 'min_hpages', 'rsv_hpages']],
  ['inode', 'inode', 'struct inode', ['i_blocks', 'i_size']],
  ['inode', 'mapping', 'struct address_space', ['nrpages']],
];

const MODEL_COUNTERS: readonly (readonly [group: string, name: string, field: FieldRef])[] = [
  ['vmemmap', 'pages', COUNTERS.vmemmapPages],
  ['memory', 'pages given to the buddy allocator', COUNTERS.buddyPages],
];

/** Shown where they are not 0: most functions never touch them. */
const RARE_COUNTERS: readonly (readonly [group: string, name: string, field: FieldRef])[] = [
  ['memory', 'pages taken from the buddy allocator', COUNTERS.takenPages],
  ['charges', 'hugetlb pages', COUNTERS.hugetlbCharge],
  ['charges', 'hugetlb reservations', COUNTERS.hugetlbReservation],
  ['charges', 'memory', COUNTERS.memcgCharge],
  [REFERENCES, MEMORY_GROUPS, COUNTERS.memcg],
  [REFERENCES, DESCRIPTORS_TAKEN, COUNTERS.files],
  [REFERENCES, MODULES, COUNTERS.modules],
];

function countersOf(reader: MemoryReader, layout: Layout, world: World): CounterView[] {
  const counters: CounterView[] = [];
  for (const [group, of, type, names] of COUNTED) {
    const at = world[of];
    if (at === 0) continue;
    for (const name of names) {
      const field = fieldIfAny(layout, type, name);
      if (field !== null) counters.push({ group, name, value: reader.peek(at, field) });
    }
  }
  const record = recordOf(reader);
  if (record !== 0 && world.pages > 0) {
    for (const [group, name, field] of MODEL_COUNTERS) counters.push({ group, name, value: reader.peek(record, field) });
    for (const [group, name, field] of RARE_COUNTERS) {
      const value = reader.peek(record, field);
      if (value !== 0) counters.push({ group, name, value });
    }
  }
  return counters;
}

/** The locks that a list can show; more of the same kind are one line. */
const MOST_LOCKS = 64;

function locksOf(reader: MemoryReader, layout: Layout, world: World): LockView[] {
  const held = heldLocks(reader);
  const views = held.slice(0, MOST_LOCKS).map((lock) => ({ what: lockName(reader, layout, world, lock), holder: `P${lock.task}` }));
  if (held.length > MOST_LOCKS) views.push({ what: `${held.length - MOST_LOCKS} more locks`, holder: '' });
  return views;
}

/** What a person calls the lock: `folio lock of pfn 0x40000`, `inode.i_lock`, `hugetlb_fault_mutex_table[0]`. */
export function lockName(reader: MemoryReader, layout: Layout, world: World, { lock, kind, shared }: HeldLock): string {
  if (kind === 'folio')
    return inMemmap(lock) ? `folio lock of pfn 0x${pfnOf(lock, layout.sizeof('struct page')).toString(16)}` : 'folio lock';
  const mode = shared ? ' (shared)' : '';
  for (const [of, type, member, name] of NAMED) {
    if (world[of] !== 0 && layout.has(type, member) && world[of] + layout.offsetof(type, member) === lock)
      return `${name}.${member}${mode}`;
  }
  if (reader.symbol('hugetlb_lock') === lock) return 'hugetlb_lock';
  const table = reader.symbol('hugetlb_fault_mutex_table');
  if (kind === 'mutex' && table !== 0 && layout.has('struct mutex')) {
    const first = reader.peek(table, { offset: 0, size: 8, signed: true });
    const size = layout.sizeof('struct mutex');
    if (lock >= first && lock < first + 8 * size) return `hugetlb_fault_mutex_table[${(lock - first) / size}]`;
  }
  return `${kind} at 0x${BigInt.asUintN(64, BigInt(lock)).toString(16)}${mode}`;
}

const NAMED: readonly (readonly [of: keyof World, type: string, member: string, name: string])[] = [
  ['mapping', 'struct address_space', 'invalidate_lock', 'mapping'],
  ['inode', 'struct inode', 'i_lock', 'inode'],
  ['kvm', 'struct kvm', 'slots_lock', 'kvm'],
  ['kvm', 'struct kvm', 'mmu_lock', 'kvm'],
  ['subpool', 'struct hugepage_subpool', 'lock', 'subpool'],
];
