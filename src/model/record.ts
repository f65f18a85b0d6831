/**
 * What the model keeps for itself in simulated memory: who holds which lock, how deep each task is in spinlocks, counters.
 *
 * It is one global object that `withRecord` adds to the program, so that a checkpoint of memory holds it and the C cannot name it.
 */
import type { GlobalObject, Program } from '../kernel-c/program';
import type { CType } from '../kernel-c/types';
import { bootValues, taskBytes } from './boot-values';
import type { Address, FieldRef, Kernel } from './primitive';

export const RECORD = 'folioscope.record';
/** Locks held at one time beyond this number are not recorded: their holder is then unknown. */
const MOST_LOCKS = 4096;
/** Tasks with a number from here on share the last counter. */
const MOST_TASKS = 64;
const DEPTHS = 256;
const LOCKS = 1024;
const ENTRY = 16;
export const RECORD_SIZE = LOCKS + MOST_LOCKS * ENTRY;

/** All words of the record have eight bytes: those are the quickest to read. */
const at = (offset: number): FieldRef => ({ offset, size: 8, signed: true });
const WORD = at(0);
const SECOND = at(8);
const LOCK_COUNT = at(0);
/** Counters of the model by name: where they stand in the record. */
export const COUNTERS = {
  /** vmemmap pages of the modelled blocks now in use. */
  vmemmapPages: at(8),
  /** Order-0 pages that went back to the buddy allocator. */
  buddyPages: at(16),
  /** Huge-page order of the scenario. */
  order: at(24),
  /** References of memory control groups. */
  memcg: at(32),
  /** Descriptors that are taken and neither installed nor given back. */
  files: at(40),
  warnings: at(48),
  /** Order-0 pages that came from the page allocator. */
  takenPages: at(56),
  /** Order-0 pages charged to hugetlb control groups, and their reservations. */
  hugetlbCharge: at(64),
  hugetlbReservation: at(72),
  /** Order-0 pages charged to memory control groups. */
  memcgCharge: at(80),
  modules: at(88),
} as const;

export type LockKind = 'folio' | 'mutex' | 'rwsem' | 'spin' | 'rwlock' | 'rcu';
export const LOCK_KINDS: readonly LockKind[] = ['folio', 'mutex', 'rwsem', 'spin', 'rwlock', 'rcu'];

export interface HeldLock {
  readonly lock: Address;
  readonly task: number;
  readonly kind: LockKind;
  readonly shared: boolean;
}

/** The task structure that all tasks share; larger than any kernel's, and all zero but for the nodes that it may use. */
export const CURRENT = 'folioscope.current';
const CURRENT_SIZE = 32_768;
/** Holds the address of the scenario's file, for `fget`. */
export const SCENARIO_FILE = 'folioscope.file';
/** Files that were installed, by descriptor, from FIRST_DESCRIPTOR on. */
export const DESCRIPTORS = 'folioscope.descriptors';
export const FIRST_DESCRIPTOR = 3;
export const MOST_DESCRIPTORS = 64;
/** Holds the address of the scenario's memory slot. */
export const SCENARIO_SLOT = 'folioscope.slot';
/** Holds the address of what the model keeps of user space and the guest; see `userspace/record.ts`. */
export const USERSPACE = 'folioscope.userspace';

/** The memory policy of all tasks; larger than any kernel's, and all zero: the default policy. */
export const POLICY = 'folioscope.policy';
/** Stands for the one control group, of memory and of hugetlb; nothing is read from it. */
export const GROUP = 'folioscope.group';

/** The program with the model's objects among its globals; the same program when it has them already. */
export function withModelGlobals(program: Program): Program {
  if (program.globals[RECORD] !== undefined) return program;
  const types: CType[] = [...program.types];
  const byte = types.push({ kind: 'int', bits: 8, signed: false, name: 'unsigned char' }) - 1;
  const globals: Record<string, GlobalObject> = { ...program.globals };
  for (const [name, size] of [
    [RECORD, RECORD_SIZE],
    [CURRENT, CURRENT_SIZE],
    [SCENARIO_FILE, 8],
    [SCENARIO_SLOT, 8],
    [DESCRIPTORS, MOST_DESCRIPTORS * 8],
    [POLICY, 1024],
    [GROUP, 64],
    [USERSPACE, 8],
  ] as const) {
    const type = types.push({ kind: 'array', of: byte, length: size }) - 1;
    globals[name] = { name, file: '', line: 0, type, size, align: 16, bytes: [], relocations: [], defined: true, readOnly: false };
  }
  for (const [name, bytes] of Object.entries({ ...bootValues(program), [CURRENT]: taskBytes(program) })) {
    const global = globals[name];
    if (global !== undefined) globals[name] = { ...global, bytes, defined: true };
  }
  return { ...program, types, globals };
}

