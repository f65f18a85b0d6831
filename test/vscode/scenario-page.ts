/** Scenarios of the memory model in VS Code: the page beside its text, played, compared, looked at closely, and exported. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FolioscopeApi } from '../../src/extension/main';
import type { ShownScenario } from '../../src/extension/scenario-panel';
import { closeEditors, eventually, folioscope, pause, screenshot } from './workbench';
import { EITHER_FIRST } from '../fixtures/either-first';

/** Milliseconds that the page may take for its first picture. */
const MOST_PAINT = 500;
/** On a machine that does other work beside it; what is printed is what counts. */
const LEAST_FRAMES = 10;

const SHARING = `# One page goes to and fro.

scenario "Pages go to and fro"
  about "One page is shared, mapped, and taken back."
  label derived
  designs A C D
  vm td type tdx
  process vmm

  create gmem0 for td size 4GiB
  bind gmem0 to td gpa 0 offset 0 size 4GiB
  guest-fault td gmem0 all
    expect ok
    expect held NO-HUGETLB-IN-GMEM
  convert gmem0 [2MiB, 4MiB) to shared
    expect ok
  mmap vmm gmem0 [2MiB, 4MiB)
  host-fault vmm gmem0 [2MiB, 3MiB)
  repeat 30
    convert gmem0 page 3 to shared
    convert gmem0 page 3 to private
      expect ok
`;
const LARGE = `scenario "A host of 1 TiB"
  node 0 memory 1280GiB pages-1G 1024
  designs A C
  vm td type tdx

  create gmem0 for td size 1TiB
  bind gmem0 to td gpa 0 offset 0 size 1TiB
  guest-fault td gmem0 all
  random 400000 seed 3
    convert gmem0 [1GiB, 1028MiB) to shared
    convert gmem0 [1GiB, 1028MiB) to private
    convert gmem0 page 5 to shared
    convert gmem0 page 5 to private
    convert gmem0 page 130000000 to shared
    convert gmem0 page 130000000 to private
`;

/** What VS Code takes for a page that has a word and nothing else. */
async function emptyWebview(): Promise<number> {
  const began = Date.now();
  const panel = vscode.window.createWebviewPanel('empty', 'Empty', vscode.ViewColumn.Beside, { enableScripts: true });
  const painted = new Promise<number>((resolve) => panel.webview.onDidReceiveMessage((at: number) => resolve(Math.round(at - began))));
  panel.webview.html = `<!DOCTYPE html><html><body>empty<script>
    const api = acquireVsCodeApi();
    new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') api.postMessage(performance.timeOrigin + startTime);
    }).observe({ type: 'paint', buffered: true });
  </script></body></html>`;
  const took = await painted;
  panel.dispose();
  return took;
}

