/** Opens a patch, or one file of it, with the commits before and after it side by side. */
import * as vscode from 'vscode';
import type { FileChangeView, PatchView, SeriesView } from '../protocol/series-view';
import { after, before } from './commit-documents';
import { fileUri, numberText, type OpenedList, topPatch } from './opened-list';
import { baseName } from './words';

/** All files of a patch in one editor. */
export async function showPatch(list: OpenedList, series: SeriesView, patch: PatchView): Promise<void> {
  const resources = patch.files.map((file) => [fileUri(series, file.path), ...sidesOf(list, series, patch, file)]);
  await vscode.commands.executeCommand('vscode.changes', titleOf(series, patch), resources);
  // The walkthrough ticks its step by this; by the command it would take the focus from the list of patches.
  await vscode.commands.executeCommand('setContext', 'folioscope.patchShown', true);
}

/** One file of a patch. */
export async function showFile(list: OpenedList, series: SeriesView, patch: PatchView, file: FileChangeView): Promise<void> {
  const title = `${baseName(file.path)} (${vscode.l10n.t('patch {0}', numberText(series, patch.number))})`;
  const left = before(series, patch, file.oldPath ?? file.path);
  const right = file.status === 'deleted' ? after(series, patch, file.path) : rightOf(list, series, patch, file);
  await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true });
}

export const titleOf = (series: SeriesView, patch: PatchView): string => `${numberText(series, patch.number)} ${patch.title}`;

/** Left and right; undefined where the patch adds or deletes the file. */
const sidesOf = (
  list: OpenedList,
  series: SeriesView,
  patch: PatchView,
  file: FileChangeView,
): readonly [vscode.Uri | undefined, vscode.Uri | undefined] => [
  file.status === 'added' ? undefined : before(series, patch, file.oldPath ?? file.path),
  file.status === 'deleted' ? undefined : rightOf(list, series, patch, file),
];

/** After the last patch stands what is in the worktree: there it can be edited, and carries marks and code lenses. */
const rightOf = (list: OpenedList, series: SeriesView, patch: PatchView, file: FileChangeView): vscode.Uri =>
  list.isHere(series) && patch === topPatch(series) ? fileUri(series, file.path) : after(series, patch, file.path);
