import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskTree } from '../../../src/worktree/disk-tree';
import { scratch, write } from './scratch';

describe('a tree on disk', () => {
  it('lists the sources that x86-64 sees, sorted', () => {
    const home = scratch();
    write(home, {
      'mm/b.c': '',
      'mm/a.h': '',
      'mm/a/z.S': '',
      'mm/Kconfig': '',
      'mm/note.txt': '',
      'arch/x86/kvm/x.c': '',
      'arch/arm64/kvm/y.c': '',
      'arch/Kconfig.c': '',
      'drivers/arch/arm64/z.c': '',
      'tools/t.c': '',
      'lib/tools/u.c': '',
      'Documentation/d.c': '',
      '.git/objects/o.c': '',
      'init.c': '',
    });
    expect(diskTree(home).paths).toEqual([
      'arch/Kconfig.c',
      'arch/x86/kvm/x.c',
      'drivers/arch/arm64/z.c',
      'init.c',
      'lib/tools/u.c',
      'mm/a.h',
      'mm/a/z.S',
      'mm/b.c',
    ]);
  });

  it('follows no link out of the tree, and no link to a directory', () => {
    const home = scratch();
    write(home, { 'tree/mm/a.c': 'int a;', 'outside.c': 'int secret;', 'tree/.git/x.c': 'int git;' });
    const tree = join(home, 'tree');
    symlinkSync('a.c', join(tree, 'mm/inside.c'));
    symlinkSync('../../outside.c', join(tree, 'mm/out.c'));
    symlinkSync('/etc/passwd', join(tree, 'mm/passwd.h'));
    symlinkSync('../.git/x.c', join(tree, 'mm/git.c'));
    symlinkSync('..', join(tree, 'mm/loop'));
    symlinkSync('nowhere.c', join(tree, 'mm/dangling.c'));
    expect(diskTree(tree).paths).toEqual(['mm/a.c', 'mm/inside.c']);
  });

  it('reads text, and null for what is gone, binary or not listed', () => {
    const home = scratch();
    write(home, { 'a.c': 'int a; /* é */\n', 'gone.c': '', 'empty.h': '', 'notes.txt': 'x' });
    writeFileSync(join(home, 'blob.c'), Buffer.from([0x69, 0, 0x6e]));
    mkdirSync(join(home, 'dir.c'));
    const tree = diskTree(home);
    unlinkSync(join(home, 'gone.c'));
    expect(tree.paths).toEqual(['a.c', 'blob.c', 'empty.h', 'gone.c']);
    expect(['a.c', 'blob.c', 'empty.h', 'gone.c', 'notes.txt', '../etc/passwd', 'dir.c'].map((path) => tree.read(path))).toEqual([
      'int a; /* é */\n',
      null,
      '',
      null,
      null,
      null,
      null,
    ]);
  });

  it('is empty where there is no directory', () => {
    expect(diskTree('/nowhere/at/all').paths).toEqual([]);
  });
});
