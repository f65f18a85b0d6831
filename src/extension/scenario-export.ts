/** Where an export of the memory model's page goes: texts into a new document, pictures into a file that the user names. */
import * as vscode from 'vscode';
import type { ExportFormat } from '../protocol/scenario-page';

/** Languages of texts in the editor. */
const LANGUAGES: Readonly<Partial<Record<ExportFormat, string>>> = { csv: 'csv', json: 'json', text: 'plaintext' };

export async function saveExport(uri: vscode.Uri, format: ExportFormat, content: string, isBase64: boolean): Promise<void> {
  const language = LANGUAGES[format];
  if (language !== undefined) {
    const known = await vscode.languages.getLanguages();
    const document = await vscode.workspace.openTextDocument({ content, language: known.includes(language) ? language : 'plaintext' });
    await vscode.window.showTextDocument(document, { preview: false });
    return;
  }
  const name = `${uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/\.gmem$/, '')}.${format}`;
  const folder = uri.scheme === 'untitled' ? vscode.workspace.workspaceFolders?.[0]?.uri : vscode.Uri.joinPath(uri, '..');
  const target = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    filters: { [format.toUpperCase()]: [format] },
  });
  if (!target) return;
  try {
    await vscode.workspace.fs.writeFile(target, Buffer.from(content, isBase64 ? 'base64' : 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(vscode.l10n.t('{0} cannot be written: {1}. Choose another place.', target.fsPath, why));
  }
}
