/** What the suites look at in VS Code, and how they wait for it. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FolioscopeApi } from '../../src/extension/main';
import type { PatchView, SeriesView } from '../../src/protocol/series-view';

export const EXTENSION = 'folioscope.folioscope';

/** The extension, activated. */
export async function folioscope(): Promise<FolioscopeApi> {
  const extension = vscode.extensions.getExtension<FolioscopeApi>(EXTENSION);
  assert.ok(extension, `${EXTENSION} is not installed`);
  return extension.activate();
}

/** What `look` gives as soon as it gives something; fails with what was waited for. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Thenable<T | undefined | false>,
  within = 60_000,
): Promise<T> {
  const end = Date.now() + within;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) assert.fail(`${what}: not seen within ${within / 1000} s`);
    await pause(100);
  }
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks the driver for a picture of the whole workbench, and waits until it can have taken it. */
export async function screenshot(name: string): Promise<void> {
  await vscode.commands.executeCommand('notifications.clearAll');
  // VS Code opens it once for the comments of the list.
  await vscode.commands.executeCommand('workbench.action.closePanel');
  await pause(500);
  console.log(`folioscope-screenshot ${name}`);
  await pause(1500);
}

/** The labels of the open tabs. */
export const tabs = (): readonly vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs);

export async function closeEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

export const worktreeFile = (series: SeriesView, file: string): vscode.Uri => vscode.Uri.joinPath(vscode.Uri.file(series.worktree), file);

/** Opens a patch and gives its tab. */
export async function openedPatch(series: SeriesView, patch: PatchView): Promise<vscode.Tab> {
  await vscode.commands.executeCommand('folioscope.openPatch', { kind: 'patch', series, patch });
  return eventually(`the tab of patch ${patch.number}`, () => tabs().find((tab) => tab.label.includes(patch.title)));
}

/** The texts of both sides of the files of a patch, as VS Code's own editors would read them. */
export async function sidesOf(
  series: SeriesView,
  patch: PatchView,
  file: string,
): Promise<{ readonly left: string; readonly right: string }> {
  const before = series.patches.filter((one) => one.number < patch.number && one.commit !== '').at(-1)?.commit ?? series.base;
  const read = async (commit: string, side: 'old' | 'new'): Promise<string> => {
    const query = JSON.stringify({ worktree: series.worktree, commit, patch: patch.number, side });
    return (await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: 'folioscope-commit', path: `/${file}`, query }))).getText();
  };
  return { left: await read(before, 'old'), right: await read(patch.commit, 'new') };
}

export interface Lens {
  readonly name: string;
  readonly line: number;
}

/** The functions of a file by their code lenses. */
export async function lensesOf(uri: vscode.Uri): Promise<readonly Lens[]> {
  await vscode.workspace.openTextDocument(uri);
  return eventually(`code lenses in ${uri.path}`, async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    const own = lenses.filter((lens) => lens.command?.command === 'folioscope.simulateFunction');
    return own.length > 0 && own.map((lens) => ({ name: String(lens.command?.arguments?.[1]), line: lens.range.start.line + 1 }));
  });
}

/** The marks of the language server in a file: their code leads to the page of the rules. */
export const marksIn = (uri: vscode.Uri): readonly vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'folioscope' && typeof diagnostic.code === 'object');

/** The marks of explorations in a file. */
export const findingsIn = (uri: vscode.Uri): readonly vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'folioscope' && typeof diagnostic.code === 'string');

/** The text of the hover at a place. */
export async function hoverAt(uri: vscode.Uri, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
  return hovers.flatMap((hover) => hover.contents.map((content) => (typeof content === 'string' ? content : content.value))).join('\n');
}
