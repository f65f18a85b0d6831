/** Files and inodes, as far as guest_memfd uses them. */
import { finds, primitive, returns } from '../define';
import { ENOMEM, fieldIfAny, fieldOf, I64 } from '../fields';
import type { BoundPrimitive, FieldRef, Layout, Primitive } from '../primitive';
import { SCENARIO_FILE } from '../record';
import { installedFile } from './descriptors';
import { allocationChoice, FAILS } from './slab';

const NEEDS = {
  types: ['struct inode', 'struct address_space', 'struct file', 'struct super_operations', 'struct super_block'],
};

const row = (
  name: string,
  source: string,
  meaning: string,
  examples: Primitive['examples'],
  bind: (layout: Layout) => BoundPrimitive | BoundPrimitive['run'],
  more: Partial<Primitive> = {},
): Primitive => primitive({ name, meaning, source: `${source}: ${name}()`, needs: NEEDS, examples, bind, ...more });

const countOf = (layout: Layout): FieldRef => fieldOf(layout, 'struct inode', 'i_count.counter', 'i_count');
const fileCount = (layout: Layout): FieldRef => fieldOf(layout, 'struct file', 'f_count.counter', 'f_ref.refcnt.counter', 'f_count');

const allocInode = row(
  'alloc_anon_inode',
  'fs/libfs.c',
  'A new inode with one reference and its own mapping, or an error pointer (a choice).',
  [returns('struct inode *i = alloc_anon_inode(0); return (i->i_mapping == &i->i_data) * 10 + i->i_count.counter;', 11)],
  (layout) => {
    const refs = countOf(layout);
    const mapping = fieldOf(layout, 'struct inode', 'i_mapping');
    const sb = fieldIfAny(layout, 'struct inode', 'i_sb');
    const inside = layout.offsetof('struct inode', 'i_data');
    const host = fieldOf(layout, 'struct address_space', 'host');
    const list = layout.has('struct address_space', 'i_private_list') ? layout.offsetof('struct address_space', 'i_private_list') : null;
    const size = layout.sizeof('struct inode');
    const choice = allocationChoice('alloc_anon_inode');
    return {
      choice: () => choice,
      run: (kernel) => {
        if (kernel.decision === FAILS) return -ENOMEM;
        const inode = kernel.allocate(size, { name: 'inode', zeroed: true, kind: 'heap' });
        kernel.store(inode, refs, 1);
        kernel.store(inode, mapping, inode + inside);
        kernel.store(inode + inside, host, inode);
        if (sb !== null) kernel.store(inode, sb, kernel.arg(0));
        if (list !== null) {
          kernel.store(inode + inside + list, I64, inode + inside + list);
          kernel.store(inode + inside + list, { ...I64, offset: 8 }, inode + inside + list);
        }
        return inode;
      },
    };
  },
  { leavesOut: 'Inode numbers, times and security.' },
);

const allocFile = row(
  'alloc_file_pseudo',
  'fs/file_table.c',
  'A new file over the inode with one reference, taking over the inode reference; or an error pointer (a choice).',
  [
    returns(
      'struct inode i = { 0 }; i.i_mapping = &i.i_data; struct file *f = alloc_file_pseudo(&i, 0, 0, 0, 0); return f->f_inode == &i;',
      1,
    ),
  ],
  (layout) => {
    const fields = {
      refs: fileCount(layout),
      inode: fieldOf(layout, 'struct file', 'f_inode'),
      mapping: fieldOf(layout, 'struct file', 'f_mapping'),
      operations: fieldOf(layout, 'struct file', 'f_op'),
    };
    const inodeMapping = fieldOf(layout, 'struct inode', 'i_mapping');
    const size = layout.sizeof('struct file');
    const choice = allocationChoice('alloc_file_pseudo');
    return {
      choice: () => choice,
      run: (kernel) => {
        if (kernel.decision === FAILS) return -ENOMEM;
        const file = kernel.allocate(size, { name: 'file', zeroed: true, kind: 'heap' });
        kernel.store(file, fields.refs, 1);
        kernel.store(file, fields.inode, kernel.arg(0));
        kernel.store(file, fields.mapping, kernel.load(kernel.arg(0), inodeMapping));
        kernel.store(file, fields.operations, kernel.arg(4));
        return file;
      },
    };
  },
  { leavesOut: 'Dentries and mounts.' },
);

