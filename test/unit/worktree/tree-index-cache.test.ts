import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Progress, unwatched } from '../../../src/base/progress';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import { diskTree } from '../../../src/worktree/disk-tree';
import { cachedTreeIndex } from '../../../src/worktree/tree-index-cache';
import { scratch, write } from './scratch';

describe('the index of a tree on disk', () => {
  it('is the one that is built from the text, made or from the cache', async () => {
    const home = scratch();
    const root = join(home, 'tree');
    write(root, {
      'mm/a.c': '#ifdef CONFIG_X\n#define TWO(x) (2 * (x))\n#else\nstruct s { int a; };\n#endif\nstatic int f(void)\n{\n\treturn 0;\n}\n',
      'include/linux/a.h': 'enum e { FIRST, SECOND };\ntypedef unsigned long ulong;\n',
    });
    const wanted = buildTreeIndex(diskTree(root));
    expect(wanted.byName.has('f')).toBe(true);
    await new Promise((settle) => setTimeout(settle, 2100));
    const reads: string[] = [];
    const counted = diskTree(root);
    const tree = { paths: counted.paths, read: (path: string) => (reads.push(path), counted.read(path)) };
    for (const read of [2, 2]) {
      expect(cachedTreeIndex(root, tree, unwatched, join(home, 'data'))).toEqual({ kind: 'done', value: wanted });
      expect(reads).toHaveLength(read);
    }
    utimesSync(join(root, 'mm/a.c'), 1, 1);
    expect(cachedTreeIndex(root, tree, unwatched, join(home, 'data'))).toEqual({ kind: 'done', value: wanted });
    expect(reads).toEqual([...tree.paths, 'mm/a.c']);
  });

  it('can be cancelled', () => {
    const home = scratch();
    write(home, { 'a.c': 'int a;\n' });
    const progress: Progress = { report: () => undefined, cancelled: true };
    expect(cachedTreeIndex(home, diskTree(home), progress, join(home, 'data'))).toEqual({ kind: 'cancelled' });
  });
});
