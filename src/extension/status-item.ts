/** The one status bar item: the series of this window, and what the active editor has to do with it. */
import * as vscode from 'vscode';
import type { PatchView, SeriesView } from '../protocol/series-view';
import { addressOf } from './commit-documents';
import { patchOfMail } from './mail-documents';
import { numberText, type OpenedList, patchesOf } from './opened-list';
import { counted, escapeMarkdown, shortened } from './words';

const TITLE_LENGTH = 32;

export function showStatus(list: OpenedList): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('folioscope.series', vscode.StatusBarAlignment.Left, 10);
  item.name = vscode.l10n.t('Folioscope: series');
  item.command = 'folioscope.series.focus';
  const update = (): void => {
    const { current: series } = list;
    if (!series) return item.hide();
    const patches = patchesInEditor(list, series);
    const what = whatOf(series, patches);
    item.text = `$(git-pull-request) ${shortened(series.title, TITLE_LENGTH)}${what === '' ? '' : ` · ${what}`}`;
    item.tooltip = tooltipOf(series, patches);
    item.accessibilityInformation = { label: vscode.l10n.t('Series {0}, {1}. Show the Series view.', series.title, what) };
    item.show();
  };
  update();
  const subscriptions = [list.onDidChange(update), vscode.window.onDidChangeActiveTextEditor(update), item];
  return vscode.Disposable.from(...subscriptions);
}

/** The patch that the editor shows a side or the mail of, or the patches that touch its file. */
function patchesInEditor(list: OpenedList, series: SeriesView): readonly PatchView[] {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (!uri) return [];
  const number = addressOf(uri)?.patch ?? patchOfMail(list, uri)?.patch;
  if (number !== undefined) return series.patches.filter((patch) => patch.number === number);
  const place = list.placeOf(uri);
  return place ? patchesOf(place.series, place.file) : [];
}

function whatOf(series: SeriesView, patches: readonly PatchView[]): string {
  const [only, ...others] = patches;
  const total = series.patches.length;
  if (!only) return counted(total, vscode.l10n.t('1 patch'), vscode.l10n.t('{0} patches', total));
  if (others.length === 0) return vscode.l10n.t('patch {0} of {1}', only.number, total);
  return vscode.l10n.t('{0} patches touch this file', patches.length);
}

function tooltipOf(series: SeriesView, patches: readonly PatchView[]): vscode.MarkdownString {
  const lines = patches.map((patch) => `- **${numberText(series, patch.number)}** ${escapeMarkdown(patch.title)}`);
  const head = `**${escapeMarkdown(series.title)}** v${series.revision}`;
  return new vscode.MarkdownString([head, ...(lines.length > 0 ? [lines.join('\n')] : [])].join('\n\n'));
}
