/**
 * The memory of a scenario before the function is entered: memmap, pool, guest_memfd inode with its page cache, VM and mapping.
 *
 * What a tree does not have (a type, a global) is left out: a plain program runs with an empty world.
 */
import type { Needs } from '../kernel-c/read-request';
import type { Scenario } from '../protocol/simulation';
import { constantIfAny, I32 } from './fields';
import { buildBlocks, pooledPages, presentBlocks } from './initial-blocks';
import { buildAttributes, buildMount, buildVm } from './initial-vm';
import { type Ground, Writer } from './writer';
import type { Address } from './primitive';
import { COUNTERS, recordOf } from './record';
import { type InodePart, NO_WORLD, type World } from './world';

export const STATE_NEEDS: Needs = {
  types: [
    'struct page',
    'struct folio',
    'struct hstate',
    'struct hugepage_subpool',
    'struct inode',
    'struct address_space',
    'struct xarray',
    'struct xa_node',
    'struct file',
    'struct kvm_gmem',
    'struct kvm_gmem_hugetlb',
    'struct kvm_gmem_inode_private',
    'struct kvm_memory_slot',
    'struct vm_fault',
    'struct vm_area_struct',
    'struct mm_struct',
    'struct super_block',
    'struct vfsmount',
    'struct dentry',
    'struct path',
    'struct kvm_create_guest_memfd',
    'struct mutex',
    'struct list_head',
  ],
  constants: [
    'KVM_GUEST_MEMFD_HUGETLB',
    'KVM_GUEST_MEMFD_HUGE_SHIFT',
    'KVM_GMEM_FAULTABILITY_VALUE',
    'KVM_MEM_GUEST_MEMFD',
    'KVM_MEMORY_ATTRIBUTE_PRIVATE',
    'KVM_X86_SW_PROTECTED_VM',
    'S_IFREG',
  ],
  functions: [],
  globals: [
    'hstates',
    'default_hstate_idx',
    'hugetlb_max_hstate',
    'hugetlb_lock',
    'hugetlb_fault_mutex_table',
    'num_fault_mutexes',
    'kvm_gmem_mnt',
    'kvm_gmem_fops',
    'kvm_gmem_aops',
    'kvm_gmem_iops',
    'kvm_gmem_vm_ops',
    'kvm_gmem_super_operations',
    'vmemmap_optimize_enabled',
  ],
};

const FAULT_MUTEXES = 8;
const PAGE_SHIFT = 12;

/** Builds the scenario in a machine that has run nothing yet; `folios: 'split'` is built whole, for the series' own split to take apart. */
export function buildInitialState(ground: Ground, scenario: Scenario): World {
  const { layout, kernel } = ground;
  const record = recordOf(kernel);
  if (record !== 0) kernel.store(record, COUNTERS.order, scenario.order);
  const writer = new Writer(kernel, layout);
  buildGlobals(writer);
  if (!layout.has('struct page') || !layout.has('struct folio') || !layout.has('struct hstate')) return NO_WORLD;
  const hstate = buildHstate(writer, scenario);
  const subpool = buildSubpool(writer, scenario, hstate);
  const inode = buildInode(writer, scenario, hstate, subpool);
  const mount = buildMount(writer, inode);
  const vm = buildVm(writer, scenario, inode);
  const world: World = { ...NO_WORLD, order: scenario.order, blocks: scenario.blocks, hstate, subpool, ...inode, ...mount, ...vm };
  const blocks = buildBlocks(ground, writer, scenario, world);
  buildAttributes(writer, world);
  return { ...world, ...blocks };
}

function buildGlobals(writer: Writer): void {
  writer.global('num_fault_mutexes', FAULT_MUTEXES, 4);
  writer.global('default_hstate_idx', 0, 4);
  writer.global('hugetlb_max_hstate', 1, 4);
  const enabled = writer.kernel.symbol('vmemmap_optimize_enabled');
  if (enabled !== 0) writer.kernel.store(enabled, { offset: 0, size: 1, signed: false }, 1);
  const lock = writer.kernel.symbol('hugetlb_lock');
  if (lock !== 0 && writer.layout.has('spinlock_t')) writer.kernel.zero(lock, writer.layout.sizeof('spinlock_t'));
  if (writer.layout.has('struct mutex') && writer.kernel.symbol('hugetlb_fault_mutex_table') !== 0) {
    const size = writer.layout.sizeof('struct mutex') * FAULT_MUTEXES;
    writer.global(
      'hugetlb_fault_mutex_table',
      writer.kernel.allocate(size, { name: 'hugetlb_fault_mutex_table', zeroed: true, kind: 'model' }),
      8,
    );
  }
}

const HSTATE = 'struct hstate';

