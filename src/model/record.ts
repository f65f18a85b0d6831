/**
 * What the model keeps for itself in simulated memory: who holds which lock, how deep each task is in spinlocks, counters.
 *
 * It is one global object that `withRecord` adds to the program, so that a checkpoint of memory holds it and the C cannot name it.
 */
import type { GlobalObject, Program } from '../kernel-c/program';
import type { CType } from '../kernel-c/types';
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

const at = (offset: number, size: 4 | 8): FieldRef => ({ offset, size, signed: true });
const LOCK_COUNT = at(0, 4);
/** Counters of the model by name: where they stand in the record. */
export const COUNTERS = {
  /** vmemmap pages of the modelled blocks now in use. */
  vmemmapPages: at(8, 8),
  /** Order-0 pages that went back to the buddy allocator. */
  buddyPages: at(16, 8),
  /** Huge-page order of the scenario. */
  order: at(24, 8),
  /** References of memcg, module and kvm objects that a stub counts. */
  memcg: at(32, 8),
  files: at(40, 8),
  warnings: at(48, 8),
} as const;

export type LockKind = 'folio' | 'mutex' | 'rwsem' | 'spin' | 'rwlock' | 'rcu';
export const LOCK_KINDS: readonly LockKind[] = ['folio', 'mutex', 'rwsem', 'spin', 'rwlock', 'rcu'];

export interface HeldLock {
  readonly lock: Address;
  readonly task: number;
  readonly kind: LockKind;
  readonly shared: boolean;
}

/** The task structure that all tasks share; larger than any kernel's, and all zero. */
export const CURRENT = 'folioscope.current';
const CURRENT_SIZE = 32_768;
/** Holds the address of the scenario's file, for `fget`. */
export const SCENARIO_FILE = 'folioscope.file';
/** Holds the address of the scenario's memory slot. */
export const SCENARIO_SLOT = 'folioscope.slot';

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
  ] as const) {
    const type = types.push({ kind: 'array', of: byte, length: size }) - 1;
    globals[name] = { name, file: '', line: 0, type, size, align: 16, bytes: [], relocations: [], defined: true, readOnly: false };
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
  if (record !== 0) kernel.store(record, counter, kernel.peek(record, counter) + by);
}

const depthField = (task: number): FieldRef => at(DEPTHS + Math.min(task, MOST_TASKS - 1) * 4, 4);

/** How many spinlocks, RCU read sections and the like the running task is in. */
export function atomicDepth(kernel: Kernel): number {
  const record = recordOf(kernel);
  return record === 0 ? 0 : kernel.peek(record, depthField(kernel.task));
}

export function enterAtomic(kernel: Kernel, by: 1 | -1): void {
  const record = recordOf(kernel);
  if (record === 0) return;
  const field = depthField(kernel.task);
  kernel.store(record, field, Math.max(0, kernel.peek(record, field) + by));
}

/** Reports `sleep-in-atomic` when the running task may not sleep here. */
export function maySleep(kernel: Kernel, what: string): void {
  if (atomicDepth(kernel) > 0) kernel.report('sleep-in-atomic', `${what} may sleep, and the task holds a spinlock here.`);
}

const entryAt = (index: number): number => LOCKS + index * ENTRY;

export function noteLock(kernel: Kernel, lock: Address, kind: LockKind, shared: boolean): void {
  const record = recordOf(kernel);
  if (record === 0) return;
  const held = kernel.peek(record, LOCK_COUNT);
  if (held >= MOST_LOCKS) return;
  const entry = entryAt(held);
  kernel.store(record, at(entry, 8), lock);
  kernel.store(record, at(entry + 8, 4), kernel.task);
  kernel.store(record, at(entry + 12, 4), LOCK_KINDS.indexOf(kind) * 2 + (shared ? 1 : 0));
  kernel.store(record, LOCK_COUNT, held + 1);
}

/** Takes the newest entry of the lock out that `matches`; false when there is none. */
function forget(kernel: Kernel, lock: Address, matches: (task: number) => boolean): boolean {
  const record = recordOf(kernel);
  if (record === 0) return false;
  const held = kernel.peek(record, LOCK_COUNT);
  for (let index = held - 1; index >= 0; index--) {
    const entry = entryAt(index);
    if (kernel.peek(record, at(entry, 8)) !== lock || !matches(kernel.peek(record, at(entry + 8, 4)))) continue;
    const last = entryAt(held - 1);
    if (last !== entry) {
      kernel.store(record, at(entry, 8), kernel.peek(record, at(last, 8)));
      kernel.store(record, at(entry + 8, 8), kernel.peek(record, at(last + 8, 8)));
    }
    kernel.store(record, LOCK_COUNT, held - 1);
    return true;
  }
  return false;
}

/** Takes a lock of the running task out of the record; false when the record has none. */
export const forgetLock = (kernel: Kernel, lock: Address): boolean => forget(kernel, lock, (task) => task === kernel.task);
/** Takes a lock out whoever holds it. */
export const forgetAnyLock = (kernel: Kernel, lock: Address): boolean => forget(kernel, lock, () => true);

/** The task that holds the lock (the running one first), or -1. */
export function holderOf(kernel: Kernel, lock: Address): number {
  const record = recordOf(kernel);
  if (record === 0) return -1;
  let holder = -1;
  for (let index = kernel.peek(record, LOCK_COUNT) - 1; index >= 0; index--) {
    const entry = entryAt(index);
    if (kernel.peek(record, at(entry, 8)) !== lock) continue;
    holder = kernel.peek(record, at(entry + 8, 4));
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
    const entry = entryAt(index);
    const packed = reader.peek(record, at(entry + 12, 4));
    return {
      lock: reader.peek(record, at(entry, 8)),
      task: reader.peek(record, at(entry + 8, 4)),
      kind: LOCK_KINDS[packed >> 1] ?? 'spin',
      shared: packed % 2 === 1,
    };
  });
}
