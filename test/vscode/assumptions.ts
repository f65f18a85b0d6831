/** Assumptions in the editor, on the series whose worktree is open: marks, hover, hints, counts, the view, reviewing, and a server that dies. */
import * as assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { AssumptionNode } from '../../src/extension/assumptions-tree';
import type { FolioscopeApi } from '../../src/extension/main';
import { memoryOf, serverProcess } from './server-process';
import { closeEditors, eventually, folioscope, hoverAt, marksIn, pause, screenshot } from './workbench';

/** Bytes of the server with a series open. */
const MOST_MEMORY = 400 * 1024 * 1024;
/** Milliseconds from the last key to the marks, in the editor. */
const MOST_MS = 200;

export function assumptions(): void {
  describe('assumptions', () => {
    let api: FolioscopeApi;
    let root: vscode.Uri;
    let sites: readonly (AssumptionNode & { readonly kind: 'site' })[];

    const view = () => api.views.assumptions;
    const children = async (node?: AssumptionNode): Promise<readonly AssumptionNode[]> => (await view().getChildren(node)) ?? [];
    const all = async (nodes: readonly AssumptionNode[]): Promise<readonly AssumptionNode[]> => {
      const found: AssumptionNode[] = [];
      for (const node of nodes) {
        found.push(node);
        if (node.kind === 'group') found.push(...(await all(await children(node))));
      }
      return found;
    };
    const sitesIn = async () => (await all(await children())).filter((node) => node.kind === 'site');
    const settings = () => vscode.workspace.getConfiguration('folioscope.assumptions');
    const fileOf = (file: string): vscode.Uri => vscode.Uri.joinPath(root, file);
    const classified = (uri: vscode.Uri): Promise<readonly vscode.Diagnostic[]> =>
      eventually(`classes in ${uri.path}`, () => {
        const seen = marksIn(uri);
        return seen.length > 0 && seen;
      });
    const codeOf = ({ code }: vscode.Diagnostic): string => (typeof code === 'object' ? String(code.value) : String(code));
    const shown = (name: string): Promise<void> => screenshot(`${prefix}-${name}`);
    let prefix = 'assumptions';

    before(async () => {
      api = await folioscope();
      const folder = vscode.workspace.workspaceFolders?.[0];
      assert.ok(folder, 'no folder is open');
      root = folder.uri;
      if (existsSync(join(root.fsPath, 'mm/hugetlb.c')) && readFileSync(join(root.fsPath, 'mm/hugetlb.c')).length > 200_000)
        prefix = 'real-assumptions';
      await vscode.commands.executeCommand('folioscope.assumptions.focus');
      await vscode.commands.executeCommand('folioscope.groupAssumptions', 'file');
      sites = await eventually('sites in the view', async () => {
        const found = await sitesIn();
        return found.length > 0 && found;
      });
    });

    const loud = () => sites.find(({ site }) => site.class === 'assumes-hugetlb-vma') ?? sites[0]!;

    it('are marked with their class, and loud ones are warnings', async () => {
      const { site } = loud();
      const uri = fileOf(site.file);
      await vscode.window.showTextDocument(uri);
      const marks = await classified(uri);
      const own = sites.filter((one) => one.site.file === site.file);
      assert.deepEqual(marks.map(codeOf).sort(), own.map((one) => one.site.class).sort());
      for (const mark of marks) {
        const isLoud = ['assumes-hugetlb-vma', 'from-folio', 'unproven'].includes(codeOf(mark));
        assert.equal(mark.severity === vscode.DiagnosticSeverity.Warning, isLoud, codeOf(mark));
      }
    });

    it('say on hover why, step by step with links, and whether guest_memfd comes there', async () => {
      const { site } = loud();
      const hover = await hoverAt(fileOf(site.file), new vscode.Position(site.line - 1, site.column));
      assert.ok(hover.includes(site.class));
      for (const { file, line } of site.evidence)
        assert.ok(hover.includes(`[${file}:${line}](`), `${file}:${line} is no step of the hover`);
      assert.ok(hover.includes(site.reach.because));
      const at = new vscode.Position(site.line - 1, site.column);
      const editor = await vscode.window.showTextDocument(fileOf(site.file), { selection: new vscode.Range(at, at) });
      editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
      await vscode.commands.executeCommand('editor.action.showHover');
      await shown('hover');
    });

    it('have hints on the folio tests, where the setting says so', async () => {
      const test = sites.find(({ site }) => site.kind === 'folio-test' && site.file !== 'mm/hugetlb.c')!;
      const document = await vscode.workspace.openTextDocument(fileOf(test.site.file));
      const hints = async (): Promise<readonly vscode.InlayHint[]> =>
        (await vscode.commands.executeCommand<vscode.InlayHint[]>(
          'vscode.executeInlayHintProvider',
          document.uri,
          new vscode.Range(0, 0, document.lineCount, 0),
        )) ?? [];
      await eventually('hints', async () => (await hints()).some(({ position }) => position.line === test.site.line - 1));
      const tests = sites.filter(({ site }) => site.file === test.site.file && site.kind === 'folio-test');
      assert.equal((await hints()).length, tests.length);
      await settings().update('inlayHints', 'off', vscode.ConfigurationTarget.Global);
      await eventually('no hints', async () => (await hints()).length === 0);
      await settings().update('inlayHints', undefined, vscode.ConfigurationTarget.Global);
      await eventually('hints again', async () => (await hints()).length > 0);
      const at = new vscode.Position(test.site.line - 1, 0);
      const editor = await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
      editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
      await shown('hints');
    });

    it('are counted over their functions', async () => {
      const { site } = loud();
      await vscode.workspace.openTextDocument(fileOf(site.file));
      const lenses = await eventually('counts', async () => {
        const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', fileOf(site.file));
        const own = found.filter((lens) => lens.command?.command === 'folioscope.assumptions.ofFunction');
        return own.length > 0 && own;
      });
      const functions = new Set(
        sites.filter((one) => one.site.file === site.file && one.site.function !== '').map((one) => one.site.function),
      );
      const named = lenses.map((lens) => String((lens.command?.arguments?.[0] as { function: string }).function));
      assert.deepEqual(
        [...new Set(named)].filter((name) => !functions.has(name)),
        [],
      );
      assert.match(lenses[0]!.command!.title, /^\d+ /);
    });

    it('are in the view by patch, by class and by file, with the way to each and who calls its function', async () => {
      const count = (await sitesIn()).length;
      for (const by of ['class', 'file', 'patch'] as const) {
        await vscode.commands.executeCommand('folioscope.groupAssumptions', by);
        if (by === 'patch') await eventually('what patches did', async () => (await children()).some(isOfPatch));
        assert.equal((await sitesIn()).length, count, by);
        await shown(by);
      }
      const { site } = loud();
      const node = (await sitesIn()).find((one) => one.site.file === site.file && one.site.line === site.line)!;
      const below = await children(node);
      assert.ok(below.some((one) => one.kind === 'why' && one.why === 'reach'));
      const why = below.find((one) => one.kind === 'why' && one.why === 'class')!;
      const steps = await children(why);
      assert.deepEqual(
        steps.map((one) => one.kind === 'place' && [one.place.file, one.place.line]),
        site.evidence.map(({ file, line }) => [file, line]),
      );
      for (const one of [node, ...below, ...steps]) {
        const item = await view().getTreeItem(one);
        assert.ok((item.accessibilityInformation?.label ?? '') !== '', 'a row without a label for a screen reader');
      }
      const callers = below.find((one) => one.kind === 'why' && one.why === 'callers');
      if (callers !== undefined) assert.ok(Array.isArray(await children(callers)));
    });

    it('are told apart by the patch that made them so, as are the claims', async () => {
      await vscode.commands.executeCommand('folioscope.groupAssumptions', 'patch');
      const rows = await eventually('what patches did', async () => {
        const found = await children();
        return found.some(isOfPatch) && found;
      });
      for (const row of rows.filter(isOfPatch)) {
        const inside = (await all([row])).filter((one) => one.kind === 'site');
        assert.equal(inside.length, row.group.sites.length);
        for (const one of inside) assert.notEqual(one.told.origin, '', `${one.site.file}:${one.site.line} has no word on what it was`);
      }
      const claims = rows.find(({ kind }) => kind === 'claims');
      const three = await children(claims);
      assert.equal(three.length, 3);
      for (const claim of three) {
        assert.ok(claim.kind === 'claim');
        const steps = (await children(claim)).filter((one) => one.kind === 'claim-step');
        // The last one is what is found now.
        assert.equal(steps[0]?.step.patch, 0);
        assert.deepEqual([steps.at(-1)?.step.verdict, steps.at(-1)?.step.because], [claim.claim.verdict, claim.claim.because]);
      }
    });

    it('are shown only where guest_memfd comes, when that is asked for', async () => {
      await vscode.commands.executeCommand('folioscope.assumptions.showReachable');
      const some = await sitesIn();
      assert.ok(some.every(({ site }) => site.reach.is === 'reachable'));
      assert.equal(some.length, sites.filter(({ site }) => site.reach.is === 'reachable').length);
      await shown('reachable');
      await vscode.commands.executeCommand('folioscope.assumptions.showAll');
      assert.equal((await sitesIn()).length, sites.length);
    });

    it('have their quick fixes, and are reviewed in a file that can be shared', async () => {
      const { site } = loud();
      const uri = fileOf(site.file);
      await vscode.window.showTextDocument(uri);
      const at = new vscode.Range(site.line - 1, site.column, site.line - 1, site.column);
      const titles = async (): Promise<readonly string[]> =>
        (await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, at)).map(({ title }) => title);
      const offered = await titles();
      for (const wanted of [/^Write remark on /, /^Mark .* as reviewed$/, /^Why is /, /^Simulate /])
        assert.ok(
          offered.some((title) => wanted.test(title)),
          `${String(wanted)} is not among ${offered.join(', ')}`,
        );
      const place = { tree: root.fsPath, file: site.file, line: site.line, column: site.column };
      const dimmed = () =>
        marksIn(uri).some(
          (mark) => mark.range.start.line === site.line - 1 && mark.tags?.includes(vscode.DiagnosticTag.Unnecessary) === true,
        );
      const list = join(root.fsPath, '.folioscope/reviewed.json');
      await vscode.commands.executeCommand('folioscope.assumptions.review', place);
      await eventually('a dimmed mark', dimmed);
      assert.ok(readFileSync(list, 'utf8').includes(`"function":"${site.function}"`));
      await eventually('a reviewed row', async () => (await sitesIn()).some((one) => one.site.reviewed));
      const position = new vscode.Position(site.line - 1, 0);
      const editor = await vscode.window.showTextDocument(uri, { selection: new vscode.Range(position, position) });
      editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenter);
      await shown('reviewed');
      assert.ok((await titles()).some((title) => /^Take back /.test(title)));
      await vscode.commands.executeCommand('folioscope.assumptions.unreview', place);
      await eventually('a mark that is not dimmed', () => !dimmed());
      assert.ok(!existsSync(list));
    });

    it('have definitions, references, outlines and calls around them, where nothing better gives them', async function () {
      if (vscode.extensions.getExtension('llvm-vs-code-extensions.vscode-clangd') !== undefined) return this.skip();
      const { site } = loud();
      const uri = fileOf(site.file);
      await vscode.window.showTextDocument(uri);
      const at = new vscode.Position(site.line - 1, site.column);
      const ask = <T>(provider: string, ...given: unknown[]): Thenable<T[]> => vscode.commands.executeCommand<T[]>(provider, ...given);
      const references = await ask<vscode.Location>('vscode.executeReferenceProvider', uri, at);
      for (const other of sites.filter((one) => one.site.symbol === site.symbol))
        assert.ok(
          references.some((one) => one.uri.path.endsWith(other.site.file) && one.range.start.line === other.site.line - 1),
          `${other.site.file}:${other.site.line} is not among ${references.length} references`,
        );
      const outline = await ask<vscode.DocumentSymbol>('vscode.executeDocumentSymbolProvider', uri);
      assert.ok(outline.some(({ name }) => name === site.function));
      const symbols = await ask<vscode.SymbolInformation>('vscode.executeWorkspaceSymbolProvider', site.function);
      assert.ok(symbols.some(({ name }) => name === site.function));
      const text = (await vscode.workspace.openTextDocument(uri)).getText();
      const head = text.indexOf(`${site.function}(`);
      const line = text.slice(0, head).split('\n').length - 1;
      const place = new vscode.Position(line, head - text.lastIndexOf('\n', head));
      // Names that only a macro makes have none.
      const definitions = await ask<vscode.Location | vscode.LocationLink>('vscode.executeDefinitionProvider', uri, place);
      assert.deepEqual(
        definitions.map((one) => ('targetUri' in one ? one.targetUri : one.uri).path),
        [uri.path],
      );
      const [item] = await ask<vscode.CallHierarchyItem>('vscode.prepareCallHierarchy', uri, place);
      assert.equal(item?.name, site.function);
      assert.ok(Array.isArray(await ask('vscode.provideIncomingCalls', item)));
      assert.ok((await ask('vscode.provideOutgoingCalls', item)).length > 0);
    });

    it('have colours where the setting asks for them, and are as loud as it says', async () => {
      const { site } = loud();
      const uri = fileOf(site.file);
      await settings().update('decorations', true, vscode.ConfigurationTarget.Global);
      await settings().update('severity', { [site.class]: 'error' }, vscode.ConfigurationTarget.Global);
      await eventually('an error', () =>
        marksIn(uri).some((mark) => codeOf(mark) === site.class && mark.severity === vscode.DiagnosticSeverity.Error),
      );
      await shown('colours');
      await settings().update('decorations', undefined, vscode.ConfigurationTarget.Global);
      await settings().update('severity', undefined, vscode.ConfigurationTarget.Global);
      await eventually('no error', () => marksIn(uri).every((mark) => mark.severity !== vscode.DiagnosticSeverity.Error));
    });

    it('are marked anew after the last key, on the longest file too', async () => {
      const longest = prefix === 'assumptions' ? loud().site.file : 'mm/hugetlb.c';
      const uri = fileOf(longest);
      await closeEditors();
      const editor = await vscode.window.showTextDocument(uri);
      await classified(uri);
      await pause(2500);
      const times: number[] = [];
      for (let time = 0; time < 7; time += 1) {
        const first = marksIn(uri)[0]!.range.start.line;
        let began = Infinity;
        const typed = vscode.workspace.onDidChangeTextDocument(({ document }) => {
          if (document === editor.document) began = performance.now();
        });
        const moved = new Promise<number>((resolve) => {
          const watch = vscode.languages.onDidChangeDiagnostics(() => {
            if (marksIn(uri)[0]?.range.start.line !== first + 1) return;
            watch.dispose();
            typed.dispose();
            resolve(performance.now() - began);
          });
        });
        // Above all marks: each of them moves.
        await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '/* */\n'));
        times.push(await moved);
        await pause(1200);
      }
      times.sort((a, b) => a - b);
      console.log(
        `marks of ${longest} (${editor.document.lineCount} lines) after an edit: ${times.map((one) => one.toFixed(0)).join(', ')} ms`,
      );
      // The least of a few: what else the machine does is not ours.
      assert.ok(times[0]! < MOST_MS, `the marks took ${times[0]!.toFixed(0)} ms`);
      const line = marksIn(uri)[0]!.range.start.line;
      await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, times.length, 0)));
      await eventually('marks where they were', () => marksIn(uri)[0]?.range.start.line === line - times.length);
      // The editor in a browser saves by itself: what was typed is on disk.
      assert.ok(await editor.document.save());
    });

    it('come from a server that takes little memory, and come again when it dies', async function () {
      const server = () => serverProcess();
      const pid = server();
      if (pid === undefined) return this.skip();
      const memory = memoryOf(pid);
      console.log(`memory of the server: ${(memory / 1024 / 1024).toFixed(0)} MiB`);
      assert.ok(memory < MOST_MEMORY, `the server takes ${memory} bytes`);
      const { site } = loud();
      const uri = fileOf(site.file);
      await vscode.window.showTextDocument(uri);
      const before = (await classified(uri)).map((mark) => `${mark.range.start.line} ${codeOf(mark)}`).sort();
      const rows = (await sitesIn()).length;
      process.kill(pid, 'SIGKILL');
      await eventually('another server', () => {
        const now = server();
        return now !== undefined && now !== pid && now;
      });
      await eventually('the same marks', () => {
        const now = marksIn(uri).map((mark) => `${mark.range.start.line} ${codeOf(mark)}`);
        return now.length > 0 && now.sort().join() === before.join();
      });
      assert.equal((await sitesIn()).length, rows);
      await eventually('a hover', async () => (await hoverAt(uri, new vscode.Position(site.line - 1, site.column))).includes(site.class));
      await screenshot(`${prefix}-after-crash`);
    });
  });
}

const isOfPatch = (node: AssumptionNode): node is AssumptionNode & { readonly kind: 'group' } =>
  node.kind === 'group' && node.group.of.kind === 'patch';
