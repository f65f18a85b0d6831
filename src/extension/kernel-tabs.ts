/** Shows the kernel's C as it is written: with tabs of eight columns, whatever the editor's own width is. */
import * as vscode from 'vscode';
import { COMMIT_SCHEME } from './document-address';
import type { OpenedList } from './opened-list';

const KERNEL_TAB = 8;

export function showKernelTabs(list: OpenedList): vscode.Disposable {
  const apply = (): void => {
    for (const editor of vscode.window.visibleTextEditors) {
      const { uri } = editor.document;
      if (uri.scheme !== COMMIT_SCHEME && !list.placeOf(uri)) continue;
      // A file that is indented with spaces stays as it is.
      const { insertSpaces, tabSize } = editor.options;
      if (insertSpaces === false && tabSize !== KERNEL_TAB) editor.options = { ...editor.options, tabSize: KERNEL_TAB };
    }
  };
  return vscode.Disposable.from(vscode.window.onDidChangeVisibleTextEditors(apply), list.onDidChange(apply));
}
