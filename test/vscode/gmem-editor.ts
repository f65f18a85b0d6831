/** Scenarios as text and as tests in VS Code: marked, completed, formatted; run, failing at their lines, cancelled, followed. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FolioscopeApi } from '../../src/extension/main';
import type { ToldState } from '../../src/extension/scenario-tests-run';
import { closeEditors, eventually, folioscope, hoverAt, pause } from './workbench';

const TEXT = `# A page is asked back while a device holds it.

scenario "Asked back"
  about "One shared page is mapped and pinned; userspace asks for it back."
  label derived
  designs A B
  vm td type tdx
  process vmm
  device nic

  create gmem0 for td size 2GiB
    expect ok
  bind gmem0 to td gpa 0 offset 0 size 2GiB
  mmap vmm gmem0 all
  convert gmem0 page 0 to shared
    expect ok
  host-fault vmm gmem0 page 0 write
  pin nic gmem0 page 0
  dontneed vmm gmem0 page 0
  convert gmem0 page 0 to private
    expect ok for A
    expect EAGAIN at 0 for B
    expect state gmem0 page 0 pinned 1

scenario "Goes well"
  designs A
  vm td type tdx

  create gmem0 for td size 1GiB
    expect ok
`;
const WRONG = '    expect ok for A\n';
const LONG = `scenario "Long"
  designs A B
  vm td type tdx

  create gmem0 for td size 2GiB
  bind gmem0 to td gpa 0 offset 0 size 2GiB
${`  repeat 450000
    convert gmem0 page 0 to shared
    convert gmem0 page 0 to private
`.repeat(8)}`;

export function gmemEditor(): void {
  describe('scenarios as text and as tests', () => {
    let api: FolioscopeApi;
    let folder: vscode.Uri;

    const run = (command: string, ...given: readonly unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...given);
    const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;
    const write = async (name: string, text: string): Promise<vscode.Uri> => {
      const uri = vscode.Uri.joinPath(folder, name);
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
      return uri;
    };
    const shown = async (uri: vscode.Uri): Promise<vscode.TextEditor> => vscode.window.showTextDocument(uri);
    const replace = async (uri: vscode.Uri, text: string): Promise<void> => {
      const document = await vscode.workspace.openTextDocument(uri);
      const edit = new vscode.WorkspaceEdit();
      edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), text);
      await vscode.workspace.applyEdit(edit);
    };
    /** What the last run told of a row, by the end of its path. */
    const told = (...path: readonly string[]): ToldState | undefined =>
      [...api.scenarioTests.told].find(([id]) => id.endsWith(path.join(' › ')))?.[1];
    const states = (): readonly string[] => [...api.scenarioTests.told.values()].map(({ state }) => state);
    const rowOf = (uri: vscode.Uri): vscode.TestItem | undefined => api.scenarioTests.items.get(uri.toString());
    /** The rows have come to the editor itself, too. */
    const listed = (uri: vscode.Uri, atLeast: number): Promise<true> =>
      eventually('the rows of the file in the editor', async () => {
        const rows = await vscode.commands.executeCommand<unknown[]>('vscode.testing.getTestsInFile', uri);
        return rows.length >= atLeast && true;
      });
    const picture = async (name: string): Promise<void> => {
      await run('notifications.clearAll');
      await pause(700);
      console.log(`folioscope-screenshot ${name}`);
      await pause(1500);
    };
    const inThemes = async (name: string): Promise<void> => {
      const settings = vscode.workspace.getConfiguration('workbench');
      for (const [word, theme] of [
        ['light', 'Default Light Modern'],
        ['contrast', 'Default High Contrast'],
        ['dark', 'Default Dark Modern'],
      ] as const) {
        await settings.update('colorTheme', theme, vscode.ConfigurationTarget.Global);
        await pause(800);
        await picture(`${name}-${word}`);
      }
      await settings.update('colorTheme', undefined, vscode.ConfigurationTarget.Global);
    };

    before(async () => {
      api = await folioscope();
      const root = vscode.workspace.workspaceFolders?.[0]?.uri;
      assert.ok(root, 'no folder is open');
      folder = vscode.Uri.joinPath(root, 'gmem-suite');
      await vscode.workspace.fs.createDirectory(folder);
    });

    after(async () => {
      await closeEditors();
      await vscode.workspace.fs.delete(folder, { recursive: true });
    });

    it('marks what is wrong at its place, and nothing once it is mended', async () => {
      const uri = await write('marks.gmem', TEXT.replace('type tdx', 'type tdy'));
      const editor = await shown(uri);
      assert.equal(editor.document.languageId, 'gmem');
      const mark = await eventually('a mark', () =>
        vscode.languages.getDiagnostics(uri).find(({ range }) => editor.document.getText(range) === 'tdy'),
      );
      assert.equal(mark.source, 'folioscope');
      assert.equal(mark.severity, vscode.DiagnosticSeverity.Error);
      await inThemes('gmem-marks');
      await replace(uri, TEXT);
      await eventually('no mark', () => vscode.languages.getDiagnostics(uri).length === 0);
    });

    it('completes, explains, outlines and folds', async () => {
      const uri = await write('words.gmem', TEXT);
      const { document } = await shown(uri);
      const place = (part: string, more: number): vscode.Position => document.positionAt(TEXT.indexOf(part) + more);
      const list = await eventually('completions', async () => {
        const found = await vscode.commands.executeCommand<vscode.CompletionList>(
          'vscode.executeCompletionItemProvider',
          uri,
          place('type tdx', 5),
        );
        return found.items.some(({ label }) => label === 'snp') && found;
      });
      assert.ok(list.items.some(({ label }) => label === 'gunyah'));
      assert.match(await hoverAt(uri, place('EAGAIN', 2)), /EAGAIN/);
      const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', uri);
      assert.deepEqual(
        symbols.map(({ name }) => name),
        ['Asked back', 'Goes well'],
      );
      const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>('vscode.executeFoldingRangeProvider', uri);
      assert.ok(folds.some(({ start }) => start === lineOf(TEXT, 'scenario') - 1));
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
      const known = new Set(await vscode.commands.getCommands(true));
      const commands = lenses.map(({ command }) => command?.command ?? '');
      assert.ok(commands.includes('folioscope.scenario.test'));
      assert.deepEqual(
        commands.filter((command) => !known.has(command)),
        [],
      );
    });

    it('formats by edits of what differs, and is no formatter of C', async () => {
      const uri = await write('format.gmem', TEXT.replace('  vm td', '  vm   td'));
      const { document } = await shown(uri);
      const options = { tabSize: 2, insertSpaces: true };
      const edits = await eventually('edits', async () => {
        const found = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>(
          'vscode.executeFormatDocumentProvider',
          uri,
          options,
        );
        return found !== undefined && found.length > 0 && found;
      });
      assert.ok(edits.every(({ range }) => range.isSingleLine));
      await run('editor.action.formatDocument');
      await eventually('the formatted text', () => document.getText() === TEXT);
      await document.save();
      const c = await vscode.workspace.openTextDocument({ language: 'c', content: 'int  a;\n' });
      const none = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>(
        'vscode.executeFormatDocumentProvider',
        c.uri,
        options,
      );
      assert.deepEqual(none ?? [], []);
    });

    it('are tests with designs and steps, and fail at their lines with expected and actual', async () => {
      const uri = await write('tests.gmem', TEXT);
      await shown(uri);
      const file = await eventually('the scenarios of the file', () => (rowOf(uri)?.children.size === 2 ? rowOf(uri) : undefined));
      const scenario = file.children.get('Asked back');
      assert.deepEqual(
        [...(scenario?.children ?? [])].map(([id]) => id),
        ['A', 'B'],
      );
      assert.equal(scenario?.children.get('A')?.children.size, 8);
      await listed(uri, 20);
      await run('testing.runCurrentFile');
      const step = await eventually('the step of design A', () => told('Asked back', 'A', 'convert gmem0 page 0 to private'));
      assert.equal(step.state, 'failed');
      const [message] = step.messages;
      assert.equal(message?.expectedOutput, 'ok');
      assert.match(message?.actualOutput ?? '', /^E[A-Z]+/);
      assert.equal(message?.location?.range.start.line, lineOf(TEXT, WRONG) - 1);
      assert.equal(told('Asked back', 'B', 'convert gmem0 page 0 to private')?.state, 'passed');
      assert.equal(told('Asked back', 'A', 'create gmem0 for td size 2GiB')?.state, 'passed');
      const well = await eventually('the other scenario', () => told('Goes well', 'A'));
      assert.equal(well.state, 'passed');
      assert.ok((well.took ?? 0) > 0);
    });

    it('shows the failure where it is', async () => {
      await run('testing.goToNextMessage');
      await pause(1500);
      await run('workbench.view.testing.focus');
      await pause(500);
      await inThemes('gmem-tests');
      await run('editor.closeTestPeek');
    });

    it('runs the step, or on the designs, that are asked for', async () => {
      const uri = await write('some.gmem', TEXT);
      await shown(uri);
      await run('folioscope.scenario.test', uri.toString(), lineOf(TEXT, 'convert gmem0 page 0 to shared'));
      assert.deepEqual(
        [...api.scenarioTests.told.keys()].map((id) => id.split(' › ').slice(2).join(' ')),
        ['A convert gmem0 page 0 to shared', 'B convert gmem0 page 0 to shared'],
      );
      assert.deepEqual(states(), ['passed', 'passed']);
      await run('folioscope.scenario.test', uri.toString(), lineOf(TEXT, 'scenario'), ['B']);
      assert.ok(told('Asked back', 'B'));
      assert.equal(told('Asked back', 'A'), undefined);
    });

    it('says why a scenario cannot be run', async () => {
      const uri = await write('broken.gmem', TEXT.replace('page 0 to shared', 'page 0 to shred'));
      await shown(uri);
      await run('folioscope.scenario.test', uri.toString(), lineOf(TEXT, 'scenario'));
      const state = told('Asked back');
      assert.equal(state?.state, 'errored');
      assert.equal(state.messages[0]?.location?.range.start.line, lineOf(TEXT, 'convert gmem0 page 0 to shared') - 1);
      assert.match(String(state.messages[0]?.message), /shred/);
    });

    it('ends a run that is cancelled', async () => {
      const uri = await write('long.gmem', LONG);
      await shown(uri);
      await listed(uri, 8);
      const all = run('testing.runCurrentFile');
      await pause(1500);
      assert.equal(told('Long', 'A'), undefined, 'it ended too soon to be cancelled');
      const began = Date.now();
      await run('testing.cancelRun');
      await eventually('its end', () => told('Long', 'A')?.state === 'skipped');
      assert.ok(Date.now() - began < 5000);
      await all;
      await closeEditors();
    });

    it('runs again when the text changes', async () => {
      const uri = await write('follow.gmem', TEXT);
      await shown(uri);
      await eventually('its rows', () => rowOf(uri)?.children.size === 2);
      await run('testing.startContinuousRun');
      await pause(500);
      await replace(uri, TEXT.replace(WRONG, '    expect error for A\n').replace('expect error for A', 'expect EINVAL for A'));
      await eventually('a run of the changed text', () => told('follow.gmem', 'Asked back', 'A')?.state === 'passed');
      await run('testing.stopContinuousRun');
      await run('workbench.action.files.save');
    });

    it('offers runs on the C of the series that is open, of the design that it is', async () => {
      const uri = await write('c.gmem', TEXT);
      await shown(uri);
      const lens = await eventually('the code lens', async () => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
        return lenses.find(({ command }) => command?.command === 'folioscope.scenario.testOnC');
      });
      await run(lens.command!.command, ...lens.command!.arguments!);
      const state = told('c.gmem', 'Asked back', 'A');
      console.log(`on the C of the demo: ${state?.state} ${state?.messages.map(({ message }) => String(message)).join(' ')}`);
      assert.ok(state);
      assert.equal(told('c.gmem', 'Asked back', 'B'), undefined);
    });

    it('has the examples that ship, to be read and run but not changed', async () => {
      await run('folioscope.openExamples', 'sc-05-pinned.gmem');
      const editor = await eventually('the example', () => {
        const { activeTextEditor: found } = vscode.window;
        return found?.document.uri.scheme === 'folioscope-example' && found;
      });
      assert.equal(editor.document.languageId, 'gmem');
      assert.equal(vscode.workspace.fs.isWritableFileSystem('folioscope-example'), false);
      await eventually('its rows', () => (rowOf(editor.document.uri)?.children.size ?? 0) > 2);
      await picture('gmem-example');
      await run('folioscope.scenario.test', editor.document.uri.toString(), lineOf(editor.document.getText(), 'scenario'));
      assert.ok(states().length > 4);
      assert.deepEqual(
        states().filter((state) => state !== 'passed'),
        [],
      );
    });

    it('runs all examples, and they meet what they expect', async () => {
      await closeEditors();
      const edit = new vscode.WorkspaceEdit();
      edit.deleteFile(folder, { recursive: true });
      await vscode.workspace.applyEdit(edit);
      await vscode.workspace.fs.createDirectory(folder);
      await eventually('the files to be gone', () => [...api.scenarioTests.items].every(([id]) => !id.includes('gmem-suite')));
      const began = Date.now();
      await run('testing.runAll');
      const all = [...api.scenarioTests.told];
      console.log(`examples: ${all.length} rows told in ${Date.now() - began} ms`);
      assert.ok(all.length > 500, `${all.length} rows`);
      const wrong = all.filter(([, { state }]) => state === 'failed' || state === 'errored').map(([id]) => id);
      assert.deepEqual(wrong, []);
      await run('workbench.view.testing.focus');
      await picture('gmem-examples');
    });
  });
}
