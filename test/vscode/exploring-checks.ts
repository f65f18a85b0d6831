/** The checks of explorations: verdict, marks, rows, what can be done with a finding, and how long it stays. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { type Explored, ExploredList } from '../../src/extension/explored-list';
import type { FolioscopeApi } from '../../src/extension/main';
import type { ExploredFinding } from '../../src/protocol/exploration';
import type { SeriesView } from '../../src/protocol/series-view';
import { closeEditors, eventually, findingsIn, hoverAt, pause, screenshot, worktreeFile } from './workbench';

/** Explores a function in all states and sees that everything that was found is shown at its place. */
export async function checkExploration(series: SeriesView, file: string, name: string): Promise<Explored> {
  const uri = worktreeFile(series, file);
  await vscode.window.showTextDocument(uri);
  const explored = await vscode.commands.executeCommand<Explored | undefined>('folioscope.exploreFailures', uri.toString(), name, 'all');
  assert.ok(explored, `${name} was not explored`);
  const { report } = explored;
  console.log(`${name}: ${report.verdict}, ${report.findings.length} findings, ${report.paths} paths`);
  assert.equal(report.function, name);
  assert.ok(report.bounds.length > 20, 'a verdict without bounds');
  for (const finding of report.findings) checkMark(worktreeFile(series, finding.file), finding);
  return explored;
}

function checkMark(uri: vscode.Uri, finding: ExploredFinding): void {
  const marks = findingsIn(uri).filter((one) => one.code === finding.kind && one.range.start.line === finding.line - 1);
  assert.equal(marks.length, 1, `${finding.kind} at ${finding.file}:${finding.line} has ${marks.length} marks`);
  const [mark] = marks;
  const warns = finding.kind === 'warn-on' || finding.kind.startsWith('leak-');
  assert.equal(mark!.severity, warns ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Error);
  assert.equal((mark!.relatedInformation?.length ?? 0) > 0, finding.trace.length > 0, 'the steps of the witness are not told');
}

/** The rows of a verdict in the Simulation view: its bounds, its findings, the steps of each witness. */
export async function checkRows(api: FolioscopeApi, explored: Explored, picture: string): Promise<void> {
  const { simulation } = api.views;
  const [part] = (await simulation.getChildren()) ?? [];
  assert.ok(part?.kind === 'part' && part.part === 'explored', 'no section for explored functions');
  const functions = (await simulation.getChildren(part)) ?? [];
  const row = functions.find((one) => one.kind === 'explored' && one.explored.report.function === explored.report.function);
  assert.ok(row, 'the function has no row');
  const rows = (await simulation.getChildren(row)) ?? [];
  const verdict = await simulation.getTreeItem(rows[0]!);
  assert.equal(verdict.description, explored.report.bounds);
  const labels = await Promise.all(rows.map(async (one) => String((await simulation.getTreeItem(one)).label)));
  assert.doesNotMatch(labels.join('\n'), /\b(safe|proved|correct)\b/i);
  const findings = rows.filter((one) => one.kind === 'explored-finding');
  assert.equal(findings.length, explored.report.findings.length);
  for (const why of explored.report.because) assert.ok(labels.includes(why), `"${why}" is not shown`);
  for (const one of findings) {
    const steps = (await simulation.getChildren(one)) ?? [];
    assert.ok(one.kind === 'explored-finding' && steps.length === one.finding.trace.length, 'steps of the witness are missing');
    for (const step of steps) assert.equal((await simulation.getTreeItem(step)).command?.command, 'vscode.open');
  }
  await vscode.commands.executeCommand('folioscope.simulation.focus');
  await screenshot(picture);
}

/** Code lenses and quick fixes at a finding's line. */
export async function checkActions(series: SeriesView, finding: ExploredFinding): Promise<void> {
  const uri = worktreeFile(series, finding.file);
  const document = await vscode.workspace.openTextDocument(uri);
  const line = finding.line - 1;
  const wanted = ['folioscope.finding.replay', 'folioscope.finding.remark', 'folioscope.finding.clear'];
  await eventually('the code lenses of the finding', async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    const here = lenses.filter((lens) => lens.range.start.line === line).map((lens) => lens.command?.command);
    return wanted.every((command) => here.includes(command));
  });
  const range = document.lineAt(line).range;
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, range);
  for (const command of wanted)
    assert.ok(
      actions.some((action) => action.command?.command === command),
      `no quick fix ${command}`,
    );
}

/** The witness runs in the page and stands at the finding. */
export async function checkReplay(api: FolioscopeApi, explored: Explored, finding: ExploredFinding, picture: string): Promise<void> {
  await vscode.commands.executeCommand('folioscope.finding.replay', { explored, finding });
  const at = await eventually(
    `${finding.kind} in the page`,
    () => {
      const { lastAt } = api.simulator;
      return lastAt?.findings?.shown.some((one) => one.kind === finding.kind && one.line === finding.line) && lastAt;
    },
    120_000,
  );
  assert.equal(at.findings?.shown.find((one) => one.kind === finding.kind)?.step, finding.step, 'the finding is met at another step');
  await screenshot(picture);
  const back = await eventually('a step back', async () => {
    await vscode.commands.executeCommand('folioscope.simulator.stepBack');
    const now = api.simulator.lastAt;
    return now && now.step < at.step && now;
  });
  assert.ok(back.step < at.step, 'the run cannot be stepped back from its finding');
}

