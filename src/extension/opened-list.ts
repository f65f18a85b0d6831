/** The series opened on this machine, as the server knows them, and which of them this window is about. */
import * as vscode from 'vscode';
import { openedSeries } from '../protocol/requests';
import type { PatchView, SeriesView } from '../protocol/series-view';
import type { Engine } from './engine';

export interface OpenedList extends vscode.Disposable {
  readonly onDidChange: vscode.Event<void>;
  /** The workspace's own first, then newest first. */
  readonly all: readonly SeriesView[];
  /** The series whose worktree is open in this window, else the one that was opened or chosen last. */
  readonly current: SeriesView | undefined;
  /** Whether its worktree is a folder of this window. */
  isHere(series: SeriesView): boolean;
  /** The series whose worktree holds a file, with the file's path in it. */
  placeOf(uri: vscode.Uri): { readonly series: SeriesView; readonly file: string } | undefined;
  byId(id: string): SeriesView | undefined;
  /** Makes a series the current one where none is open in this window. */
  choose(series: SeriesView): void;
  /** Asks the server again. */
  refresh(): Promise<void>;
  /** The list once it has been read. */
  ready(): Promise<readonly SeriesView[]>;
}

export function openList(engine: Engine): OpenedList {
  const changed = new vscode.EventEmitter<void>();
  let all: readonly SeriesView[] = [];
  let chosen: string | undefined;
  let reading: Promise<void> | null = null;
  let failure = '';

  const isHere = (series: SeriesView): boolean =>
    (vscode.workspace.workspaceFolders ?? []).some(
      (folder) => folder.uri.scheme === 'file' && isInside(folder.uri.fsPath, series.worktree),
    );
  const current = (): SeriesView | undefined => all.find(isHere) ?? all.find((one) => one.worktree === chosen);
  const read = async (): Promise<void> => {
    try {
      const series = await engine.ask(openedSeries, {});
      all = [...series.filter(isHere), ...series.filter((one) => !isHere(one))];
      failure = '';
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== failure) void vscode.window.showErrorMessage(vscode.l10n.t('The opened series could not be listed: {0}', text));
      failure = text;
    }
    changed.fire();
  };
  const refresh = (): Promise<void> => {
    reading = read();
    return reading;
  };
  const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => {
    if (reading) void refresh();
  });

  return {
    onDidChange: changed.event,
    get all() {
      return all;
    },
    get current() {
      return current();
    },
    isHere,
    placeOf(uri) {
      if (uri.scheme !== 'file') return undefined;
      const series = all.find((one) => isInside(uri.fsPath, one.worktree));
      return series && { series, file: uri.fsPath.slice(series.worktree.length).replaceAll('\\', '/').replace(/^\//, '') };
    },
    byId: (id) => all.find((one) => one.id === id),
    choose(series) {
      if (chosen === series.worktree) return;
      chosen = series.worktree;
      changed.fire();
    },
    refresh,
    async ready() {
      reading ??= read();
      await reading;
      return all;
    },
    dispose() {
      folders.dispose();
      changed.dispose();
    },
  };
}

/** True where a path is a folder or lies in it. */
const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`);

/** The patches that touch a file, by its path after or before each. */
export const patchesOf = (series: SeriesView, file: string): readonly PatchView[] =>
  series.patches.filter((patch) => patch.files.some((one) => one.path === file || one.oldPath === file));

/** The last patch with a commit: what the worktree's files are after. */
export const topPatch = (series: SeriesView): PatchView | undefined => series.patches.filter((patch) => patch.commit !== '').at(-1);

/** The commit that a patch changed: the one of the last applied patch before it, or the base. */
export const commitBefore = (series: SeriesView, patch: PatchView): string =>
  series.patches.filter((one) => one.number < patch.number && one.commit !== '').at(-1)?.commit ?? series.base;

export const fileUri = (series: SeriesView, file: string): vscode.Uri => vscode.Uri.joinPath(vscode.Uri.file(series.worktree), file);

/** `01`, as wide as the series needs. */
export const numberText = (series: SeriesView, number: number): string =>
  String(number).padStart(Math.max(2, String(series.patches.length).length), '0');
