/** The Assumptions view: where the code of the current worktree tests for hugetlb or takes it for granted, what each place is, and why. */
import * as vscode from 'vscode';
import {
  type AssumptionSite,
  type AssumptionsView,
  type CallRow,
  type ClaimStep,
  type Place,
  siteKey,
  type UnreadPlace,
} from '../protocol/assumptions';
import { callsOf } from '../protocol/requests';
import type { SeriesView } from '../protocol/series-view';
import {
  callItem,
  claimItem,
  claimStepItem,
  groupItem,
  placeItem,
  removedItem,
  siteItem,
  type SiteRow,
  unreadItem,
  whyItem,
} from './assumptions-items';
import type { AssumptionsReading } from './assumptions-reading';
import { CLASS_ORDER, isDoubtful, originWords } from './assumption-words';
import type { Engine } from './engine';
import type { OpenedList } from './opened-list';
import { type Grouping, GROUPINGS, groupSites, type SiteGroup } from './site-groups';

/** What a site has below it. */
export type Why = 'class' | 'reach' | 'callers' | 'callees';

interface Common {
  readonly series: SeriesView;
  /** Of the nodes above, for an id. */
  readonly path: string;
}

export type AssumptionNode =
  | (Common & { readonly kind: 'group'; readonly group: SiteGroup })
  | (Common & { readonly kind: 'site'; readonly site: AssumptionSite; readonly told: SiteRow })
  | (Common & {
      readonly kind: 'removed';
      readonly site: { readonly file: string; readonly line: number; readonly symbol: string; readonly function: string };
    })
  | (Common & { readonly kind: 'why'; readonly why: Why; readonly site: AssumptionSite })
  | (Common & { readonly kind: 'place'; readonly place: Place; readonly step: number; readonly code: string })
  | (Common & { readonly kind: 'call'; readonly way: 'callers' | 'callees'; readonly from: string; readonly row: CallRow })
  | (Common & { readonly kind: 'unread-group'; readonly unread: readonly UnreadPlace[] })
  | (Common & { readonly kind: 'unread'; readonly unread: UnreadPlace })
  | (Common & { readonly kind: 'claims'; readonly view: AssumptionsView })
  | (Common & { readonly kind: 'claim'; readonly claim: AssumptionsView['claims'][number]; readonly steps: readonly ClaimStep[] })
  | (Common & { readonly kind: 'claim-step'; readonly step: ClaimStep });

/** What is shown beside the title, and on the icon. */
export interface Counts {
  readonly text: string;
  readonly doubtful: number;
}

