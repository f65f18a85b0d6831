/** Initial states as text in an editor: marked where they cannot be read, with code lenses that run a function from them. */
import * as vscode from 'vscode';
import type { Scenario } from '../protocol/simulation';
import { readState, stateText } from '../scenario/state-text';
import type { Subject } from './simulator';
import type { StateGiven } from './state-choice';

const LANGUAGE = 'folioscope-state';
/** The function that each document is for, by its address. */
const SUBJECTS_KEY = 'folioscope.stateDocuments';
/** Documents whose function is remembered. */
const MOST_KEPT = 50;

type Run = (subject: Subject, state: StateGiven) => unknown;

export class StateDocuments implements vscode.Disposable {
  private readonly marks = vscode.languages.createDiagnosticCollection('folioscope states');
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(private readonly memory: vscode.Memento) {
    const lenses: vscode.CodeLensProvider = { provideCodeLenses: (document) => this.lensesOf(document) };
    this.subscriptions = [
      this.marks,
      vscode.languages.registerCodeLensProvider({ language: LANGUAGE }, lenses),
      vscode.workspace.onDidOpenTextDocument((document) => this.mark(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.mark(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.marks.delete(uri)),
    ];
    for (const document of vscode.workspace.textDocuments) this.mark(document);
  }

  /** A new document with a state, to be edited and run. */
  async open(subject: Subject, scenario: Scenario): Promise<void> {
    const document = await vscode.workspace.openTextDocument({ language: LANGUAGE, content: stateText(scenario) });
    const others = Object.entries(this.subjects()).slice(-MOST_KEPT);
    await this.memory.update(SUBJECTS_KEY, { ...Object.fromEntries(others), [document.uri.toString()]: subject });
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** Runs the function of a document (the active one where none is given) in its state. */
  async run(uri: vscode.Uri | undefined, run: Run): Promise<unknown> {
    const target = uri ?? vscode.window.activeTextEditor?.document.uri;
    const subject = target && this.subjects()[target.toString()];
    if (!target || !subject) {
      const text = vscode.l10n.t('This text belongs to no function. Choose "Edit as text…" when a function is simulated or explored.');
      void vscode.window.showInformationMessage(text);
      return undefined;
    }
    const document = await vscode.workspace.openTextDocument(target);
    const { scenario, problems } = readState(document.getText());
    const [first] = problems;
    if (first) {
      const { line, met, todo } = first;
      void vscode.window.showErrorMessage(vscode.l10n.t('The state cannot be run. Line {0}: {1} {2}', line, met, todo));
      return undefined;
    }
    return run(subject, { name: vscode.l10n.t('as written'), scenario });
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  private subjects(): Readonly<Partial<Record<string, Subject>>> {
    return this.memory.get<Record<string, Subject>>(SUBJECTS_KEY, {});
  }

  private mark(document: vscode.TextDocument): void {
    if (document.languageId !== LANGUAGE) return;
    const { problems } = readState(document.getText());
    this.marks.set(
      document.uri,
      problems.map(({ code, line, column, length, met, means, todo }) => {
        const row = Math.min(Math.max(0, line - 1), document.lineCount - 1);
        const range = new vscode.Range(row, column - 1, row, column - 1 + length);
        const diagnostic = new vscode.Diagnostic(range, `${met} ${means} ${todo}`, vscode.DiagnosticSeverity.Error);
        diagnostic.source = 'folioscope';
        diagnostic.code = code;
        return diagnostic;
      }),
    );
  }

  private lensesOf(document: vscode.TextDocument): vscode.CodeLens[] {
    const subject = this.subjects()[document.uri.toString()];
    if (!subject) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    return [
      {
        title: vscode.l10n.t('$(play) Simulate {0}() in this state', subject.function),
        command: 'folioscope.state.simulate',
        arguments: [document.uri],
      },
      {
        title: vscode.l10n.t('$(beaker) Explore failures of {0}() in this state', subject.function),
        command: 'folioscope.state.explore',
        arguments: [document.uri],
      },
    ].map((command) => new vscode.CodeLens(top, command));
  }
}
