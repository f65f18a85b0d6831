/** Steps on the file itself, and of the host's memory management: fallocate, closing, poison, lookups of the page cache. */
import { constantIfAny, fieldIfAny, fieldOf, I64 } from '../fields';
import type { FieldRef, Kernel, Layout } from '../primitive';
import { installedFile } from '../primitives/descriptors';
import { flagOf, hugetlbType, setFlag } from '../primitives/folio-flags';
import { bindFolioLock } from '../primitives/locks';
import { DESCRIPTORS, MOST_DESCRIPTORS, SCENARIO_FILE } from '../record';
import { bindXarray } from '../xarray';
import { isValue } from '../xarray-layout';
import { ZERO } from './contents';
import { bindFrames, frameOf } from './frames';
import { bindHolds } from './holds';
import { dropping } from './host-steps';
import { bindPageTables } from './page-tables';
import { numbered, placeOf, USERS, usersOf } from './record';
import { afterPut, EAGAIN, EBUSY, ENOENT, ENOSPC, expect, expectedWord, intOf, type Step, type StepPart } from './step';

const PAGE = 4096;
const KEEP_SIZE = 1;
const PUNCH_HOLE = 2;

const fallocate = (name: string, mode: number, meaning: string): Step => ({
  name,
  params: ['offset', 'length'],
  meaning,
  enters: 'file->f_op->fallocate',
  source: 'fs/open.c: vfs_fallocate()',
  leavesOut: 'Checks of the arguments before the file system is asked.',
  bind: (layout) => {
    const operations = fieldOf(layout, 'struct file', 'f_op');
    const call = fieldOf(layout, 'struct file_operations', 'fallocate');
    return (kernel) => {
      const file = kernel.peek(usersOf(kernel), USERS.file);
      const [offset, length] = [kernel.arg(0), kernel.arg(1)];
      if (kernel.phase === 0) return kernel.call(kernel.load(kernel.load(file, operations), call), [file, mode, offset, length], 1);
      const result = intOf(kernel.returned);
      if (result === 0 && (mode & PUNCH_HOLE) !== 0) {
        expect(kernel, Math.ceil(offset / PAGE), Math.floor((offset + length) / PAGE), expectedWord(ZERO));
      }
      return result;
    };
  },
});

/** Room for a struct kvm_create_guest_memfd: size and flags, then what is reserved. */
const FLAGS: FieldRef = { ...I64, offset: 8 };
const PAGE_SHIFT = 12;

const create: Step = {
  name: 'create',
  params: ['pages'],
  meaning:
    'A process makes a guest_memfd over huge pages of so many pages, of as many as the users have room for where it is not said (KVM_CREATE_GUEST_MEMFD).',
  enters: 'kvm_gmem_create()',
  source: 'virt/kvm/kvm_main.c: kvm_vm_ioctl()',
  leavesOut: 'A second file beside one that is open, where the scenario has no users for it: it is made, and no step uses it.',
  bind: (layout) => {
    const hugetlb = constantIfAny(layout, 'KVM_GUEST_MEMFD_HUGETLB') ?? 2;
    const shift = constantIfAny(layout, 'KVM_GUEST_MEMFD_HUGE_SHIFT') ?? 26;
    const inodeOf = fieldOf(layout, 'struct file', 'f_inode');
    const mappingOf = fieldOf(layout, 'struct file', 'f_mapping');
    const fileOf = fieldOf(layout, 'struct vm_area_struct', 'vm_file');
    return (kernel) => {
      const users = usersOf(kernel);
      if (kernel.phase === 0) {
        const order = kernel.peek(users, USERS.order);
        const room = kernel.peek(users, numbered(USERS.rooms, placeOf(kernel)));
        kernel.store(room, I64, (kernel.arg(0) > 0 ? kernel.arg(0) : kernel.peek(users, USERS.indices)) * PAGE);
        kernel.store(room, FLAGS, hugetlb + (order + PAGE_SHIFT) * 2 ** shift);
        return kernel.call('kvm_gmem_create', [kernel.peek(users, USERS.kvm), room], 1);
      }
      const descriptor = intOf(kernel.returned);
      const file = descriptor < 0 ? 0 : installedFile(kernel, descriptor);
      if (file === 0 || kernel.peek(users, USERS.closed) === 0) return Math.min(descriptor, 0);
      kernel.store(users, USERS.file, file);
      kernel.store(users, USERS.inode, kernel.load(file, inodeOf));
      kernel.store(users, USERS.mapping, kernel.load(file, mappingOf));
      kernel.store(users, USERS.closed, 0);
      for (let number = 0; number < kernel.peek(users, USERS.mappings); number++)
        kernel.store(kernel.peek(users, numbered(USERS.vmas, number)), fileOf, 0);
      return 0;
    };
  },
};

/** VM_SHARED and VM_MAYSHARE. */
const SHARED = 0x88;

