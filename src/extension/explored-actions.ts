/** What can be done with a finding where it stands: code lenses above its line, and quick fixes of its mark. */
import * as vscode from 'vscode';
import { foundAt } from './explored-diagnostics';
import type { ExploredList, FoundHere } from './explored-list';
import { isWarning } from './verdict-words';

const C_FILES: vscode.DocumentSelector = [
  { scheme: 'file', language: 'c' },
  { scheme: 'file', language: 'cpp' },
];

export function offerActions(list: ExploredList): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const watch = list.onDidChange(() => {
    changed.fire();
    // An editor that is on its way to another place drops the answer to the first.
    setTimeout(() => changed.fire(), AGAIN_MS);
  });
  const lenses: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses(document) {
      if (!vscode.workspace.getConfiguration('folioscope').get('codeLens', true)) return [];
      const lines = new Set<number>();
      return list.inFile(document.uri).flatMap((found) => {
        const { line } = found.finding;
        if (lines.has(line) || line > document.lineCount) return [];
        lines.add(line);
        const range = document.lineAt(line - 1).range;
        return commandsOf(found).map((command, at) => new vscode.CodeLens(range, at === 0 ? namedIn(command, found) : command));
      });
    },
  };
  const actions: vscode.CodeActionProvider = {
    provideCodeActions: (document, range, { diagnostics }) =>
      foundAt(list, document.uri, range.start.line + 1).flatMap((found) => {
        const mark = diagnostics.find((one) => one.source === 'folioscope' && one.code === found.finding.kind);
        return commandsOf(found).map((command) => {
          const action = new vscode.CodeAction(titleOf(command, found), vscode.CodeActionKind.QuickFix);
          action.command = command;
          if (mark) action.diagnostics = [mark];
          return action;
        });
      }),
  };
  return vscode.Disposable.from(
    watch,
    changed,
    vscode.languages.registerCodeLensProvider(C_FILES, lenses),
    vscode.languages.registerCodeActionsProvider(C_FILES, actions, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
  );
}

const AGAIN_MS = 1000;

/** The first lens says what was found: a mark alone is easily missed. */
const namedIn = (command: vscode.Command, { finding }: FoundHere): vscode.Command => ({
  ...command,
  title: `$(${isWarning(finding.kind) ? 'warning' : 'error'}) ${finding.kind}: ${command.title}`,
});

const commandsOf = (found: FoundHere): readonly vscode.Command[] => [
  {
    title: vscode.l10n.t('Replay witness in the simulator'),
    tooltip: found.finding.message,
    command: 'folioscope.finding.replay',
    arguments: [found],
  },
  { title: vscode.l10n.t('Write remark here'), command: 'folioscope.finding.remark', arguments: [found] },
  { title: vscode.l10n.t('Clear findings'), command: 'folioscope.finding.clear', arguments: [found] },
];

const titleOf = (command: vscode.Command, { explored, finding }: FoundHere): string =>
  `${command.title} (${finding.kind}, ${explored.report.function})`;