export function scenarioPage(): void {
  describe('scenarios of the memory model', () => {
    let api: FolioscopeApi;
    let document: vscode.TextDocument;

    const shown = (): ShownScenario | undefined => api.scenarios.shown;
    const run = (name: string, ...given: readonly unknown[]): Thenable<unknown> =>
      vscode.commands.executeCommand(`folioscope.scenario.${name}`, ...given);
    const at = (tick: number): Promise<NonNullable<ShownScenario['at']>> =>
      eventually(`step ${tick}`, () => (shown()?.at?.tick === tick && !shown()!.at!.playing ? shown()!.at : undefined));
    const open = async (content: string): Promise<vscode.TextDocument> => {
      const text = await vscode.workspace.openTextDocument({ language: 'gmem', content });
      await vscode.window.showTextDocument(text, vscode.ViewColumn.One);
      await run('run', text.uri, content.split('\n').findIndex((line) => line.startsWith('scenario')) + 1);
      return text;
    };
    const theme = async (name: string): Promise<void> => {
      await vscode.workspace.getConfiguration('workbench').update('colorTheme', name, vscode.ConfigurationTarget.Global);
      await pause(1000);
    };

    before(async () => {
      api = await folioscope();
      await closeEditors();
      // The page has the whole width but for the text.
      await vscode.commands.executeCommand('workbench.action.closeSidebar');
      await vscode.commands.executeCommand('workbench.action.closePanel');
    });
    after(async () => {
      await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, vscode.ConfigurationTarget.Global);
      await closeEditors();
    });

    it(`opens beside the text, and has painted within ${MOST_PAINT} ms of its beginning`, async () => {
      // From the command on VS Code makes the frame of the page, and its service worker; then the time is the page's.
      const paints: ShownScenario['painted'][] = [];
      for (const times of ['first opening', 'again', 'again', 'again']) {
        await closeEditors();
        await eventually('the page is closed', () => shown() === undefined);
        document = await vscode.workspace.openTextDocument({ language: 'gmem', content: SHARING });
        await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
        // A reviewer's text stands there already.
        await pause(1500);
        await run('run', document.uri, 3);
        const { page, memory } = await eventually('the memory is seen', () =>
          shown()?.painted.memory && shown()!.painted.page ? shown()!.painted : undefined,
        );
        console.log(
          `scenario page, ${times}: first paint ${page!.fromCommand} ms after the command (${page!.ofPage} ms after its frame was there), the memory ${memory!.fromCommand} ms (${memory!.ofPage} ms)`,
        );
        paints.push({ page, memory });
        await at(0);
        console.log(`an empty webview beside it: first paint ${await emptyWebview()} ms after it was asked for`);
      }
      assert.deepEqual(shown()!.at!.designs, ['A', 'C', 'D']);
      const best = Math.min(...paints.map(({ page }) => page!.ofPage));
      assert.ok(best < MOST_PAINT, `the first picture took ${best} ms of the page at best`);
    });

    it('steps, steps back, and marks the line in the text', async () => {
      await run('step');
      assert.equal((await at(1)).line, 10);
      await run('step');
      await run('step');
      const third = await at(3);
      assert.equal(third.line, 12);
      assert.ok(third.troubles > 0, 'the violation of A was not seen');
      await run('stepBack');
      assert.equal((await at(2)).line, 11);
    });

    it('plays to the end', async () => {
      await run('speed', 100);
      await run('play');
      const end = await eventually('the end', () => (shown()?.at?.ended ? shown()!.at : undefined));
      assert.equal(end.tick, end.total);
      assert.equal(end.tick, 66);
      assert.ok(end.failed > 0, 'the expectation that A does not meet was not told');
    });

    it('compares designs', async () => {
      assert.ok(shown()!.at!.differences > 10, `only ${shown()!.at!.differences} values differ between A, C and D`);
      await theme('Default Dark Modern');
      await screenshot('scenario-dark');
      await run('run', document.uri, 3, ['A', 'B', 'B2', 'C', 'E']);
      await eventually('five designs', () => shown()?.at?.designs.length === 5);
      await run('toEnd');
      await eventually('the end', () => shown()?.at?.ended);
      assert.deepEqual(shown()!.at!.designs, ['A', 'B', 'B2', 'C', 'E']);
      await screenshot('scenario-five-designs');
      await run('run', document.uri, 3, ['A', 'C', 'D']);
      await eventually('three designs', () => shown()?.at?.designs.length === 3);
    });

    it('zooms from the whole host to a 4K page', async () => {
      await run('toEnd');
      await eventually('the end', () => shown()?.at?.ended);
      assert.equal(shown()!.at!.order, 18);
      await run('zoomIn');
      await eventually('smaller cells', () => shown()?.at?.order === 15);
      await run('zoomPage');
      await eventually('cells of one page', () => shown()?.at?.order === 0);
      await screenshot('scenario-4k-page');
      await run('zoomFit');
      await eventually('the whole host', () => shown()?.at?.order === 18);
    });

    it('follows the text: what is typed is played, what cannot be read is told with its line', async () => {
      const edit = async (from: string, to: string): Promise<void> => {
        const change = new vscode.WorkspaceEdit();
        const place = document.getText().indexOf(from);
        change.replace(document.uri, new vscode.Range(document.positionAt(place), document.positionAt(place + from.length)), to);
        await vscode.workspace.applyEdit(change);
      };
      await edit('repeat 30', 'repeat 10');
      await eventually('the shorter scenario', () => shown()?.at?.total === 26);
      await edit('mmap vmm', 'mnap vmm');
      await eventually('the problem', () => shown()?.problems.includes(17));
      await edit('mnap vmm', 'mmap vmm');
      await eventually('no problem', () => shown()?.problems.length === 0);
    });

    it('exports the run as text for a mail, as CSV and as JSON, and the map as SVG and PNG', async () => {
      for (const format of ['text', 'csv', 'json'] as const) {
        await run('export', format);
        const exported = await eventually(format, () => (shown()?.exported?.format === format ? shown()!.exported : undefined));
        const opened = await eventually(`the document of ${format}`, () =>
          vscode.workspace.textDocuments.find((one) => one.isUntitled && one.getText() === exported.content),
        );
        if (format === 'text') {
          const longest = Math.max(
            ...opened
              .getText()
              .split('\n')
              .map((line) => line.length),
          );
          assert.ok(longest <= 75, `a line has ${longest} columns`);
        } else if (format === 'csv') assert.match(opened.getText(), /^scenario,design,step,/);
        else assert.equal((JSON.parse(opened.getText()) as { runs: unknown[] }).runs.length, 3);
        await vscode.window.showTextDocument(opened);
        await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      }
      for (const format of ['svg', 'png'] as const) {
        await run('export', format);
        const { content } = await eventually(format, () => (shown()?.exported?.format === format ? shown()!.exported : undefined));
        if (format === 'svg') assert.match(content, /^<svg[\s\S]*<rect/);
        else assert.equal(Buffer.from(content, 'base64').subarray(1, 4).toString(), 'PNG');
        await pause(500);
        await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      }
    });

    it('plays a parallel in each of its orders, and finds those in which something goes wrong', async () => {
      await closeEditors();
      document = await open(EITHER_FIRST);
      await at(0);
      const bad = await eventually('the orders are tried', () =>
        shown()?.at?.badOrders[0]?.length ? shown()!.at!.badOrders[0] : undefined,
      );
      assert.deepEqual([shown()!.at!.orders, bad], [[0], [1]]);
      await run('badOrder');
      const there = await eventually('what goes wrong', () =>
        shown()?.at?.orders[0] === 1 && shown()!.at!.tick > 4 ? shown()!.at : undefined,
      );
      assert.match(there.status, /order 2 of 3, branch/);
      await screenshot('scenario-orders');
      await run('nextOrder');
      await eventually('the third order', () => shown()?.at?.orders[0] === 2);
      await run('previousOrder');
      await eventually('the second order', () => shown()?.at?.orders[0] === 1);
    });

    it('is seen in light and in high contrast', async () => {
      await closeEditors();
      document = await open(SHARING);
      await at(0);
      await run('toEnd');
      await theme('Default Light Modern');
      await screenshot('scenario-light');
      await theme('Default High Contrast');
      await screenshot('scenario-high-contrast');
      await theme('Default Dark Modern');
    });

    it('keeps its frames while it plays a host of 1 TiB', async () => {
      await closeEditors();
      document = await open(LARGE);
      await at(0);
      await run('speed', 1000);
      await run('play');
      const seen = new Set<NonNullable<ShownScenario['frames']>>();
      console.log('folioscope-thread begin');
      await eventually('six seconds of playing', () => {
        const frames = shown()?.frames;
        if (frames) seen.add(frames);
        return seen.size >= 6;
      });
      const all = [...seen];
      const intervals = all.flatMap((one) => one.intervals);
      console.log(`folioscope-thread end ${intervals.length} scenario page, 1 TiB`);
      await run('pause');
      await screenshot('scenario-1tib');
      const sorted = [...intervals].sort((left, right) => left - right);
      const share = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
      const views = all.reduce((sum, one) => sum + one.views, 0);
      const seconds = intervals.reduce((sum, each) => sum + each, 0) / 1000;
      console.log(
        `scenario page, 1 TiB: a frame every ${share(0.5).toFixed(1)} ms (median), ${share(0.95).toFixed(1)} ms (95 of 100), ${share(1).toFixed(0)} ms (longest); ` +
          `${(intervals.length / seconds).toFixed(0)} frames and ${(views / seconds).toFixed(0)} views a second`,
      );
      assert.ok(intervals.length / seconds >= LEAST_FRAMES, `${(intervals.length / seconds).toFixed(0)} frames a second`);
    });
  });
}