const mmap: Step = {
  name: 'mmap',
  params: ['mapping', 'first', 'count', 'private'],
  meaning: 'A process maps a range of pages of the file (all of it where the count is 0), shared or private.',
  enters: 'file->f_op->mmap',
  source: 'mm/mmap.c: mmap_region()',
  leavesOut: 'The tree of the VMAs.',
  bind: (layout) => {
    const operations = fieldOf(layout, 'struct file', 'f_op');
    const call = fieldOf(layout, 'struct file_operations', 'mmap');
    const type = 'struct vm_area_struct';
    const fileOf = fieldOf(layout, type, 'vm_file');
    const mm = fieldOf(layout, type, 'vm_mm');
    const flags = fieldIfAny(layout, type, 'vm_flags', '__vm_flags');
    const [start, end, offset] = ['vm_start', 'vm_end', 'vm_pgoff'].map((name) => fieldIfAny(layout, type, name));
    const inside = layout.offsetof('struct mm_struct', 'mmap_lock');
    return (kernel) => {
      const users = usersOf(kernel);
      const file = kernel.peek(users, USERS.file);
      const vma = kernel.peek(users, numbered(USERS.vmas, kernel.arg(0)));
      const lock = kernel.load(vma, mm) + inside;
      switch (kernel.phase) {
        case 0:
          return kernel.peek(users, USERS.closed) !== 0 ? -ENOENT : kernel.call('down_write', [lock], 1);
        case 1: {
          const pages = kernel.arg(2) > 0 ? kernel.arg(2) : kernel.peek(users, USERS.indices);
          if (start && end) kernel.store(vma, end, kernel.load(vma, start) + pages * PAGE);
          if (offset) kernel.store(vma, offset, kernel.arg(1));
          if (flags !== null) kernel.store(vma, flags, kernel.arg(3) !== 0 ? 0 : SHARED);
          kernel.store(vma, fileOf, file);
          return kernel.call(kernel.load(kernel.load(file, operations), call), [file, vma], 2);
        }
        case 2:
          if (intOf(kernel.returned) !== 0) kernel.store(vma, fileOf, 0);
          return kernel.call('up_write', [lock], 3, [intOf(kernel.returned)]);
        default:
          return kernel.saved[0];
      }
    };
  },
};

/** The descriptors of a file are closed: nobody gets it by its number any more. */
function forgetDescriptors(kernel: Kernel, file: number): void {
  const holder = kernel.symbol(SCENARIO_FILE);
  if (holder !== 0 && kernel.peek(holder, I64) === file) kernel.store(holder, I64, 0);
  const table = kernel.symbol(DESCRIPTORS);
  for (let place = 0; table !== 0 && place < MOST_DESCRIPTORS; place++) {
    if (kernel.peek(table + place * 8, I64) === file) kernel.store(table + place * 8, I64, 0);
  }
}

const close: Step = {
  name: 'close',
  params: [],
  meaning: 'All processes unmap the file, and the last descriptor of it is closed.',
  enters: 'file->f_op->release, then inode->i_sb->s_op->evict_inode',
  source: 'fs/file_table.c: __fput(); fs/inode.c: iput_final()',
  leavesOut: 'Task work, dentries, and the memory of the file and the inode, which is kept.',
  bind: (layout) => {
    const tables = bindPageTables(layout);
    const fileCount = fieldOf(layout, 'struct file', 'f_count.counter', 'f_ref.refcnt.counter', 'f_count');
    const operations = fieldOf(layout, 'struct file', 'f_op');
    const release = fieldOf(layout, 'struct file_operations', 'release');
    const inodeCount = fieldOf(layout, 'struct inode', 'i_count.counter', 'i_count');
    const block = fieldOf(layout, 'struct inode', 'i_sb');
    const table = fieldOf(layout, 'struct super_block', 's_op');
    const evict = fieldOf(layout, 'struct super_operations', 'evict_inode');
    const drop = (kernel: Kernel, at: number, field: FieldRef): number => {
      const left = kernel.load(at, field) - 1;
      kernel.store(at, field, left);
      return left;
    };
    return (kernel) => {
      const users = usersOf(kernel);
      const [file, inode] = [kernel.peek(users, USERS.file), kernel.peek(users, USERS.inode)];
      if (kernel.phase <= 1) {
        if (kernel.phase === 0 && kernel.peek(users, USERS.closed) !== 0) return -ENOENT;
        for (let number = 0; number < kernel.peek(users, USERS.mappings); number++) {
          const zapped = afterPut(kernel, tables.zap(kernel, number, 0, kernel.peek(users, USERS.indices)), 1);
          if (zapped !== 'dropped') return zapped;
        }
        forgetDescriptors(kernel, file);
        if (drop(kernel, file, fileCount) > 0) return -EBUSY;
        return kernel.call(kernel.load(kernel.load(file, operations), release), [inode, file], 2);
      }
      if (kernel.phase === 2) {
        if (drop(kernel, inode, inodeCount) > 0) return 0;
        return kernel.call(kernel.load(kernel.load(kernel.load(inode, block), table), evict), [inode], 3);
      }
      kernel.store(users, USERS.closed, 1);
      expect(kernel, 0, kernel.peek(users, USERS.indices), 0);
      return 0;
    };
  },
};

