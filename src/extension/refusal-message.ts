/** Shows an expected no as a message, with what the user can do about it. */
import * as vscode from 'vscode';
import { type Outcome, type Refusal, refusalText } from '../base/outcome';

/** The value of an outcome; where there is none, the user has been told why. */
export function valueOrTold<T>(outcome: Outcome<T>): T | undefined {
  if (outcome.kind === 'done') return outcome.value;
  if (outcome.kind === 'refused') tell(outcome.refusal);
  return undefined;
}

export function tell(refusal: Refusal): void {
  void vscode.window.showErrorMessage(refusalText(refusal));
}

/** True where the workspace is trusted; else the user is told what cannot be done, and can change it. */
export function trustedOrTold(what: string): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const text = vscode.l10n.t('{0} runs git, and this workspace is not trusted. Trust it first, or go on reading what is open.', what);
  void vscode.window.showWarningMessage(text, manage).then((chosen) => {
    if (chosen === manage) void vscode.commands.executeCommand('workbench.trust.manage');
  });
  return false;
}
