import { describe, expect, it } from 'vitest';
import type { Site } from '../../../src/assumptions/site';
import { groupSites, neighbour } from '../../../src/extension/site-groups';
import type { PatchView } from '../../../src/protocol/series-view';

const site = (file: string, line: number, kind: Site['kind'] = 'folio-test'): Site => ({
  file,
  line,
  column: 1,
  length: 1,
  symbol: 's',
  function: 'f',
  kind,
  rule: 'r',
});
const patch = (number: number, ...paths: string[]): PatchView =>
  ({
    number,
    files: paths.map((path) => ({ path, oldPath: path, status: 'modified', additions: 1, deletions: 0 })),
  }) as unknown as PatchView;

const sites = [site('a.c', 1), site('a.c', 9, 'vma-test'), site('b.c', 2), site('c.c', 3)];

describe('groupSites', () => {
  it('puts a file under each patch that touches it, and the rest at the end', () => {
    const groups = groupSites(sites, [patch(1, 'a.c'), patch(2, 'nothing.c'), patch(3, 'a.c', 'b.c')], 'patch');
    expect(groups.map((group) => [group.key, group.sites.length, group.groups.map((one) => one.key)])).toEqual([
      ['patch 1', 2, ['a.c']],
      ['patch 3', 3, ['a.c', 'b.c']],
      ['untouched', 1, ['c.c']],
    ]);
  });

  it('groups by file and by kind', () => {
    expect(groupSites(sites, [], 'file').map((group) => group.key)).toEqual(['a.c', 'b.c', 'c.c']);
    expect(groupSites(sites, [], 'kind').map((group) => [group.key, group.sites.length])).toEqual([
      ['folio-test', 3],
      ['vma-test', 1],
    ]);
  });

  it('gives nothing where there is nothing', () => {
    for (const by of ['patch', 'file', 'kind'] as const) expect(groupSites([], [patch(1, 'a.c')], by)).toEqual([]);
  });
});

describe('neighbour', () => {
  it('goes forward and back in order of file and line, and round at the ends', () => {
    expect(neighbour(sites, 'a.c', 1, true)).toBe(sites[1]);
    expect(neighbour(sites, 'a.c', 9, true)).toBe(sites[2]);
    expect(neighbour(sites, 'a.c', 9, false)).toBe(sites[0]);
    expect(neighbour(sites, 'c.c', 3, true)).toBe(sites[0]);
    expect(neighbour(sites, 'a.c', 1, false)).toBe(sites[3]);
    expect(neighbour(sites, 'b.c', 900, false)).toBe(sites[2]);
    expect(neighbour([], 'a.c', 1, true)).toBeUndefined();
  });
});