/** The folio of the page cache at a page of the file, 0 where there is none. */
function bindLookup(layout: Layout): (kernel: Kernel, index: number) => number {
  const pages = bindXarray(layout);
  const tree = layout.offsetof('struct address_space', 'i_pages');
  return (kernel, index) => {
    const entry = pages.load(kernel, kernel.peek(usersOf(kernel), USERS.mapping) + tree, index);
    return isValue(entry) ? 0 : entry;
  };
}

const poison: Step = {
  name: 'poison',
  params: ['index'],
  meaning: 'The memory of a page fails.',
  enters: 'mapping->a_ops->error_remove_folio',
  source: 'mm/memory-failure.c: memory_failure(), me_pagecache_clean()',
  leavesOut: 'That 6.12 gives up on folios that are not on the LRU before it asks the mapping; a hugetlb folio is only marked, as there.',
  bind: (layout) => {
    const frames = bindFrames(layout);
    const lookUp = bindLookup(layout);
    const lock = bindFolioLock(layout);
    const holds = bindHolds(layout);
    const bad = flagOf(layout, 'hwpoison');
    const type = hugetlbType(layout);
    const operations = fieldOf(layout, 'struct address_space', 'a_ops');
    const remove = fieldOf(layout, 'struct address_space_operations', 'error_remove_folio');
    return (kernel) => {
      const index = kernel.arg(0);
      if (kernel.phase === 0) {
        const folio = lookUp(kernel, index);
        if (folio === 0 || kernel.load(folio, frames.ref) <= 0) return -ENOENT;
        const pfn = Math.floor((folio - frames.folioOf(kernel, 0)) / frames.size);
        setFlag(kernel, folio, bad);
        kernel.event('memory', `page ${index} of the file fails`);
        if (type.is(kernel.load(folio, type.field))) return 0;
        kernel.store(folio, frames.ref, kernel.load(folio, frames.ref) + 1);
        holds.note(kernel, { kind: 'poison', pfn, index });
        return kernel.call('folio_lock', [folio], 1, [folio]);
      }
      const folio = kernel.saved[0] ?? 0;
      const mapping = kernel.load(folio, frames.mapping);
      if (kernel.phase === 1 && mapping !== 0) {
        return kernel.call(kernel.load(kernel.load(mapping, operations), remove), [mapping, folio], 2, [folio]);
      }
      lock.unlock(kernel, folio);
      return 0;
    };
  },
};

const mincore: Step = {
  name: 'mincore',
  params: ['index'],
  meaning: 'A process asks whether a page of the file is in the page cache, which takes and drops a reference of it.',
  enters: '',
  source: 'mm/mincore.c: mincore_page(); mm/filemap.c: filemap_get_entry()',
  leavesOut: 'Looking up again where the reference cannot be had.',
  bind: (layout) => {
    const lookUp = bindLookup(layout);
    return (kernel) => {
      if (kernel.phase === 2) return 0;
      if (kernel.phase === 1) return kernel.returned === 0 ? 0 : kernel.call('drop-reference', [kernel.saved[0] ?? 0], 2);
      const folio = lookUp(kernel, kernel.arg(0));
      return folio === 0 ? 0 : kernel.call('folio_try_get', [folio], 1, [folio]);
    };
  },
};

const lookup: Step = {
  name: 'lookup',
  params: ['index'],
  meaning: 'Something in the kernel takes a reference of the page of the file that is in the page cache, and keeps it for a while.',
  enters: '',
  source: 'mm/filemap.c: filemap_get_entry()',
  leavesOut: 'Looking up again where the reference cannot be had.',
  bind: (layout) => {
    const lookUp = bindLookup(layout);
    const holds = bindHolds(layout);
    const frames = bindFrames(layout);
    return (kernel) => {
      const index = kernel.arg(0);
      if (kernel.phase === 0) {
        const folio = lookUp(kernel, index);
        return folio === 0 ? -ENOENT : kernel.call('folio_try_get', [folio], 1, [folio]);
      }
      const folio = kernel.saved[0] ?? 0;
      if (kernel.returned === 0) return -EAGAIN;
      const pfn = frameOf(frames, folio) + (frames.isLarge(kernel, folio) ? index % frames.sizeOf(kernel, folio) : 0);
      return holds.note(kernel, { kind: 'lookup', pfn, index }) ? 0 : -ENOSPC;
    };
  },
};

const dropReference: StepPart = {
  name: 'drop-reference',
  bind: (layout) => {
    const frames = bindFrames(layout);
    return (kernel) => frames.put(kernel, kernel.arg(0), 1);
  },
};

export const fileSteps: readonly Step[] = [
  fallocate('punch', KEEP_SIZE | PUNCH_HOLE, 'A process punches a hole into the file.'),
  fallocate('allocate', KEEP_SIZE, 'A process has the pages of a range of the file allocated.'),
  create,
  mmap,
  close,
  poison,
  mincore,
  lookup,
  dropping('lookup-put', 'lookup', 'It drops the reference.', 'mm/swap.c: folio_put()'),
];
export const fileParts: readonly StepPart[] = [dropReference];
