/**
 * What the model keeps of user space and of the guest: contents of page frames, page tables, stage-2 leaves, pins; all in simulated memory.
 *
 * One object, named by a global that the C cannot name, holds the addresses of arrays of words. A scenario without users has none: its
 * address is then 0, and everything that would change it does nothing.
 */
import { I64 } from '../fields';
import type { Address, FieldRef, Kernel, Layout, Word } from '../primitive';
import { USERSPACE, type RecordReader } from '../record';

/** Mappings of the file into processes. */
export const MAPPINGS = 2;
/** Tasks that can be in a fault at one time; later ones share the last place. */
export const FAULTING_TASKS = 4;
/** Pins and references that users can hold at one time. */
export const MOST_HOLDS = 64;
export const HOLD_WORDS = 3;

const word = (index: number): FieldRef => ({ ...I64, offset: index * 8 });

/** The words of the object. */
export const USERS = {
  /** One word for each page frame of the memmap; see `contents.ts`. */
  contents: word(0),
  /** One word for each page of the file: what whoever reads it must find, or 0. */
  expected: word(1),
  /** One word for each page of the slot: the leaf that begins there, or 0. */
  leaves: word(2),
  leafCount: word(3),
  /** Holds that are taken, and where they stand. */
  holds: word(4),
  holdCount: word(5),
  /** Pages of the file. */
  indices: word(6),
  firstPfn: word(7),
  frames: word(8),
  order: word(9),
  /** 1 after the last reference of the inode is gone. */
  closed: word(10),
  /** The last access by a user or the guest: who, which page of the file, what was found. */
  reader: word(11),
  readIndex: word(12),
  readWord: word(13),
  mapping: word(14),
  inode: word(15),
  file: word(16),
  kvm: word(17),
  slot: word(18),
  /** What that access was to find, as in `expected`; 0 where nothing was. */
  readExpected: word(19),
  /** MAPPINGS words: page tables. */
  tables: word(20),
  /** MAPPINGS words: VMAs. */
  vmas: word(20 + MAPPINGS),
  /** FAULTING_TASKS words: a vm_fault for each task. */
  faults: word(20 + 2 * MAPPINGS),
  /** FAULTING_TASKS words: room for what the C gives back through pointers. */
  rooms: word(20 + 2 * MAPPINGS + FAULTING_TASKS),
  /** FAULTING_TASKS words: what the last step of each task gave. */
  results: word(20 + 2 * MAPPINGS + 2 * FAULTING_TASKS),
  /** The largest order of a stage-2 leaf that the architecture allows. */
  leafCap: word(20 + 2 * MAPPINGS + 3 * FAULTING_TASKS),
} as const;
export const USERS_SIZE = (21 + 2 * MAPPINGS + 3 * FAULTING_TASKS) * 8;
/** Bytes of one task's room. */
export const ROOM = 64;

/** The object, 0 where the scenario has no users. */
export function usersOf(reader: RecordReader): Address {
  const holder = reader.symbol(USERSPACE);
  return holder === 0 ? 0 : reader.peek(holder, I64);
}

/** The index-th word of an array of words. */
export const wordAt = (reader: RecordReader, array: Address, index: number): Word => reader.peek(array + index * 8, I64);
export const setWord = (kernel: Kernel, array: Address, index: number, value: Word): void => kernel.store(array + index * 8, I64, value);

/** A field among several of a kind: a page table, a VMA, a task's vm_fault. */
export const numbered = (field: FieldRef, number: number): FieldRef => ({ ...field, offset: field.offset + number * 8 });

/** The place of the running task among those that fault. */
export const placeOf = (kernel: Kernel): number => Math.min(kernel.task, FAULTING_TASKS - 1);

/** What steps write before they enter C, and what they note of the last access: nothing of it outlives the next step. */
export function scratchOf(kernel: Kernel, layout: Layout): { readonly at: Address; readonly size: number }[] {
  const users = usersOf(kernel);
  if (users === 0) return [];
  const places = Array.from({ length: FAULTING_TASKS }, (_, number) => number);
  return [
    { at: users + USERS.reader.offset, size: 24 },
    { at: users + USERS.readExpected.offset, size: 8 },
    { at: users + USERS.results.offset, size: FAULTING_TASKS * 8 },
    ...places.map((number) => ({ at: kernel.peek(users, numbered(USERS.faults, number)), size: layout.sizeof('struct vm_fault') })),
    ...places.map((number) => ({ at: kernel.peek(users, numbered(USERS.rooms, number)), size: ROOM })),
  ];
}
