import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { clonePort } from '../../../src/worktree/clone';
import { conePatterns } from '../../../src/worktree/sparse';
import { git, scratch, smallClone, write } from './scratch';

describe('cone patterns', () => {
  it('have what lies on the way, and nothing twice', () => {
    expect(conePatterns({ whole: ['mm', 'arch/x86/kvm', 'mm/kasan', 'mm'], flat: ['fs', 'mm'] }).split('\n')).toEqual([
      '/*',
      '!/*/',
      '/arch/',
      '!/arch/*/',
      '/arch/x86/',
      '!/arch/x86/*/',
      '/fs/',
      '!/fs/*/',
      '/arch/x86/kvm/',
      '/mm/',
      '',
    ]);
  });

  it('are what git sparse-checkout itself writes', () => {
    const clone = smallClone(scratch());
    git(clone, 'sparse-checkout', 'set', '--cone', 'mm', 'fs/ext4');
    expect(conePatterns({ whole: ['mm', 'fs/ext4'], flat: [] })).toBe(readFileSync(join(clone, '.git/info/sparse-checkout'), 'utf8'));
  });

  it('with odd characters check out the directory that is meant', async () => {
    const home = scratch();
    const clone = smallClone(home);
    write(clone, { 'od*d/[x]/a.c': 'int a;\n', 'odd/[x]/b.c': 'int b;\n' });
    git(clone, 'add', '.');
    git(clone, 'commit', '-qm', 'odd');
    const found = await clonePort.find(clone, unwatched);
    if (found.kind !== 'done') throw new Error('no clone');
    const tree = join(home, 'tree');
    const head = git(clone, 'rev-parse', 'HEAD').trim();
    const made = await clonePort.addWorktree(found.value, tree, head, { whole: ['od*d/[x]'], flat: ['fs'] }, unwatched);
    expect(made.kind).toBe('done');
    expect(['od*d/[x]/a.c', 'odd/[x]/b.c', 'fs/open.c', 'fs/ext4/inode.c'].map((path) => existsSync(join(tree, path)))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(git(tree, 'status', '--porcelain')).toBe('');
  });
});
