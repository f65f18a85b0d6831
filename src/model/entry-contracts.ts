/** What the kernel holds when it calls a function through a table of operations. */
import type { FunctionCode, Program } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';

/** One operation of a table, and the locks under which it is called. */
interface EntryContract {
  /** Tag with its keyword. */
  readonly table: string;
  readonly member: string;
  /** Each lock as a path from the first parameter that points at a struct of this tag. */
  readonly locks: readonly { readonly of: string; readonly path: string }[];
}

/** Source: Documentation/filesystems/locking.rst and Documentation/mm/process_addrs.rst of 6.12; operations without locks are not listed. */
const CONTRACTS: readonly EntryContract[] = [
  { table: 'struct file_operations', member: 'mmap', locks: [{ of: 'struct vm_area_struct', path: '->vm_mm->mmap_lock' }] },
  { table: 'struct inode_operations', member: 'setattr', locks: [{ of: 'struct dentry', path: '->d_inode->i_rwsem' }] },
  { table: 'struct vm_operations_struct', member: 'fault', locks: [{ of: 'struct vm_fault', path: '->vma->vm_mm->mmap_lock (shared)' }] },
];

export interface EntryLock {
  /** As a scenario's `held` has it. */
  readonly path: string;
  readonly because: string;
}

/**
 * The locks under which a function is called through the tables of operations that the program has.
 * Shape: null when no table has it; an empty list when it is called with no lock.
 */
export function entryLocks(program: Program, name: string): readonly EntryLock[] | null {
  const code = program.functions[name];
  const entries = entriesOf(program, name);
  if (code === undefined || entries.length === 0) return null;
  const locks: EntryLock[] = [];
  for (const { table, member } of entries) {
    const contract = CONTRACTS.find((each) => each.table === table && each.member === member);
    for (const { of, path } of contract?.locks ?? []) {
      const parameter = parameterOf(program, code, of);
      const lock = `${parameter}${path}`;
      if (parameter !== null && !locks.some((each) => each.path === lock))
        locks.push({ path: lock, because: `it is the ${member} of a ${table.replace('struct ', '')}` });
    }
  }
  return locks;
}

/** Where tables of operations have the function. */
function entriesOf(program: Program, name: string): { readonly table: string; readonly member: string }[] {
  return Object.values(program.globals).flatMap((global) => {
    const type = program.types[global.type];
    if (type?.kind !== 'struct') return [];
    return global.relocations
      .filter((relocation) => relocation.symbol === name)
      .map(({ offset }) => ({ table: `struct ${type.tag}`, member: type.fields.find((field) => field.offset === offset)?.name ?? '' }));
  });
}

function parameterOf(program: Program, code: FunctionCode, tag: string): string | null {
  const type = program.types[code.type];
  if (type?.kind !== 'function') return null;
  const index = type.params.findIndex((id) => pointeeTag(program, id) === tag);
  return code.params[index] ?? null;
}

function pointeeTag(program: Program, id: TypeId): string {
  const pointer: CType | undefined = program.types[id];
  const to = pointer?.kind === 'pointer' ? program.types[pointer.to] : undefined;
  return to?.kind === 'struct' || to?.kind === 'union' ? `${to.kind} ${to.tag}` : '';
}
