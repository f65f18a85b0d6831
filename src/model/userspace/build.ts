/** Gives a scenario its users: processes that map the file, and a guest, with nothing mapped yet. */
import { constantIfAny, fieldIfAny, I64 } from '../fields';
import type { Address, FieldRef, Kernel, Layout } from '../primitive';
import { USERSPACE } from '../record';
import type { World } from '../world';
import { Writer } from '../writer';
import { STALE } from './contents';
import {
  allUsers,
  FAULTING_TASKS,
  HOLD_WORDS,
  HOST,
  HOST_SIZE,
  MEMSLOT_SIZE,
  memslotsOf,
  MOST_HOLDS,
  numbered,
  ROOM,
  USERS,
  USERS_SIZE,
  USUAL_MAPPINGS,
} from './record';

const VMA = 'struct vm_area_struct';

/**
 * Builds the users of a world that has pages. Does nothing in a program without the model's globals.
 *
 * @param indices pages of the largest file that there will be; those of the world's where left out
 */
export function buildUsers(kernel: Kernel, layout: Layout, world: World, indices = world.blocks * 2 ** world.order): void {
  const holder = kernel.symbol(USERSPACE);
  if (holder === 0 || world.pages === 0 || world.mapping === 0) return;
  const writer = new Writer(kernel, layout);
  const host = make(kernel, HOST_SIZE, 'host of all files');
  kernel.store(host, HOST.buddy, make(kernel, Math.ceil(world.pages / 2 ** world.order) * 8, 'huge pages of the buddy allocator'));
  const users = newUsers(writer, { indices, mappings: USUAL_MAPPINGS, kvm: world.kvm });
  const set = (field: FieldRef, value: number): void => kernel.store(users, field, value);
  set(USERS.contents, staleFrames(kernel, make(kernel, world.pages * 8, 'contents of page frames'), world.pages));
  set(USERS.firstPfn, world.firstPfn);
  set(USERS.frames, world.pages);
  set(USERS.order, world.order);
  set(USERS.leafCap, world.order);
  for (const name of ['mapping', 'inode', 'file'] as const) set(USERS[name], world[name]);
  buildMemslot(writer, users, { slot: world.slot, room: indices });
  const bound = fieldIfAny(layout, 'struct kvm_memory_slot', 'gmem.file');
  if (bound !== null && world.slot !== 0 && kernel.peek(world.slot, bound) !== 0) set(USERS.slotPages, world.blocks * 2 ** world.order);
  for (let number = 0; number < USUAL_MAPPINGS; number++)
    set(numbered(USERS.vmas, number), number === 0 ? world.vma : copyOfVma(writer, world.vma));
  for (let number = 0; number < FAULTING_TASKS; number++) {
    set(numbered(USERS.faults, number), writer.make('struct vm_fault', `fault of task ${number}`));
    set(numbered(USERS.rooms, number), make(kernel, ROOM, `results of task ${number}`));
  }
  set(USERS.host, host);
  kernel.store(host, HOST.files, users);
  kernel.store(holder, I64, users);
}

interface NewUsers {
  /** Pages of the file. */
  readonly indices: number;
  readonly mappings: number;
  readonly kvm: Address;
}

function newUsers({ kernel }: Writer, { indices, mappings, kvm }: NewUsers): Address {
  const users = make(kernel, USERS_SIZE, 'users');
  kernel.store(users, USERS.expected, make(kernel, indices * 8, 'expected contents of the file'));
  kernel.store(users, USERS.holds, make(kernel, MOST_HOLDS * HOLD_WORDS * 8, 'pins and references of users'));
  kernel.store(users, USERS.indices, indices);
  kernel.store(users, USERS.mappings, mappings);
  kernel.store(users, USERS.kvm, kvm);
  for (let number = 0; number < mappings; number++)
    kernel.store(users, numbered(USERS.tables, number), make(kernel, indices * 8, `page table of mapping ${number}`));
  return users;
}

/** Users for a file that a step is to make, which are the present ones from now on. There must be users of another file already. */
export function addUsers(kernel: Kernel, layout: Layout, wanted: NewUsers): Address {
  const others = allUsers(kernel);
  const [first = 0] = others;
  const writer = new Writer(kernel, layout);
  const users = newUsers(writer, wanted);
  for (const field of [USERS.contents, USERS.firstPfn, USERS.frames, USERS.order, USERS.leafCap, USERS.host])
    kernel.store(users, field, kernel.peek(first, field));
  for (let number = 0; number < FAULTING_TASKS; number++)
    for (const field of [USERS.faults, USERS.rooms])
      kernel.store(users, numbered(field, number), kernel.peek(first, numbered(field, number)));
  const vma = kernel.peek(first, USERS.vmas);
  for (let number = 0; number < wanted.mappings; number++) kernel.store(users, numbered(USERS.vmas, number), copyOfVma(writer, vma));
  kernel.store(users, USERS.closed, 1);
  kernel.store(others.at(-1) ?? first, USERS.nextFile, users);
  makePresent(kernel, users);
  return users;
}

/** Steps are those of this file's users from now on. */
export const makePresent = (kernel: Kernel, users: Address): void => kernel.store(kernel.symbol(USERSPACE), I64, users);

interface NewMemslot {
  /** The struct kvm_memory_slot; 0: a new one is made. */
  readonly slot: Address;
  /** Guest frames that it can have. */
  readonly room: number;
}

function buildMemslot(writer: Writer, memslot: Address, { slot, room }: NewMemslot): void {
  const { kernel, layout } = writer;
  const made = slot !== 0 ? slot : writer.make('struct kvm_memory_slot', 'memory slot');
  if (slot === 0) writer.set(made, 'struct kvm_memory_slot', 'flags', constantIfAny(layout, 'KVM_MEM_GUEST_MEMFD') ?? 4);
  kernel.store(memslot, USERS.slot, made);
  kernel.store(memslot, USERS.leaves, make(kernel, room * 8, 'stage-2 page tables'));
  kernel.store(memslot, USERS.room, room);
}

/** A memory slot for a file: its first one where it has none yet, a further one otherwise. Shape: its number. */
export function addMemslot(kernel: Kernel, layout: Layout, users: Address, room: number): number {
  const slots = memslotsOf(kernel, users);
  const writer = new Writer(kernel, layout);
  if (kernel.peek(users, USERS.slot) === 0) {
    buildMemslot(writer, users, { slot: 0, room });
    return 0;
  }
  const memslot = make(kernel, MEMSLOT_SIZE, 'users of a memory slot');
  buildMemslot(writer, memslot, { slot: 0, room });
  kernel.store(slots.at(-1) ?? users, USERS.nextSlot, memslot);
  return slots.length;
}

const make = (kernel: Kernel, size: number, name: string): Address => kernel.allocate(size, { name, zeroed: true, kind: 'model' });

/** No frame has been written by anyone. Each copy doubles what is there. */
function staleFrames(kernel: Kernel, contents: Address, frames: number): Address {
  kernel.store(contents, I64, STALE);
  for (let done = 1; done < frames; done *= 2) kernel.copy(contents + done * 8, contents, Math.min(done, frames - done) * 8);
  return contents;
}

/** Another process maps a file in the same way. */
function copyOfVma(writer: Writer, original: Address): Address {
  const vma = writer.make(VMA, 'vma of a further process');
  if (vma !== 0 && original !== 0) writer.kernel.copy(vma, original, writer.layout.sizeof(VMA));
  return vma;
}
