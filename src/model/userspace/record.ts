/**
 * What the model keeps of user space and of the guest: contents of page frames, page tables, stage-2 leaves, pins; all in simulated memory.
 *
 * One object, named by a global that the C cannot name, holds the addresses of arrays of words. A scenario without users has none: its
 * address is then 0, and everything that would change it does nothing.
 */
import { I64 } from '../fields';
import type { Address, FieldRef, Kernel, Layout, Word } from '../primitive';
import { USERSPACE, type RecordReader } from '../record';

/** Mappings of a file into processes that there can be; a scenario has as many of them as it says. */
export const MAPPINGS = 8;
/** Mappings that there are where nobody says. */
export const USUAL_MAPPINGS = 2;
/** Tasks that can be in a fault at one time; later ones share the last place. */
export const FAULTING_TASKS = 4;
/** Pins and references that users can hold at one time. */
export const MOST_HOLDS = 64;
export const HOLD_WORDS = 3;

const word = (index: number): FieldRef => ({ ...I64, offset: index * 8 });

/**
 * The words of the object. It begins with those of its first memory slot: a further slot has an object of these alone, so that what is said of
 * a slot is said by its address.
 */
export const USERS = {
  /** The struct kvm_memory_slot. */
  slot: word(0),
  /** One word for each guest frame of the slot, counted from its first: the leaf that begins there, or 0. */
  leaves: word(1),
  leafCount: word(2),
  /** First guest frame of the slot. */
  base: word(3),
  /** Pages of the slot; 0 where it is not bound. */
  slotPages: word(4),
  /** The page of the file at the first guest frame. */
  offset: word(5),
  /** Words at `leaves`. */
  room: word(6),
  /** The next slot of this file, or 0. */
  nextSlot: word(7),
  /** One word for each page frame of the memmap; see `contents.ts`. */
  contents: word(8),
  /** One word for each page of the file: what whoever reads it must find, or 0. */
  expected: word(9),
  /** Holds that are taken, and where they stand. */
  holds: word(10),
  holdCount: word(11),
  /** Pages of the file. */
  indices: word(12),
  firstPfn: word(13),
  frames: word(14),
  order: word(15),
  /** 1 after the last reference of the inode is gone. */
  closed: word(16),
  /** The last access by a user or the guest: who, which page of the file, what was found. */
  reader: word(17),
  readIndex: word(18),
  readWord: word(19),
  mapping: word(20),
  inode: word(21),
  file: word(22),
  kvm: word(23),
  /** What that access was to find, as in `expected`; 0 where nothing was. */
  readExpected: word(24),
  /** The largest order of a stage-2 leaf that the architecture allows. */
  leafCap: word(25),
  /** Mappings that the scenario has. */
  mappings: word(26),
  /** What there is once for all files; see `HOST`. */
  host: word(27),
  /** The users of the next file, or 0. */
  nextFile: word(28),
  /** The guest frame of page 0 where no slot has it: what the VM's attributes are asked for then. */
  home: word(29),
  /** FAULTING_TASKS words: a vm_fault for each task. */
  faults: word(30),
  /** FAULTING_TASKS words: room for what the C gives back through pointers. */
  rooms: word(30 + FAULTING_TASKS),
  /** FAULTING_TASKS words: what the last step of each task gave. */
  results: word(30 + 2 * FAULTING_TASKS),
  /** MAPPINGS words: page tables. */
  tables: word(30 + 3 * FAULTING_TASKS),
  /** MAPPINGS words: VMAs. */
  vmas: word(30 + 3 * FAULTING_TASKS + MAPPINGS),
} as const;
export const USERS_SIZE = (30 + 3 * FAULTING_TASKS + 2 * MAPPINGS) * 8;
/** Bytes of a further memory slot. */
export const MEMSLOT_SIZE = 64;

/** The words of what there is once for all files. */
export const HOST = {
  /** The users of the first file. */
  files: word(0),
  /** One word for each huge page of the memmap: 1 where the buddy allocator has it. */
  buddy: word(1),
  /** The first mapping of hugetlbfs, or 0; see `hugetlbfs.ts`. */
  hugetlbfs: word(2),
  /** 1 where the pool was taken from an area of contiguous memory. */
  cma: word(3),
  /** 1 where the buddy allocator has no huge pages but those at `buddy`. */
  counted: word(4),
  /** Works that were put off; 0 where nobody notes them. */
  works: word(5),
} as const;
export const HOST_SIZE = 48;

/** Bytes of one task's room. */
export const ROOM = 64;

/** The object, 0 where the scenario has no users. */
export function usersOf(reader: RecordReader): Address {
  const holder = reader.symbol(USERSPACE);
  return holder === 0 ? 0 : reader.peek(holder, I64);
}

/** The users of all files, in the order in which the files were made ready; none where the scenario has no users. */
export function allUsers(reader: RecordReader): Address[] {
  const current = usersOf(reader);
  const host = current === 0 ? 0 : reader.peek(current, USERS.host);
  if (host === 0) return current === 0 ? [] : [current];
  const all: Address[] = [];
  for (let users = reader.peek(host, HOST.files); users !== 0; users = reader.peek(users, USERS.nextFile)) all.push(users);
  return all;
}

/** What there is once for all files, 0 where the scenario has no users. */
export function hostOf(reader: RecordReader): Address {
  const users = usersOf(reader);
  return users === 0 ? 0 : reader.peek(users, USERS.host);
}

/** The memory slots of a file. */
export function memslotsOf(reader: RecordReader, users: Address): Address[] {
  const slots: Address[] = [];
  for (let slot = users; slot !== 0; slot = reader.peek(slot, USERS.nextSlot)) slots.push(slot);
  return slots;
}

/** The memory slot of a file that has a guest frame; its first one where none has. */
export function memslotAt(reader: RecordReader, users: Address, gfn: number): Address {
  for (let slot = users; slot !== 0; slot = reader.peek(slot, USERS.nextSlot)) {
    const inside = gfn - reader.peek(slot, USERS.base);
    if (inside >= 0 && inside < reader.peek(slot, USERS.slotPages)) return slot;
  }
  return users;
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
