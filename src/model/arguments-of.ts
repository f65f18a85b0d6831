/** The arguments with which a function is entered: made from the types and names of its parameters, or as the scenario says. */
import type { FunctionCode, Program } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';
import type { Scenario } from '../protocol/simulation';
import { fieldOf } from './fields';
import { pageOf } from './memmap';
import type { Address, Kernel, Layout, Word } from './primitive';
import { bindXarray } from './xarray';
import { bindFolioLock } from './primitives/locks';
import { flagOf, clearFlag } from './primitives/folio-flags';
import { refcountOf } from './primitives/references';
import type { World } from './world';

export interface Argument {
  readonly name: string;
  readonly value: Word;
  /** What it is, for a person: `the inode of the guest_memfd`. */
  readonly what: string;
}

/** How the folio that a function is given stands; a scenario says it as the value of that parameter. */
export const FOLIO_STATES = ['cached', 'locked', 'removed', 'removed-locked'] as const;
export type FolioState = (typeof FOLIO_STATES)[number];

const OBJECTS: readonly (readonly [type: string, of: keyof World, what: string])[] = [
  ['struct inode', 'inode', 'the inode of the guest_memfd'],
  ['struct address_space', 'mapping', 'its mapping'],
  ['struct hstate', 'hstate', 'the hstate of its huge pages'],
  ['struct hugepage_subpool', 'subpool', "the inode's subpool"],
  ['struct kvm_gmem_hugetlb', 'hgmem', "the inode's hugetlb part"],
  ['struct kvm_gmem_inode_private', 'inodePrivate', "the inode's private part"],
  ['struct kvm_gmem', 'gmem', 'the guest_memfd'],
  ['struct file', 'file', 'the file of the guest_memfd'],
  ['struct kvm', 'kvm', 'the VM'],
  ['struct kvm_memory_slot', 'slot', 'the memory slot bound to it'],
  ['struct vm_area_struct', 'vma', 'a shared mapping of the file'],
  ['struct vm_fault', 'fault', 'a fault at page 0'],
];

/** Sizes of fresh objects whose type is not complete in the program. */
const UNKNOWN_SIZE = 4096;

/**
 * The arguments of the function in order.
 * Shape: one for each parameter; memory of the kernel is changed where a folio is to be locked or taken out.
 */
export function argumentsOf(
  kernel: Kernel,
  layout: Layout,
  program: Program,
  code: FunctionCode,
  scenario: Scenario,
  world: World,
): Argument[] {
  const type = program.types[code.type];
  const params = type?.kind === 'function' ? type.params : [];
  return code.params.map((name, index) => argumentOf({ kernel, layout, program, scenario, world }, name, params[index]));
}

interface Making {
  readonly kernel: Kernel;
  readonly layout: Layout;
  readonly program: Program;
  readonly scenario: Scenario;
  readonly world: World;
}

function argumentOf(making: Making, name: string, id: TypeId | undefined): Argument {
  const said = making.scenario.arguments[name];
  const type = id === undefined ? undefined : making.program.types[id];
  const number = said === undefined ? null : numberOf(said);
  if (number !== null) return { name, value: number, what: `${said ?? ''}, as the scenario says` };
  if (type?.kind === 'pointer') return pointer(making, name, making.program.types[type.to], said);
  return { name, value: scalarOf(making, name, type), what: 'made from its name' };
}

/** Decimal or 0x, with a sign; null when it is no number. */
export function numberOf(text: string): number | null {
  if (/^-?\d{1,18}$/.test(text)) return Number(text);
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return Number(BigInt.asIntN(64, BigInt(text)));
  return text === 'true' ? 1 : text === 'false' || text === 'NULL' ? 0 : null;
}

const END_NAMES = /^(end|last|nr_pages|nr|npages|hpages|len|size|lend)$/;

/** 0 for a place, the whole of block 0 for an end or a length, 1 for a flag. */
function scalarOf({ world, scenario }: Making, name: string, type: CType | undefined): number {
  const pages = world.pages === 0 ? 1 : 2 ** scenario.order;
  if (/^(len|size|lend)$/.test(name)) return pages * 4096;
  if (END_NAMES.test(name)) return pages;
  if (name === 'order') return scenario.order;
  // FALLOC_FL_KEEP_SIZE: guest_memfd refuses fallocate() without it.
  if (name === 'mode') return 1;
  if (type?.kind === 'bool') return 1;
  if (/gfp/.test(name)) return 0x400;
  return 0;
}

function pointer(making: Making, name: string, to: CType | undefined, said: string | undefined): Argument {
  const { kernel, layout, world } = making;
  const tag = to !== undefined && (to.kind === 'struct' || to.kind === 'union') ? `${to.kind} ${to.tag}` : '';
  if (world.pages > 0 && (tag === 'struct folio' || tag === 'struct page')) return folioArgument(making, name, said);
  const known = OBJECTS.find(([type]) => type === tag);
  const address = known === undefined ? 0 : world[known[1]];
  if (known !== undefined && address !== 0) return { name, value: address, what: known[2] };
  if (to?.kind === 'function' || to === undefined) return { name, value: 0, what: 'NULL' };
  const size = tag !== '' && layout.has(tag) ? layout.sizeof(tag) : UNKNOWN_SIZE;
  const fresh = kernel.allocate(Math.max(size, 8), { name: `argument ${name}`, zeroed: true, kind: 'model' });
  const what = `a new zeroed ${tag === '' ? 'object' : tag}`;
  kernel.event('argument', `${name} is ${what}: the model knows nothing better`);
  return { name, value: fresh, what };
}

const STATE_TEXT: Readonly<Record<FolioState, string>> = {
  cached: 'in the page cache, whose references are the only ones',
  locked: 'in the page cache, locked, with a reference of the caller',
  removed: "taken out of the page cache, with the caller's reference alone",
  'removed-locked': "taken out of the page cache and locked, with the caller's reference alone",
};

function folioArgument(making: Making, name: string, said: string | undefined): Argument {
  const { kernel, layout, world, scenario } = making;
  const folio = pageOf(world.firstPfn, layout.sizeof('struct page'));
  if (scenario.folios === 'absent') return { name, value: folio, what: 'the head of block 0, free in the pool' };
  const state = FOLIO_STATES.find((each) => each === said) ?? 'cached';
  const ref = refcountOf(layout);
  if (state === 'locked') kernel.store(folio, ref, kernel.peek(folio, ref) + 1);
  if (state.startsWith('removed')) takeOut(making, folio);
  if (state.endsWith('locked')) bindFolioLock(layout).tryLock(kernel, folio);
  const what = `the ${scenario.folios === 'split' ? 'first folio of block 0' : 'huge page of block 0'}, ${STATE_TEXT[state]}`;
  kernel.event('argument', `${name} is ${what}`);
  return { name, value: folio, what };
}

/** Takes all folios of block 0 out of the page cache; one reference is left on each. */
function takeOut({ kernel, layout, world }: Making, first: Address): void {
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
