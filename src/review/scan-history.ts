/** How sites and claims change from patch to patch: what each adds, removes, or makes something else of. */
import type { Claim } from '../assumptions/claims';
import type { Assessed, SiteClass } from '../assumptions/site';
import type { Scan } from './scan';

export interface PatchEffect {
  /** From 1; its place in the series. */
  readonly patch: number;
  readonly commit: string;
  readonly added: readonly Assessed[];
  /** As they were before. */
  readonly removed: readonly Assessed[];
  readonly changed: readonly SiteChange[];
  /** As they stand with it. */
  readonly claims: readonly Claim[];
}

export interface SiteChange {
  /** As it is now. */
  readonly site: Assessed;
  readonly before: { readonly class: SiteClass; readonly reach: Assessed['reach']['is'] };
}

/** A site and the patch that made it what it is; 0 where it was so before the series. */
export interface DatedSite extends Assessed {
  readonly since: number;
}

/**
 * The effects of patches, and the sites after the last.
 *
 * @param states the scan before the first patch, then after each
 * @param commits of the patches
 * *Shape* a site is the same from patch to patch by file, function, name and its place among those of that name in the function.
 */
export function historyOf(
  states: readonly Scan[],
  commits: readonly string[],
): { readonly patches: readonly PatchEffect[]; readonly sites: readonly DatedSite[] } {
  const [first] = states;
  if (first === undefined) return { patches: [], sites: [] };
  const since = new Map<string, number>();
  let before = keyed(first.sites);
  const patches: PatchEffect[] = [];
  for (const [at, state] of states.slice(1).entries()) {
    const patch = at + 1;
    const after = keyed(state.sites);
    const added: Assessed[] = [];
    const changed: SiteChange[] = [];
    for (const [key, site] of after) {
      const old = before.get(key);
      if (old === undefined) added.push(site);
      else if (old.class !== site.class || old.reach.is !== site.reach.is)
        changed.push({ site, before: { class: old.class, reach: old.reach.is } });
      else continue;
      since.set(key, patch);
    }
    const removed = [...before].filter(([key]) => !after.has(key)).map(([, site]) => site);
    patches.push({ patch, commit: commits[at] ?? '', added, removed, changed, claims: state.claims });
    before = after;
  }
  return { patches, sites: [...before].map(([key, site]) => ({ ...site, since: since.get(key) ?? 0 })) };
}

/**
 * What is found of each claim before the first patch, and where a patch changes that.
 *
 * @param states the scan before the first patch, then after each
 */
export function claimSteps(states: readonly Scan[]): readonly (Omit<Claim, 'says' | 'places'> & { readonly patch: number })[] {
  const last = new Map<Claim['id'], string>();
  return states.flatMap(({ claims }, patch) =>
    claims.flatMap(({ id, verdict, because }) => {
      const now = `${verdict} ${because}`;
      if (last.get(id) === now) return [];
      last.set(id, now);
      return [{ patch, id, verdict, because }];
    }),
  );
}

function keyed(sites: readonly Assessed[]): ReadonlyMap<string, Assessed> {
  const counts = new Map<string, number>();
  const found = new Map<string, Assessed>();
  for (const site of sites) {
    const name = `${site.file}\0${site.function}\0${site.symbol}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    found.set(`${name}\0${count}`, site);
  }
  return found;
}
