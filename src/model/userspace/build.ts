/** Gives a scenario its users: processes that map the file, and a guest, with nothing mapped yet. */
import { constantIfAny, I64 } from '../fields';
import type { Address, Kernel, Layout } from '../primitive';
import { USERSPACE } from '../record';
import type { World } from '../world';
import { Writer } from '../writer';
import { bindXarray } from '../xarray';
import { STALE } from './contents';
import { FAULTING_TASKS, HOLD_WORDS, MAPPINGS, MOST_HOLDS, numbered, ROOM, USERS, USERS_SIZE } from './record';
import { bindAttributes } from './stage2';

/** 6.12's KVM_X86_SW_PROTECTED_VM: the VM whose memory is faultable from the start. */
const SW_PROTECTED = 1;
const VMA = 'struct vm_area_struct';

/**
 * Builds the users of a world that has pages. Attributes of the VM follow the inode: what is not faultable is private.
 * Does nothing in a program without the model's globals.
 */
export function buildUsers(kernel: Kernel, layout: Layout, world: World): void {
  const holder = kernel.symbol(USERSPACE);
  if (holder === 0 || world.pages === 0 || world.mapping === 0) return;
  const writer = new Writer(kernel, layout);
  const make = (size: number, name: string): Address => kernel.allocate(size, { name, zeroed: true, kind: 'model' });
  const indices = world.blocks * 2 ** world.order;
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
  writer.set(world.kvm, 'struct kvm', 'arch.vm_type', constantIfAny(layout, 'KVM_X86_SW_PROTECTED_VM') ?? SW_PROTECTED);
  writer.set(world.kvm, 'struct kvm', 'arch.has_private_mem', 1);
  setAttributes(kernel, layout, world, indices);
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

function setAttributes(kernel: Kernel, layout: Layout, world: World, indices: number): void {
  if (world.kvm === 0 || !layout.has('struct kvm', 'mem_attr_array')) return;
  const array = bindXarray(layout);
  const tree = world.kvm + layout.offsetof('struct kvm', 'mem_attr_array');
  // `xa_mk_value`: shifted left with bit 0 set.
  const entry = bindAttributes(layout).privateBit * 2 + 1;
  for (let index = 0; index < indices; index++) {
    if (world.faultability !== 0 && array.load(kernel, world.faultability, index) === 0) array.store(kernel, tree, index, 0, entry);
  }
}
