/** Tells the editor when C files of a tree change on disk: it watches for us, and we say which trees are touched. */
import { fileURLToPath } from 'node:url';
import { type Connection, DidChangeWatchedFilesNotification } from 'vscode-languageserver/node';
import { treeChanged } from '../protocol/requests';
import { REVIEWED_FILE } from '../review/reviewed-sites';
import { kernelTreeOf } from '../worktree/tree-root';

/** A checkout changes thousands of files: they are told of as one change. */
const SETTLE_MS = 300;

/**
 * @param canRegister whether the client takes watchers from the server
 * @param onReady takes what is to be done once the client is ready
 * @param changed is told of each tree too
 */
export function tellTreeChanges(
  connection: Connection,
  canRegister: boolean,
  onReady: (then: () => void) => void,
  changed: (tree: string) => void,
): void {
  const touched = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  if (canRegister) {
    const watchers = [{ globPattern: '**/*.{c,h}' }, { globPattern: `**/${REVIEWED_FILE}` }];
    onReady(() => {
      connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch((error: unknown) => {
        connection.console.warn(`files are not watched: ${String(error)}`);
      });
    });
  }
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) {
      const root = rootOf(uri);
      if (root !== null) touched.add(root);
    }
    if (touched.size === 0 || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      for (const tree of touched) {
        void connection.sendNotification(treeChanged, { tree });
        changed(tree);
      }
      touched.clear();
    }, SETTLE_MS);
  });
}

function rootOf(uri: string): string | null {
  try {
    return uri.startsWith('file:') ? kernelTreeOf(fileURLToPath(uri)) : null;
  } catch {
    return null;
  }
}
