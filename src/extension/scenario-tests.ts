/** Scenarios in VS Code's Test Explorer: a test a scenario, a child a design, a child a step. */
import * as vscode from 'vscode';
import type { Engine } from './engine';
import { type Example, examplesIn } from './gmem-examples';
import type { OpenedList } from './opened-list';
import { GMEM, ScenarioFiles } from './scenario-tests-files';
import { subjectOf } from './scenario-tests-items';
import { fileOf, runTests, type ToldState } from './scenario-tests-run';

/** What the last run told of each row, by the ids from the file on. */
export type ToldStates = ReadonlyMap<string, ToldState>;

/** A line of a document, from 1. */
interface LinePlace {
  readonly uri: vscode.Uri;
  readonly line: number;
}

export class ScenarioTests implements vscode.Disposable {
  private readonly controller = vscode.tests.createTestController('folioscope.scenarios', vscode.l10n.t('Folioscope Scenarios'));
  private readonly files: ScenarioFiles;
  private readonly profile: vscode.TestRunProfile;
  private readonly onC: vscode.TestRunProfile;
  private states = new Map<string, ToldState>();

  constructor(
    private readonly engine: Engine,
    private readonly extension: vscode.Uri,
    private readonly list: OpenedList,
  ) {
    this.files = new ScenarioFiles(this.controller, engine);
    this.profile = this.controller.createRunProfile(
      vscode.l10n.t('Run on the Model'),
      vscode.TestRunProfileKind.Run,
      (request, token) => (request.continuous === true ? this.follow(request, token) : this.run(request, token)),
      true,
      undefined,
      true,
    );
    this.onC = this.controller.createRunProfile(
      vscode.l10n.t('Run on the C of the Series'),
      vscode.TestRunProfileKind.Run,
      (request, token) => this.runOnC(request, token),
    );
  }

  get items(): vscode.TestItemCollection {
    return this.controller.items;
  }

  get onDidRead(): vscode.Event<vscode.TestItem> {
    return this.files.onDidRead;
  }

  get told(): ToldStates {
    return this.states;
  }

  dispose(): void {
    this.profile.dispose();
    this.onC.dispose();
    this.files.dispose();
    this.controller.dispose();
  }

  /**
   * Runs the scenario that opens in a line, or the step in it; where neither is, the scenario around it.
   *
   * @param designs the designs that are run; all of the scenario where it is left out
   */
  async runAt(place: LinePlace | undefined, designs?: readonly string[]): Promise<void> {
    const found = place && (await this.scenarioAt(place));
    if (place === undefined || found === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No scenario is here. Put the cursor into one.'));
      return;
    }
    const rows: vscode.TestItem[] = [];
    found.children.forEach((design) => {
      if (designs !== undefined && !designs.includes(design.id)) return;
      const step = stepAt(design, place.line);
      rows.push(step ?? design);
    });
    // One that cannot be read has no designs, and says why itself.
    const include = rows.length === 0 || (designs === undefined && rows.every((row) => row.parent === found)) ? [found] : rows;
    await this.run(new vscode.TestRunRequest(include, undefined, this.profile), new vscode.CancellationTokenSource().token);
  }

  /** Runs the scenario around a line on the C of the series whose worktree is open, beside what design A does. */
  async runOnCAt(place: LinePlace | undefined): Promise<void> {
    const found = place && (await this.scenarioAt(place));
    if (found === undefined) return this.runAt(undefined);
    await this.runOnC(new vscode.TestRunRequest([found], undefined, this.onC), new vscode.CancellationTokenSource().token);
  }

  /** Asks on which designs the scenario at a line is run. */
  async runOn(place: LinePlace | undefined): Promise<void> {
    const found = place && (await this.scenarioAt(place));
    if (found === undefined) return this.runAt(undefined);
    const rows: (vscode.QuickPickItem & { readonly id: string })[] = [];
    found.children.forEach(({ id, label, description }) => rows.push({ id, label, ...(description === undefined ? {} : { description }) }));
    const chosen = await vscode.window.showQuickPick(rows, {
      title: found.label,
      placeHolder: vscode.l10n.t('Run on which designs?'),
      canPickMany: true,
      matchOnDescription: true,
    });
    if (chosen === undefined || chosen.length === 0) return;
    const designs = chosen.map(({ id }) => id);
    await this.runAt(place, designs);
  }