export class AssumptionsTree implements vscode.TreeDataProvider<AssumptionNode> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private grouping: Grouping;
  private reachable: boolean;

  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
    readonly reading: AssumptionsReading,
    private readonly state: vscode.Memento,
    private readonly count: (counts: Counts) => void,
  ) {
    const kept = state.get<string>(GROUPING_KEY, 'patch');
    this.grouping = GROUPINGS.find((one) => one === kept) ?? 'patch';
    this.reachable = state.get(REACHABLE_KEY, false);
    reading.onDidChange(() => this.changed.fire());
  }

  group(by: Grouping): void {
    this.grouping = by;
    void this.state.update(GROUPING_KEY, by);
    this.changed.fire();
  }

  get groupedBy(): Grouping {
    return this.grouping;
  }

  /** Shows only what a folio of guest_memfd can come to, or everything. */
  showReachable(only: boolean): void {
    this.reachable = only;
    void this.state.update(REACHABLE_KEY, only);
    this.changed.fire();
  }

  get isReachableOnly(): boolean {
    return this.reachable;
  }

  /** The sites that the view shows, in order of file and line. */
  async sites(): Promise<readonly AssumptionSite[]> {
    const all = await this.reading.sites();
    return this.reachable ? all.filter(({ reach }) => reach.is === 'reachable') : all;
  }

  async getChildren(node?: AssumptionNode): Promise<AssumptionNode[]> {
    if (node === undefined) return this.roots();
    const { series, path } = node;
    switch (node.kind) {
      case 'group':
        return this.inGroup(node.group, series, path);
      case 'site':
        return this.below(node.site).map((why) => ({ kind: 'why', why, site: node.site, series, path: `${path}/${why}` }));
      case 'why':
        return this.inWhy(node.why, node.site, series, path);
      case 'call':
        return this.calls(node.way, { file: node.row.file, function: node.row.function }, series, path);
      case 'unread-group':
        return node.unread.map((unread, at) => ({ kind: 'unread', unread, series, path: `${path}/${at}` }));
      case 'claims':
        return node.view.claims.map((claim) => {
          const steps = this.reading.history?.claims.filter(({ id }) => id === claim.id) ?? [];
          return { kind: 'claim', claim, steps, series, path: `${path}/${claim.id}` };
        });
      case 'claim':
        return [
          ...(await places(series, path, node.claim.places)),
          ...node.steps.map((step): AssumptionNode => ({ kind: 'claim-step', step, series, path: `${path}/from ${step.patch}` })),
        ];
      default:
        return [];
    }
  }

  getTreeItem(node: AssumptionNode): vscode.TreeItem {
    const item = itemOf(node);
    item.id = `${node.series.worktree} ${node.path}`;
    const label = typeof item.label === 'string' ? item.label : (item.label?.label ?? '');
    item.accessibilityInformation ??= { label: item.description === undefined ? label : `${label}, ${String(item.description)}` };
    return item;
  }

  private async roots(): Promise<AssumptionNode[]> {
    const view = await this.reading.view();
    const series = this.list.current;
    if (!series || view === null) {
      this.count({ text: '', doubtful: 0 });
      return [];
    }
    const sites = await this.sites();
    this.count({ text: this.text(sites.length, view.sites.length), doubtful: view.sites.filter(isDoubtful).length });
    const { grouping } = this;
    const groups = groupSites(sites, { grouping, patches: series.patches, history: this.reading.history, classes: CLASS_ORDER });
    return [
      ...(view.claims.length === 0 ? [] : [{ kind: 'claims' as const, view, series, path: '/claims' }]),
      ...groups.map((group) => groupNode(series, group, '')),
      ...(view.unread.length === 0 ? [] : [{ kind: 'unread-group' as const, unread: view.unread, series, path: '/unread' }]),
    ];
  }

  private text(shown: number, all: number): string {
    if (all === 0) return '';
    const number = this.reachable ? vscode.l10n.t('{0} of {1} reachable', shown, all) : String(all);
    return `${number} · ${groupingWords()[this.grouping]}`;
  }

  private inGroup(group: SiteGroup, series: SeriesView, path: string): AssumptionNode[] {
    const removed = group.of.kind === 'patch' ? group.of.did.removed : [];
    const ofSites = (): AssumptionNode[] =>
      group.sites.map((site) => ({
        kind: 'site',
        site,
        told: this.rowOf(site, group, series, path),
        series,
        path: `${path}/${site.file}:${site.line}:${site.column}`,
      }));
    return [
      ...(group.groups.length > 0 ? group.groups.map((one) => groupNode(series, one, path)) : ofSites()),
      ...removed.map((site, at): AssumptionNode => ({ kind: 'removed', site, series, path: `${path}/removed ${at}` })),
    ];
  }

  /** What the rows above a site have not said yet. */
  private rowOf(site: AssumptionSite, group: SiteGroup, series: SeriesView, path: string): SiteRow {
    const origin = this.reading.history?.since[siteKey(site)];
    return {
      origin: origin === undefined ? '' : originWords(origin, site, path.startsWith('/patch ') ? null : series.patches.length),
      showsClass: this.grouping !== 'class',
      showsFile: group.of.kind !== 'file',
    };
  }

  private below(site: AssumptionSite): readonly Why[] {
    return [
      ...(site.evidence.length > 0 ? (['class'] as const) : []),
      'reach',
      ...(site.function === '' ? [] : (['callers', 'callees'] as const)),
    ];
  }

  private inWhy(why: Why, site: AssumptionSite, series: SeriesView, path: string): Promise<AssumptionNode[]> {
    if (why === 'class') return places(series, path, site.evidence);
    if (why === 'reach') return places(series, path, site.reach.path);
    return this.calls(why, site, series, path);
  }

  private async calls(
    way: 'callers' | 'callees',
    from: { readonly file: string; readonly function: string },
    series: SeriesView,
    path: string,
  ): Promise<AssumptionNode[]> {
    // A recursion goes on for ever, and says nothing new.
    if (path.split('/calls ').length > MAX_CALLS) return [];
    const outcome = await this.engine.ask(callsOf, { tree: series.worktree, file: from.file, function: from.function });
    if (outcome.kind !== 'done') return [];
    return outcome.value[way].map((row) => ({
      kind: 'call',
      way,
      from: from.file,
      row,
      series,
      path: `${path}/calls ${row.file} ${row.function}`,
    }));
  }
}

