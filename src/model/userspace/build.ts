/** Gives a scenario its users: processes that map the file, and a guest, with nothing mapped yet. */
import { I64 } from '../fields';
import type { Address, Kernel, Layout } from '../primitive';
import { USERSPACE } from '../record';
import type { World } from '../world';
import { Writer } from '../writer';
import { STALE } from './contents';
import { FAULTING_TASKS, HOLD_WORDS, MAPPINGS, MOST_HOLDS, numbered, ROOM, USERS, USERS_SIZE } from './record';

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
  const make = (size: number, name: string): Address => kernel.allocate(size, { name, zeroed: true, kind: 'model' });
  const users = make(USERS_SIZE, 'users');
  const set = (field: { readonly offset: number }, value: number): void => kernel.store(users, { ...I64, offset: field.offset }, value);
  set(USERS.contents, staleFrames(kernel, make(world.pages * 8, 'contents of page frames'), world.pages));
  set(USERS.expected, make(indices * 8, 'expected contents of the file'));
  set(USERS.leaves, make(indices * 8, 'stage-2 page tables'));
  set(USERS.holds, make(MOST_HOLDS * HOLD_WORDS * 8, 'pins and references of users'));
  set(USERS.indices, indices);
  set(USERS.firstPfn, world.firstPfn);
  set(USERS.frames, world.pages);
  set(USERS.order, world.order);
  set(USERS.leafCap, world.order);
  for (const name of ['mapping', 'inode', 'file', 'kvm', 'slot'] as const) set(USERS[name], world[name]);
  for (let number = 0; number < MAPPINGS; number++) {
    set(numbered(USERS.tables, number), make(indices * 8, `page table of mapping ${number}`));
    set(numbered(USERS.vmas, number), number === 0 ? world.vma : copyOfVma(writer, world));
  }
  for (let number = 0; number < FAULTING_TASKS; number++) {
    set(numbered(USERS.faults, number), writer.make('struct vm_fault', `fault of task ${number}`));
    set(numbered(USERS.rooms, number), make(ROOM, `results of task ${number}`));
  }
  kernel.store(holder, I64, users);
}

/** No frame has been written by anyone. Each copy doubles what is there. */
function staleFrames(kernel: Kernel, contents: Address, frames: number): Address {
  kernel.store(contents, I64, STALE);
  for (let done = 1; done < frames; done *= 2) kernel.copy(contents + done * 8, contents, Math.min(done, frames - done) * 8);
  return contents;
}

/** Another process maps the same file. */
function copyOfVma(writer: Writer, world: World): Address {
  const vma = writer.make(VMA, 'vma of a second process');
  if (vma !== 0 && world.vma !== 0) writer.kernel.copy(vma, world.vma, writer.layout.sizeof(VMA));
  return vma;
}
