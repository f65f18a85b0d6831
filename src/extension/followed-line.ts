/** Shows in the editor the line that the simulation is at. */
import * as vscode from 'vscode';

interface FollowedLine extends vscode.Disposable {
  /** Reveals a line and marks it; of several asked for at once, only the last is shown. */
  show(uri: vscode.Uri, line: number, beside: vscode.ViewColumn | undefined, take: { readonly focus: boolean }): Promise<void>;
  /** Takes the mark away. */
  clear(): void;
}

export function followLine(): FollowedLine {
  // The colours and the glyph of the debugger's current line; the glyph tells it without colour.
  const mark = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
    borderColor: new vscode.ThemeColor('contrastActiveBorder'),
    overviewRulerColor: new vscode.ThemeColor('debugIcon.breakpointCurrentStackframeForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    before: {
      contentText: '▶',
      color: new vscode.ThemeColor('debugIcon.breakpointCurrentStackframeForeground'),
      margin: '0 0.4em 0 0',
    },
  });
  let place: { readonly uri: string; readonly line: number } | undefined;
  let newest = 0;

  const draw = (): void => {
    for (const editor of vscode.window.visibleTextEditors) {
      const here = place !== undefined && editor.document.uri.toString() === place.uri && place.line <= editor.document.lineCount;
      editor.setDecorations(mark, here ? [editor.document.lineAt(place!.line - 1).range] : []);
    }
  };
  const watch = vscode.window.onDidChangeVisibleTextEditors(draw);

  return {
    async show(uri, line, beside, { focus }) {
      const mine = (newest += 1);
      place = { uri: uri.toString(), line };
      const range = new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 0);
      const open = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === place?.uri && editor.viewColumn);
      if (open && !focus) {
        open.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
      } else {
        await vscode.window.showTextDocument(uri, {
          viewColumn: open?.viewColumn ?? columnBeside(beside),
          preserveFocus: !focus,
          preview: true,
          selection: range,
        });
      }
      if (mine === newest) draw();
    },
    clear() {
      place = undefined;
      draw();
    },
    dispose() {
      watch.dispose();
      mark.dispose();
    },
  };
}

/** Left of the page where there is room, else right of it. */
function columnBeside(column: vscode.ViewColumn | undefined): vscode.ViewColumn {
  if (column === undefined) return vscode.ViewColumn.Beside;
  return column > vscode.ViewColumn.One ? column - 1 : vscode.ViewColumn.Two;
}
