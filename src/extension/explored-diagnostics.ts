/** The findings of explorations in the Problems view and under their lines, with the steps of the witness as related places. */
import * as vscode from 'vscode';
import { type ExploredList, fileOf, type FoundHere } from './explored-list';
import { isWarning, metIn } from './verdict-words';

/** Related places of one diagnostic; VS Code shows them all in a hover. */
const MOST_STEPS = 30;

export function showExplored(list: ExploredList): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('folioscope findings');
  const draw = (): void => {
    const files = new Map<string, { readonly uri: vscode.Uri; readonly places: Map<string, vscode.Diagnostic> }>();
    for (const explored of list.all) {
      for (const finding of explored.report.findings) {
        const uri = fileOf(explored, finding.file);
        if (!uri) continue;
        const file = files.get(uri.fsPath) ?? { uri, places: new Map() };
        files.set(uri.fsPath, file);
        // What several functions, or one function in several ways, meet at a line is one thing to look at.
        const place = `${finding.kind} ${finding.line}`;
        if (!file.places.has(place)) file.places.set(place, diagnosticOf({ explored, finding }));
      }
    }
    collection.clear();
    for (const { uri, places } of files.values()) collection.set(uri, [...places.values()]);
  };
  draw();
  return vscode.Disposable.from(list.onDidChange(draw), collection);
}

function diagnosticOf({ explored, finding }: FoundHere): vscode.Diagnostic {
  const { Error, Warning } = vscode.DiagnosticSeverity;
  const text = vscode.l10n.t('{0} (exploring {1}, {2})', finding.message, `${explored.report.function}()`, metIn(finding));
  const diagnostic = new vscode.Diagnostic(lineRange(finding.line), text, isWarning(finding.kind) ? Warning : Error);
  diagnostic.source = 'folioscope';
  diagnostic.code = finding.kind;
  diagnostic.relatedInformation = stepsOf({ explored, finding });
  return diagnostic;
}

function stepsOf({ explored, finding }: FoundHere): vscode.DiagnosticRelatedInformation[] {
  return finding.trace.slice(-MOST_STEPS).flatMap((step) => {
    const uri = fileOf(explored, step.file);
    return uri
      ? [new vscode.DiagnosticRelatedInformation(new vscode.Location(uri, lineRange(step.line)), `${step.function}(): ${step.text}`)]
      : [];
  });
}

export const lineRange = (line: number): vscode.Range =>
  new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), Number.MAX_SAFE_INTEGER);

/** Findings at the line of a finding, in the order in which they are listed. */
export const foundAt = (list: ExploredList, uri: vscode.Uri, line: number): readonly FoundHere[] =>
  list.inFile(uri).filter(({ finding }) => finding.line === line);
