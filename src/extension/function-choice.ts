/** Which function is meant: the one of a code lens, the one under the cursor, or one that the user picks. */
import * as vscode from 'vscode';
import { functionsIn } from '../protocol/requests';
import type { Engine } from './engine';
import type { OpenedList } from './opened-list';
import type { Subject } from './simulator';

/**
 * @param title of what is asked where the function is not told
 * @param uri the document (as text, from a code lens); the active one where it is left out
 * @param name the function; asked for where it is left out
 */
export async function subjectOf(
  engine: Engine,
  list: OpenedList,
  title: string,
  uri?: string | vscode.Uri,
  name?: string,
): Promise<Subject | undefined> {
  await list.ready();
  const target =
    typeof uri === 'string' ? vscode.Uri.parse(uri) : uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  const place = target && list.placeOf(target);
  if (place && target) {
    const chosen = name ?? (await chooseIn(engine, title, target));
    return chosen === undefined ? undefined : { tree: place.series.worktree, function: chosen, file: place.file };
  }
  const folder = target && vscode.workspace.getWorkspaceFolder(target);
  if (name !== undefined && folder) {
    // A kernel tree that no series was opened in: its functions run as well.
    return { tree: folder.uri.fsPath, function: name, file: vscode.workspace.asRelativePath(target, false) };
  }
  const series = list.current;
  if (!series) {
    const text = vscode.l10n.t(
      'No worktree of a series is open in this window. Open a series, then its worktree, and choose a function there.',
    );
    void vscode.window.showInformationMessage(text);
    return undefined;
  }
  const asked = name ?? (await askName(title));
  return asked === undefined ? undefined : { tree: series.worktree, function: asked };
}

/** The function around the cursor, else one of the document's. */
async function chooseIn(engine: Engine, title: string, uri: vscode.Uri): Promise<string | undefined> {
  const functions = await engine.ask(functionsIn, { uri: uri.toString() }).catch(() => []);
  const editor = vscode.window.activeTextEditor;
  const cursor = editor?.document.uri.toString() === uri.toString() ? editor.selection.active.line : -1;
  const around = functions.filter((one) => one.line <= cursor).at(-1);
  if (around && editor && !closedBetween(editor.document, around.line, cursor)) return around.name;
  if (functions.length === 0) return askName(title);
  const items = functions.map((one) => ({
    label: `$(symbol-function) ${one.name}`,
    description: vscode.l10n.t('line {0}', one.line + 1),
    ...one,
  }));
  const chosen = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  return chosen?.name;
}

const askName = (title: string): Thenable<string | undefined> =>
  vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Name of a function of the worktree'),
    placeHolder: 'kvm_gmem_hugetlb_split_folio',
    validateInput: (text) => (/^[A-Za-z_]\w*$/.test(text) ? undefined : vscode.l10n.t('Write the name of one function.')),
  });

/** True where a function that begins at a line has ended before another one: kernel C closes its body in the first column. */
function closedBetween(document: vscode.TextDocument, from: number, to: number): boolean {
  for (let line = from + 1; line < to; line += 1) if (document.lineAt(line).text.startsWith('}')) return true;
  return false;
}
