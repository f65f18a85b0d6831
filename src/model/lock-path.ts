/** Locks (and counters that callers raise) by the words that C has for them: `kvm->slots_lock`, `hugetlb_fault_mutex_table[3]`, `mm->mmap_lock (shared)`. */
import type { Program } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';
import { isLockPath } from '../protocol/scenario-words';
import { I64 } from './fields';
import type { Address, FieldRef, Layout, Word } from './primitive';
import { LOCK_TYPES } from './primitives/locks';

/** A name that a path may begin with, and the object that it points at. */
export interface PathRoot {
  readonly name: string;
  readonly at: Address;
  readonly type: TypeId;
}

/** Where paths are followed: types of the program, and memory to look at. */
export interface PathGround {
  readonly program: Program;
  readonly layout: Layout;
  readonly roots: readonly PathRoot[];
  /** Values of whole-number parameters, which may stand as an index. */
  readonly numbers: readonly { readonly name: string; readonly value: Word }[];
  symbol(name: string): Address;
  /** Without checks; 0 where nothing is. */
  peek(at: Address): Word;
}

export interface FoundLock {
  readonly at: Address;
  /** One of `LOCK_TYPES`. */
  readonly type: string;
  readonly shared: boolean;
}

const SHARED = ' (shared)';
const DEEPEST = 8;

/** The lock that a path leads to; null when it leads nowhere, or to something that is no lock. */
export function lockAt(ground: PathGround, text: string): FoundLock | null {
  const here = follow(ground, text);
  const type = here === null ? null : lockType(ground.program, here.type);
  return here === null || type === null ? null : { at: here.at, type, shared: text.endsWith(SHARED) };
}

/** The counter that a path leads to, with its address as offset 0; null when it leads to something that is no whole number. */
export function counterAt(ground: PathGround, text: string): { readonly at: Address; readonly field: FieldRef } | null {
  const here = follow(ground, text);
  const type = here === null ? undefined : ground.program.types[here.type];
  if (here === null || type?.kind !== 'int' || (type.bits !== 32 && type.bits !== 64)) return null;
  return { at: here.at, field: { offset: 0, size: type.bits === 32 ? 4 : 8, signed: type.signed } };
}

