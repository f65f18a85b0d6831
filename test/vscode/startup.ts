/** Activation: quick, and without a server process of its own accord. */
import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { EXTENSION, folioscope } from './workbench';

/** Milliseconds of the extension host that activation may take. */
const MOST = 50;

export function startup(): void {
  describe('activation', () => {
    it(`takes less than ${MOST} ms of the extension host`, async () => {
      const { activationTime } = await folioscope();
      const loading = loadingTime();
      console.log(
        `activation: ${(loading + activationTime).toFixed(1)} ms (code ${loading.toFixed(1)} ms, activate() ${activationTime.toFixed(1)} ms)`,
      );
      assert.ok(loading + activationTime < MOST, `activation took ${loading + activationTime} ms`);
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

/** Reading and evaluating the bundle once more, as VS Code did it before `activate`. */
function loadingTime(): number {
  const extension = vscode.extensions.getExtension(EXTENSION)!;
  const bundle = join(extension.extensionPath, 'dist/extension.js');
  const load = createRequire(bundle);
  const known = load.cache[bundle];
  Reflect.deleteProperty(load.cache, bundle);
  const started = performance.now();
  load(bundle);
  const took = performance.now() - started;
  if (known) load.cache[bundle] = known;
  return took;
}
