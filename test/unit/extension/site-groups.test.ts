import { describe, expect, it } from 'vitest';
import { groupSites, type Grouped, neighbour } from '../../../src/extension/site-groups';
import type { AssumptionSite, SiteClass, SiteHistory } from '../../../src/protocol/assumptions';
import type { PatchView } from '../../../src/protocol/series-view';

const site = (file: string, line: number, of: SiteClass = 'folio-only'): AssumptionSite => ({
  file,
  line,
  column: 1,
  length: 1,
  symbol: 's',
  function: 'f',
  kind: 'folio-test',
  rule: 'r',
  class: of,
  evidence: [],
  reach: { is: 'cannot-tell', because: '', path: [] },
  reviewed: false,
});
const patch = (number: number, ...paths: string[]): PatchView =>
  ({
    number,
    files: paths.map((path) => ({ path, oldPath: path, status: 'modified', additions: 1, deletions: 0 })),
  }) as unknown as PatchView;
const CLASSES: readonly SiteClass[] = ['assumes-hugetlb-vma', 'excludes', 'folio-only'];
const by = (grouping: Grouped['grouping'], patches: readonly PatchView[] = [], history: SiteHistory | null = null): Grouped => ({
  grouping,
  patches,
  history,
  classes: CLASSES,
});

const sites = [site('a.c', 1), site('a.c', 9, 'excludes'), site('b.c', 2), site('c.c', 3, 'assumes-hugetlb-vma')];

describe('groupSites', () => {
  it('puts what a patch brought or changed under it, and what the series left alone at the end', () => {
    const history: SiteHistory = {
      since: { 'a.c:9:1': { patch: 1, before: null }, 'c.c:3:1': { patch: 3, before: { class: 'excludes', reach: 'reachable' } } },
      patches: [
        { patch: 1, added: 1, removed: [], changed: 0 },
        { patch: 2, added: 0, removed: [], changed: 0 },
        { patch: 3, added: 0, removed: [], changed: 1 },
        { patch: 4, added: 0, removed: [site('d.c', 1)], changed: 0 },
      ],
      claims: [],
    };
    const groups = groupSites(sites, by('patch', [patch(1, 'a.c'), patch(2, 'nothing.c'), patch(3, 'a.c'), patch(4, 'd.c')], history));
    expect(groups.map((group) => [group.key, group.sites.map(({ file, line }) => `${file}:${line}`)])).toEqual([
      ['patch 1', ['a.c:9']],
      ['patch 3', ['c.c:3']],
      ['patch 4', []],
      ['touched', ['a.c:1']],
      ['untouched', ['b.c:2']],
    ]);
  });

  it('shows every site before it is known what patches did', () => {
    const groups = groupSites(sites, by('patch', [patch(1, 'a.c')]));
    expect(groups.map((group) => [group.key, group.sites.length, group.groups.map(({ key }) => key)])).toEqual([
      ['touched', 2, ['a.c']],
      ['untouched', 2, ['b.c', 'c.c']],
    ]);
  });

  it('groups by file, and by class with the loudest first', () => {
    expect(groupSites(sites, by('file')).map((group) => group.key)).toEqual(['a.c', 'b.c', 'c.c']);
    expect(groupSites(sites, by('class')).map((group) => [group.key, group.sites.length])).toEqual([
      ['assumes-hugetlb-vma', 1],
      ['excludes', 1],
      ['folio-only', 2],
    ]);
  });

  it('puts many sites of a patch under their files', () => {
    const many = Array.from({ length: 21 }, (_, at) => site(at < 20 ? 'a.c' : 'b.c', at + 1));
    const since = Object.fromEntries(many.map(({ file, line }) => [`${file}:${line}:1`, { patch: 1, before: null }]));
    const history: SiteHistory = { since, patches: [{ patch: 1, added: 21, removed: [], changed: 0 }], claims: [] };
    const keysOf = (shown: readonly AssumptionSite[]): unknown =>
      groupSites(shown, by('patch', [patch(1, 'a.c')], history))[0]?.groups.map(({ key, sites: own }) => [key, own.length]);
    expect(keysOf(many)).toEqual([
      ['a.c', 20],
      ['b.c', 1],
    ]);
    expect(keysOf(many.slice(1))).toEqual([]);
  });

  it('gives nothing where there is nothing', () => {
    for (const grouping of ['patch', 'file', 'class'] as const) expect(groupSites([], by(grouping, [patch(1, 'a.c')]))).toEqual([]);
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
