/** The arguments with which a function is entered: made from the types and names of its parameters, or as the scenario says. */
import type { FunctionCode, Program } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';
import { numberOf } from '../protocol/scenario-words';
import type { Scenario } from '../protocol/simulation';
import { callbackName } from './callbacks';
import { putFolio, takeSpare } from './folio-states';
import { fileSize, fillFresh, hugetlbFlags } from './fresh-objects';
import type { Kernel, Layout, Word } from './primitive';
import type { World } from './world';
import { Writer } from './writer';

export interface Argument {
  readonly name: string;
  readonly value: Word;
  /** What it is, for a person: `the inode of the guest_memfd`. */
  readonly what: string;
}

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
  ['struct mm_struct', 'mm', 'the mm of a process that has mapped it'],
  ['struct dentry', 'dentry', 'the dentry of the inode'],
  ['struct vfsmount', 'mount', 'the mount of guest_memfd'],
  ['struct super_block', 'superBlock', 'its super block'],
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
  return code.params.map((name, index) => argumentOf({ kernel, layout, program, scenario, world, code }, name, params[index]));
}

interface Making {
  readonly kernel: Kernel;
  readonly layout: Layout;
  readonly program: Program;
  readonly scenario: Scenario;
  readonly world: World;
  readonly code: FunctionCode;
}

function argumentOf(making: Making, name: string, id: TypeId | undefined): Argument {
  const said = making.scenario.arguments[name];
  const type = id === undefined ? undefined : making.program.types[id];
  const number = said === undefined ? null : numberOf(said);
  if (number !== null) return { name, value: number, what: `${said ?? ''}, as the scenario says` };
  if (type?.kind === 'pointer') return pointer(making, name, making.program.types[type.to], said);
  return { name, value: scalarOf(making, name, type), what: 'made from its name' };
}

const END_NAMES = /^(end|last|nr_pages|nr|npages|hpages|len|size|lend)$/;

/** 0 for a place, the whole of block 0 for an end or a length, 1 for a flag. */
function scalarOf({ kernel, layout, world, scenario, code }: Making, name: string, type: CType | undefined): number {
  const pages = world.pages === 0 ? 1 : 2 ** scenario.order;
  const isFile = world.pages > 0 && code.params.includes('size') && code.params.includes('flags');
  // What a file is made with: its whole size, and that it is over huge pages.
  if (isFile && name === 'size') return fileSize(scenario);
  if (isFile && name === 'flags') return hugetlbFlags(new Writer(kernel, layout), scenario);
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
  if (world.pages > 0 && (tag === 'struct folio' || tag === 'struct page')) {
    const isFirst = name === folioParameter(making.program, making.code);
    const { folio, what } = isFirst || said !== undefined ? putFolio(making, said) : takeSpare(making);
    kernel.event('argument', `${name} is ${what}`);
    return { name, value: folio, what };
  }
  const known = OBJECTS.find(([type]) => type === tag);
  const address = known === undefined ? 0 : world[known[1]];
  if (known !== undefined && address !== 0) return { name, value: address, what: known[2] };
  if (to?.kind === 'function') {
    const callback = kernel.symbol(callbackName(making.code.name, name));
    return { name, value: callback, what: callback === 0 ? 'NULL' : 'a function that is not known' };
  }
  if (to === undefined) return { name, value: 0, what: 'NULL' };
  const size = tag !== '' && layout.has(tag) ? layout.sizeof(tag) : UNKNOWN_SIZE;
  const fresh = kernel.allocate(Math.max(size, 8), { name: `argument ${name}`, zeroed: true, kind: 'model' });
  const filled = fillFresh({ writer: new Writer(kernel, layout), scenario: making.scenario, world }, tag, fresh);
  const what = filled ?? `a new zeroed ${tag === '' ? 'object' : tag}`;
  kernel.event('argument', `${name} is ${what}${filled === null ? ': the model knows nothing better' : ''}`);
  return { name, value: fresh, what };
}

/** The first parameter that points at a folio or page, whose state a scenario says; null where there is none. */
export function folioParameter(program: Program, code: FunctionCode): string | null {
  const type = program.types[code.type];
  const params = type?.kind === 'function' ? type.params : [];
  const index = params.findIndex((id) => {
    const pointer = program.types[id];
    const to = pointer?.kind === 'pointer' ? program.types[pointer.to] : undefined;
    return to?.kind === 'struct' && (to.tag === 'folio' || to.tag === 'page');
  });
  return code.params[index] ?? null;
}
