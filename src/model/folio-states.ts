/** How the folio that a function is given stands, and how memory is made so. */
import type { FolioState } from '../protocol/scenario-words';
import type { BlockFolios, Scenario } from '../protocol/simulation';
import { constantIfAny, fieldIfAny, fieldOf, I32, I64 } from './fields';
import { activate, foliosOf, setHugetlbFlag } from './initial-blocks';
import { pageOf } from './memmap';
import type { Address, Kernel, Layout, Word } from './primitive';
import { clearFlag, flagOf, hugetlbFlagOf } from './primitives/folio-flags';
import { bindFolioLock } from './primitives/locks';
import { refcountOf } from './primitives/references';
import type { World } from './world';
import { Writer } from './writer';
import { bindXarray } from './xarray';

const PRESENT: readonly FolioState[] = ['cached', 'held', 'locked', 'removed', 'removed-locked'];
const ABSENT: readonly FolioState[] = ['removed', 'removed-locked', 'free'];

/** The states that a folio of the block can be in, the one that is taken where nothing is said first. */
export const statesOf = (folios: BlockFolios): readonly FolioState[] => (folios === 'absent' ? ABSENT : PRESENT);

interface Ground {
  readonly kernel: Kernel;
  readonly layout: Layout;
  readonly scenario: Scenario;
  readonly world: World;
}

/** Puts the first folio of block 0 into a state; gives it, and how it stands in words. */
export function putFolio(ground: Ground, said: string | undefined): { readonly folio: Address; readonly what: string } {
  const { kernel, layout, scenario, world } = ground;
  const folio = pageOf(world.firstPfn, layout.sizeof('struct page'));
  const folios = foliosOf(scenario, 0);
  const state = statesOf(folios).find((each) => each === said) ?? statesOf(folios)[0] ?? 'cached';
  const count = refcountOf(layout);
  if (state === 'held' || state === 'locked') kernel.store(folio, count, kernel.peek(folio, count) + 1);
  if (state.startsWith('removed')) {
    if (folios === 'absent') takeFromPool(ground, folio);
    else takeFromCache(ground, folio);
  }
  if (state.endsWith('locked')) bindFolioLock(layout).tryLock(kernel, folio);
  const which = folios === 'split' ? 'the first folio of block 0' : 'the huge page of block 0';
  return { folio, what: `${which}, ${folios === 'absent' ? WITHOUT_CACHE[state] : IN_CACHE[state]}` };
}

const IN_CACHE: Readonly<Record<FolioState, string>> = {
  cached: 'in the page cache, whose references are the only ones',
  held: 'in the page cache, with a reference of the caller',
  locked: 'in the page cache, locked, with a reference of the caller',
  removed: "taken out of the page cache, with the caller's reference alone",
  'removed-locked': "taken out of the page cache and locked, with the caller's reference alone",
  free: 'free',
};

const WITHOUT_CACHE: Readonly<Record<FolioState, string>> = {
  ...IN_CACHE,
  removed: "just allocated from the pool, with the caller's reference alone",
  'removed-locked': "just allocated from the pool and locked, with the caller's reference alone",
  free: 'free in the pool',
};

/** Takes all folios of block 0 out of the page cache; one reference more than the scenario's own is left on each. */
function takeFromCache({ kernel, layout, world }: Ground, first: Address): void {
  const array = bindXarray(layout);
  const tree = world.mapping + layout.offsetof('struct address_space', 'i_pages');
  const mapping = fieldOf(layout, 'struct folio', 'mapping');
  const pages = fieldOf(layout, 'struct address_space', 'nrpages');
  const ref = refcountOf(layout);
  const flags = ['dirty', 'uptodate'].map((name) => flagOf(layout, name));
  for (;;) {
    const found = array.find(kernel, tree, 0, 2 ** world.order - 1);
    if (found === null) return;
    array.store(kernel, tree, found.index, found.order, 0);
    kernel.store(found.entry, mapping, 0);
    // The page cache's references go; one of the caller comes.
    kernel.store(found.entry, ref, kernel.peek(found.entry, ref) - 2 ** found.order + 1);
    for (const flag of flags) clearFlag(kernel, found.entry, flag);
    kernel.store(world.mapping, pages, kernel.peek(world.mapping, pages) - 2 ** found.order);
    if (found.entry === first && found.order === world.order) return;
  }
}

/** The spare huge page of the pool, just allocated, for a second folio of a call. */
export function takeSpare(ground: Ground): { readonly folio: Address; readonly what: string } {
  const { kernel, layout, world } = ground;
  const folio = pageOf(world.firstPfn + world.blocks * 2 ** world.order, layout.sizeof('struct page'));
  const writer = new Writer(kernel, layout);
  unlink(kernel, writer.inside(folio, 'struct folio', 'lru'));
  activate(writer, world, folio);
  if (constantIfAny(layout, 'HPG_freed') !== null) clearFlag(kernel, folio, hugetlbFlagOf(layout, 'freed'));
  kernel.store(folio, refcountOf(layout), 1);
  countFree(ground, writer);
  return { folio, what: 'the spare huge page of the pool, just allocated' };
}

/** One huge page of the pool less is free. */
function countFree({ kernel, layout, world }: Ground, writer: Writer): void {
  add(kernel, layout, world.hstate, 'struct hstate', 'free_huge_pages', -1);
  const node = writer.inside(world.hstate, 'struct hstate', 'free_huge_pages_node');
  if (node !== 0) kernel.store(node, I32, kernel.peek(node, I32) - 1);
}

function add(kernel: Kernel, layout: Layout, at: Address, type: string, path: string, by: Word): void {
  const field = at === 0 ? null : fieldIfAny(layout, type, path);
  if (field !== null) kernel.store(at, field, kernel.peek(at, field) + by);
}

/** As an allocation for the inode leaves it: on the active list, its reservation used, to be given back when it is freed. */
function takeFromPool(ground: Ground, folio: Address): void {
  const { kernel, layout, world } = ground;
  const writer = new Writer(kernel, layout);
  unlink(kernel, writer.inside(folio, 'struct folio', 'lru'));
  activate(writer, world, folio);
  if (constantIfAny(layout, 'HPG_freed') !== null) clearFlag(kernel, folio, hugetlbFlagOf(layout, 'freed'));
  setHugetlbFlag(kernel, layout, folio, 'restore_reserve');
  kernel.store(folio, refcountOf(layout), 1);
  const pool = fieldIfAny(layout, 'struct folio', '_hugetlb_subpool');
  if (pool !== null) kernel.store(folio, pool, world.subpool);
  countFree(ground, writer);
  add(kernel, layout, world.hstate, 'struct hstate', 'resv_huge_pages', -1);
  add(kernel, layout, world.subpool, 'struct hugepage_subpool', 'used_hpages', 1);
  add(kernel, layout, world.subpool, 'struct hugepage_subpool', 'rsv_hpages', -1);
}

function unlink(kernel: Kernel, entry: Address): void {
  if (entry === 0) return;
  const prev = { ...I64, offset: 8 };
  const next = kernel.peek(entry, I64);
  const before = kernel.peek(entry, prev);
  if (next === 0 || before === 0) return;
  kernel.store(before, I64, next);
  kernel.store(next, prev, before);
}
