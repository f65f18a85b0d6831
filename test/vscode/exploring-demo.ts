/** Failures of the demo's functions, from the code lens to a remark. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Explored } from '../../src/extension/explored-list';
import type { FolioscopeApi } from '../../src/extension/main';
import type { SeriesView } from '../../src/protocol/series-view';
import {
  checkActions,
  checkDraft,
  checkExploration,
  checkListReplies,
  checkReplay,
  checkRows,
  checkStateText,
  checkStaying,
} from './exploring-checks';
import { closeEditors, findingsIn, folioscope, lensesOf, screenshot, worktreeFile } from './workbench';

const FILE = 'virt/kvm/guest_memfd.c';
const SPLIT = 'kvm_gmem_split_folio_in_filemap';

export function exploringDemo(): void {
  describe('exploring the demo', () => {
    let api: FolioscopeApi;
    let series: SeriesView;
    let explored: Explored;

    before(async () => {
      api = await folioscope();
      const opened = await vscode.commands.executeCommand<SeriesView | undefined>('folioscope.openDemo');
      assert.ok(opened, 'the demo did not open');
      series = opened;
      await closeEditors();
    });

    it('has a code lens to explore beside each one to simulate, and none where the setting says so', async () => {
      const uri = worktreeFile(series, FILE);
      const simulated = await lensesOf(uri);
      const count = async (): Promise<number> => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
        return lenses.filter((lens) => lens.command?.command === 'folioscope.exploreFailures').length;
      };
      assert.equal(await count(), simulated.length);
      const settings = vscode.workspace.getConfiguration('folioscope');
      await settings.update('codeLens', false, vscode.ConfigurationTarget.Global);
      assert.equal(await count(), 0);
      await settings.update('codeLens', undefined, vscode.ConfigurationTarget.Global);
      assert.equal(await count(), simulated.length);
    });

    it('finds failures and marks them at their lines', async () => {
      explored = await checkExploration(series, FILE, SPLIT);
      assert.equal(explored.report.verdict, 'violated');
      assert.deepEqual(
        ['leak-lock', 'self-deadlock'].filter((kind) => !explored.report.findings.some((one) => one.kind === kind)),
        [],
      );
    });

    it('lists verdict, bounds, findings and steps', () => checkRows(api, explored, 'explored'));

    it('offers what to do with a finding at its line', () => checkActions(series, explored.report.findings[0]!));

    it('replays a witness, stands at the finding, and steps back', async () => {
      for (const [at, finding] of explored.report.findings.entries()) await checkReplay(api, explored, finding, `replay-${at}`);
    });

    it('drafts a remark with the witness', () => checkDraft(explored, explored.report.findings[0]!, 'draft'));

    it('says held with its bounds, and undecided with its reasons', async () => {
      const held = await checkExploration(series, FILE, 'kvm_gmem_set_faultable');
      assert.equal(held.report.verdict, 'held');
      await checkRows(api, held, 'held');
      const undecided = await checkExploration(series, FILE, 'kvm_gmem_invalidate_begin');
      assert.equal(undecided.report.verdict, 'undecided');
      assert.ok(undecided.report.because.length > 0);
      await checkRows(api, undecided, 'undecided');
    });

    it('keeps findings over a reload, and drops them when the file changes', () => checkStaying(series, explored));

    it('takes a state that is picked, or written as text', () => checkStateText(api, series, FILE, SPLIT, 'state'));

    it('shows what the list says at its lines', async () => {
      const answered = series.patches.filter((patch) => patch.replies.length > 0);
      assert.ok(answered.length > 0);
      await checkListReplies(api, series, answered[0]!.number, 'list-replies');
    });

    it('clears them', async () => {
      await checkExploration(series, FILE, SPLIT);
      await vscode.commands.executeCommand('folioscope.finding.clear');
      assert.equal(api.explored.all.length, 0);
      assert.equal(findingsIn(worktreeFile(series, FILE)).length, 0);
      await screenshot('cleared');
    });
  });
}
