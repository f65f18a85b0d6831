/** Beside clangd, on the demo whose worktree is open: what clangd gives is given once, and what is ours stays; without it ours stands in. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { AssumptionNode } from '../../src/extension/assumptions-tree';
import type { FolioscopeApi } from '../../src/extension/main';
import type { AssumptionSite } from '../../src/protocol/assumptions';
import type { ClangdExtension } from './clangd/extension';
import { serverProcess } from './server-process';
import { eventually, folioscope, hoverAt, marksIn, screenshot } from './workbench';

const CLANGD = 'llvm-vs-code-extensions.vscode-clangd';
/** `State.Running` of a language client. */
const RUNNING = 2;

export function besideClangd(): void {
  describe('beside clangd', () => {
    let api: FolioscopeApi;
    let root: vscode.Uri;
    let site: AssumptionSite;
    let uri: vscode.Uri;
    /** A function of the same file, and where it is called. */
    let called: string;
    let callAt: vscode.Position;

    const ask = async <T>(provider: string, ...given: unknown[]): Promise<T[]> =>
      (await vscode.commands.executeCommand<T[] | undefined>(provider, ...given)) ?? [];
    const clangd = () => vscode.extensions.getExtension<ClangdExtension>(CLANGD);
    const client = () => (clangd()?.isActive === true ? clangd()?.exports.getApi(1).languageClient : undefined);
    const isRunning = (): boolean => Number(client()?.state) === RUNNING;

    /** Everything that could come twice, as the editor shows it, in order. */
    const shown = async (): Promise<Shown> => {
      const found = await ask<vscode.Location | vscode.LocationLink>('vscode.executeDefinitionProvider', uri, callAt);
      const references = await ask<vscode.Location>('vscode.executeReferenceProvider', uri, callAt);
      const outline = await ask<vscode.DocumentSymbol>('vscode.executeDocumentSymbolProvider', uri);
      const symbols = await ask<vscode.SymbolInformation>('vscode.executeWorkspaceSymbolProvider', called);
      const items = await ask<vscode.CallHierarchyItem>('vscode.prepareCallHierarchy', uri, callAt);
      const callers = items[0] === undefined ? [] : await ask<vscode.CallHierarchyIncomingCall>('vscode.provideIncomingCalls', items[0]);
      return inOrder({
        definitions: found.map((one) =>
          'targetUri' in one ? placeOf(one.targetUri, one.targetSelectionRange ?? one.targetRange) : placeOf(one.uri, one.range),
        ),
        references: references.map((one) => placeOf(one.uri, one.range)),
        outline: outline.map(({ name, selectionRange }) => placeOf(uri, selectionRange, name)),
        symbols: symbols.filter(({ name }) => name === called).map(({ location }) => placeOf(location.uri, location.range)),
        calls: [
          ...items.map((one) => placeOf(one.uri, one.selectionRange)),
          ...callers.map(({ from }) => placeOf(from.uri, from.selectionRange, from.name)),
        ],
      });
    };
    /** The same as clangd itself says it, asked beside the editor. */
    const told = async (): Promise<Shown> => {
      const asked = async <T>(method: string, more: object = {}): Promise<T[]> => {
        const position = { line: callAt.line, character: callAt.character };
        const params = { textDocument: { uri: uri.toString() }, position, query: called, ...more };
        return (await client()?.sendRequest<T[] | null>(method, params)) ?? [];
      };
      const uriOf = (one: { readonly uri: string }): vscode.Uri => vscode.Uri.parse(one.uri);
      const symbols = await asked<{ readonly name: string; readonly location: LspLocation }>('workspace/symbol');
      const references = await asked<LspLocation>('textDocument/references', { context: { includeDeclaration: true } });
      const items = await asked<LspItem>('textDocument/prepareCallHierarchy');
      const callers = await asked<{ readonly from: LspItem }>('callHierarchy/incomingCalls', { item: items[0] });
      return inOrder({
        definitions: (await asked<LspLocation>('textDocument/definition')).map((one) => placeOf(uriOf(one), one.range)),
        references: references.map((one) => placeOf(uriOf(one), one.range)),
        outline: (await asked<LspItem>('textDocument/documentSymbol')).map((one) => placeOf(uri, one.selectionRange, one.name)),
        symbols: symbols.filter(({ name }) => name === called).map(({ location }) => placeOf(uriOf(location), location.range)),
        calls: [
          ...items.map((one) => placeOf(uriOf(one), one.selectionRange)),
          ...callers.map(({ from }) => placeOf(uriOf(from), from.selectionRange, from.name)),
        ],
      });
    };
    const isOurs = async (): Promise<boolean> => Object.values(await shown()).every((each) => each.length > 0 && isOnce(each));
    const isClangds = async (): Promise<void> => {
      const now = await shown();
      assert.deepEqual(now, await told());
      for (const [what, places] of Object.entries(now)) assert.ok(places.length > 0 && isOnce(places), `${what}: ${places.join(', ')}`);
    };
    const waitForClangd = () =>
      eventually('clangd', async () => isRunning() && Object.values(await told()).every((each) => each.length > 0), 120_000);

    before(async function () {
      if (clangd() === undefined) return this.skip();
      api = await folioscope();
      const folder = vscode.workspace.workspaceFolders?.[0];
      assert.ok(folder, 'no folder is open');
      root = folder.uri;
      // Before the first file of C is open, which would start it.
      assert.equal(clangd()?.isActive, false);
      await vscode.commands.executeCommand('workbench.extensions.action.disableAll');
      await eventually('clangd to be disabled', () => clangd() === undefined);
      await vscode.commands.executeCommand('folioscope.assumptions.focus');
      await vscode.commands.executeCommand('folioscope.groupAssumptions', 'file');
      ({ site, uri, called, callAt } = await eventually('a test to look at', () => chosenIn(api, root)));
      await vscode.window.showTextDocument(uri);
      await eventually('marks', () => marksIn(uri).length > 0);
    });

    it('gives definitions, references, outlines, symbols and calls where clangd is disabled', async () => {
      await eventually('all of ours', isOurs);
      assert.equal(clangd(), undefined);
    });

    it('leaves them to clangd as soon as that runs, and repeats nothing', async () => {
      await vscode.commands.executeCommand('workbench.extensions.action.enableAll');
      await eventually('clangd to be enabled', () => clangd() !== undefined);
      await waitForClangd();
      await isClangds();
    });

    it('says on hover what is ours once, beside what clangd says', async () => {
      const at = new vscode.Position(site.line - 1, site.column);
      const hover = await eventually('both in the hover', async () => {
        const text = await hoverAt(uri, at);
        return text.includes(`function`) && text.includes(site.class) && text;
      });
      assert.equal(hover.split(`**${site.class}**`).length, 2, hover);
      assert.equal(hover.split('### function').length, 2, hover);
      const editor = await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
      editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
      await vscode.commands.executeCommand('editor.action.showHover');
      await screenshot('beside-clangd');
    });

    it('keeps marks, hints, counts and quick fixes', async () => {
      const at = new vscode.Range(site.line - 1, site.column, site.line - 1, site.column);
      const marks = marksIn(uri).filter((mark) => mark.range.start.line === site.line - 1);
      assert.equal(marks.length, 1);
      const document = await vscode.workspace.openTextDocument(uri);
      const hints = await ask<vscode.InlayHint>('vscode.executeInlayHintProvider', uri, new vscode.Range(0, 0, document.lineCount, 0));
      // Those of clangd stand before what a function is given.
      const behind = hints.filter(
        ({ position }) => position.line === site.line - 1 && document.lineAt(position).text[position.character - 1] === ')',
      );
      assert.equal(behind.length, 1);
      const lenses = await ask<vscode.CodeLens>('vscode.executeCodeLensProvider', uri);
      const counts = lenses.filter(
        ({ command }) =>
          command?.command === 'folioscope.assumptions.ofFunction' &&
          (command.arguments?.[0] as { readonly function: string }).function === site.function,
      );
      assert.equal(counts.length, 1);
      const actions = await ask<vscode.CodeAction>('vscode.executeCodeActionProvider', uri, at);
      for (const wanted of [/^Write remark on /, /^Mark .* as reviewed$/, /^Why is /, /^Simulate /])
        assert.equal(actions.filter(({ title }) => wanted.test(title)).length, 1, String(wanted));
    });

    it('stands in as soon as clangd is shut down, and steps back when it comes again', async () => {
      await vscode.commands.executeCommand('clangd.shutdown');
      await eventually('clangd to end', () => client() === undefined);
      await eventually('all of ours', isOurs);
      await vscode.commands.executeCommand('clangd.restart');
      await waitForClangd();
      await isClangds();
    });

    it('does not come first when its own server is started again', async function () {
      const ours = serverProcess();
      if (ours === undefined) return this.skip();
      process.kill(ours, 'SIGKILL');
      await eventually('another server', () => (serverProcess() ?? ours) !== ours);
      const at = new vscode.Position(site.line - 1, site.column);
      await eventually('its hover', async () => (await hoverAt(uri, at)).includes(site.class));
      await isClangds();
    });
  });
}

