/** What a document can carry remarks on, and where in it a remark stands. */
import * as vscode from 'vscode';
import type { Remark } from '../protocol/remark';
import { fileAt } from '../protocol/requests';
import type { PatchView, SeriesView } from '../protocol/series-view';
import { addressOf } from './commit-documents';
import type { Engine } from './engine';
import { bodyStart, linesOf, nearestLine, writesLine } from './line-finding';
import { patchOfMail } from './mail-documents';
import { commitBefore, type OpenedList, patchesOf } from './opened-list';

/** A document that remarks can be written on. */
export type Surface =
  | { readonly kind: 'worktree'; readonly series: SeriesView; readonly file: string }
  | { readonly kind: 'patch'; readonly series: SeriesView; readonly file: string; readonly patch: number; readonly side: 'new' | 'old' }
  | { readonly kind: 'mail'; readonly series: SeriesView; readonly patch: number };

/** *Leaves out* files that no patch touches: a remark answers the mail of a patch. */
export function surfaceOf(list: OpenedList, uri: vscode.Uri): Surface | undefined {
  const commit = addressOf(uri);
  if (commit) {
    const series = list.all.find((one) => one.worktree === commit.worktree);
    return series && { kind: 'patch', series, file: commit.file, patch: commit.patch, side: commit.side };
  }
  const mail = patchOfMail(list, uri);
  // The preview of a reply is made of remarks; it takes none.
  if (mail) return uri.query.includes('"reply"') ? undefined : { kind: 'mail', ...mail };
  const place = list.placeOf(uri);
  return place && patchesOf(place.series, place.file).length > 0 ? { kind: 'worktree', ...place } : undefined;
}

/** The lines that can be remarked on. */
export function rangesOf(surface: Surface, document: vscode.TextDocument): vscode.Range[] {
  const first = surface.kind === 'mail' ? bodyStart(linesOf(document.getText())) - 1 : 0;
  const last = document.lineCount - 1;
  return first > last ? [] : [new vscode.Range(first, 0, last, 0)];
}

/** The line of a document's text, from 0, that a remark stands on; undefined where the document does not show it. */
export function lineIn(surface: Surface, lines: readonly string[], remark: Remark): number | undefined {
  if (remark.series !== surface.series.id) return undefined;
  switch (surface.kind) {
    case 'mail': {
      if (remark.patch !== surface.patch || remark.file !== '') return undefined;
      const start = bodyStart(lines);
      const line = remark.line === 0 ? 1 : nearestLine(lines.slice(start - 1), remark.line, remark.context);
      return line === undefined ? undefined : start + line - 2;
    }
    case 'patch':
      if (remark.patch !== surface.patch || remark.side !== surface.side) return undefined;
      break;
    case 'worktree':
      if (remark.side !== 'new') return undefined;
  }
  if (remark.file !== surface.file) return undefined;
  const line = nearestLine(lines, remark.line, remark.context);
  return line === undefined ? undefined : line - 1;
}

/** A new remark on a line, from 0, of a document. */
export async function remarkAt(
  engine: Engine,
  surface: Surface,
  document: vscode.TextDocument,
  line: number,
  body: string,
): Promise<Remark> {
  const context = line < document.lineCount ? document.lineAt(line).text : '';
  const common = { id: '', series: surface.series.id, context, body, written: new Date().toISOString() };
  switch (surface.kind) {
    case 'mail':
      return { ...common, patch: surface.patch, file: '', side: 'new', line: line + 2 - bodyStart(linesOf(document.getText())) };
    case 'patch':
      return { ...common, patch: surface.patch, file: surface.file, side: surface.side, line: line + 1 };
    case 'worktree': {
      const patch = await writerOf(engine, surface.series, surface.file, context);
      return { ...common, patch, file: surface.file, side: 'new', line: line + 1 };
    }
  }
}

/** The last patch that wrote a line of a file, else the last that touches the file. */
async function writerOf(engine: Engine, series: SeriesView, file: string, line: string): Promise<number> {
  const patches = [...patchesOf(series, file)].reverse();
  if (vscode.workspace.isTrusted) {
    for (const patch of patches) {
      if (patch.commit !== '' && (await wrote(engine, series, patch, file, line))) return patch.number;
    }
  }
  return patches[0]?.number ?? 0;
}

async function wrote(engine: Engine, series: SeriesView, patch: PatchView, file: string, line: string): Promise<boolean> {
  const oldPath = patch.files.find((one) => one.path === file)?.oldPath ?? file;
  const { worktree } = series;
  const [before, after] = await Promise.all([
    engine.ask(fileAt, { worktree, commit: commitBefore(series, patch), path: oldPath }),
    engine.ask(fileAt, { worktree, commit: patch.commit, path: file }),
  ]);
  return before.kind === 'done' && after.kind === 'done' && writesLine(before.value, after.value, line);
}
