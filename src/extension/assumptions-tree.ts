/** The Assumptions view: where the code of the current worktree tests for hugetlb, or takes it for granted. */
import * as vscode from 'vscode';
import { assumptions, type Site, type SiteKind } from '../protocol/requests';
import type { SeriesView } from '../protocol/series-view';
import type { Engine } from './engine';
import { fileUri, numberText, type OpenedList } from './opened-list';
import { type Grouping, groupSites, type SiteGroup } from './site-groups';
import { baseName, counted, folderOf } from './words';

export type AssumptionNode =
  | { readonly kind: 'group'; readonly series: SeriesView; readonly group: SiteGroup; readonly path: string }
  | { readonly kind: 'site'; readonly series: SeriesView; readonly site: Site; readonly path: string };

export class AssumptionsTree implements vscode.TreeDataProvider<AssumptionNode> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private grouping: Grouping;
  private reading: { readonly worktree: string; readonly sites: Promise<readonly Site[]> } | null = null;

  /**
   * @param say shows a line of text above the tree; '' shows none
   * @param count tells how many sites there are, beside the view's title
   */
  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
    private readonly state: vscode.Memento,
    private readonly say: (text: string) => void,
    private readonly count: (text: string) => void,
  ) {
    this.grouping = state.get<Grouping>(GROUPING_KEY, 'patch');
  }

  /** Reads the sites anew where `again` or where another worktree is current. */
  refresh(again: boolean): void {
    if (!again && this.reading?.worktree === this.list.current?.worktree) return;
    this.reading = null;
    this.changed.fire();
  }

  group(by: Grouping): void {
    this.grouping = by;
    void this.state.update(GROUPING_KEY, by);
    this.changed.fire();
  }

  get groupedBy(): Grouping {
    return this.grouping;
  }

  /** The sites of the current worktree, in order of file and line. */
  async sites(): Promise<readonly Site[]> {
    await this.list.ready();
    const series = this.list.current;
    if (!series) return [];
    if (this.reading?.worktree !== series.worktree) {
      this.reading = { worktree: series.worktree, sites: this.read(series.worktree) };
    }
    return this.reading.sites;
  }

  async getChildren(node?: AssumptionNode): Promise<AssumptionNode[]> {
    if (node?.kind === 'site') return [];
    if (node) {
      const { series, group, path } = node;
      return group.groups.length > 0
        ? group.groups.map((one) => groupNode(series, one, path))
        : group.sites.map((site) => ({ kind: 'site', series, site, path }));
    }
    const sites = await this.sites();
    const series = this.list.current;
    if (!series) {
      this.count('');
      this.say('');
      return [];
    }
    this.count(sites.length === 0 ? '' : `${sites.length} · ${groupingWords()[this.grouping]}`);
    return groupSites(sites, series.patches, this.grouping).map((group) => groupNode(series, group, ''));
  }

  getTreeItem(node: AssumptionNode): vscode.TreeItem {
    return node.kind === 'group' ? groupItem(node) : siteItem(node);
  }

  private async read(worktree: string): Promise<readonly Site[]> {
    this.say(vscode.l10n.t('Reading the worktree…'));
    try {
      const outcome = await this.engine.ask(assumptions, { tree: worktree });
      if (outcome.kind === 'done') {
        this.say(
          outcome.value.sites.length === 0 ? vscode.l10n.t('Nothing in this worktree tests for hugetlb or takes it for granted.') : '',
        );
        return outcome.value.sites;
      }
      this.say(outcome.kind === 'refused' ? `${outcome.refusal.met} ${outcome.refusal.todo}` : vscode.l10n.t('Cancelled.'));
    } catch (error) {
      this.say(vscode.l10n.t('The worktree could not be read: {0}', error instanceof Error ? error.message : String(error)));
    }
    return [];
  }
}

const GROUPING_KEY = 'folioscope.grouping';

export const groupingWords = (): Readonly<Record<Grouping, string>> => ({
  patch: vscode.l10n.t('by patch'),
  file: vscode.l10n.t('by file'),
  kind: vscode.l10n.t('by kind'),
});

const groupNode = (series: SeriesView, group: SiteGroup, path: string): AssumptionNode => ({
  kind: 'group',
  series,
  group,
  path: `${path}/${group.key}`,
});

function groupItem({ series, group, path }: AssumptionNode & { readonly kind: 'group' }): vscode.TreeItem {
  const item = new vscode.TreeItem('', vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `${series.worktree} ${path}`;
  const number = counted(group.sites.length, vscode.l10n.t('1 place'), vscode.l10n.t('{0} places', group.sites.length));
  item.description = number;
  const { of } = group;
  switch (of.kind) {
    case 'patch':
      item.label = vscode.l10n.t('Touched by patch {0}', numberText(series, of.patch.number));
      item.description = `${number} · ${of.patch.title}`;
      item.iconPath = new vscode.ThemeIcon('git-commit');
      break;
    case 'untouched':
      item.label = vscode.l10n.t('Not touched by the series');
      item.iconPath = new vscode.ThemeIcon('circle-slash');
      break;
    case 'file':
      item.label = baseName(of.file);
      item.resourceUri = fileUri(series, of.file);
      item.iconPath = vscode.ThemeIcon.File;
      item.description = `${number} · ${folderOf(of.file)}`;
      break;
    case 'site-kind':
      item.label = kindWords(of.siteKind);
      item.iconPath = kindIcon(of.siteKind);
  }
  item.tooltip = of.kind === 'file' ? of.file : `${String(item.label)}, ${item.description}`;
  item.accessibilityInformation = { label: `${String(item.label)}, ${item.description}` };
  return item;
}

function siteItem({ series, site, path }: AssumptionNode & { readonly kind: 'site' }): vscode.TreeItem {
  const item = new vscode.TreeItem(site.symbol);
  item.id = `${series.worktree} ${path} ${site.line}:${site.column} ${site.rule}`;
  const where = vscode.l10n.t('line {0}', site.line);
  item.description = site.function === '' ? where : `${site.function}() · ${where}`;
  item.iconPath = kindIcon(site.kind);
  item.contextValue = 'site';
  item.tooltip = `${kindWords(site.kind)}: ${site.symbol}, ${site.file}:${site.line}`;
  item.command = { command: 'folioscope.revealSite', title: vscode.l10n.t('Show Assumption'), arguments: [site, series.worktree] };
  item.accessibilityInformation = { label: `${kindWords(site.kind)}: ${site.symbol}, ${item.description}, ${site.file}` };
  return item;
}

function kindWords(kind: SiteKind): string {
  switch (kind) {
    case 'folio-test':
      return vscode.l10n.t('A folio is tested for hugetlb');
    case 'vma-test':
      return vscode.l10n.t('A VMA is tested for hugetlb');
    case 'vma-operation':
      return vscode.l10n.t('A VMA is taken to be hugetlb');
    case 'file-test':
      return vscode.l10n.t('A file is tested for hugetlb');
    default:
      return kind;
  }
}

const kindIcon = (kind: SiteKind): vscode.ThemeIcon =>
  new vscode.ThemeIcon(
    { 'folio-test': 'file', 'vma-test': 'question', 'vma-operation': 'warning', 'file-test': 'file-code' }[kind] ?? 'circle-small',
  );
