/** The page of the memory model beside a `.gmem` document: it follows the text, and the editor follows its steps. */
import * as vscode from 'vscode';
import type { ExportFormat, FromScenarioPage, ScenarioCommand, ToScenarioPage } from '../protocol/scenario-page';
import { followLine } from './followed-line';
import { saveExport } from './scenario-export';
import { fromScenarioPage } from './scenario-messages';
import { scenarioHtml } from './scenario-html';

const SCENARIO_VIEW = 'folioscope.scenario';
/** How long nothing must have been typed before the text is run anew. */
const SETTLED_MS = 200;
/** Longer texts are posted once the page is there. */
const LONGEST_GIVEN = 300_000;
/** A selection that comes so soon after a change of the text came of typing. */
const TYPING_MS = 300;

type Message<K extends FromScenarioPage['kind']> = Extract<FromScenarioPage, { kind: K }>;
type Designs = Message<'at'>['designs'];

/** What the suite and other extensions can see of a page. */
export interface ShownScenario {
  readonly uri: vscode.Uri;
  readonly at: Message<'at'> | undefined;
  readonly frames: Message<'frames'> | undefined;
  /** Lines of the problems of the text. */
  readonly problems: readonly number[];
  /** Of the page, and of the memory on it. */
  readonly painted: Readonly<Record<'page' | 'memory', PaintTime | undefined>>;
  readonly exported: Message<'export'> | undefined;
}

/** Milliseconds from the command, and from when VS Code had made the frame of the page. */
interface PaintTime {
  readonly fromCommand: number;
  readonly ofPage: number;
}

interface Page {
  readonly panel: vscode.WebviewPanel;
  readonly uri: vscode.Uri;
  readonly opened: number;
  isReady: boolean;
  /** To be sent once the page is ready. */
  line: number;
  designs: Designs | undefined;
  at: Message<'at'> | undefined;
  frames: Message<'frames'> | undefined;
  problems: readonly number[];
  painted: ShownScenario['painted'];
  /** Version of the text that the HTML brings; -1: none. */
  given: number;
  exported: Message<'export'> | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  changed: number;
}

