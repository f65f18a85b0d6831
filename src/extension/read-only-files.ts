/** A read-only file system whose files are texts that somebody gives when asked. Unlike plain content, its documents come back after a reload. */
import * as vscode from 'vscode';

interface ReadOnlyFiles extends vscode.Disposable {
  /** Says that the text of a document has changed. */
  changed(uri: vscode.Uri): void;
}

/** Most documents kept for the next reading: VS Code asks for a file's size and then for its text. */
const KEPT = 64;

/**
 * @param textOf gives the text of a document, or throws a `vscode.FileSystemError` that says why there is none
 */
export function serveReadOnly(scheme: string, textOf: (uri: vscode.Uri) => Promise<string>): ReadOnlyFiles {
  const emitter = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const kept = new Map<string, Promise<Uint8Array>>();
  const times = new Map<string, number>();
  let clock = 1;

  const bytesOf = (uri: vscode.Uri): Promise<Uint8Array> => {
    const key = uri.toString();
    const known = kept.get(key);
    if (known) return known;
    const asked = textOf(uri).then((text) => new TextEncoder().encode(text));
    kept.set(key, asked);
    asked.catch(() => kept.delete(key));
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return asked;
  };
  const refuse = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  const registration = vscode.workspace.registerFileSystemProvider(
    scheme,
    {
      onDidChangeFile: emitter.event,
      watch: () => new vscode.Disposable(() => undefined),
      async stat(uri) {
        const bytes = await bytesOf(uri);
        const mtime = times.get(uri.toString()) ?? 0;
        return { type: vscode.FileType.File, ctime: 0, mtime, size: bytes.length, permissions: vscode.FilePermission.Readonly };
      },
      readFile: bytesOf,
      readDirectory: () => [],
      createDirectory: refuse,
      writeFile: refuse,
      delete: refuse,
      rename: refuse,
    },
    { isReadonly: true, isCaseSensitive: true },
  );
  return {
    changed(uri) {
      kept.delete(uri.toString());
      times.set(uri.toString(), (clock += 1));
      emitter.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    },
    dispose() {
      registration.dispose();
      emitter.dispose();
    },
  };
}