const GROUPING_KEY = 'folioscope.grouping';
const REACHABLE_KEY = 'folioscope.reachable';
const MAX_CALLS = 24;

export const groupingWords = (): Readonly<Record<Grouping, string>> => ({
  patch: vscode.l10n.t('by patch'),
  class: vscode.l10n.t('by class'),
  file: vscode.l10n.t('by file'),
});

const groupNode = (series: SeriesView, group: SiteGroup, path: string): AssumptionNode => ({
  kind: 'group',
  series,
  group,
  path: `${path}/${group.key}`,
});

/** The steps of a way, each with its code. */
async function places(series: SeriesView, path: string, found: readonly Place[]): Promise<AssumptionNode[]> {
  const texts = new Map<string, readonly string[]>();
  for (const { file } of found) {
    if (texts.has(file)) continue;
    const uri = vscode.Uri.joinPath(vscode.Uri.file(series.worktree), file);
    const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    const bytes = open ? undefined : await Promise.resolve(vscode.workspace.fs.readFile(uri)).catch(() => undefined);
    texts.set(file, (open?.getText() ?? new TextDecoder().decode(bytes)).split('\n'));
  }
  return found.map((place, at) => ({
    kind: 'place',
    place,
    step: at + 1,
    code: texts.get(place.file)?.[place.line - 1]?.trim() ?? '',
    series,
    path: `${path}/${at}`,
  }));
}

function itemOf(node: AssumptionNode): vscode.TreeItem {
  switch (node.kind) {
    case 'group':
      return groupItem(node.series, node.group);
    case 'site':
      return siteItem(node.series, node.site, node.told);
    case 'removed':
      return removedItem(node.site);
    case 'why':
      return whyItem(node.why, node.site);
    case 'place':
      return placeItem(node.series, node.place, node.step, node.code);
    case 'call':
      return callItem(node.series, node.row, node.way === 'callers' ? node.row.file : node.from);
    case 'unread-group': {
      const item = new vscode.TreeItem(vscode.l10n.t('Could not be read'), vscode.TreeItemCollapsibleState.Collapsed);
      item.description = String(node.unread.length);
      item.iconPath = new vscode.ThemeIcon('question');
      item.tooltip = vscode.l10n.t('Nothing in here is said to be without sites.');
      return item;
    }
    case 'unread':
      return unreadItem(node.series, node.unread);
    case 'claims': {
      const item = new vscode.TreeItem(vscode.l10n.t('What guest_memfd is said to keep to'), vscode.TreeItemCollapsibleState.Collapsed);
      const failing = node.view.claims.filter(({ verdict }) => verdict === 'failing').length;
      item.description = failing === 0 ? '' : vscode.l10n.t('{0} failing', failing);
      item.iconPath = new vscode.ThemeIcon('law');
      return item;
    }
    case 'claim':
      return claimItem(node.series, node.claim, node.steps);
    case 'claim-step':
      return claimStepItem(node.series, node.step);
  }
}
