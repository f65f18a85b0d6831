/** The scenario files of the workspace, those that are open, and the examples: each a row of the Test Explorer, renewed while it is edited. */
import * as vscode from 'vscode';
import { scenarioTests } from '../protocol/requests';
import type { Engine } from './engine';
import { EXAMPLE_SCHEME } from './gmem-examples';
import { fileItem, showTests } from './scenario-tests-items';
import { baseName, folderOf } from './words';

export const GMEM = 'gmem';
/** After the last key. */
const SETTLE_MS = 300;
/** More files of one workspace are not listed. */
const MOST_FILES = 1000;

export class ScenarioFiles implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable[];
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** The text that the rows of each file were made of. */
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.TestItem>();
  private found: Promise<void> | null = null;

  private readonly wasRead = new vscode.EventEmitter<vscode.TestItem>();

  /** The rows of a file were made, or made anew. */
  readonly onDidRead = this.wasRead.event;
  /** The text of a file has changed, and its rows with it. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly tests: vscode.TestController,
    private readonly engine: Engine,
  ) {
    tests.resolveHandler = async (item) => {
      if (item === undefined) await this.find();
      else await this.read(item);
    };
    tests.refreshHandler = async () => {
      this.found = null;
      await this.find();
      await Promise.all([...this.texts.keys()].map((id) => this.tests.items.get(id)).map((item) => item && this.read(item)));
    };
    this.subscriptions = [
      this.changed,
      this.wasRead,
      vscode.workspace.onDidOpenTextDocument((document) => this.opened(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.edited(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.closed(document)),
      // A watcher tells of a folder that goes, not of what is in it.
      vscode.workspace.onDidDeleteFiles(({ files }) => {
        for (const { path } of files) this.forgetWhere((uri) => uri.path === path || uri.path.startsWith(`${path}/`));
      }),
    ];
    for (const document of vscode.workspace.textDocuments) this.opened(document);
  }

  /** Lists the files of the workspace. */
  find(): Promise<void> {
    this.found ??= this.search();
    return this.found;
  }

  /** The row of a file, made where there is none. */
  add(uri: vscode.Uri): vscode.TestItem {
    const known = this.tests.items.get(uri.toString());
    if (known !== undefined) return known;
    const path = uri.scheme === 'file' ? vscode.workspace.asRelativePath(uri) : uri.path;
    const folder = uri.scheme === EXAMPLE_SCHEME ? vscode.l10n.t('example') : uri.scheme === 'file' ? folderOf(path) : '';
    const item = fileItem(this.tests, uri, baseName(path), folder);
    this.tests.items.add(item);
    return item;
  }

  /** Renews the rows of a file, and gives the text that they are of; undefined where the file is gone. */
  async read(item: vscode.TestItem): Promise<string | undefined> {
    const text = item.uri === undefined ? undefined : await textOf(item.uri);
    if (text === undefined) {
      this.forget(item.id);
      return undefined;
    }
    if (this.texts.get(item.id) === text) return text;
    showTests(this.tests, item, await this.engine.ask(scenarioTests, { text }));
    const isNew = !this.texts.has(item.id);
    this.texts.set(item.id, text);
    this.wasRead.fire(item);
    if (!isNew) this.changed.fire(item);
    return text;
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const one of this.subscriptions) one.dispose();
  }

  private async search(): Promise<void> {
    const pattern = '**/*.gmem';
    if (!this.subscriptions.some((one) => one instanceof WatchedFiles)) {
      this.subscriptions.push(
        new WatchedFiles(
          pattern,
          (uri) => this.soon(this.add(uri)),
          (uri) => this.gone(uri),
        ),
      );
    }
    const found = await vscode.workspace.findFiles(pattern, undefined, MOST_FILES);
    const ids = new Set(found.map(String));
    if (found.length < MOST_FILES) this.forgetWhere((uri) => uri.scheme === 'file' && !ids.has(uri.toString()) && !isOpen(uri));
    for (const uri of found) this.add(uri);
  }

  private opened(document: vscode.TextDocument): void {
    if (isScenario(document)) this.soon(this.add(document.uri));
  }

  private edited(document: vscode.TextDocument): void {
    const item = isScenario(document) ? this.tests.items.get(document.uri.toString()) : undefined;
    if (item !== undefined) this.soon(item);
  }

  private closed({ uri, isUntitled }: vscode.TextDocument): void {
    const id = uri.toString();
    const item = this.tests.items.get(id);
    // What was not saved is no more.
    if (isUntitled) this.forget(id);
    else if (item !== undefined && this.texts.has(id)) this.soon(item);
  }

  private gone(uri: vscode.Uri): void {
    if (!isOpen(uri)) this.forget(uri.toString());
  }

  private forgetWhere(isGone: (uri: vscode.Uri) => boolean): void {
    for (const [id, { uri }] of [...this.tests.items]) if (uri !== undefined && isGone(uri)) this.forget(id);
  }

  private forget(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.texts.delete(id);
    this.tests.items.delete(id);
  }

  private soon(item: vscode.TestItem): void {
    clearTimeout(this.timers.get(item.id));
    const wait = this.texts.has(item.id) ? SETTLE_MS : 0;
    const timer = setTimeout(() => {
      this.timers.delete(item.id);
      // A server that does not answer tells so itself; the rows stay as they are.
      void this.read(item).catch(() => undefined);
    }, wait);
    this.timers.set(item.id, timer);
  }
}

class WatchedFiles implements vscode.Disposable {
  private readonly watcher: vscode.FileSystemWatcher;

  constructor(pattern: string, changed: (uri: vscode.Uri) => void, gone: (uri: vscode.Uri) => void) {
    this.watcher = vscode.workspace.createFileSystemWatcher(pattern);
    this.watcher.onDidCreate(changed);
    this.watcher.onDidChange(changed);
    this.watcher.onDidDelete(gone);
  }

  dispose(): void {
    this.watcher.dispose();
  }
}

/** Sides of a comparison and the like are no tests of their own. */
const isScenario = ({ languageId, uri }: vscode.TextDocument): boolean =>
  languageId === GMEM && ['file', 'untitled', 'vscode-remote', EXAMPLE_SCHEME].includes(uri.scheme);

const isOpen = (uri: vscode.Uri): boolean => vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());

/** As the editor has it, else as the disk has it. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
