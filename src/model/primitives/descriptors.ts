/** Descriptors, modules, mounts and the small services of the file system layer. */
import { finds, primitive, returns } from '../define';
import { ENOMEM, fieldIfAny, fieldOf, I64 } from '../fields';
import type { BoundPrimitive, Kernel, Layout, Primitive, Result } from '../primitive';
import { count, COUNTERS, DESCRIPTORS, FIRST_DESCRIPTOR, MOST_DESCRIPTORS } from '../record';
import { allocationChoice, FAILS } from './slab';

const row = (
  name: string,
  source: string,
  meaning: string,
  examples: Primitive['examples'],
  run: (kernel: Kernel) => Result,
  more: Partial<Primitive> & { readonly chooses?: true } = {},
): Primitive => {
  const { chooses, ...rest } = more;
  const bound: BoundPrimitive = chooses === undefined ? { run } : { run, choice: () => allocationChoice(name) };
  return primitive({
    name,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut: 'Everything else that it does.',
    examples,
    bind: () => bound,
    ...rest,
  });
};

/** Where a descriptor's file stands; null for descriptors that the table has no place for. */
function placeOf(kernel: Kernel, descriptor: number): number | null {
  const table = kernel.symbol(DESCRIPTORS);
  const index = descriptor - FIRST_DESCRIPTOR;
  return table === 0 || index < 0 || index >= MOST_DESCRIPTORS ? null : table + index * 8;
}

/** Stands in the place of a descriptor that is taken and has no file yet. */
const TAKEN = -1;

/** The file of a descriptor; 0 where none was installed. */
export function installedFile(kernel: Kernel, descriptor: number): number {
  const place = placeOf(kernel, descriptor);
  const file = place === null ? 0 : kernel.load(place, I64);
  return file === TAKEN ? 0 : file;
}

function take(kernel: Kernel): Result {
  if (kernel.decision === FAILS) return -ENOMEM;
  let descriptor = FIRST_DESCRIPTOR;
  for (let place = placeOf(kernel, descriptor); place !== null && kernel.load(place, I64) !== 0; place = placeOf(kernel, descriptor))
    descriptor++;
  const free = placeOf(kernel, descriptor);
  if (free === null) return -EMFILE;
  kernel.store(free, I64, TAKEN);
  count(kernel, COUNTERS.files, 1);
  return descriptor;
}

/** Ends the state between taking and use: with a file, or (0) free again. */
function settle(kernel: Kernel, name: string, file: number): Result {
  const place = placeOf(kernel, kernel.arg(0));
  if (place === null || kernel.load(place, I64) !== TAKEN) {
    kernel.report('warn-on', `${name}() of a descriptor that is not taken, or has a file already.`);
    return undefined;
  }
  kernel.store(place, I64, file);
  return count(kernel, COUNTERS.files, -1);
}

const EMFILE = 24;
const descriptors = [
  row(
    'get_unused_fd_flags',
    'fs/file.c',
    'Takes the lowest free descriptor, from 3 on; or -ENOMEM (a choice).',
    [returns('return get_unused_fd_flags(0) * 10 + get_unused_fd_flags(0);', 34)],
    take,
    { chooses: true, leavesOut: 'Limits, and flags.' },
  ),
  row(
    'put_unused_fd',
    'fs/file.c',
    'Gives a descriptor back that was taken.',
    [
      returns('int d = get_unused_fd_flags(0); put_unused_fd(d); return get_unused_fd_flags(0);', 3),
      finds('put_unused_fd(3); return 0;', 'warn-on'),
    ],
    (kernel) => settle(kernel, 'put_unused_fd', 0),
    { leavesOut: '' },
  ),
  row(
    'fd_install',
    'fs/file.c',
    'Makes a descriptor that was taken stand for the file.',
    [
      returns(
        'struct file f = { 0 }; f.f_count.counter = 1; fd_install(get_unused_fd_flags(0), &f); return (fget(3) == &f) * 10 + f.f_count.counter;',
        12,
      ),
      finds('fd_install(3, 0); return 0;', 'warn-on'),
    ],
    (kernel) => settle(kernel, 'fd_install', kernel.arg(1)),
    { leavesOut: 'The table of each process: all tasks share one.' },
  ),
];

