import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { type IndexedTree, indexKeeper } from '../../../src/worktree/kept-index';
import { scratch, write } from './scratch';

/** A keeper that looks long after everything was written. */
function keeper(clock?: () => number): { readonly root: string; readonly look: () => IndexedTree } {
  const home = scratch();
  const root = join(home, 'tree');
  write(root, { 'a.c': 'int a(void)\n{\n\treturn 1;\n}\n', 'b.h': 'int b(void);\n' });
  const keep = indexKeeper({ data: join(home, 'data') }, clock ?? (() => Date.now() + 60_000));
  return {
    root,
    look() {
      const outcome = keep(root, unwatched);
      if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
      return outcome.value;
    },
  };
}

describe('a kept index', () => {
  it('is the same while nothing changes', () => {
    const { look } = keeper();
    const first = look();
    expect(look().index).toBe(first.index);
    expect(first.index.byName.has('a')).toBe(true);
  });

  it('is made again when a file changes, comes or goes', () => {
    const { root, look } = keeper();
    const names = (): string[] => [...look().index.byName.keys()].sort();
    expect(names()).toEqual(['a', 'b']);
    writeFileSync(join(root, 'a.c'), 'int other(void)\n{\n\treturn 1;\n}\n');
    expect(names()).toEqual(['b', 'other']);
    writeFileSync(join(root, 'c.c'), 'int c(void)\n{\n\treturn 2;\n}\n');
    expect(names()).toEqual(['b', 'c', 'other']);
    rmSync(join(root, 'b.h'));
    expect(names()).toEqual(['c', 'other']);
  });

  it('is not trusted where a file was written a moment ago', () => {
    const { look } = keeper(() => Date.now());
    const first = look();
    expect(look().index).not.toBe(first.index);
  });
});