/** The draft of a remark: in the reply's width, with the witness, ready to be edited. */
export async function checkDraft(explored: Explored, finding: ExploredFinding, picture: string): Promise<void> {
  await closeEditors();
  await vscode.commands.executeCommand('folioscope.finding.remark', { explored, finding });
  const editor = await eventually('the file of the finding', () => {
    const { activeTextEditor } = vscode.window;
    return activeTextEditor?.document.uri.path.endsWith(finding.file) && activeTextEditor;
  });
  assert.equal(editor.selection.active.line, finding.line - 1);
  await screenshot(picture);
}

/** Another text of a file drops what was said of it; the same text after a reload of the window does not. */
export async function checkStaying(series: SeriesView, explored: Explored): Promise<void> {
  const kept = new Map<string, unknown>();
  const memento: vscode.Memento = {
    keys: () => [...kept.keys()],
    get: (key: string, otherwise?: unknown) => kept.get(key) ?? otherwise,
    update: (key: string, value: unknown) => {
      kept.set(key, JSON.parse(JSON.stringify(value)));
      return Promise.resolve();
    },
  } as vscode.Memento;
  const before = new ExploredList(memento);
  await before.add(explored.tree, explored.report);
  before.dispose();
  const after = new ExploredList(memento);
  try {
    await after.restore();
    assert.deepEqual(
      after.all.map((one) => one.report),
      [explored.report],
    );
    const document = await vscode.workspace.openTextDocument(worktreeFile(series, explored.report.file));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '\n');
    await vscode.workspace.applyEdit(edit);
    await eventually('the findings to be dropped', () => after.all.length === 0);
    assert.equal(findingsIn(document.uri).length, 0, 'marks of another text are shown');
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  } finally {
    after.dispose();
  }
}

/** What the list says about lines of a patch stands at those lines, in its sides and in the worktree, and in hovers. */
export async function checkListReplies(api: FolioscopeApi, series: SeriesView, number: number, picture: string): Promise<void> {
  await closeEditors();
  const patch = series.patches[number - 1]!;
  await vscode.commands.executeCommand('folioscope.openPatch', { kind: 'patch', series, patch });
  const query = (side: 'new' | 'old'): string => JSON.stringify({ worktree: series.worktree, commit: patch.commit, patch: number, side });
  const right = (file: string): vscode.Uri => vscode.Uri.from({ scheme: 'folioscope-commit', path: `/${file}`, query: query('new') });
  const placed = await eventually('replies in the patch', async () => {
    for (const file of patch.files) await vscode.workspace.openTextDocument(right(file.path));
    const found = patch.files.flatMap((file) => api.replies.placedIn(right(file.path)).map((one) => ({ ...one, uri: right(file.path) })));
    return found.length > 0 && found;
  });
  for (const { reply, uri, line } of placed) {
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.lineAt(line).text.replace(/\s+/g, ''), reply.quoted.replace(/\s+/g, ''), 'a reply stands at another line');
    const hover = await hoverAt(uri, new vscode.Position(line, 1));
    const word = reply.says.split(/\W+/).find((one) => one.length > 4) ?? '';
    assert.ok(hover.includes(word), `the hover has not what was said: ${hover}`);
  }
  console.log(`patch ${number}: ${placed.length} replies at lines`);
  await screenshot(picture);
}

/** A state written as text: marked where it is wrong, run where it is right. */
export async function checkStateText(api: FolioscopeApi, series: SeriesView, file: string, name: string, picture: string): Promise<void> {
  await closeEditors();
  let pictured = false;
  // The picker stands open until the last of its rows is taken.
  const asked = vscode.commands.executeCommand('folioscope.simulateFunction', worktreeFile(series, file).toString(), name);
  await eventually('the picker of states', async () => {
    await pause(300);
    await vscode.commands.executeCommand('workbench.action.quickOpenSelectPrevious');
    if (!pictured) await screenshot(`${picture}-picker`);
    pictured = true;
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return vscode.window.activeTextEditor?.document.languageId === 'folioscope-state';
  });
  await asked;
  const document = await eventually('the text of a state', () => {
    const found = vscode.window.activeTextEditor?.document;
    return found?.languageId === 'folioscope-state' && found;
  });
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
  assert.deepEqual(
    lenses.map((lens) => lens.command?.command),
    ['folioscope.state.simulate', 'folioscope.state.explore'],
  );
  const write = async (text: string): Promise<void> => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
  };
  await write('order 2\nfolios halved\n');
  const [wrong] = await eventually('a mark at the wrong word', () => {
    const marks = vscode.languages.getDiagnostics(document.uri);
    return marks.length > 0 && marks;
  });
  assert.equal(wrong!.range.start.line, 1);
  await screenshot(`${picture}-wrong`);
  await write('order 2\nfolios split\nfaultable all\n');
  await eventually('no mark', () => vscode.languages.getDiagnostics(document.uri).length === 0);
  await vscode.commands.executeCommand('folioscope.state.simulate', document.uri);
  await eventually(`${name} at its entry`, () => api.simulator.lastAt?.place.function === name && api.simulator.lastAt.place.file === file);
  await screenshot(picture);
}
