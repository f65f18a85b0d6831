/** The trees that the editor has open: the sites of each with what reviewers and patches say of them. */
import type { Assessed, Classified, Site } from '../assumptions/site';
import { cancelled, done, type Outcome } from '../base/outcome';
import { type Progress, unwatched } from '../base/progress';
import type { AssumptionsView, SiteHistory, SiteOrigin } from '../protocol/assumptions';
import { siteKey } from '../protocol/assumptions';
import { claimSteps, historyOf } from '../review/scan-history';
import { openedAt } from '../worktree/opened';
import { type FactsPlace, TreeFacts } from './assumption-facts';
import { scansAtPatches } from './assumption-history';
import type { JoinedTree } from './assumption-join';
import { ReviewedList } from './assumption-reviewed';

/** Trees that are kept; a reviewer has few open. */
const MAX_TREES = 4;

/** A site as it is marked in a file. */
export interface MarkedSite {
  readonly site: Classified;
  readonly reviewed: boolean;
  /** The patch that made it what it is; null where that is not known (yet), or it was so before the series. */
  readonly origin: SiteOrigin | null;
}

export class AssumptionTrees {
  /** Oldest use first. */
  private readonly trees = new Map<string, AssumptionTree>();

  constructor(private readonly place: FactsPlace) {}

  /** A tree that was asked for, or null. */
  known(root: string): AssumptionTree | null {
    return this.trees.get(root) ?? null;
  }

  of(root: string): AssumptionTree {
    const tree = this.trees.get(root) ?? new AssumptionTree(root, this.place);
    this.trees.delete(root);
    this.trees.set(root, tree);
    for (const oldest of this.trees.keys()) {
      if (this.trees.size <= MAX_TREES) break;
      this.trees.delete(oldest);
    }
    return tree;
  }
}

export class AssumptionTree {
  readonly facts: TreeFacts;
  readonly reviewed: ReviewedList;
  private origins: ReadonlyMap<string, SiteOrigin> = new Map();
  private past: Promise<Outcome<SiteHistory>> | null = null;
  private first: Promise<Outcome<JoinedTree>> | null = null;

  constructor(
    readonly root: string,
    place: FactsPlace,
  ) {
    this.facts = new TreeFacts(root, place);
    this.reviewed = new ReviewedList(root);
  }

  /** The tree once it has been read for the first time. */
  ready(): Promise<Outcome<JoinedTree>> {
    this.first ??= this.facts.renewed(unwatched);
    return this.first;
  }

  /** Files have changed on disk. */
  async changed(): Promise<void> {
    if (this.first !== null) await this.facts.renewed(unwatched);
  }

  /** Everything, read anew where it has changed on disk. *Fails* `scan/empty-tree`. */
  async view(progress: Progress): Promise<Outcome<AssumptionsView>> {
    const joined = await this.facts.renewed(progress);
    if (joined.kind !== 'done') return joined;
    this.first ??= Promise.resolve(joined);
    const { assessedSites, unread, claims, files } = joined.value;
    const there = new Map<string, boolean>();
    const isThere = ({ file }: { readonly file: string }): boolean => {
      const known = there.get(file) ?? this.facts.isOnDisk(file);
      there.set(file, known);
      return known;
    };
    const sites = assessedSites.filter(isThere);
    const reviewed = this.reviewed.among(sites, this.lineOf);
    return done({ sites: sites.map((site) => ({ ...site, reviewed: reviewed.has(site) })), unread: unread.filter(isThere), claims, files });
  }

  /** The sites of a file as they are marked; null until the tree has been read. */
  marked(file: string): readonly MarkedSite[] | null {
    const joined = this.facts.now;
    if (joined === null) return null;
    const sites = joined.inFile(file);
    const reviewed = this.reviewed.among(sites, this.lineOf);
    const keys = keysOf(sites);
    return sites.map((site) => ({ site, reviewed: reviewed.has(site), origin: this.origins.get(keys.get(site) ?? '') ?? null }));
  }

  assessed(site: Classified): Assessed | null {
    return this.facts.now?.assess(site) ?? null;
  }

  /** Marks a site as reviewed, or takes that back. *Fails* as `ReviewedList.set`. */
  async review(
    place: { readonly file: string; readonly line: number; readonly column: number },
    isReviewed: boolean,
  ): Promise<Outcome<null>> {
    const joined = this.facts.now ?? (await this.ready());
    const tree = 'kind' in joined ? (joined.kind === 'done' ? joined.value : null) : joined;
    const site = tree?.inFile(place.file).find((one) => one.line === place.line && one.column === place.column);
    return tree === null || site === undefined ? done(null) : this.reviewed.set(site, tree.sites, this.lineOf, isReviewed);
  }

  /** What each patch of the series brought. Empty where no series was opened in the tree; then git is not run either. */
  history(progress: Progress): Promise<Outcome<SiteHistory>> {
    this.past ??= this.readHistory(progress).then(
      (outcome) => {
        if (outcome.kind !== 'done') this.past = null;
        return outcome;
      },
      (error: unknown) => {
        this.past = null;
        throw error;
      },
    );
    return this.past;
  }

  readonly lineOf = (file: string, line: number): string => this.facts.lineOf(file, line);

  private async readHistory(progress: Progress): Promise<Outcome<SiteHistory>> {
    const opened = openedAt(this.root);
    const joined = await this.ready();
    if (joined.kind !== 'done') return joined;
    if (opened === null) return done({ since: {}, patches: [], claims: [] });
    const numbers = opened.commits.flatMap((commit, at) => (commit === '' ? [] : [at + 1]));
    const commits = opened.commits.filter((commit) => commit !== '');
    const scans = await scansAtPatches(this.facts, [opened.base, ...commits], progress);
    if (scans.kind !== 'done') return scans;
    if (progress.cancelled) return cancelled;
    const { patches } = historyOf(scans.value, commits);
    const origins = new Map<string, SiteOrigin>();
    // A place in the list is the number of a patch that was applied.
    const numberOf = (patch: number): number => numbers[patch - 1] ?? patch;
    for (const [at, { patch, added, changed }] of patches.entries()) {
      const keys = keysOf(scans.value[at + 1]?.sites ?? []);
      for (const site of added) origins.set(keys.get(site) ?? '', { patch: numberOf(patch), before: null });
      for (const { site, before } of changed) {
        const key = keys.get(site) ?? '';
        // What a patch of the series brought stays its own, whatever becomes of its class.
        if (origins.get(key)?.before !== null) origins.set(key, { patch: numberOf(patch), before });
      }
    }
    this.origins = origins;
    const now = this.facts.now?.sites ?? [];
    const since: Record<string, SiteOrigin> = {};
    for (const [site, key] of keysOf(now)) {
      const origin = origins.get(key);
      if (origin !== undefined) since[siteKey(site)] = origin;
    }
    return done({
      since,
      patches: patches.map(({ patch, added, removed, changed }) => ({
        patch: numberOf(patch),
        added: added.length,
        removed,
        changed: changed.length,
      })),
      claims: claimSteps(scans.value).map((step) => ({ ...step, patch: step.patch === 0 ? 0 : numberOf(step.patch) })),
    });
  }
}

/** What a site is from patch to patch: its function, its name, and which of those of that name it is. */
function keysOf<S extends Site>(sites: readonly S[]): ReadonlyMap<S, string> {
  const counts = new Map<string, number>();
  const keys = new Map<S, string>();
  for (const site of sites) {
    const name = `${site.file}\0${site.function}\0${site.symbol}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    keys.set(site, `${name}\0${count}`);
  }
  return keys;
}
