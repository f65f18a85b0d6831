/** The scenarios that ship, as documents `folioscope-example:` that can be read and run but not changed. */
import * as vscode from 'vscode';
import { serveReadOnly } from './read-only-files';
import { baseName } from './words';

export const EXAMPLE_SCHEME = 'folioscope-example';

const folderIn = (extension: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extension, 'demo', 'scenarios');

/** @param extension where the extension is installed */
export function serveExamples(extension: vscode.Uri): vscode.Disposable {
  return serveReadOnly(EXAMPLE_SCHEME, async (uri) => {
    const name = baseName(uri.path);
    if (!/^[\w-]+\.gmem$/.test(name)) throw vscode.FileSystemError.FileNotFound(uri);
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folderIn(extension), name)));
  });
}

export interface Example {
  readonly name: string;
  readonly uri: vscode.Uri;
  /** Its first line, without the `#`. */
  readonly about: string;
}

export async function examplesIn(extension: vscode.Uri): Promise<readonly Example[]> {
  const names = (await vscode.workspace.fs.readDirectory(folderIn(extension)))
    .map(([name]) => name)
    .filter((name) => name.endsWith('.gmem'));
  return Promise.all(
    names.sort(inOrder).map(async (name) => {
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folderIn(extension), name)));
      const about = /^#\s*(.*)/.exec(text)?.[1] ?? '';
      return { name, uri: vscode.Uri.from({ scheme: EXAMPLE_SCHEME, path: `/${name}` }), about };
    }),
  );
}

/** `q9` before `q12`. */
const inOrder = (left: string, right: string): number => left.localeCompare(right, 'en', { numeric: true });
