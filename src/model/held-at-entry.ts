/** The locks that the caller of a function holds: taken before it is entered, given back when it has returned. */
import type { FunctionCode, Program } from '../kernel-c/program';
import type { Scenario } from '../protocol/simulation';
import type { Argument } from './arguments-of';
import { counterAt, type FoundLock, groundOver, lockAt, type PathGround, type PathRoot } from './lock-path';
import type { Kernel, Layout } from './primitive';
import { giveBack, takeBeforehand } from './primitives/locks';
import { type HeldLock, heldLocks } from './record';
import type { World } from './world';

/** Names for the objects of a scenario that a path may begin with; parameters come before them. */
const OBJECTS: readonly (readonly [name: string, of: keyof World, type: string])[] = [
  ['mapping', 'mapping', 'struct address_space'],
  ['kvm', 'kvm', 'struct kvm'],
  ['mm', 'mm', 'struct mm_struct'],
  ['inode', 'inode', 'struct inode'],
  ['subpool', 'subpool', 'struct hugepage_subpool'],
  ['hstate', 'hstate', 'struct hstate'],
  ['file', 'file', 'struct file'],
  ['gmem', 'gmem', 'struct kvm_gmem'],
  ['slot', 'slot', 'struct kvm_memory_slot'],
  ['vma', 'vma', 'struct vm_area_struct'],
  ['dentry', 'dentry', 'struct dentry'],
  ['super_block', 'superBlock', 'struct super_block'],
];

interface Entry {
  readonly program: Program;
  readonly layout: Layout;
  readonly kernel: Kernel;
  readonly world: World;
  readonly code: FunctionCode;
  readonly args: readonly Argument[];
}

/** Where the locks of an entry are named from. */
export function entryGround({ program, layout, kernel, world, code, args }: Entry): PathGround {
  const roots: PathRoot[] = [];
  const numbers: { name: string; value: number }[] = [];
  const add = (name: string, at: number, type: number | undefined): void => {
    if (at !== 0 && type !== undefined && !roots.some((root) => root.name === name)) roots.push({ name, at, type });
  };
  for (const [name, of, type] of OBJECTS) if (!code.params.includes(name)) add(name, world[of], program.typeNames[type]);
  const type = program.types[code.type];
  code.params.forEach((name, index) => {
    const id = type?.kind === 'function' ? type.params[index] : undefined;
    const pointer = id === undefined ? undefined : program.types[id];
    const value = args[index]?.value ?? 0;
    if (pointer?.kind === 'pointer') add(name, value, pointer.to);
    else numbers.push({ name, value });
  });
  return groundOver({ program, layout, kernel }, roots, numbers);
}

/** The entries of `held` that are for a function: those without a name are for the first. */
export function heldFor(scenario: Scenario, name: string, first: string): readonly string[] {
  return (scenario.held ?? []).flatMap((entry) => {
    const [of, path] = entry.includes(': ') ? entry.split(': ', 2) : [first, entry];
    return of === name && path !== undefined ? [path] : [];
  });
}

/** Takes the locks, and raises the counters by one; gives the first path that leads to no free lock and to no counter, or null. */
export function takeHeld(kernel: Kernel, ground: PathGround, paths: readonly string[]): string | null {
  for (const path of paths) {
    const counter = counterAt(ground, path);
    if (counter !== null) {
      kernel.store(counter.at, counter.field, kernel.peek(counter.at, counter.field) + 1);
      kernel.event('argument', `${path} has been raised by the caller`);
      continue;
    }
    const lock = lockAt(ground, path);
    if (lock === null || !takes(kernel, ground.layout, lock)) return path;
    kernel.event('argument', `${path} is held by the caller`);
  }
  return null;
}

function takes(kernel: Kernel, layout: Layout, { at, type, shared }: FoundLock): boolean {
  try {
    return takeBeforehand(kernel, layout, at, type, shared);
  } catch {
    // The path leads beyond an object: outside a run, a load from there is no finding but throws.
    return false;
  }
}

/** Gives back what a caller took at an entry and still holds. */
export function giveHeldBack(kernel: Kernel, layout: Layout, taken: readonly HeldLock[]): void {
  const held = heldLocks(kernel);
  for (const lock of taken) {
    if (lock.kind !== 'folio' && held.some((each) => each.lock === lock.lock && each.kind === lock.kind)) giveBack(kernel, layout, lock);
  }
}
