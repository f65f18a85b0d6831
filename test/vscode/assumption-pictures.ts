/** Pictures of everything that the editor shows of assumptions, on the series whose worktree is open, in one theme after another. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { AssumptionNode } from '../../src/extension/assumptions-tree';
import type { FolioscopeApi } from '../../src/extension/main';
import type { AssumptionSite } from '../../src/protocol/assumptions';
import { serverProcess } from './server-process';
import { closeEditors, eventually, folioscope, hoverAt, marksIn, pause } from './workbench';

const THEMES = { light: 'Default Light Modern', dark: 'Default Dark Modern', contrast: 'Default High Contrast' } as const;
/** Pixels of the side bar come in steps. */
const WIDER = 5;

export function assumptionPictures(): void {
  for (const [word, theme] of Object.entries(THEMES)) {
    describe(`pictures, ${word}`, () => {
      let api: FolioscopeApi;
      let root: vscode.Uri;
      let sites: readonly AssumptionSite[];
      const run = (command: string, ...given: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...given);
      const children = async (node?: AssumptionNode): Promise<readonly AssumptionNode[]> =>
        (await api.views.assumptions.getChildren(node)) ?? [];
      const fileOf = (file: string): vscode.Uri => vscode.Uri.joinPath(root, file);
      const loudest = (): AssumptionSite =>
        sites.find((site) => site.class === 'assumes-hugetlb-vma' && site.reach.is === 'reachable') ??
        sites.find((site) => site.class === 'assumes-hugetlb-vma') ??
        sites[0]!;
      const picture = async (name: string, keepsPanel = false): Promise<void> => {
        await run('notifications.clearAll');
        // VS Code opens it for the comments of the list.
        if (!keepsPanel) await run('workbench.action.closePanel');
        await pause(700);
        console.log(`folioscope-screenshot ${word}-${name}`);
        await pause(1200);
      };
      /** Shows the line of a site in the middle, marked and with its hints. */
      const shownAt = async (site: AssumptionSite, down = 0): Promise<vscode.TextEditor> => {
        const uri = fileOf(site.file);
        const at = new vscode.Position(site.line - 1, site.column);
        const editor = await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at), preview: false });
        const top = new vscode.Position(Math.max(0, site.line - 20 + down), 0);
        editor.revealRange(new vscode.Range(top, top), vscode.TextEditorRevealType.AtTop);
        await eventually(`marks in ${site.file}`, () => marksIn(uri).length > 0);
        return editor;
      };
      const bar = async (group: 'patch' | 'class' | 'file', expand: readonly number[] = []): Promise<void> => {
        await run('folioscope.groupAssumptions', group);
        await children();
        await run('folioscope.assumptions.focus');
        await run('workbench.actions.treeView.folioscope.assumptions.collapseAll');
        await pause(500);
        await run('list.focusFirst');
        for (const steps of expand) {
          for (let step = 0; step < steps; step += 1) await run('list.focusDown');
          await run('list.expand');
          await pause(700);
        }
      };
      before(async () => {
        api = await folioscope();
        root = vscode.workspace.workspaceFolders![0]!.uri;
        const settings = vscode.workspace.getConfiguration();
        await settings.update('editor.minimap.enabled', false, vscode.ConfigurationTarget.Global);
        const changed = new Promise((resolve) => vscode.window.onDidChangeActiveColorTheme(resolve));
        const now = vscode.workspace.getConfiguration('workbench').get('colorTheme');
        await settings.update('workbench.colorTheme', theme, vscode.ConfigurationTarget.Global);
        if (now !== theme) await changed;
        await run('folioscope.assumptions.focus');
        if (word === 'light') {
          await run('folioscope.series.toggleVisibility');
          await run('folioscope.simulation.toggleVisibility');
          await run('folioscope.assumptions.focus');
          for (let step = 0; step < WIDER; step += 1) await run('workbench.action.increaseViewSize');
        }
        await run('folioscope.groupAssumptions', 'patch');
        sites = await eventually('the sites', async () => {
          const view = await eventually('a view', async () => (await children()).length > 0);
          const found: AssumptionSite[] = [];
          const visit = async (nodes: readonly AssumptionNode[]): Promise<void> => {
            for (const node of nodes) {
              if (node.kind === 'site') found.push(node.site);
              if (node.kind === 'group') await visit(await children(node));
            }
          };
          await visit(await children());
          return view && found.length > 0 && found;
        });
        await eventually('what the patches did', async () =>
          (await children()).some((node) => node.kind === 'group' && node.group.of.kind === 'patch'),
        );
        await closeEditors();
      });

      after(() => closeEditors());

      it('hover', async () => {
        const site = loudest();
        await shownAt(site);
        assert.ok((await hoverAt(fileOf(site.file), new vscode.Position(site.line - 1, site.column))).includes(site.class));
        await run('workbench.action.focusActiveEditorGroup');
        await pause(1500);
        await run('editor.action.showHover', { focus: 'noAutoFocus' });
        await pause(1500);
        await picture('hover');
        await run('editor.action.hideHover');
      });

      it('hints and counts', async () => {
        const site = loudest();
        await shownAt(site, -12);
        await picture('hints');
      });

      it('marks in the list of problems', async () => {
        await shownAt(loudest());
        await run('workbench.actions.view.problems');
        await picture('problems', true);
        await run('workbench.action.closePanel');
      });

      it('by patch', async () => {
        await run('folioscope.groupAssumptions', 'patch');
        const rows = await children();
        const sizeOf = (node: AssumptionNode | undefined): number =>
          node?.kind === 'group' && node.group.of.kind === 'patch' ? node.group.sites.length : 0;
        const most = rows.reduce((best, node, at) => (sizeOf(node) > sizeOf(rows[best]) ? at : best), 0);
        assert.ok(sizeOf(rows[most]) > 0, 'no patch brought or changed a site');
        const small = rows.findIndex((node, at) => sizeOf(node) > 1 && at < most);
        await bar('patch', small < 0 ? [most, 1] : [small, sizeOf(rows[small]) + most - small, 1]);
        await picture('by-patch');
      });

      it('by class, with the way to one', async () => {
        await bar('class', [1, 1, 1, 1, 3]);
        await picture('why');
      });

      it('by file', async () => {
        await bar('file');
        await picture('by-file');
      });

      it('only what guest_memfd can reach', async () => {
        await run('folioscope.assumptions.showReachable');
        await bar('class', [1]);
        await picture('reachable');
        await run('folioscope.assumptions.showAll');
      });

      it('claims', async () => {
        await bar('patch', [0, 1]);
        // The second one too: past the places and the steps of the first.
        const [claims] = await children();
        const [first] = await children(claims);
        await run('list.focusDown');
        for (let row = (await children(first)).length; row > 0; row -= 1) await run('list.focusDown');
        await run('list.expand');
        await picture('claims');
      });

      it('what could not be read', async () => {
        const at = (await children()).findIndex(({ kind }) => kind === 'unread-group');
        if (at < 0) return;
        await bar('patch', [at]);
        await run('list.focusDown');
        await picture('unread');
      });

      it('quick fixes', async () => {
        await shownAt(loudest());
        await run('editor.action.quickFix');
        await picture('quick-fixes');
        await run('workbench.action.focusSideBar');
        await run('workbench.action.focusActiveEditorGroup');
      });

      it('why, beside the code', async () => {
        const { file, line, column } = loudest();
        await run('folioscope.assumptions.why', { tree: root.fsPath, file, line, column });
        await picture('why-peek');
        await run('closeReferenceSearch');
      });

      it('a remark', async () => {
        const site = sites.find((one) => one.file.endsWith('guest_memfd.c')) ?? loudest();
        await shownAt(site);
        await run('folioscope.assumptions.remark', { tree: root.fsPath, file: site.file, line: site.line, column: site.column });
        await pause(1000);
        const line = new vscode.Position(Math.max(0, site.line - 8), 0);
        vscode.window.activeTextEditor?.revealRange(new vscode.Range(line, line), vscode.TextEditorRevealType.AtTop);
        await picture('remark');
        await run('workbench.action.collapseAllComments');
      });

      it('a reviewed site', async () => {
        const site = loudest();
        const place = { tree: root.fsPath, file: site.file, line: site.line, column: site.column };
        await run('folioscope.assumptions.review', place);
        const isDimmed = (): boolean =>
          marksIn(fileOf(site.file)).some(
            (mark) => mark.range.start.line === site.line - 1 && mark.tags?.includes(vscode.DiagnosticTag.Unnecessary) === true,
          );
        await shownAt(site);
        await eventually('a dimmed mark', isDimmed);
        await bar('class', [1, 1]);
        await picture('reviewed');
        await run('folioscope.assumptions.unreview', place);
        await eventually('a mark that is not dimmed', () => !isDimmed());
      });

      it('colours', async () => {
        const settings = vscode.workspace.getConfiguration('folioscope.assumptions');
        await settings.update('decorations', true, vscode.ConfigurationTarget.Global);
        await shownAt(loudest());
        await picture('colours');
        await settings.update('decorations', undefined, vscode.ConfigurationTarget.Global);
      });

      it('references without clangd', async () => {
        const site = loudest();
        await shownAt(site);
        await run('editor.action.referenceSearch.trigger');
        await pause(2500);
        await picture('references');
        await run('closeReferenceSearch');
      });

      it('words without a server', async () => {
        const site = loudest();
        await shownAt(site);
        if (word !== 'contrast') return;
        // After five times it is not started again.
        for (let time = 0; time < 5; time += 1) {
          const pid = await eventually('a server', () => serverProcess());
          await pause(1500);
          process.kill(pid, 'SIGKILL');
          await eventually('its end', () => serverProcess() !== pid);
        }
        await closeEditors();
        await vscode.window.showTextDocument(fileOf(site.file));
        await shownAt(site).catch(() => undefined);
        await picture('no-server');
      }).timeout(300_000);
    });
  }
}
