import { describe, expect, it } from 'vitest';
import { configOf } from '../../../src/worktree/clone-config';

const listing = (...entries: readonly string[]): string => entries.map((entry) => `${entry}\0`).join('');

describe("a clone's configuration", () => {
  it('tells who the user is, the committer before the user, the last of several', () => {
    expect(configOf('')).toEqual({ name: null, email: null, overrides: [] });
    const both = configOf(listing('user.name\nA', 'user.email\na@x', 'user.name\nB', 'committer.email\nc@x'));
    expect([both.name, both.email]).toEqual(['B', 'c@x']);
    expect(configOf(listing('user.name\n  ', 'core.bare')).name).toBeNull();
  });

  it('gives a harmless value for every key of every driver, by its exact name', () => {
    const { overrides } = configOf(
      listing(
        'filter.a=b.smudge\nevil',
        'filter.lfs.required\ntrue',
        'diff.Cpp.textconv\nevil',
        'merge.x.y.driver\nevil %A',
        'diff.external\nevil',
      ),
    );
    expect(overrides).toEqual([
      ['filter.a=b.process', ''],
      ['filter.a=b.clean', ''],
      ['filter.a=b.smudge', ''],
      ['filter.a=b.required', 'false'],
      ['filter.lfs.process', ''],
      ['filter.lfs.clean', ''],
      ['filter.lfs.smudge', ''],
      ['filter.lfs.required', 'false'],
      ['diff.Cpp.command', ''],
      ['diff.Cpp.textconv', ''],
      ['merge.x.y.driver', 'git merge-file -q --marker-size=%L %A %O %B'],
    ]);
  });

  it('passes on which directories of others the user trusts', () => {
    expect(configOf(listing('safe.directory\n/a', 'safe.directory\n/b', 'safe.directory\n/a')).overrides).toEqual([
      ['safe.directory', '/a'],
      ['safe.directory', '/b'],
    ]);
  });
});
