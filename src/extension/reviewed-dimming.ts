/** Rows of reviewed sites are dimmed. */
import * as vscode from 'vscode';

export const REVIEWED_SCHEME = 'folioscope-reviewed';

export const dimReviewed = (): vscode.Disposable =>
  vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme }) =>
      scheme === REVIEWED_SCHEME ? { color: new vscode.ThemeColor('disabledForeground'), tooltip: vscode.l10n.t('Reviewed') } : undefined,
  });
