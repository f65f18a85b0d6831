/** Activation: quick, and without a server process of its own accord. */
import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { EXTENSION, eventually, folioscope } from './workbench';

/** Milliseconds of the extension host that activation may take where nothing else is at work; a busy machine gets ten times that. */
const ALONE = 50;

export function startup(): void {
  describe('activation', () => {
    it("is quick by VS Code's own figures", async () => {
      await folioscope();
      const { load, call, finish } = await figuresOfVsCode();
      const took = load + call + finish;
      console.log(`activation: ${took} ms of at most ${ALONE} alone (load code ${load} ms, call activate ${call} ms, finish ${finish} ms)`);
      assert.ok(took < 10 * ALONE, `activation took ${took} ms`);
    });

    it('registers every command of the manifest', async () => {
      const extension = vscode.extensions.getExtension(EXTENSION)!;
      const manifest = extension.packageJSON as { readonly contributes: { readonly commands: readonly { readonly command: string }[] } };
      const known = new Set(await vscode.commands.getCommands(true));
      assert.deepEqual(
        manifest.contributes.commands.map((one) => one.command).filter((command) => !known.has(command)),
        [],
      );
    });

    it('does not read the language client', () => {
      const bundle = readFileSync(join(vscode.extensions.getExtension(EXTENSION)!.extensionPath, 'dist/extension.js'), 'utf8');
      assert.equal(bundle.includes('class LanguageClient'), false, 'the client is in the bundle that activation reads');
    });
  });
}

/** The row of this extension in "Developer: Startup Performance". */
async function figuresOfVsCode(): Promise<{ readonly load: number; readonly call: number; readonly finish: number }> {
  await vscode.commands.executeCommand('perfview.show');
  const row = new RegExp(`^\\|\\s*${EXTENSION}\\s*\\|[^|]*\\|\\s*(\\d+)\\s*\\|\\s*(\\d+)\\s*\\|\\s*(\\d+)\\s*\\|`, 'm');
  const figures = await eventually("VS Code's figures of activation", () => {
    const page = vscode.workspace.textDocuments.find((document) => document.uri.scheme === 'perf');
    return page && (row.exec(page.getText()) ?? undefined);
  });
  await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  const [load = 0, call = 0, finish = 0] = figures.slice(1).map(Number);
  return { load, call, finish };
}
