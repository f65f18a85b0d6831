/** Descriptors, modules, mounts and the small services of the file system layer. */
import { finds, primitive, returns } from '../define';
import { ENOMEM, fieldIfAny, fieldOf } from '../fields';
import type { BoundPrimitive, Kernel, Layout, Primitive, Result } from '../primitive';
import { count, COUNTERS, counterOf } from '../record';
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

/** Gives back a descriptor that was taken. */
const giveBack =
  (name: string) =>
  (kernel: Kernel): Result => {
    if (counterOf(kernel, COUNTERS.files) <= 0) {
      kernel.report('warn-on', `${name}() of a descriptor that was not taken.`);
      return undefined;
    }
    return count(kernel, COUNTERS.files, -1);
  };

const TABLE = 'The table of descriptors.';
const descriptors = [
  row(
    'get_unused_fd_flags',
    'fs/file.c',
    'Takes a descriptor: 3, or -ENOMEM (a choice).',
    [returns('return get_unused_fd_flags(0);', 3)],
    (kernel) => {
      if (kernel.decision === FAILS) return -ENOMEM;
      count(kernel, COUNTERS.files, 1);
      return 3;
    },
    { chooses: true, leavesOut: TABLE },
  ),
  ...(
    [
      ['put_unused_fd', 'Gives a descriptor back that was taken.', '3'],
      ['fd_install', 'Makes a descriptor that was taken one of the process, with the file.', '3, 0'],
    ] as const
  ).map(([name, meaning, args]) =>
    row(
      name,
      'fs/file.c',
      meaning,
      [returns(`get_unused_fd_flags(0); ${name}(${args}); return 1;`, 1), finds(`${name}(${args}); return 0;`, 'warn-on')],
      giveBack(name),
      { leavesOut: TABLE },
    ),
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