const fputRow = row(
  'fput',
  'fs/file_table.c',
  'Drops a reference of the file.',
  [
    returns('struct file f = { 0 }; f.f_count.counter = 2; fput(&f); return f.f_count.counter;', 1),
    finds('struct file f = { 0 }; fput(&f); return 0;', 'ref-underflow'),
  ],
  (layout) => {
    const refs = fileCount(layout);
    return (kernel) => {
      const left = kernel.load(kernel.arg(0), refs) - 1;
      kernel.store(kernel.arg(0), refs, left);
      if (left < 0) kernel.report('ref-underflow', `The reference count of the file falls to ${left}.`);
      if (left === 0) kernel.event('file', 'the last reference of the file is dropped: it is released later, by task work');
      return undefined;
    };
  },
  { leavesOut: 'The release of the file: it happens later, as in the kernel.' },
);

const getActive = row(
  'get_file_active',
  'fs/file.c',
  'Takes a reference of the file that a pointer names, or gives NULL when there is none or it is being released.',
  [
    returns(
      'struct file f = { 0 }; f.f_count.counter = 1; struct file *p = &f; return (get_file_active(&p) == &f) * 10 + f.f_count.counter;',
      12,
    ),
    returns('struct file *p = 0; return (long)get_file_active(&p);', 0, 'no file'),
  ],
  (layout) => {
    const refs = fileCount(layout);
    return (kernel) => {
      const file = kernel.load(kernel.arg(0), I64);
      if (file === 0) return 0;
      const had = kernel.load(file, refs);
      if (had === 0) return 0;
      kernel.store(file, refs, had + 1);
      return file;
    };
  },
);

const fget = row(
  'fget',
  'fs/file.c',
  "Gives the file of a descriptor with a reference: the one that was installed, or else the scenario's.",
  [
    returns('struct file f = { 0 }; fd_install(get_unused_fd_flags(0), &f); return (fget(3) == &f) * 10 + f.f_count.counter;', 11),
    returns('return (long)fget(3);', 0, 'no file'),
  ],
  (layout) => {
    const refs = fileCount(layout);
    return (kernel) => {
      const holder = kernel.symbol(SCENARIO_FILE);
      const scenario = holder === 0 ? 0 : kernel.peek(holder, I64);
      const file = installedFile(kernel, kernel.arg(0)) || scenario;
      if (file === 0) return 0;
      kernel.store(file, refs, kernel.load(file, refs) + 1);
      return file;
    };
  },
  { leavesOut: 'The table of each process: all tasks share one.' },
);

const iput = row(
  'iput',
  'fs/inode.c',
  'Drops a reference of the inode; the last one calls evict_inode of its super block.',
  [
    returns('struct inode i = { 0 }; i.i_count.counter = 2; iput(&i); return i.i_count.counter;', 1),
    returns('iput((struct inode *)0); return 1;', 1, 'NULL'),
  ],
  (layout) => {
    const refs = countOf(layout);
    const sb = fieldOf(layout, 'struct inode', 'i_sb');
    const operations = fieldOf(layout, 'struct super_block', 's_op');
    const evict = fieldOf(layout, 'struct super_operations', 'evict_inode');
    return (kernel) => {
      const inode = kernel.arg(0);
      if (inode === 0) return undefined;
      const left = kernel.load(inode, refs) - 1;
      kernel.store(inode, refs, left);
      if (left < 0) kernel.report('ref-underflow', `The reference count of the inode falls to ${left}.`);
      const block = left === 0 ? kernel.load(inode, sb) : 0;
      const table = block === 0 ? 0 : kernel.load(block, operations);
      const callee = table === 0 ? 0 : kernel.load(table, evict);
      return callee === 0 ? undefined : kernel.tail(callee, [inode]);
    };
  },
  { leavesOut: 'The memory of the inode is kept.' },
);

const clearInode = row(
  'clear_inode',
  'fs/inode.c',
  'Checks that the page cache of the inode is empty.',
  [
    returns('struct inode i = { 0 }; clear_inode(&i); return 1;', 1),
    finds('struct inode i = { 0 }; i.i_data.nrpages = 1; clear_inode(&i); return 0;', 'bug-on'),
  ],
  (layout) => {
    const pages = layout.offsetof('struct inode', 'i_data') + fieldOf(layout, 'struct address_space', 'nrpages').offset;
    return (kernel) => {
      if (kernel.load(kernel.arg(0), { ...I64, offset: pages }) === 0) return undefined;
      kernel.report('bug-on', 'clear_inode() of an inode that has pages in its page cache.');
      return kernel.stop();
    };
  },
);

export const vfs: readonly Primitive[] = [allocInode, allocFile, fputRow, getActive, fget, iput, clearInode];
