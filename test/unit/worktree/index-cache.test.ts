import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CachedEntries, cachedEntries } from '../../../src/worktree/index-cache';
import { scratch, write } from './scratch';

interface Words {
  readonly words: number;
}

/** Longer than a file counts as changed just now. */
const settle = async (): Promise<void> => {
  await new Promise((done) => setTimeout(done, 2100));
};

function bench(): { readonly root: string; readonly data: string; run(paths: readonly string[], kind?: string): CachedEntries<Words> } {
  const home = scratch();
  const root = join(home, 'tree');
  const data = join(home, 'data');
  return {
    root,
    data,
    run: (paths, kind = 'words-1') =>
      cachedEntries<Words>(root, paths, {
        kind,
        data,
        make: (path) => {
          const text = readFileSync(join(root, path), 'utf8');
          return text === '' ? null : { words: text.split(' ').length };
        },
        isEntry: (value): value is Words =>
          typeof value === 'object' && value !== null && 'words' in value && typeof value.words === 'number',
      }),
  };
}

describe('the cache of what was made of files', () => {
  it('makes an entry again only where the file has changed', async () => {
    const b = bench();
    write(b.root, { 'a.c': 'one two', 'b.c': 'one', 'empty.c': '' });
    await settle();
    const paths = ['b.c', 'a.c', 'empty.c'];
    const first = b.run(paths);
    expect([...first.entries]).toEqual([
      ['b.c', { words: 1 }],
      ['a.c', { words: 2 }],
    ]);
    expect(first.made).toBe(3);
    expect(b.run(paths)).toEqual({ entries: first.entries, made: 0, complete: true });
    // The same size, and the old time set back: the inode's own time tells.
    writeFileSync(join(b.root, 'a.c'), 'onetwo3');
    utimesSync(join(b.root, 'a.c'), 1, 1);
    const changed = b.run(paths);
    expect([changed.made, changed.entries.get('a.c')]).toEqual([1, { words: 1 }]);
    // Changed a moment ago, so made once more; after that it is kept.
    await settle();
    expect([b.run(paths).made, b.run(paths).made]).toEqual([1, 0]);
    expect(b.run(['b.c']).made).toBe(0);
    expect(b.run(paths).made).toBe(2);
    expect(b.run(paths, 'words-2').made).toBe(3);
  });

  it('does without one that is damaged, foreign or gone', async () => {
    const b = bench();
    write(b.root, { 'a.c': 'one two' });
    await settle();
    const stored = join(b.data, 'cache', (b.run(['a.c']), readdirSync(join(b.data, 'cache'))[0] ?? ''));
    const good = readFileSync(stored, 'utf8');
    for (const bad of [
      '',
      '{',
      '[]',
      '{"kind":"words-1"}',
      '{"kind":"words-1","rows":[null,[1,2,3]]}',
      good.replace('"words":2', '"words":"2"'),
    ]) {
      writeFileSync(stored, bad);
      expect(b.run(['a.c'])).toEqual({ entries: new Map([['a.c', { words: 2 }]]), made: 1, complete: true });
    }
    rmSync(join(b.data, 'cache'), { recursive: true });
    writeFileSync(join(b.data, 'cache'), 'in the way');
    expect(b.run(['a.c']).entries.get('a.c')).toEqual({ words: 2 });
  });
});