function buildHstate(writer: Writer, scenario: Scenario): Address {
  const known = writer.kernel.symbol('hstates');
  const hstate = known !== 0 ? known : writer.make(HSTATE, 'hstate');
  const total = pooledPages(scenario);
  const absent = scenario.blocks - presentBlocks(scenario);
  writer.set(hstate, HSTATE, 'order', scenario.order);
  writer.set(hstate, HSTATE, 'mask', -(2 ** (scenario.order + PAGE_SHIFT)));
  const counters = {
    max_huge_pages: total,
    nr_huge_pages: total,
    free_huge_pages: total - presentBlocks(scenario),
    resv_huge_pages: absent,
  };
  for (const [name, value] of Object.entries(counters)) writer.set(hstate, HSTATE, name, value);
  writer.list(writer.inside(hstate, HSTATE, 'hugepage_activelist'));
  const lists = writer.inside(hstate, HSTATE, 'hugepage_freelists');
  const after = writer.inside(hstate, HSTATE, 'max_huge_pages_node') || writer.inside(hstate, HSTATE, 'nr_huge_pages_node');
  const nodes = lists !== 0 && after !== 0 && after > lists ? (after - lists) / 16 : lists === 0 ? 0 : 1;
  for (let node = 0; node < nodes; node++) writer.list(lists + node * 16);
  for (const [name, value] of Object.entries(counters)) {
    const first = name === 'resv_huge_pages' ? 0 : writer.inside(hstate, HSTATE, `${name}_node`);
    if (first !== 0) writer.kernel.store(first, I32, value);
  }
  return hstate;
}

function buildSubpool(writer: Writer, scenario: Scenario, hstate: Address): Address {
  const type = 'struct hugepage_subpool';
  const subpool = writer.make(type, 'subpool of the inode');
  const used = presentBlocks(scenario);
  writer.set(subpool, type, 'count', 1);
  writer.set(subpool, type, 'max_hpages', scenario.blocks);
  writer.set(subpool, type, 'used_hpages', used);
  writer.set(subpool, type, 'hstate', hstate);
  writer.set(subpool, type, 'min_hpages', scenario.blocks);
  writer.set(subpool, type, 'rsv_hpages', scenario.blocks - used);
  return subpool;
}

function buildInode(writer: Writer, scenario: Scenario, hstate: Address, subpool: Address): InodePart {
  const { kernel, layout } = writer;
  const inode = writer.make('struct inode', 'inode of the guest_memfd');
  const embedded = writer.inside(inode, 'struct inode', 'i_data');
  const mapping = embedded !== 0 ? embedded : writer.make('struct address_space', 'mapping of the guest_memfd');
  const size = scenario.blocks * 2 ** (scenario.order + PAGE_SHIFT);
  const hugetlb = constantIfAny(layout, 'KVM_GUEST_MEMFD_HUGETLB') ?? 2;
  const present = presentBlocks(scenario);
  writer.set(inode, 'struct inode', 'i_mapping', mapping);
  writer.set(inode, 'struct inode', 'i_private', hugetlb);
  writer.set(inode, 'struct inode', 'i_size', size);
  writer.set(inode, 'struct inode', 'i_blocks', present * 2 ** (scenario.order + PAGE_SHIFT - 9));
  writer.set(inode, 'struct inode', 'i_blkbits', scenario.order + PAGE_SHIFT);
  writer.set(inode, 'struct inode', 'i_mode', constantIfAny(layout, 'S_IFREG') ?? 0o100000);
  writer.set(inode, 'struct inode', 'i_count.counter', 1);
  writer.set(inode, 'struct inode', 'i_op', kernel.symbol('kvm_gmem_iops'));
  writer.set(mapping, 'struct address_space', 'host', inode);
  writer.set(mapping, 'struct address_space', 'a_ops', kernel.symbol('kvm_gmem_aops'));
  // AS_UNEVICTABLE and AS_INACCESSIBLE.
  writer.set(mapping, 'struct address_space', 'flags', 0x108);
  writer.list(writer.inside(mapping, 'struct address_space', 'i_private_list'));
  const hgmem = writer.make('struct kvm_gmem_hugetlb', 'kvm_gmem_hugetlb');
  writer.set(hgmem, 'struct kvm_gmem_hugetlb', 'h', hstate);
  writer.set(hgmem, 'struct kvm_gmem_hugetlb', 'spool', subpool);
  const type = 'struct kvm_gmem_inode_private';
  const inodePrivate = writer.make(type, 'kvm_gmem_inode_private');
  writer.set(inodePrivate, type, 'hgmem', hgmem);
  writer.set(mapping, 'struct address_space', 'i_private_data', inodePrivate);
  return { inode, mapping, inodePrivate, hgmem, faultability: writer.inside(inodePrivate, type, 'faultability') };
}
