import { cpSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { type Progress, unwatched } from '../../../src/base/progress';
import { buildTreeIndex, type TreeIndex } from '../../../src/kernel-c/tree-index';
import type { SourceTree } from '../../../src/kernel-c/source-tree';
import { diskTree } from '../../../src/worktree/disk-tree';
import { cachedTreeIndex } from '../../../src/worktree/tree-index-cache';
import { scratch, write } from './scratch';

const files = {
  'mm/a.c': '#ifdef CONFIG_X\n#define TWO(x) (2 * (x))\n#else\nstruct s { int a; };\n#endif\nstatic int f(void)\n{\n\treturn 0;\n}\n',
  'include/linux/a.h': 'enum e { FIRST, SECOND };\ntypedef unsigned long ulong;\nFLAG_OF(dirty, x);\n#if 1\n#elif 2\nint one;\n#endif\n',
};

/** A tree that says which files are read. */
function counted(root: string): { readonly tree: SourceTree; readonly reads: string[] } {
  const tree = diskTree(root);
  const reads: string[] = [];
  return { reads, tree: { paths: tree.paths, read: (path) => (reads.push(path), tree.read(path)) } };
}

function indexOf(root: string, tree: SourceTree, data: string): TreeIndex {
  const made = cachedTreeIndex(root, tree, unwatched, { data });
  if (made.kind !== 'done') throw new Error(made.kind);
  return made.value;
}

/** Files just written may change again unseen. */
const settled = (): Promise<void> => new Promise((settle) => setTimeout(settle, 2100));
const cacheFiles = (data: string): string[] =>
  readdirSync(join(data, 'cache'), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));

describe('the index of a tree on disk', () => {
  it('is the one that is built from the text, and reads only files that changed', async () => {
    const home = scratch();
    const root = join(home, 'tree');
    const data = join(home, 'data');
    write(root, files);
    const wanted = buildTreeIndex(diskTree(root));
    expect(wanted.byName.has('f')).toBe(true);
    await settled();
    const { tree, reads } = counted(root);
    expect(indexOf(root, tree, data)).toEqual(wanted);
    expect(reads).toEqual([]);
    expect(indexOf(root, tree, data)).toEqual(wanted);
    expect(reads).toEqual([]);
    utimesSync(join(root, 'mm/a.c'), 1, 1);
    expect(indexOf(root, tree, data)).toEqual(wanted);
    expect(reads).toEqual(['mm/a.c']);
    writeFileSync(join(root, 'mm/a.c'), 'int g(void) { return 1; }\n');
    const changed = indexOf(root, diskTree(root), data);
    expect(changed).toEqual(buildTreeIndex(diskTree(root)));
    expect(changed.byName.has('g')).toBe(true);
  });

  it('of another worktree takes what it has in common from the same data folder', () => {
    const home = scratch();
    const data = join(home, 'data');
    write(join(home, 'one'), files);
    indexOf(join(home, 'one'), diskTree(join(home, 'one')), data);
    cpSync(join(home, 'one'), join(home, 'two'), { recursive: true });
    writeFileSync(join(home, 'two/mm/a.c'), 'int changed;\n');
    const shard = readdirSync(join(data, 'cache')).find((name) => name.startsWith('tree-index-'))!;
    const kept = readdirSync(join(data, 'cache', shard)).length;
    expect(indexOf(join(home, 'two'), diskTree(join(home, 'two')), data)).toEqual(buildTreeIndex(diskTree(join(home, 'two'))));
    expect(readdirSync(join(data, 'cache', shard)).length).toBe(kept + 1);
  });

  it.each([
    ['cut short', (file: string) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['empty', (file: string) => writeFileSync(file, '')],
    ['another kind of JSON', (file: string) => writeFileSync(file, '[[1,2],{"kind":3}]')],
    ['of wrong values', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/-?\d+/g, '-7'))],
    ['of other names', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"f"', 'null'))],
  ])('is not harmed by a cache that is %s', async (_, damage) => {
    const home = scratch();
    const data = join(home, 'data');
    const root = join(home, 'tree');
    write(root, files);
    await settled();
    const wanted = buildTreeIndex(diskTree(root));
    indexOf(root, diskTree(root), data);
    for (const file of cacheFiles(data)) damage(file);
    expect(indexOf(root, diskTree(root), data)).toEqual(wanted);
    expect(indexOf(root, diskTree(root), data)).toEqual(wanted);
  });

  it('is the same with threads, without them, and with threads that fail', async () => {
    const home = scratch();
    const root = join(home, 'tree');
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`mm/f${at}.c`, `int f${at}(void) { return ${at}; }\n`]));
    write(root, many);
    const tree = diskTree(root);
    const wanted = buildTreeIndex(tree);
    const script = join(home, 'index-worker.cjs');
    const entry = join(__dirname, '../../../src/worktree/index-thread.ts');
    await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'cjs', outfile: script, logLevel: 'error' });
    const failing = join(home, 'failing.cjs');
    writeFileSync(failing, 'throw new Error("no");\n');
    for (const [at, thread] of [script, join(home, 'none.cjs'), failing].entries()) {
      const made = cachedTreeIndex(root, tree, unwatched, { data: join(home, `data${at}`), thread });
      expect(made).toEqual({ kind: 'done', value: wanted });
    }
  });

  it('can be cancelled', () => {
    const home = scratch();
    write(home, { 'a.c': 'int a;\n' });
    const progress: Progress = { report: () => undefined, cancelled: true };
    expect(cachedTreeIndex(home, diskTree(home), progress, { data: join(home, 'data') })).toEqual({ kind: 'cancelled' });
  });
});