function follow(ground: PathGround, text: string): Here | null {
  if (!isLockPath(text)) return null;
  const path = text.endsWith(SHARED) ? text.slice(0, -SHARED.length) : text;
  const [first = '', ...steps] = path.split(/(?=->|\.|\[)/);
  let here = startOf(ground, first);
  for (const step of steps) here = here === null ? null : stepFrom(ground, here, step);
  return here === null || here.pointer ? null : here;
}

/** The shortest words for the lock at an address; null when no root and no global leads there. */
export function pathOf(ground: PathGround, lock: Address): string | null {
  for (const root of ground.roots) {
    const inside = memberPath(ground.program, root.type, lock - root.at, '->', 0);
    if (inside !== null && inside !== '') return root.name + inside;
  }
  for (const global of Object.values(ground.program.globals)) {
    const at = ground.symbol(global.name);
    if (at === 0 || !/^[A-Za-z_]\w*$/.test(global.name)) continue;
    const inside = memberPath(ground.program, global.type, lock - at, '.', 0) ?? elementPath(ground, global.type, at, lock);
    if (inside !== null) return global.name + inside;
  }
  return null;
}

/** A value of C: an object in memory, or (`pointer`) the address of one that stands in no memory. */
interface Here {
  readonly at: Address;
  readonly type: TypeId;
  readonly pointer: boolean;
}

function startOf(ground: PathGround, name: string): Here | null {
  const root = ground.roots.find((each) => each.name === name);
  if (root !== undefined) return { at: root.at, type: root.type, pointer: true };
  const global = ground.program.globals[name];
  const at = global === undefined ? 0 : ground.symbol(name);
  return global === undefined || at === 0 ? null : { at, type: global.type, pointer: false };
}

function stepFrom(ground: PathGround, from: Here, step: string): Here | null {
  if (step.startsWith('.')) return from.pointer ? null : memberOf(ground.program, from, step.slice(1));
  if (step.startsWith('->')) {
    const to = pointee(ground, from);
    return to === null ? null : memberOf(ground.program, to, step.slice(2));
  }
  const inside = step.slice(1, -1);
  const index = /^\d{1,9}$/.test(inside) ? Number(inside) : ground.numbers.find((each) => each.name === inside)?.value;
  if (index === undefined || index < 0) return null;
  const type = ground.program.types[from.type];
  if (!from.pointer && type?.kind === 'array') return elementOf(ground, { ...from, type: type.of }, index, type.length ?? 0);
  const to = pointee(ground, from);
  return to === null ? null : elementOf(ground, to, index, MOST_ELEMENTS);
}

/** What a pointer points at. */
function pointee(ground: PathGround, from: Here): Here | null {
  if (from.pointer) return { ...from, pointer: false };
  const type = ground.program.types[from.type];
  const at = type?.kind === 'pointer' ? ground.peek(from.at) : 0;
  return type?.kind !== 'pointer' || at === 0 ? null : { at, type: type.to, pointer: false };
}

function memberOf(program: Program, of: Here, name: string): Here | null {
  const type = program.types[of.type];
  if (type?.kind !== 'struct' && type?.kind !== 'union') return null;
  for (const field of type.fields) {
    const here: Here = { at: of.at + field.offset, type: field.type, pointer: false };
    if (field.name === name) return field.bits === undefined ? here : null;
    const inner = field.name === '' ? memberOf(program, here, name) : null;
    if (inner !== null) return inner;
  }
  return null;
}

function elementOf(ground: PathGround, first: Here, index: number, length: number): Here | null {
  const size = sizeOf(ground.program, first.type);
  return size > 0 && index < length ? { ...first, at: first.at + index * size } : null;
}

const sizeOf = (program: Program, id: TypeId): number => {
  const type = program.types[id];
  if (type?.kind === 'struct' || type?.kind === 'union') return type.complete ? type.size : 0;
  if (type?.kind === 'array') return (type.length ?? 0) * sizeOf(program, type.of);
  return type?.kind === 'pointer' ? 8 : 0;
};

/** The name of a lock type under which the model knows it. */
const lockType = (program: Program, id: TypeId): string | null => LOCK_TYPES.find((name) => program.typeNames[name] === id) ?? null;

/** How a lock at `offset` in an object of a type is named from it; '' for the object itself, null where there is none. */
function memberPath(program: Program, id: TypeId, offset: number, join: '->' | '.', depth: number): string | null {
  if (offset === 0 && lockType(program, id) !== null) return '';
  const type: CType | undefined = program.types[id];
  if (offset < 0 || depth > DEEPEST || offset >= sizeOf(program, id)) return null;
  if (type?.kind === 'array') {
    const size = sizeOf(program, type.of);
    if (size === 0) return null;
    const index = Math.floor(offset / size);
    const inner = memberPath(program, type.of, offset - index * size, '.', depth + 1);
    return inner === null ? null : `[${index}]${inner}`;
  }
  if (type?.kind !== 'struct' && type?.kind !== 'union') return null;
  for (const field of type.fields) {
    if (field.offset > offset) continue;
    const inner = memberPath(program, field.type, offset - field.offset, field.name === '' ? join : '.', depth + 1);
    if (inner !== null) return field.name === '' ? inner : `${join}${field.name}${inner}`;
  }
  return null;
}

/** A table of locks that a global points at. */
function elementPath(ground: PathGround, id: TypeId, at: Address, lock: Address): string | null {
  const type = ground.program.types[id];
  const to = type?.kind === 'pointer' ? ground.peek(at) : 0;
  if (type?.kind !== 'pointer' || to === 0 || lock < to) return null;
  const size = sizeOf(ground.program, type.to);
  if (size === 0 || lock - to >= size * MOST_ELEMENTS) return null;
  const index = Math.floor((lock - to) / size);
  const inner = memberPath(ground.program, type.to, lock - to - index * size, '.', 0);
  const named = ground.numbers.filter((each) => each.value === index);
  return inner === null ? null : `[${named.length === 1 ? (named[0]?.name ?? '') : index}]${inner}`;
}

/** Tables of locks are small; what is farther away is something else. */
const MOST_ELEMENTS = 4096;

/** A ground that reads memory as `peek` of a kernel does. */
export const groundOver = (
  { program, layout, kernel }: { readonly program: Program; readonly layout: Layout; readonly kernel: Memory },
  roots: readonly PathRoot[],
  numbers: PathGround['numbers'],
): PathGround => ({
  program,
  layout,
  roots,
  numbers,
  symbol: (name) => kernel.symbol(name),
  peek: (at) => {
    try {
      return kernel.peek(at, I64);
    } catch {
      return 0;
    }
  },
});

interface Memory {
  symbol(name: string): Address;
  peek(at: Address, field: typeof I64): Word;
}
