/** Assumption sites as a tree: by the patches that brought or changed them, by class, or by file. */
import type { AssumptionSite, PatchSites, SiteClass, SiteHistory } from '../protocol/assumptions';
import { siteKey } from '../protocol/assumptions';
import type { PatchView } from '../protocol/series-view';

export const GROUPINGS = ['patch', 'class', 'file'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface SiteGroup {
  /** Unique among its siblings. */
  readonly key: string;
  readonly of:
    | { readonly kind: 'patch'; readonly patch: PatchView; readonly did: PatchSites }
    /** Those that are as they were before the series. */
    | { readonly kind: 'touched' | 'untouched' }
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'class'; readonly class: SiteClass };
  /** All sites of the group, each once, in order of file and line. */
  readonly sites: readonly AssumptionSite[];
  /** Groups inside; none where the sites themselves come next. */
  readonly groups: readonly SiteGroup[];
}

export interface Grouped {
  readonly grouping: Grouping;
  readonly patches: readonly PatchView[];
  /** Null where it is not known yet. */
  readonly history: SiteHistory | null;
  /** The order of the classes. */
  readonly classes: readonly SiteClass[];
}

/** A patch with more sites has them by file. */
const MANY = 20;

/** *Shape* patches in order, then what they left alone; files by path; classes as given. A group with nothing to show is left out. */
export function groupSites(sites: readonly AssumptionSite[], { grouping, patches, history, classes }: Grouped): readonly SiteGroup[] {
  if (grouping === 'file') return byFile(sites);
  if (grouping === 'class') return byClass(sites, classes);
  const originOf = (site: AssumptionSite): number => history?.since[siteKey(site)]?.patch ?? 0;
  const brought = patches.flatMap((patch): SiteGroup[] => {
    const did = history?.patches.find((one) => one.patch === patch.number);
    if (did === undefined) return [];
    const inside = sites.filter((site) => originOf(site) === patch.number);
    if (inside.length === 0 && did.removed.length === 0) return [];
    const groups = inside.length > MANY ? byFile(inside) : [];
    return [{ key: `patch ${patch.number}`, of: { kind: 'patch', patch, did }, sites: inside, groups }];
  });
  const files = new Set(patches.flatMap((patch) => patch.files.map((file) => file.path)));
  const left = sites.filter((site) => originOf(site) === 0 || !patches.some((patch) => patch.number === originOf(site)));
  const rest = (kind: 'touched' | 'untouched', inside: readonly AssumptionSite[]): SiteGroup[] =>
    inside.length === 0 ? [] : [{ key: kind, of: { kind }, sites: inside, groups: byFile(inside) }];
  return [
    ...brought,
    ...rest(
      'touched',
      left.filter((site) => files.has(site.file)),
    ),
    ...rest(
      'untouched',
      left.filter((site) => !files.has(site.file)),
    ),
  ];
}

const byFile = (sites: readonly AssumptionSite[]): readonly SiteGroup[] =>
  grouped(sites, (site) => site.file).map(([file, inside]) => ({ key: file, of: { kind: 'file', file }, sites: inside, groups: [] }));

const byClass = (sites: readonly AssumptionSite[], order: readonly SiteClass[]): readonly SiteGroup[] =>
  grouped(sites, (site) => site.class)
    .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    .map(([one, inside]) => ({ key: one, of: { kind: 'class', class: one }, sites: inside, groups: byFile(inside) }));

function grouped<K extends string>(
  sites: readonly AssumptionSite[],
  keyOf: (site: AssumptionSite) => K,
): (readonly [K, readonly AssumptionSite[]])[] {
  const groups = new Map<K, AssumptionSite[]>();
  for (const site of sites) {
    const key = keyOf(site);
    const group = groups.get(key);
    if (group) group.push(site);
    else groups.set(key, [site]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The site after (or before) a place, going round at the end; undefined where there is none. */
export function neighbour<S extends { readonly file: string; readonly line: number }>(
  sites: readonly S[],
  file: string,
  line: number,
  forward: boolean,
): S | undefined {
  const order = (site: S): number => (site.file === file ? site.line - line : site.file < file ? -1 : 1);
  if (forward) return sites.find((site) => order(site) > 0) ?? sites[0];
  return sites.filter((site) => order(site) < 0).at(-1) ?? sites.at(-1);
}
