/** The huge pages of a scenario: their struct pages, the pool's lists, the page cache, the faultable pages. */
import type { BlockFolios, Scenario } from '../protocol/simulation';
import { constantIfAny, fieldIfAny, I64, PAGE_SIZE } from './fields';
import { FIRST_PFN, pageOf } from './memmap';
import type { Address, FieldRef, Kernel, Layout } from './primitive';
import { bindXarray } from './xarray';
import { flagOf, hugetlbFlagOf, hugetlbType } from './primitives/folio-flags';
import { refcountOf } from './primitives/references';
import { COUNTERS, recordOf } from './record';
import type { Ground, Writer } from './writer';
import type { World } from './world';

type BlockPart = Pick<World, 'firstPfn' | 'pages'>;

/** How a block of the inode stands. */
export const foliosOf = (scenario: Scenario, block: number): BlockFolios =>
  block === 1 ? (scenario.secondFolios ?? scenario.folios) : scenario.folios;

/** How many blocks of the inode have their pages in the page cache. */
export const presentBlocks = (scenario: Scenario): number =>
  Array.from({ length: scenario.blocks }, (_, block) => foliosOf(scenario, block)).filter((folios) => folios !== 'absent').length;

/** Huge pages of the scenario: those of the inode, and the spare ones. */
export const pooledPages = (scenario: Scenario): number => scenario.blocks + (scenario.spare ?? 1);

