/** The packaged extension in a clean VS Code: it activates, and the demo opens from what the package holds. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SeriesView } from '../../src/protocol/series-view';
import { EXTENSION, eventually, folioscope, lensesOf, openedPatch, worktreeFile } from './workbench';

export function packaged(): void {
  describe('the packaged extension', () => {
    it('is installed and activates', async () => {
      const { activationTime } = await folioscope();
      console.log(`activation of the package: ${activationTime.toFixed(1)} ms in activate()`);
      assert.equal(vscode.extensions.getExtension(EXTENSION)?.isActive, true);
    });

    it('opens the demo review, a patch of it, and runs a function', async () => {
      const series = await vscode.commands.executeCommand<SeriesView | undefined>('folioscope.openDemo');
      assert.ok(series, 'the demo did not open');
      await openedPatch(series, series.patches[0]!);
      const uri = worktreeFile(series, 'virt/kvm/guest_memfd.c');
      await vscode.window.showTextDocument(uri);
      const [lens] = await lensesOf(uri);
      await vscode.commands.executeCommand('folioscope.simulateFunction', uri.toString(), lens!.name, 'whole');
      const { simulator } = await folioscope();
      await eventually(`${lens!.name} at its entry`, () => simulator.lastAt?.place.function === lens!.name, 120_000);
    });
  });
}
