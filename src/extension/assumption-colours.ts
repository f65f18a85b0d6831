/** Colours behind the sites of a file, by how much they want a look; only where the setting asks for them. */
import * as vscode from 'vscode';

const LOUD = new Set(['assumes-hugetlb-vma', 'from-folio', 'unproven']);

export function colourSites(): vscode.Disposable {
  const loud = decoration('folioscope.assumption.doubtful');
  const quiet = decoration('folioscope.assumption.other');
  const draw = (editor: vscode.TextEditor): void => {
    const wanted = vscode.workspace.getConfiguration('folioscope').get('assumptions.decorations', false);
    const marks = wanted ? vscode.languages.getDiagnostics(editor.document.uri).filter((one) => one.source === 'folioscope') : [];
    const isLoud = ({ code }: vscode.Diagnostic): boolean => typeof code === 'object' && LOUD.has(String(code.value));
    editor.setDecorations(
      loud,
      marks.filter(isLoud).map((one) => one.range),
    );
    editor.setDecorations(
      quiet,
      marks.filter((one) => typeof one.code === 'object' && !isLoud(one)).map((one) => one.range),
    );
  };
  const drawAll = (): void => vscode.window.visibleTextEditors.forEach(draw);
  return vscode.Disposable.from(
    loud,
    quiet,
    vscode.window.onDidChangeVisibleTextEditors(drawAll),
    vscode.languages.onDidChangeDiagnostics(drawAll),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('folioscope.assumptions.decorations')) drawAll();
    }),
  );
}

const decoration = (colour: string): vscode.TextEditorDecorationType =>
  vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(colour),
    overviewRulerColor: new vscode.ThemeColor(colour),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    borderRadius: '2px',
  });
