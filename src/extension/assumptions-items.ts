/** The rows of the Assumptions view. */
import * as vscode from 'vscode';
import type { AssumptionSite, CallRow, Claim, ClaimStep, Place, UnreadPlace } from '../protocol/assumptions';
import type { SeriesView } from '../protocol/series-view';
import { classIcon, classWords, REVIEWED_ICON, reachIcon, reachWords, verdictIcon, verdictWords } from './assumption-words';
import { REVIEWED_SCHEME } from './reviewed-dimming';
import { fileUri, numberText } from './opened-list';
import type { SiteGroup } from './site-groups';
import { baseName, counted, folderOf } from './words';

const { Collapsed, None } = vscode.TreeItemCollapsibleState;

export function groupItem(series: SeriesView, { of, sites }: SiteGroup): vscode.TreeItem {
  const item = new vscode.TreeItem('', Collapsed);
  const number = counted(sites.length, vscode.l10n.t('1 place'), vscode.l10n.t('{0} places', sites.length));
  item.description = number;
  switch (of.kind) {
    case 'patch': {
      item.label = vscode.l10n.t('Patch {0}', numberText(series, of.patch.number));
      const { added, changed, removed } = of.did;
      const did = [
        added > 0 ? vscode.l10n.t('{0} new', added) : '',
        changed > 0 ? vscode.l10n.t('{0} changed', changed) : '',
        removed.length > 0 ? vscode.l10n.t('{0} gone', removed.length) : '',
      ].filter((part) => part !== '');
      item.description = `${did.join(', ')} · ${of.patch.title}`;
      item.iconPath = new vscode.ThemeIcon('git-commit');
      break;
    }
    case 'touched':
      item.label = vscode.l10n.t('As before, in files that the series touches');
      item.iconPath = new vscode.ThemeIcon('files');
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
    case 'class':
      item.label = classWords(of.class);
      item.iconPath = classIcon(of.class);
      item.description = `${number} · ${of.class}`;
  }
  item.tooltip = of.kind === 'file' ? of.file : `${String(item.label)}, ${item.description}`;
  return item;
}

/** What the row of a site says of it, as the rows above it leave it open. */
export interface SiteRow {
  /** Which patch made it what it is, or what it was before; '' where that is not known. */
  readonly origin: string;
  readonly showsClass: boolean;
  readonly showsFile: boolean;
}

export function siteItem(series: SeriesView, site: AssumptionSite, { origin, showsClass, showsFile }: SiteRow): vscode.TreeItem {
  const item = new vscode.TreeItem(site.symbol, Collapsed);
  const where = showsFile ? `${baseName(site.file)}:${site.line}` : vscode.l10n.t('line {0}', site.line);
  const parts = [showsClass ? site.class : '', site.function === '' ? '' : `${site.function}()`, where, origin];
  if (site.reviewed) parts.push(vscode.l10n.t('reviewed'));
  item.description = parts.filter((part) => part !== '').join(' · ');
  item.iconPath = site.reviewed ? REVIEWED_ICON : classIcon(site.class);
  item.contextValue = site.reviewed ? 'site-reviewed' : 'site-open';
  // Dims the row.
  if (site.reviewed) item.resourceUri = vscode.Uri.from({ scheme: REVIEWED_SCHEME, path: `/${site.file}`, fragment: `L${site.line}` });
  item.tooltip = new vscode.MarkdownString(
    `**${site.class}**: ${classWords(site.class)}\n\n${reachWords(site)}: ${site.reach.because}\n\n${site.file}:${site.line}`,
  );
  item.command = { command: 'folioscope.revealSite', title: vscode.l10n.t('Show Assumption'), arguments: [site, series.worktree] };
  item.accessibilityInformation = { label: `${site.symbol}, ${classWords(site.class)}, ${item.description}, ${site.file}` };
  return item;
}

export function removedItem(site: {
  readonly file: string;
  readonly line: number;
  readonly symbol: string;
  readonly function: string;
}): vscode.TreeItem {
  const item = new vscode.TreeItem(site.symbol, None);
  item.description = `${vscode.l10n.t('gone')} · ${site.function === '' ? '' : `${site.function}() · `}${site.file}`;
  item.iconPath = new vscode.ThemeIcon('diff-removed');
  return item;
}

