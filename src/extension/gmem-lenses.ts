/** The code lens "Run on the C" over each scenario, as long as the worktree of a series is open. */
import * as vscode from 'vscode';
import type { OpenedList } from './opened-list';
import type { ScenarioTests } from './scenario-tests';
import { GMEM } from './scenario-tests-files';
import { subjectOf } from './scenario-tests-items';

/** @param tests rows of the Test Explorer: they know where scenarios begin */
export function offerRunsOnC(list: OpenedList, tests: ScenarioTests): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provideCodeLenses = ({ uri }: vscode.TextDocument): vscode.CodeLens[] => {
    const isWanted = vscode.workspace.getConfiguration('folioscope').get('codeLens', true);
    if (!isWanted || list.current === undefined) return [];
    const lenses: vscode.CodeLens[] = [];
    tests.items.get(uri.toString())?.children.forEach((item) => {
      const subject = subjectOf(item);
      if (item.range === undefined || subject?.kind !== 'scenario' || !subject.scenario.designs.includes('A')) return;
      const title = vscode.l10n.t('Run on the C');
      lenses.push(
        new vscode.CodeLens(item.range, { title, command: 'folioscope.scenario.testOnC', arguments: [uri, subject.scenario.span.line] }),
      );
    });
    return lenses;
  };
  return vscode.Disposable.from(
    changed,
    list.onDidChange(() => changed.fire()),
    tests.onDidRead(() => changed.fire()),
    vscode.languages.registerCodeLensProvider({ language: GMEM }, { provideCodeLenses, onDidChangeCodeLenses: changed.event }),
  );
}