const modules = [
  row(
    'try_module_get',
    'kernel/module/main.c',
    'Takes a reference of the module, and succeeds.',
    [returns('return try_module_get(0);', 1)],
    (kernel) => {
      count(kernel, COUNTERS.modules, 1);
      return 1;
    },
    { leavesOut: 'A module that is going.' },
  ),
  row(
    'module_put',
    'kernel/module/main.c',
    'Drops a reference of the module.',
    [returns('try_module_get(0); module_put(0); return 1;', 1)],
    (kernel) => count(kernel, COUNTERS.modules, -1),
    { leavesOut: 'A module that is going.' },
  ),
];

const initPseudo = (layout: Layout): BoundPrimitive => {
  const held = fieldOf(layout, 'struct fs_context', 'fs_private');
  const size = layout.sizeof('struct pseudo_fs_context');
  const magic = fieldIfAny(layout, 'struct pseudo_fs_context', 'magic');
  return {
    choice: () => allocationChoice('init_pseudo'),
    run: (kernel) => {
      if (kernel.decision === FAILS) return 0;
      const context = kernel.allocate(size, { name: 'pseudo_fs_context', zeroed: true, kind: 'model' });
      if (magic !== null) kernel.store(context, magic, kernel.arg(1));
      kernel.store(kernel.arg(0), held, context);
      return context;
    },
  };
};

const kernMount = (layout: Layout): BoundPrimitive => {
  const block = fieldOf(layout, 'struct vfsmount', 'mnt_sb');
  const sizes = [layout.sizeof('struct vfsmount'), layout.sizeof('struct super_block')] as const;
  return {
    choice: () => allocationChoice('kern_mount'),
    run: (kernel) => {
      if (kernel.decision === FAILS) return -ENOMEM;
      const mount = kernel.allocate(sizes[0], { name: 'vfsmount', zeroed: true, kind: 'model' });
      kernel.store(mount, block, kernel.allocate(sizes[1], { name: 'super_block', zeroed: true, kind: 'model' }));
      return mount;
    },
  };
};

const mounts = [
  primitive({
    name: 'init_pseudo',
    meaning: 'Gives the context of a file system without a device, or NULL (a choice).',
    source: 'fs/libfs.c: init_pseudo()',
    leavesOut: 'What else the context holds.',
    needs: { types: ['struct fs_context', 'struct pseudo_fs_context'] },
    examples: [
      returns(
        'struct fs_context c = { 0 }; struct pseudo_fs_context *p = init_pseudo(&c, 5); return p->magic * 10 + (c.fs_private == p);',
        51,
      ),
    ],
    bind: initPseudo,
  }),
  primitive({
    name: 'kern_mount',
    meaning: 'Gives a new mount with a super block, or an error pointer (a choice).',
    source: 'fs/namespace.c: kern_mount()',
    leavesOut: 'The file system type: it is not asked to fill the super block.',
    needs: { types: ['struct vfsmount', 'struct super_block'] },
    examples: [returns('struct vfsmount *m = kern_mount(0); return m->mnt_sb->s_op == 0;', 1)],
    bind: kernMount,
  }),
];

const stubs = [
  row('file_accessed', 'include/linux/fs.h', 'Nothing.', [returns('file_accessed(0); return 1;', 1)], () => undefined),
  row('file_modified', 'fs/inode.c', 'Succeeds.', [returns('return file_modified(0);', 0)], () => 0),
  row('generic_fillattr', 'fs/stat.c', 'Nothing.', [returns('generic_fillattr(0, 0, 0, 0); return 1;', 1)], () => undefined),
  row(
    'security_inode_init_security_anon',
    'security/security.c',
    'Succeeds, or -ENOMEM (a choice).',
    [returns('return security_inode_init_security_anon(0, 0, 0);', 0)],
    (kernel) => (kernel.decision === FAILS ? -ENOMEM : 0),
    { chooses: true },
  ),
];

export const fileServices: readonly Primitive[] = [...descriptors, ...modules, ...mounts, ...stubs];
