/** Whether clangd answers for C in this window: its extension may be there without a server that runs. */
import * as vscode from 'vscode';

const CLANGD = 'llvm-vs-code-extensions.vscode-clangd';
/** The state of a language client whose server answers; providers are registered after it. */
const RUNNING = 2;

/** What its extension tells of its client, as far as it is looked at. */
interface ClangdClient {
  readonly state?: unknown;
  readonly onDidChangeState?: (take: () => void) => vscode.Disposable;
}

/** *Shape* false for an extension that is disabled, not started yet, switched off, shut down, or has no clangd to start. */
export function clangdAnswers(): boolean {
  const extension = vscode.extensions.getExtension<unknown>(CLANGD);
  if (extension?.isActive !== true) return false;
  const told = clientOf(extension.exports);
  // Old versions tell nothing but their setting.
  if (told === undefined) return vscode.workspace.getConfiguration('clangd').get<boolean>('enable') !== false;
  return told?.state === RUNNING;
}

/** Calls `take` when the answer may have changed, as far as that can be seen. */
export function watchClangd(take: () => void): vscode.Disposable {
  let client: ClangdClient | null | undefined = null;
  let states: vscode.Disposable | undefined;
  const look = (): void => {
    const extension = vscode.extensions.getExtension<unknown>(CLANGD);
    const now = extension?.isActive === true ? clientOf(extension.exports) : null;
    if (now !== client) {
      client = now;
      states?.dispose();
      states = now?.onDidChangeState?.(look);
    }
    take();
  };
  const watch = vscode.Disposable.from(
    vscode.extensions.onDidChange(look),
    // The first file of C starts it.
    vscode.window.onDidChangeActiveTextEditor(look),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('clangd') || change.affectsConfiguration('folioscope.assumptions.navigation')) look();
    }),
  );
  look();
  return new vscode.Disposable(() => {
    watch.dispose();
    states?.dispose();
  });
}

/** Null where it has started none; undefined where the version does not tell. */
function clientOf(exported: unknown): ClangdClient | null | undefined {
  if (!hasApi(exported)) return undefined;
  try {
    return exported.getApi(1).languageClient ?? null;
  } catch {
    return undefined;
  }
}

interface ClangdExports {
  getApi(version: 1): { readonly languageClient?: ClangdClient | null };
}

const hasApi = (exported: unknown): exported is ClangdExports =>
  typeof exported === 'object' && exported !== null && 'getApi' in exported && typeof exported.getApi === 'function';