/** Lays out the inode's blocks and the spare huge pages, and puts each where the scenario wants it. */
export function buildBlocks(ground: Ground, writer: Writer, scenario: Scenario, world: World): BlockPart {
  const { kernel, layout } = ground;
  const nr = 2 ** scenario.order;
  const size = layout.sizeof('struct page');
  const total = pooledPages(scenario);
  ground.map(pageOf(FIRST_PFN, size), roundUp(total * nr * size, PAGE_SIZE));
  const optimisable = scenario.hvo && (nr * size) / PAGE_SIZE > 1;
  for (let block = 0; block < total; block++) {
    const head = pageOf(FIRST_PFN + block * nr, size);
    // Under HVO only the first page of vmemmap is ever seen.
    buildHugePage(kernel, layout, head, scenario.order, optimisable ? Math.min(nr, PAGE_SIZE / size) : nr);
    const cached = block < scenario.blocks && foliosOf(scenario, block) !== 'absent';
    if (cached) cacheBlock(kernel, layout, world, head, block * nr);
    else poolBlock(writer, world, head);
    if (cached) activate(writer, world, head);
  }
  const record = recordOf(kernel);
  if (record !== 0) kernel.store(record, COUNTERS.vmemmapPages, Math.ceil((total * nr * size) / PAGE_SIZE));
  if (optimisable) optimiseAll(kernel, layout, total, nr, size);
  buildFaultable(kernel, layout, scenario, world, nr);
  const bindings = writer.inside(world.gmem, 'struct kvm_gmem', 'bindings');
  if (bindings !== 0 && world.slot !== 0 && scenario.bound !== false) {
    for (let block = 0; block < scenario.blocks; block++)
      bindXarray(layout).store(kernel, bindings, block * nr, scenario.order, world.slot);
  }
  return { firstPfn: FIRST_PFN, pages: total * nr };
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Struct pages of one free huge page: a head and its tails, nobody holding a reference. */
function buildHugePage(kernel: Kernel, layout: Layout, head: Address, order: number, visible: number): void {
  const size = layout.sizeof('struct page');
  const set = (at: Address, field: FieldRef | null, value: number): void => {
    if (field !== null) kernel.store(at, field, value);
  };
  const mapcount = fieldIfAny(layout, 'struct page', '_mapcount.counter', '_mapcount', 'page_type');
  const compound = fieldIfAny(layout, 'struct page', 'compound_head', 'compound_info');
  const first = head + size;
  if (visible > 1) {
    set(first, mapcount, -1);
    set(first, compound, head + 1);
    // All tails are alike: each copy doubles what is there.
    for (let done = 1; done < visible - 1; done *= 2) {
      kernel.copy(first + done * size, first, Math.min(done, visible - 1 - done) * size);
    }
  }
  const flags = flagOf(layout, 'head');
  kernel.store(head, flags.field, flags.mask);
  const type = hugetlbType(layout);
  kernel.store(head, type.field, type.set);
  const orderField = fieldIfAny(layout, 'struct folio', '_flags_1');
  set(head, orderField === null ? null : { ...orderField, size: 1 }, order);
  set(head, fieldIfAny(layout, 'struct folio', '_folio_nr_pages', '_nr_pages'), 2 ** order);
  for (const name of ['_large_mapcount', '_entire_mapcount']) set(head, fieldIfAny(layout, 'struct folio', `${name}.counter`, name), -1);
}

/** Into the page cache at the index, as the C leaves it: dirty, prepared for use, with its reservation to be given back. */
function cacheBlock(kernel: Kernel, layout: Layout, world: World, head: Address, index: number): void {
  const nr = 2 ** world.order;
  kernel.store(head, refcountOf(layout), nr);
  for (const name of ['dirty', 'uptodate']) {
    const flag = flagOf(layout, name);
    kernel.store(head, flag.field, (kernel.load(head, flag.field) | flag.mask) >>> 0);
  }
  setHugetlbFlag(kernel, layout, head, 'restore_reserve');
  const pool = fieldIfAny(layout, 'struct folio', '_hugetlb_subpool');
  if (pool !== null) kernel.store(head, pool, world.subpool);
  if (world.mapping === 0) return;
  const mapping = fieldIfAny(layout, 'struct folio', 'mapping');
  const place = fieldIfAny(layout, 'struct folio', 'index');
  if (mapping !== null) kernel.store(head, mapping, world.mapping);
  if (place !== null) kernel.store(head, place, index);
  bindXarray(layout).store(kernel, world.mapping + layout.offsetof('struct address_space', 'i_pages'), index, world.order, head);
  const pages = fieldIfAny(layout, 'struct address_space', 'nrpages');
  if (pages !== null) kernel.store(world.mapping, pages, kernel.load(world.mapping, pages) + nr);
}

export function setHugetlbFlag(kernel: Kernel, layout: Layout, head: Address, name: string): void {
  if (constantIfAny(layout, `HPG_${name}`) === null) return;
  const flag = hugetlbFlagOf(layout, name);
  kernel.store(head, flag.field, (kernel.load(head, flag.field) | flag.mask) >>> 0);
}

/** Onto the free list of node 0. */
function poolBlock(writer: Writer, world: World, head: Address): void {
  setHugetlbFlag(writer.kernel, writer.layout, head, 'freed');
  append(writer, writer.inside(head, 'struct folio', 'lru'), writer.inside(world.hstate, 'struct hstate', 'hugepage_freelists'));
}

/** Onto the list of huge pages in use. */
export const activate = (writer: Writer, world: World, head: Address): void =>
  append(writer, writer.inside(head, 'struct folio', 'lru'), writer.inside(world.hstate, 'struct hstate', 'hugepage_activelist'));

function append({ kernel }: Writer, entry: Address, list: Address): void {
  if (entry === 0 || list === 0) return;
  const prev = { ...I64, offset: 8 };
  const last = kernel.load(list, prev);
  kernel.store(entry, I64, list);
  kernel.store(entry, prev, last);
  kernel.store(last, I64, entry);
  kernel.store(list, prev, entry);
}

function optimiseAll(kernel: Kernel, layout: Layout, total: number, nr: number, size: number): void {
  if (constantIfAny(layout, 'HPG_vmemmap_optimized') === null) return;
  const pages = (nr * size) / PAGE_SIZE;
  const record = recordOf(kernel);
  for (let block = 0; block < total; block++) {
    const head = pageOf(FIRST_PFN + block * nr, size);
    setHugetlbFlag(kernel, layout, head, 'vmemmap_optimized');
    kernel.mapReadOnly(head + PAGE_SIZE, pages - 1, head);
  }
  if (record !== 0) kernel.store(record, COUNTERS.vmemmapPages, total);
}

function buildFaultable(kernel: Kernel, layout: Layout, scenario: Scenario, world: World, nr: number): void {
  if (world.faultability === 0 || scenario.faultable === 'none') return;
  const array = bindXarray(layout);
  // `xa_mk_value`: shifted left with bit 0 set.
  const value = (constantIfAny(layout, 'KVM_GMEM_FAULTABILITY_VALUE') ?? 1) * 2 + 1;
  const last = scenario.faultable === 'first' ? 1 : scenario.blocks * nr;
  for (let index = 0; index < last; index++) array.store(kernel, world.faultability, index, 0, value);
}