/** How the record is read: a `Kernel`, or a view over memory. */
export interface RecordReader {
  peek(at: Address, field: FieldRef): number;
  symbol(name: string): Address;
}

export const recordOf = (kernel: Pick<RecordReader, 'symbol'>): Address => kernel.symbol(RECORD);

export function count(kernel: Kernel, counter: FieldRef, by: number): void {
  const record = recordOf(kernel);
  if (record !== 0) kernel.store(record, counter, kernel.load(record, counter) + by);
}

const depthOf = (record: Address, task: number): Address => record + DEPTHS + Math.min(task, MOST_TASKS - 1) * 8;

/** How many spinlocks, RCU read sections and the like the running task is in. */
export function atomicDepth(kernel: Kernel): number {
  const record = recordOf(kernel);
  return record === 0 ? 0 : kernel.load(depthOf(record, kernel.task), WORD);
}

export function enterAtomic(kernel: Kernel, by: 1 | -1): void {
  const record = recordOf(kernel);
  if (record === 0) return;
  const depth = depthOf(record, kernel.task);
  kernel.store(depth, WORD, Math.max(0, kernel.load(depth, WORD) + by));
}

/** Reports `sleep-in-atomic` when the running task may not sleep here. */
export function maySleep(kernel: Kernel, what: string): void {
  if (atomicDepth(kernel) > 0) kernel.report('sleep-in-atomic', `${what} may sleep, and the task holds a spinlock here.`);
}

/** An entry has two words: the lock, and task, kind and mode in one. */
const entryAt = (record: Address, index: number): Address => record + LOCKS + index * ENTRY;
const KINDS = 16;
const taskIn = (packed: number): number => Math.floor(packed / KINDS);

export function noteLock(kernel: Kernel, lock: Address, kind: LockKind, shared: boolean): void {
  const record = recordOf(kernel);
  if (record === 0) return;
  const held = kernel.load(record, LOCK_COUNT);
  if (held >= MOST_LOCKS) return;
  const entry = entryAt(record, held);
  kernel.store(entry, WORD, lock);
  kernel.store(entry, SECOND, kernel.task * KINDS + LOCK_KINDS.indexOf(kind) * 2 + (shared ? 1 : 0));
  kernel.store(record, LOCK_COUNT, held + 1);
}

/** Takes the newest entry of the lock out, of the task or (-1) of anyone; false when there is none. */
function forget(kernel: Kernel, lock: Address, task: number): boolean {
  const record = recordOf(kernel);
  if (record === 0) return false;
  const held = kernel.load(record, LOCK_COUNT);
  for (let index = held - 1; index >= 0; index--) {
    const entry = entryAt(record, index);
    if (kernel.load(entry, WORD) !== lock || (task >= 0 && taskIn(kernel.load(entry, SECOND)) !== task)) continue;
    const last = entryAt(record, held - 1);
    if (last !== entry) {
      kernel.store(entry, WORD, kernel.load(last, WORD));
      kernel.store(entry, SECOND, kernel.load(last, SECOND));
    }
    // Nothing is left of it: equal states are then equal in every byte.
    kernel.store(last, WORD, 0);
    kernel.store(last, SECOND, 0);
    kernel.store(record, LOCK_COUNT, held - 1);
    return true;
  }
  return false;
}

/** Takes a lock of the running task out of the record; false when the record has none. */
export const forgetLock = (kernel: Kernel, lock: Address): boolean => forget(kernel, lock, kernel.task);
/** Takes a lock out whoever holds it. */
export const forgetAnyLock = (kernel: Kernel, lock: Address): boolean => forget(kernel, lock, -1);

/** The task that holds the lock (the running one first), or -1. */
export function holderOf(kernel: Kernel, lock: Address): number {
  const record = recordOf(kernel);
  if (record === 0) return -1;
  let holder = -1;
  for (let index = kernel.load(record, LOCK_COUNT) - 1; index >= 0; index--) {
    const entry = entryAt(record, index);
    if (kernel.load(entry, WORD) !== lock) continue;
    holder = taskIn(kernel.load(entry, SECOND));
    if (holder === kernel.task) return holder;
  }
  return holder;
}

export const holdsLock = (kernel: Kernel, lock: Address): boolean => holderOf(kernel, lock) === kernel.task;

/** All locks held, oldest first as far as unlocking out of order leaves that. */
export function heldLocks(reader: RecordReader): HeldLock[] {
  const record = recordOf(reader);
  if (record === 0) return [];
  return Array.from({ length: reader.peek(record, LOCK_COUNT) }, (_, index): HeldLock => {
    const entry = entryAt(record, index);
    const packed = reader.peek(entry, SECOND);
    return {
      lock: reader.peek(entry, WORD),
      task: taskIn(packed),
      kind: LOCK_KINDS[Math.floor((packed % KINDS) / 2)] ?? 'spin',
      shared: packed % 2 === 1,
    };
  });
}
