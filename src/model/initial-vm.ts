/** What stands around the inode of a scenario: the mount and its super block, the open file, the VM with its slot, the mapping of a process. */
import type { Scenario } from '../protocol/simulation';
import { constantIfAny, I64, PAGE_SIZE } from './fields';
import type { Address } from './primitive';
import { SCENARIO_FILE, SCENARIO_SLOT } from './record';
import type { InodePart, World } from './world';
import type { Writer } from './writer';
import { bindXarray } from './xarray';

/** An address of user space, aligned for every order of huge pages. */
const USER_START = 0x7f00_0000_0000;

type MountPart = Pick<World, 'superBlock' | 'mount' | 'dentry'>;

/** The mount that guest_memfd made when the module was loaded, with the inode in it. */
export function buildMount(writer: Writer, { inode }: InodePart): MountPart {
  const superBlock = writer.make('struct super_block', 'super block of guest_memfd');
  writer.set(superBlock, 'struct super_block', 's_op', writer.kernel.symbol('kvm_gmem_super_operations'));
  const mount = writer.make('struct vfsmount', 'mount of guest_memfd');
  writer.set(mount, 'struct vfsmount', 'mnt_sb', superBlock);
  writer.global('kvm_gmem_mnt', mount, 8);
  writer.set(inode, 'struct inode', 'i_sb', superBlock);
  const dentry = writer.make('struct dentry', 'dentry of the inode');
  writer.set(dentry, 'struct dentry', 'd_inode', inode);
  writer.set(dentry, 'struct dentry', 'd_sb', superBlock);
  return { superBlock, mount, dentry };
}

type VmPart = Pick<World, 'file' | 'gmem' | 'kvm' | 'slot' | 'vma' | 'fault' | 'mm'>;

export function buildVm(writer: Writer, scenario: Scenario, { inode, mapping }: InodePart): VmPart {
  const { kernel } = writer;
  const pages = scenario.blocks * 2 ** scenario.order;
  const file = writer.make('struct file', 'file of the guest_memfd');
  writer.set(file, 'struct file', 'f_inode', inode);
  writer.set(file, 'struct file', 'f_mapping', mapping);
  writer.set(file, 'struct file', 'f_op', kernel.symbol('kvm_gmem_fops'));
  for (const path of ['f_count.counter', 'f_ref.refcnt.counter']) writer.set(file, 'struct file', path, 1);
  writer.global(SCENARIO_FILE, file, 8);
  const kvm = buildKvm(writer);
  // One reference more: that of the guest_memfd.
  for (const path of USERS_COUNT) writer.set(kvm, 'struct kvm', path, 2);
  const slot = writer.make('struct kvm_memory_slot', 'memory slot');
  writer.set(slot, 'struct kvm_memory_slot', 'npages', pages);
  writer.set(slot, 'struct kvm_memory_slot', 'flags', constantIfAny(writer.layout, 'KVM_MEM_GUEST_MEMFD') ?? 4);
  if (scenario.bound !== false) writer.set(slot, 'struct kvm_memory_slot', 'gmem.file', file);
  writer.global(SCENARIO_SLOT, slot, 8);
  const gmem = writer.make('struct kvm_gmem', 'kvm_gmem');
  writer.set(gmem, 'struct kvm_gmem', 'kvm', kvm);
  writer.set(file, 'struct file', 'private_data', gmem);
  link(writer, writer.inside(gmem, 'struct kvm_gmem', 'entry'), writer.inside(mapping, 'struct address_space', 'i_private_list'));
  return { file, gmem, kvm, slot, ...buildMapping(writer, file, pages) };
}

const USERS_COUNT = ['users_count.refs.counter', 'users_count.counter'] as const;

/** A VM whose memory is private or shared page by page, with the reference of its own descriptor. */
export function buildKvm(writer: Writer): Address {
  const kvm = writer.make('struct kvm', 'kvm');
  for (const path of USERS_COUNT) writer.set(kvm, 'struct kvm', path, 1);
  writer.set(kvm, 'struct kvm', 'arch.has_private_mem', 1);
  writer.set(kvm, 'struct kvm', 'arch.vm_type', constantIfAny(writer.layout, 'KVM_X86_SW_PROTECTED_VM') ?? SW_PROTECTED);
  return kvm;
}

/** What is not faultable is private to the guest; only where the code asks, since it takes an entry for each page. */
export function buildAttributes({ kernel, layout }: Writer, world: World): void {
  const isAsked = kernel.symbol('kvm_range_has_memory_attributes') !== 0;
  if (!isAsked || world.kvm === 0 || world.faultability === 0 || !layout.has('struct kvm', 'mem_attr_array')) return;
  const array = bindXarray(layout);
  const tree = world.kvm + layout.offsetof('struct kvm', 'mem_attr_array');
  // `xa_mk_value`: shifted left with bit 0 set.
  const entry = (constantIfAny(layout, 'KVM_MEMORY_ATTRIBUTE_PRIVATE') ?? PRIVATE) * 2 + 1;
  for (let index = 0; index < world.blocks * 2 ** world.order; index++) {
    if (array.load(kernel, world.faultability, index) === 0) array.store(kernel, tree, index, 0, entry);
  }
}

/** 6.12's KVM_MEMORY_ATTRIBUTE_PRIVATE and KVM_X86_SW_PROTECTED_VM. */
const PRIVATE = 8;
const SW_PROTECTED = 1;

/** A process that has mapped the whole file, shared, and faults at its first page. */
function buildMapping(writer: Writer, file: Address, pages: number): Pick<World, 'vma' | 'fault' | 'mm'> {
  const mm = writer.make('struct mm_struct', 'mm of the process');
  for (const path of ['mm_users.counter', 'mm_count.counter']) writer.set(mm, 'struct mm_struct', path, 1);
  const vma = writer.make('struct vm_area_struct', 'vma of the guest_memfd');
  const type = 'struct vm_area_struct';
  writer.set(vma, type, 'vm_mm', mm);
  writer.set(vma, type, 'vm_start', USER_START);
  writer.set(vma, type, 'vm_end', USER_START + pages * PAGE_SIZE);
  writer.set(vma, type, 'vm_file', file);
  writer.set(vma, type, 'vm_ops', writer.kernel.symbol('kvm_gmem_vm_ops'));
  // VM_SHARED and VM_MAYSHARE.
  writer.set(vma, type, 'vm_flags', 0x88);
  const fault = writer.make('struct vm_fault', 'fault');
  writer.set(fault, 'struct vm_fault', 'vma', vma);
  writer.set(fault, 'struct vm_fault', 'address', USER_START);
  return { mm, vma, fault };
}

/** Puts the entry behind the head of an empty list. */
function link(writer: Writer, entry: Address, head: Address): void {
  if (entry === 0 || head === 0) return;
  for (const [from, to] of [
    [head, entry],
    [entry, head],
  ] as const) {
    writer.kernel.store(from, I64, to);
    writer.kernel.store(from, { ...I64, offset: 8 }, to);
  }
}
