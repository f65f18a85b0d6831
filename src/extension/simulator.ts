/** The simulator: one page that runs one function of a worktree, with the editor, the findings and the view that follow it. */
import * as vscode from 'vscode';
import type { FromPage, ToPage } from '../protocol/page';
import { programOf } from '../protocol/requests';
import type { RunFinding, Scenario, SimulationSetup } from '../protocol/simulation';
import { defaultScenario } from '../scenario/defaults';
import { type Engine, failed } from './engine';
import { followLine } from './followed-line';
import { fromPage, isInTree } from './page-messages';
import { tell } from './refusal-message';
import { simulatorHtml } from './simulator-html';
import { isWarning } from './verdict-words';

export type At = FromPage & { readonly kind: 'at' };

/** What is simulated. */
export interface Subject {
  /** Absolute path of the worktree. */
  readonly tree: string;
  readonly function: string;
  /** Relative to the tree, to tell functions of the same name apart. */
  readonly file?: string;
}

/** How a run begins and goes, where it is not as the last one of its function. */
export interface RunGiven {
  readonly scenario: Scenario;
  readonly fail: number;
  readonly then?: readonly string[];
  readonly choices?: readonly number[];
}

/** What is kept of a simulation over a reload of the window. */
interface KeptRun {
  readonly subject: Subject;
  readonly given?: RunGiven;
}

const SIMULATOR_VIEW = 'folioscope.simulator';
const RUN_KEY = 'folioscope.run';
const SCENARIOS_KEY = 'folioscope.scenarios';

/** What stays of a function's last scenario. */
interface KeptScenario {
  readonly scenario: Scenario;
  readonly fail: number;
}

