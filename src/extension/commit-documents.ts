/** The documents `folioscope-commit:`: a file as it was before or after a patch. */
import * as vscode from 'vscode';
import { refusalText } from '../base/outcome';
import { fileAt } from '../protocol/requests';
import type { PatchView, SeriesView } from '../protocol/series-view';
import { COMMIT_SCHEME, type CommitAddress, commitAddress, commitParts } from './document-address';
import type { Engine } from './engine';
import { commitBefore } from './opened-list';
import { serveReadOnly } from './read-only-files';

export function serveCommits(engine: Engine): vscode.Disposable {
  return serveReadOnly(COMMIT_SCHEME, async (uri) => {
    const address = commitAddress(uri);
    if (!address) throw vscode.FileSystemError.FileNotFound(uri);
    if (!vscode.workspace.isTrusted) {
      throw vscode.FileSystemError.NoPermissions(
        vscode.l10n.t('Reading a file at a commit runs git, and this workspace is not trusted. Trust it to see the patch side by side.'),
      );
    }
    const { worktree, commit, file } = address;
    const outcome = await engine.ask(fileAt, { worktree, commit, path: file });
    if (outcome.kind === 'done') return outcome.value;
    throw vscode.FileSystemError.Unavailable(outcome.kind === 'refused' ? refusalText(outcome.refusal) : uri);
  });
}

const commitUri = (address: CommitAddress): vscode.Uri => vscode.Uri.from({ scheme: COMMIT_SCHEME, ...commitParts(address) });

export const addressOf = (uri: vscode.Uri): CommitAddress | undefined => (uri.scheme === COMMIT_SCHEME ? commitAddress(uri) : undefined);

/** The file before the patch. */
export const before = (series: SeriesView, patch: PatchView, file: string): vscode.Uri =>
  commitUri({ worktree: series.worktree, commit: commitBefore(series, patch), patch: patch.number, side: 'old', file });

/** The file after it. */
export const after = (series: SeriesView, patch: PatchView, file: string): vscode.Uri =>
  commitUri({ worktree: series.worktree, commit: patch.commit, patch: patch.number, side: 'new', file });