export function whyItem(why: 'class' | 'reach' | 'callers' | 'callees', site: AssumptionSite): vscode.TreeItem {
  switch (why) {
    case 'class': {
      const item = new vscode.TreeItem(vscode.l10n.t('Why: {0}', classWords(site.class)), Collapsed);
      item.iconPath = classIcon(site.class);
      return item;
    }
    case 'reach': {
      const item = new vscode.TreeItem(reachWords(site), site.reach.path.length > 0 ? Collapsed : None);
      item.description = site.reach.because;
      item.tooltip = `${reachWords(site)}: ${site.reach.because}`;
      item.iconPath = reachIcon(site);
      return item;
    }
    case 'callers': {
      const item = new vscode.TreeItem(vscode.l10n.t('Called by'), Collapsed);
      item.description = `${site.function}()`;
      item.iconPath = new vscode.ThemeIcon('call-incoming');
      return item;
    }
    case 'callees': {
      const item = new vscode.TreeItem(vscode.l10n.t('Calls'), Collapsed);
      item.description = `${site.function}()`;
      item.iconPath = new vscode.ThemeIcon('call-outgoing');
      return item;
    }
  }
}

export function placeItem(series: SeriesView, place: Place, step: number, code: string): vscode.TreeItem {
  const item = new vscode.TreeItem(`${step}. ${baseName(place.file)}:${place.line}`, None);
  item.description = code;
  item.tooltip = `${place.file}:${place.line}\n${code}`;
  item.iconPath = new vscode.ThemeIcon('arrow-right');
  item.command = showLine(series, place);
  return item;
}

/** @param file the one in which the call is */
export function callItem(series: SeriesView, row: CallRow, file: string): vscode.TreeItem {
  const item = new vscode.TreeItem(`${row.function}()`, Collapsed);
  const place = `${baseName(file)}:${row.callLine}`;
  item.description = row.through === '' ? place : vscode.l10n.t('{0} through {1}', place, row.through);
  item.tooltip = `${row.file}:${row.line}`;
  item.iconPath = new vscode.ThemeIcon('symbol-function');
  item.command = showLine(series, { file, line: row.callLine });
  return item;
}

export function unreadItem(series: SeriesView, unread: UnreadPlace): vscode.TreeItem {
  const item = new vscode.TreeItem(unread.function === '' ? baseName(unread.file) : `${unread.function}()`, None);
  item.description = `${unread.file}:${unread.line} · ${unread.reason}`;
  item.tooltip = item.description;
  item.iconPath = new vscode.ThemeIcon('question');
  item.command = showLine(series, unread);
  return item;
}

/** @param steps what was found of it before the series, and what patches made of that */
export function claimItem(series: SeriesView, claim: Claim, steps: readonly ClaimStep[]): vscode.TreeItem {
  const item = new vscode.TreeItem(claim.says, claim.places.length + steps.length > 0 ? Collapsed : None);
  const turned = steps.filter((step, at) => step.verdict !== steps[at - 1]?.verdict).at(-1);
  const verdict = verdictWords(claim.verdict);
  const since =
    turned === undefined || turned.patch === 0
      ? verdict
      : vscode.l10n.t('{0} since {1}', verdict, `${numberText(series, turned.patch)}/${series.patches.length}`);
  item.description = `${since} · ${claim.because}`;
  item.tooltip = `${claim.says}: ${since}, ${claim.because}`;
  item.iconPath = verdictIcon(claim.verdict);
  return item;
}

export function claimStepItem(series: SeriesView, { patch, verdict, because }: ClaimStep): vscode.TreeItem {
  const title = series.patches.find(({ number }) => number === patch)?.title;
  const label = patch === 0 ? vscode.l10n.t('Before the series') : vscode.l10n.t('Patch {0}', numberText(series, patch));
  const item = new vscode.TreeItem(label, None);
  item.description = `${verdictWords(verdict)} · ${because}`;
  item.tooltip = title === undefined ? `${label}: ${item.description}` : `${label}, ${title}: ${item.description}`;
  item.iconPath = new vscode.ThemeIcon(patch === 0 ? 'history' : 'git-commit');
  return item;
}

const showLine = (series: SeriesView, { file, line }: Place): vscode.Command => ({
  command: 'folioscope.revealSite',
  title: vscode.l10n.t('Show Line'),
  arguments: [{ file, line, column: 1, length: 0 }, series.worktree],
});