export class ScenarioPages implements vscode.Disposable {
  private readonly pages = new Map<string, Page>();
  private readonly line = followLine();
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(private readonly extensionUri: vscode.Uri) {
    this.subscriptions = [
      this.line,
      vscode.window.registerWebviewPanelSerializer(SCENARIO_VIEW, {
        deserializeWebviewPanel: async (panel, state: unknown) => {
          const uri = uriOf(state);
          if (uri === undefined || this.pages.has(uri.toString())) return panel.dispose();
          this.adopt(panel, uri);
        },
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.textChanged(document)),
      vscode.window.onDidChangeTextEditorSelection((event) => this.selectionChanged(event)),
    ];
  }

  /** The page of the active document, or of the only one. */
  get shown(): ShownScenario | undefined {
    return this.current;
  }

  /**
   * Shows the page of a document beside it.
   * @param line the scenario in it is played; as before where it is left out
   */
  async show(given?: vscode.Uri | string, line?: number, designs?: Designs): Promise<void> {
    const began = Date.now();
    const uri = typeof given === 'string' ? vscode.Uri.parse(given) : (given ?? vscode.window.activeTextEditor?.document.uri);
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri?.toString());
    if (uri === undefined || (editor?.document.languageId ?? languageOf(uri)) !== 'gmem') {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('There is no scenario to run. Open a file of scenarios (.gmem), and ask again with the cursor in one of them.'),
      );
      return;
    }
    const at = line ?? (editor ? editor.selection.active.line + 1 : 0);
    const known = this.pages.get(uri.toString());
    if (known) {
      known.panel.reveal(undefined, true);
      known.line = at;
      known.designs = designs;
      await this.send(known);
      return;
    }
    const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(SCENARIO_VIEW, titleOf(uri), beside, { retainContextWhenHidden: true });
    this.adopt(panel, uri, began, at, designs);
  }

  /** Drives the page from the editor. */
  command(command: ScenarioCommand): void {
    this.drive({ kind: 'command', command });
  }

  setSpeed(rate: number): void {
    this.drive({ kind: 'speed', rate });
  }

  export(format: ExportFormat): void {
    this.drive({ kind: 'export', format });
  }

  dispose(): void {
    // The pages stay: VS Code gives them back after a reload of the window.
    for (const one of this.subscriptions) one.dispose();
    for (const { timer } of this.pages.values()) clearTimeout(timer);
  }

  private get current(): Page | undefined {
    const all = [...this.pages.values()];
    const active = vscode.window.activeTextEditor?.document.uri.toString() ?? '';
    return all.find(({ panel }) => panel.active) ?? this.pages.get(active) ?? all.at(-1);
  }

  private drive(message: ToScenarioPage): void {
    const page = this.current;
    if (page) void page.panel.webview.postMessage(message);
    else
      void vscode.window.showInformationMessage(
        vscode.l10n.t('No scenario is shown. Open a file of scenarios (.gmem) and choose "Run Scenario in the Memory Model".'),
      );
  }

  private adopt(panel: vscode.WebviewPanel, uri: vscode.Uri, opened = Date.now(), line = 0, designs?: Designs): void {
    const folder = vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview');
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(this.extensionUri, 'media', `tab-${theme}.svg`);
    const page: Page = {
      panel,
      uri,
      opened,
      isReady: false,
      line,
      designs,
      at: undefined,
      frames: undefined,
      problems: [],
      painted: { page: undefined, memory: undefined },
      given: -1,
      exported: undefined,
      timer: undefined,
      changed: 0,
    };
    this.pages.set(uri.toString(), page);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    panel.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const known = fromScenarioPage(message);
      if (known) void this.take(page, known);
    });
    panel.onDidDispose(() => {
      clearTimeout(page.timer);
      this.pages.delete(uri.toString());
      this.line.clear();
      this.setContext();
    });
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    const text = document?.getText();
    const isShort = document !== undefined && text !== undefined && text.length <= LONGEST_GIVEN;
    page.given = isShort ? document.version : -1;
    const load = isShort ? loadOf(uri, text, line, designs) : undefined;
    panel.webview.html = scenarioHtml(panel.webview, folder, nameOf(uri), load);
    this.setContext();
  }

  private setContext(): void {
    void vscode.commands.executeCommand('setContext', 'folioscope.playing', this.pages.size > 0);
  }

  private async send(page: Page): Promise<void> {
    if (!page.isReady) return;
    const { line, designs, uri } = page;
    let text: string;
    try {
      text = (await vscode.workspace.openTextDocument(uri)).getText();
    } catch {
      text = '';
      const name = nameOf(uri);
      void vscode.window.showErrorMessage(
        vscode.l10n.t('{0} cannot be opened. Its scenarios are not shown. Close the page, or bring the file back.', name),
      );
    }
    page.line = 0;
    page.designs = undefined;
    void page.panel.webview.postMessage(loadOf(uri, text, line, designs));
  }

  private async take(page: Page, message: FromScenarioPage): Promise<void> {
    switch (message.kind) {
      case 'ready':
        page.isReady = true;
        if (message.taken && page.given === versionOf(page.uri)) {
          page.line = 0;
          page.designs = undefined;
          return;
        }
        return this.send(page);
      case 'painted':
        page.painted = {
          ...page.painted,
          [message.what]: { fromCommand: sinceCommand(message.at, page.opened), ofPage: Math.round(message.after) },
        };
        return;
      case 'at':
        page.at = message;
        return this.mark(page, message.line);
      case 'frames':
        page.frames = message;
        return;
      case 'problems':
        page.problems = message.lines;
        return;
      case 'reveal':
        return this.line.show(page.uri, message.line, page.panel.viewColumn, { focus: true });
      case 'export':
        page.exported = message;
        return saveExport(page.uri, message.format, message.content, message.base64);
    }
  }

  /** Marks the line in the editor where it is open; nobody wants an editor to come up at each step. */
  private async mark(page: Page, line: number): Promise<void> {
    const isOpen = vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === page.uri.toString());
    if (line === 0) this.line.clear();
    else if (isOpen) await this.line.show(page.uri, line, page.panel.viewColumn, { focus: false });
  }

  private textChanged(document: vscode.TextDocument): void {
    const page = this.pages.get(document.uri.toString());
    if (!page) return;
    page.changed = Date.now();
    clearTimeout(page.timer);
    page.timer = setTimeout(() => void this.send(page), SETTLED_MS);
  }

  private selectionChanged({ textEditor, selections, kind }: vscode.TextEditorSelectionChangeEvent): void {
    const page = this.pages.get(textEditor.document.uri.toString());
    const [selection] = selections;
    if (!page || !selection || Date.now() - page.changed < TYPING_MS) return;
    const { Keyboard, Mouse } = vscode.TextEditorSelectionChangeKind;
    if (kind === Keyboard || kind === Mouse) void page.panel.webview.postMessage({ kind: 'line', line: selection.active.line + 1 });
  }
}

type Load = Extract<ToScenarioPage, { kind: 'load' }>;

const loadOf = (uri: vscode.Uri, text: string, line: number, designs: Designs | undefined): Load => ({
  kind: 'load',
  uri: uri.toString(),
  file: nameOf(uri),
  text,
  line,
  ...(designs ? { designs } : {}),
});

const versionOf = (uri: vscode.Uri): number | undefined =>
  vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString())?.version;

/** The page's clock is another machine's where VS Code runs remotely: then the arrival of its message is what is known. */
function sinceCommand(at: number, opened: number): number {
  const now = Date.now();
  return Math.round((at >= opened && at <= now + 50 ? at : now) - opened);
}

const nameOf = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);
const titleOf = (uri: vscode.Uri): string => vscode.l10n.t('Model: {0}', nameOf(uri));

const languageOf = (uri: vscode.Uri): string =>
  vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString())?.languageId ??
  (uri.path.endsWith('.gmem') ? 'gmem' : '');

/** The document that a page was about before the window was reloaded. */
function uriOf(state: unknown): vscode.Uri | undefined {
  if (typeof state !== 'object' || state === null || !('uri' in state) || typeof state.uri !== 'string') return undefined;
  return state.uri === '' ? undefined : vscode.Uri.parse(state.uri);
}
