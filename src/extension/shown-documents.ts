/** The open documents that can carry comments, the one that a comment belongs to most first, so that the Comments view has it once. */
import * as vscode from 'vscode';
import { linesOf } from './line-finding';
import type { OpenedList } from './opened-list';
import { type Surface, surfaceOf } from './remark-places';

export interface ShownDocument {
  readonly uri: vscode.Uri;
  readonly surface: Surface;
  readonly lines: readonly string[];
}

/** *Shape* those in sight first, and of these the sides of patches and mails before the worktree's files. */
export function shownDocuments(list: OpenedList): readonly ShownDocument[] {
  const inSight = new Set(vscode.window.visibleTextEditors.map((editor) => editor.document));
  return vscode.workspace.textDocuments
    .flatMap((document) => {
      const surface = surfaceOf(list, document.uri);
      return surface ? [{ document, surface, rank: (inSight.has(document) ? 0 : 2) + (surface.kind === 'worktree' ? 1 : 0) }] : [];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ document, surface }) => ({ uri: document.uri, surface, lines: linesOf(document.getText()) }));
}