interface LspLocation {
  readonly uri: string;
  readonly range: LspRange;
}
interface LspItem {
  readonly name: string;
  readonly uri: string;
  readonly selectionRange: LspRange;
}
interface LspRange {
  readonly start: { readonly line: number; readonly character: number };
}
type Shown = Readonly<Record<'definitions' | 'references' | 'outline' | 'symbols' | 'calls', readonly string[]>>;

const placeOf = (uri: vscode.Uri, { start }: LspRange, name = ''): string => `${name} ${uri.path}:${start.line}:${start.character}`.trim();
const inOrder = (all: Shown): Shown =>
  Object.fromEntries(Object.entries(all).map(([what, places]) => [what, [...places].sort()])) as unknown as Shown;
const isOnce = (all: readonly string[]): boolean => new Set(all).size === all.length;

interface Chosen {
  readonly site: AssumptionSite;
  readonly uri: vscode.Uri;
  readonly called: string;
  readonly callAt: vscode.Position;
}

/** The first folio test in a file with a function that the same file calls; undefined before the tree has been read. */
async function chosenIn({ views }: FolioscopeApi, root: vscode.Uri): Promise<Chosen | undefined> {
  const children = async (node?: AssumptionNode): Promise<readonly AssumptionNode[]> => (await views.assumptions.getChildren(node)) ?? [];
  for (const group of await children()) {
    for (const node of group.kind === 'group' ? await children(group) : []) {
      if (node.kind !== 'site' || node.site.kind !== 'folio-test' || !node.site.file.endsWith('.c')) continue;
      const uri = vscode.Uri.joinPath(root, node.site.file);
      const call = callIn(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
      if (call !== undefined) return { site: node.site, uri, ...call };
    }
  }
  return undefined;
}

/** A call of a function that the text defines, and where it is. */
function callIn(text: string): Pick<Chosen, 'called' | 'callAt'> | undefined {
  for (const [, called = ''] of text.matchAll(/^(?:static )?\w[\w *]*?\b(\w+)\([^;{]*\)\s*\{/gm)) {
    // What is called is indented; what is defined is not.
    const call = new RegExp(`^[ \\t].*?\\b(?=${called}\\()`, 'm').exec(text);
    if (call === null) continue;
    const line = text.slice(0, call.index).split('\n').length - 1;
    return { called, callAt: new vscode.Position(line, call[0].length + 1) };
  }
  return undefined;
}