  /** Lists the examples among the tests, and opens the one that is named or picked. */
  async openExamples(name?: string): Promise<void> {
    const examples = await examplesIn(this.extension);
    for (const { uri } of examples) this.files.add(uri);
    const given = name === undefined ? undefined : examples.find((each) => each.name === name);
    const chosen = given ?? (await pickedExample(examples));
    if (chosen !== undefined) await vscode.window.showTextDocument(chosen.uri, { preview: true });
  }

  private async scenarioAt({ uri, line }: LinePlace): Promise<vscode.TestItem | undefined> {
    const file = this.files.add(uri);
    await this.files.read(file);
    let found: vscode.TestItem | undefined;
    file.children.forEach((item) => {
      const subject = subjectOf(item);
      if (subject?.kind === 'scenario' && subject.scenario.span.line <= line && line <= subject.scenario.lastLine) found = item;
    });
    return found;
  }

  private run(request: vscode.TestRunRequest, token: vscode.CancellationToken, tree?: string): Promise<void> {
    const states = new Map<string, ToldState>();
    this.states = states;
    const told = (item: vscode.TestItem, state: ToldState): void => void states.set(pathOf(item), state);
    const { controller: tests, files, engine } = this;
    return runTests({ tests, files, engine, request, token, told, ...(tree === undefined ? {} : { tree }) });
  }

  private async runOnC(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    await this.list.ready();
    const tree = this.list.current?.worktree;
    if (tree !== undefined) return this.run(request, token, tree);
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Scenarios run on the C of the series whose worktree is open, and none is. Use "Folioscope: Open Worktree…" first.'),
    );
  }

  /** Runs what is asked for again each time that its text changes. */
  private follow(request: vscode.TestRunRequest, token: vscode.CancellationToken): void {
    let last = new vscode.CancellationTokenSource();
    const changes = this.files.onDidChange((file) => {
      const include = request.include === undefined ? [file] : request.include.filter((item) => fileOf(item) === file);
      if (include.length === 0) return;
      last.cancel();
      last = new vscode.CancellationTokenSource();
      void this.run(new vscode.TestRunRequest(include, request.exclude, this.profile, true), last.token);
    });
    token.onCancellationRequested(() => {
      last.cancel();
      changes.dispose();
    });
  }
}

export function pathOf(item: vscode.TestItem): string {
  return item.parent === undefined ? item.id : `${pathOf(item.parent)} › ${item.id}`;
}

function stepAt(design: vscode.TestItem, line: number): vscode.TestItem | undefined {
  let found: vscode.TestItem | undefined;
  design.children.forEach((item) => {
    const subject = subjectOf(item);
    if (subject?.kind === 'step' && subject.step.span.line === line) found = item;
  });
  return found;
}

async function pickedExample(examples: readonly Example[]): Promise<Example | undefined> {
  const rows = examples.map((example) => ({ label: example.name.replace(/\.gmem$/, ''), detail: example.about, example }));
  const title = vscode.l10n.t('Example scenarios');
  return (await vscode.window.showQuickPick(rows, { title, placeHolder: vscode.l10n.t('Which one?'), matchOnDetail: true }))?.example;
}

/** The document and line that a code lens or a menu gives, else those of the cursor. */
export function placeGiven(uri?: string | vscode.Uri, line?: number): LinePlace | undefined {
  const editor = vscode.window.activeTextEditor;
  const given = typeof uri === 'string' ? vscode.Uri.parse(uri) : uri;
  const isHere = editor !== undefined && (given === undefined || editor.document.uri.toString() === given.toString());
  const target = given ?? (editor?.document.languageId === GMEM ? editor.document.uri : undefined);
  if (target === undefined) return undefined;
  // A menu may hand something else to the command.
  return { uri: target, line: typeof line === 'number' ? line : isHere ? editor.selection.active.line + 1 : 1 };
}
