/** Assumption sites as a tree: by the patches that touch their file, by file, or by kind. */
import type { Site, SiteKind } from '../protocol/requests';
import type { PatchView } from '../protocol/series-view';

export type Grouping = 'patch' | 'file' | 'kind';

export interface SiteGroup {
  /** Unique among its siblings. */
  readonly key: string;
  readonly of:
    | { readonly kind: 'patch'; readonly patch: PatchView }
    | { readonly kind: 'untouched' }
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'site-kind'; readonly siteKind: SiteKind };
  /** All sites of the group, each once, in order of file and line. */
  readonly sites: readonly Site[];
  /** Groups inside; none where the sites themselves come next. */
  readonly groups: readonly SiteGroup[];
}

/** *Shape* patches in order with the untouched files last; files by path; kinds by name. A group without sites is left out. */
export function groupSites(sites: readonly Site[], patches: readonly PatchView[], grouping: Grouping): readonly SiteGroup[] {
  if (grouping === 'file') return byFile(sites);
  if (grouping === 'kind') return byKind(sites);
  const touched = patches.map((patch): SiteGroup => {
    const files = new Set(patch.files.map((file) => file.path));
    const inside = sites.filter((site) => files.has(site.file));
    return { key: `patch ${patch.number}`, of: { kind: 'patch', patch }, sites: inside, groups: byFile(inside) };
  });
  const anywhere = new Set(patches.flatMap((patch) => patch.files.map((file) => file.path)));
  const rest = sites.filter((site) => !anywhere.has(site.file));
  const untouched: SiteGroup = { key: 'untouched', of: { kind: 'untouched' }, sites: rest, groups: byFile(rest) };
  return [...touched, untouched].filter((group) => group.sites.length > 0);
}

const byFile = (sites: readonly Site[]): readonly SiteGroup[] =>
  grouped(sites, (site) => site.file).map(([file, inside]) => ({ key: file, of: { kind: 'file', file }, sites: inside, groups: [] }));

const byKind = (sites: readonly Site[]): readonly SiteGroup[] =>
  grouped(sites, (site) => site.kind).map(([siteKind, inside]) => ({
    key: siteKind,
    of: { kind: 'site-kind', siteKind },
    sites: inside,
    groups: byFile(inside),
  }));

function grouped<K extends string>(sites: readonly Site[], keyOf: (site: Site) => K): readonly (readonly [K, readonly Site[]])[] {
  const groups = new Map<K, Site[]>();
  for (const site of sites) {
    const key = keyOf(site);
    const group = groups.get(key);
    if (group) group.push(site);
    else groups.set(key, [site]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The site after (or before) a place, going round at the end; undefined where there is none. */
export function neighbour(sites: readonly Site[], file: string, line: number, forward: boolean): Site | undefined {
  const order = (site: Site): number => (site.file === file ? site.line - line : site.file < file ? -1 : 1);
  if (forward) return sites.find((site) => order(site) > 0) ?? sites[0];
  return sites.filter((site) => order(site) < 0).at(-1) ?? sites.at(-1);
}