export class Simulator implements vscode.Disposable {
  /** The last stop, or undefined where nothing is simulated. */
  lastAt: At | undefined;
  subject: Subject | undefined;
  private panel: vscode.WebviewPanel | undefined;
  private pageReady = false;
  private setup: SimulationSetup | undefined;
  private goTo: number | undefined;
  private problem: string | undefined;
  private readonly stopped = new vscode.EventEmitter<At | undefined>();
  /** Fires at each stop, and with undefined when the page is closed. */
  readonly onDidStop = this.stopped.event;
  private readonly line = followLine();
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('folioscope simulation');
  private readonly serializer: vscode.Disposable;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly engine: Engine,
  ) {
    this.serializer = vscode.window.registerWebviewPanelSerializer(SIMULATOR_VIEW, {
      deserializeWebviewPanel: async (panel) => {
        const kept = context.workspaceState.get<KeptRun>(RUN_KEY);
        if (!kept) return panel.dispose();
        this.adopt(panel);
        await this.load(kept.subject, kept.given);
      },
    });
  }

  /**
   * Shows the page with a function; the run begins at its entry.
   *
   * @param given as the last one of the function where it is left out
   * @param goTo step that the page goes to first, as far as the run has it
   */
  async simulate(subject: Subject, given?: RunGiven, goTo?: number): Promise<void> {
    if (this.panel) {
      this.panel.reveal(undefined, true);
    } else {
      const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      // Going back to a step of a 1G run takes seconds: the page is kept while another tab covers it.
      this.adopt(vscode.window.createWebviewPanel(SIMULATOR_VIEW, titleOf(subject), beside, { retainContextWhenHidden: true }));
    }
    await this.load(subject, given, goTo);
  }

  /** The scenario that a function was simulated in before. */
  lastScenario(name: string): Scenario | undefined {
    return this.keptScenarios()[name]?.scenario;
  }

  /** Drives the page from the editor. */
  command(command: 'step' | 'step-back' | 'run' | 'restart'): void {
    if (this.panel && this.setup) this.post({ kind: 'command', command });
    else
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Nothing is simulated. Press "Simulate function" above a function of the worktree.'),
      );
  }

  /** Shows a line of the tree that is simulated. */
  async reveal(file: string, line: number, focus: boolean): Promise<void> {
    if (!this.subject || !isInTree(file)) return;
    const uri = vscode.Uri.joinPath(vscode.Uri.file(this.subject.tree), file);
    try {
      await this.line.show(uri, line, this.panel?.viewColumn, { focus });
    } catch {
      const text = vscode.l10n.t('{0} is not in the worktree: its line {1} cannot be shown.', file, line);
      void vscode.window.setStatusBarMessage(text, SHORT_MS);
    }
  }

  dispose(): void {
    // The page stays: VS Code gives it back after a reload of the window.
    for (const one of [this.serializer, this.line, this.diagnostics, this.stopped]) one.dispose();
  }

  private adopt(panel: vscode.WebviewPanel): void {
    const folder = vscode.Uri.joinPath(this.context.extensionUri, 'dist', 'webview');
    this.panel = panel;
    this.pageReady = false;
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(this.context.extensionUri, 'media', `tab-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    panel.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const known = fromPage(message);
      if (known) this.take(known);
    });
    panel.onDidDispose(() => this.closed());
    panel.webview.html = simulatorHtml(panel.webview, folder, 'Folioscope');
    void vscode.commands.executeCommand('setContext', 'folioscope.simulating', true);
  }

  private async load(subject: Subject, given?: RunGiven, goTo?: number): Promise<void> {
    this.subject = subject;
    this.setup = undefined;
    this.problem = undefined;
    this.lastAt = undefined;
    this.diagnostics.clear();
    if (this.panel) this.panel.title = titleOf(subject);
    const keptRun: KeptRun = { subject, ...(given ? { given } : {}) };
    await this.context.workspaceState.update(RUN_KEY, keptRun);
    const title = vscode.l10n.t('Reading {0}()', subject.function);
    const outcome = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_, token) =>
        this.engine
          .ask(
            programOf,
            { tree: subject.tree, function: subject.function, ...(subject.file === undefined ? {} : { file: subject.file }) },
            token,
          )
          .catch((error: unknown) => (token.isCancellationRequested ? ({ kind: 'cancelled' } as const) : failed(error))),
    );
    // Another function was asked for, or the page was closed, while this one was read.
    if (this.subject !== subject || !this.panel) return;
    if (outcome.kind === 'done') {
      const kept = this.keptScenarios()[subject.function];
      const run = given ?? { scenario: kept?.scenario ?? newScenario(), fail: kept?.fail ?? 0 };
      this.setup = {
        program: outcome.value,
        function: subject.function,
        scenario: run.scenario,
        fail: run.fail,
        ...(run.then && run.then.length > 0 ? { then: run.then } : {}),
        ...(run.choices && run.choices.length > 0 ? { choices: run.choices } : {}),
      };
      this.goTo = goTo;
    } else if (outcome.kind === 'refused') {
      this.problem = `${outcome.refusal.met} ${outcome.refusal.means} ${outcome.refusal.todo}`;
      tell(outcome.refusal);
    } else {
      this.problem = vscode.l10n.t('Reading {0}() was cancelled. Ask for the simulation again to go on.', subject.function);
    }
    this.send();
  }

  private send(): void {
    if (!this.pageReady || !this.subject) return;
    if (this.setup) {
      const { setup, goTo } = this;
      // A page that is made anew goes on where it was.
      this.goTo = undefined;
      this.post({ kind: 'load', version: 1, setup, tree: this.subject.tree, ...(goTo === undefined ? {} : { goTo }) });
    } else if (this.problem !== undefined) this.post({ kind: 'problem', text: this.problem });
  }

  private post(message: ToPage): void {
    void this.panel?.webview.postMessage(message);
  }

  private take(message: FromPage): void {
    switch (message.kind) {
      case 'ready':
        this.pageReady = true;
        this.send();
        break;
      case 'at':
        this.lastAt = message;
        this.showFindings(message.findings?.shown ?? []);
        this.stopped.fire(message);
        void this.reveal(message.place.file, message.place.line, false);
        break;
      case 'reveal':
        void this.reveal(message.file, message.line, true);
        break;
      case 'scenario':
        void this.keepScenario(message.scenario, message.fail);
        break;
      case 'problem':
        void vscode.window.showWarningMessage(message.text);
    }
  }

  private async keepScenario(scenario: Scenario, fail: number): Promise<void> {
    if (!this.subject) return;
    const all = this.keptScenarios();
    await this.context.workspaceState.update(SCENARIOS_KEY, { ...all, [this.subject.function]: { scenario, fail } });
  }

  private keptScenarios(): Readonly<Partial<Record<string, KeptScenario>>> {
    return this.context.workspaceState.get<Record<string, KeptScenario>>(SCENARIOS_KEY, {});
  }

  private showFindings(findings: readonly RunFinding[]): void {
    this.diagnostics.clear();
    if (!this.subject) return;
    const root = vscode.Uri.file(this.subject.tree);
    const byFile = new Map<string, vscode.Diagnostic[]>();
    for (const finding of findings) {
      if (!isInTree(finding.file)) continue;
      byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), diagnosticOf(finding, this.subject.function)]);
    }
    for (const [file, list] of byFile) this.diagnostics.set(vscode.Uri.joinPath(root, file), list);
  }

  private closed(): void {
    this.panel = undefined;
    this.pageReady = false;
    this.setup = undefined;
    this.subject = undefined;
    this.lastAt = undefined;
    this.line.clear();
    this.diagnostics.clear();
    this.stopped.fire(undefined);
    void vscode.commands.executeCommand('setContext', 'folioscope.simulating', false);
  }
}

const SHORT_MS = 5000;

const titleOf = (subject: Subject): string => vscode.l10n.t('Simulation: {0}', subject.function);

/** How memory looks in a simulation that nobody has set up yet. */
const newScenario = (): Scenario => ({ ...defaultScenario, order: simulationOrder() });

/** The order of huge pages in a new simulation. */
export const simulationOrder = (): number => vscode.workspace.getConfiguration('folioscope').get('simulation.order', 18);

function diagnosticOf(finding: RunFinding, simulated: string): vscode.Diagnostic {
  const line = Math.max(0, finding.line - 1);
  const { Error, Warning } = vscode.DiagnosticSeverity;
  const text = vscode.l10n.t('{0} (simulation of {1}, step {2})', finding.message, simulated, finding.step);
  const range = new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER);
  const diagnostic = new vscode.Diagnostic(range, text, isWarning(finding.kind) ? Warning : Error);
  diagnostic.source = 'folioscope simulation';
  diagnostic.code = finding.kind;
  return diagnostic;
}
