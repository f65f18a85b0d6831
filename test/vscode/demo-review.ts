/** The demo review from its command to a reply. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FolioscopeApi } from '../../src/extension/main';
import type { SeriesView } from '../../src/protocol/series-view';
import { checkAssumptions, checkMail, checkPatch, checkReply, checkSeriesView, checkSimulation } from './checks';
import { folioscope, lensesOf, screenshot, worktreeFile } from './workbench';

const DEMO_FILE = 'virt/kvm/guest_memfd.c';

export function demoReview(): void {
  describe('the demo review', () => {
    let api: FolioscopeApi;
    let series: SeriesView;

    before(async () => {
      api = await folioscope();
      const opened = await vscode.commands.executeCommand<SeriesView | undefined>('folioscope.openDemo');
      assert.ok(opened, 'the demo did not open');
      series = opened;
    });

    it('opens with every patch applied', async () => {
      assert.ok(series.patches.length >= 6, `${series.patches.length} patches`);
      assert.deepEqual(
        series.patches.filter((patch) => patch.commit === ''),
        [],
      );
      await screenshot('series');
    });

    it('is in the Series view, with files and replies', () => checkSeriesView(api, series));

    it('opens a patch side by side', () => checkPatch(series, largest(series), 'patch'));

    it('shows its mail read-only', () => checkMail(series, 'mail'));

    it('shows its assumptions', async () => {
      assert.ok((await checkAssumptions(api, series, await markedFile(api), 'assumptions')) > 0);
    });

    it('runs a function forward and back', async () => {
      const lenses = await lensesOf(worktreeFile(series, DEMO_FILE));
      const name = lenses.find((lens) => lens.name.includes('split'))?.name ?? lenses[0]!.name;
      await checkSimulation(api, series, DEMO_FILE, name, 'simulator');
    });

    it('makes a reply of a remark', () => checkReply(series, largest(series), 'reply'));
  });
}

/** The patch that adds most has most to see. */
const largest = (series: SeriesView): number =>
  [...series.patches]
    .filter((patch) => patch.files.some((file) => file.status === 'modified'))
    .sort((a, b) => b.additions - a.additions)[0]!.number;

/** The first file of the Assumptions view. */
async function markedFile(api: FolioscopeApi): Promise<string> {
  const { assumptions } = api.views;
  let nodes = (await assumptions.getChildren()) ?? [];
  let node = nodes.find((one) => one.kind === 'group');
  while (node !== undefined) {
    nodes = (await assumptions.getChildren(node)) ?? [];
    const [first] = nodes;
    if (first?.kind === 'site') return first.site.file;
    node = nodes.find((one) => one.kind === 'group');
  }
  assert.fail('the Assumptions view is empty');
}
