/** The checks that hold for any opened series, the demo's and a real one. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FolioscopeApi } from '../../src/extension/main';
import type { SeriesView } from '../../src/protocol/series-view';
import { closeEditors, eventually, hoverAt, lensesOf, marksIn, openedPatch, screenshot, sidesOf, tabs, worktreeFile } from './workbench';

/** The Series view shows the series with every patch, its files and replies. */
export async function checkSeriesView(api: FolioscopeApi, series: SeriesView): Promise<void> {
  const { series: tree } = api.views;
  const rows = (await tree.getChildren()) ?? [];
  const row = rows.find((node) => node.kind === 'series' && node.series.worktree === series.worktree);
  assert.ok(row, 'the series is not in the view');
  const children = (await tree.getChildren(row)) ?? [];
  const patches = children.filter((node) => node.kind === 'patch');
  assert.equal(patches.length, series.patches.length);
  assert.equal(children.filter((node) => node.kind === 'cover').length, series.cover ? 1 : 0);
  for (const node of patches) {
    const item = await tree.getTreeItem(node);
    assert.ok(String(item.label).endsWith(node.patch.title), `the label ${String(item.label)} has not the title`);
    assert.ok(item.accessibilityInformation?.label.includes(node.patch.title), 'no label for a screen reader');
    const below = (await tree.getChildren(node)) ?? [];
    assert.deepEqual(
      below.filter((one) => one.kind === 'file').map((one) => one.file.path),
      node.patch.files.map((file) => file.path),
    );
    assert.ok(node.patch.replies.length === 0 || below.some((one) => one.kind === 'reply'), `patch ${node.patch.number} shows no reply`);
  }
}

/** A patch opens with all its files, and its sides are the commits: what it adds is on the right and not on the left. */
export async function checkPatch(series: SeriesView, number: number, picture: string): Promise<void> {
  await closeEditors();
  const patch = series.patches[number - 1]!;
  const tab = await openedPatch(series, patch);
  assert.ok(tab.label.includes(patch.title));
  for (const file of patch.files.filter((one) => one.status === 'modified')) {
    const { left, right } = await sidesOf(series, patch, file.path);
    assert.equal(
      right.split('\n').length - left.split('\n').length,
      file.additions - file.deletions,
      `${file.path}: other lines than the patch says`,
    );
    assert.notEqual(left, right);
  }
  await screenshot(picture);
}

/** Mails open read-only, in their own language. */
export async function checkMail(series: SeriesView, picture: string): Promise<void> {
  await closeEditors();
  await vscode.commands.executeCommand('folioscope.showCover', { kind: 'series', series });
  const editor = await eventually('the cover letter', () => {
    const { activeTextEditor } = vscode.window;
    return activeTextEditor?.document.uri.scheme === 'folioscope-mail' && activeTextEditor;
  });
  assert.equal(editor.document.languageId, 'folioscope-mail');
  assert.ok(editor.document.getText().includes(series.title), 'the cover letter has not the title of its series');
  assert.equal(vscode.workspace.fs.isWritableFileSystem('folioscope-mail'), false);
  await screenshot(picture);
}

/** Every place of the Assumptions view is marked in its file, with a code, and has a hover. Gives the number of places. */
export async function checkAssumptions(api: FolioscopeApi, series: SeriesView, file: string, picture: string): Promise<number> {
  await closeEditors();
  const uri = worktreeFile(series, file);
  await vscode.window.showTextDocument(uri);
  const marks = await eventually(`marks in ${file}`, () => {
    const seen = marksIn(uri);
    return seen.length > 0 && seen;
  });
  for (const mark of marks) assert.ok(mark.code !== undefined, `a mark without a code at line ${mark.range.start.line + 1}`);
  const [first] = marks;
  const hover = await hoverAt(uri, first!.range.start);
  assert.ok(hover.length > 40, `the hover says too little: ${hover}`);
  if (series.worktree !== vscode.workspace.workspaceFolders?.[0]?.uri.fsPath) return marks.length;

  const { assumptions } = api.views;
  const groups = (await assumptions.getChildren()) ?? [];
  assert.ok(groups.length > 0, 'the Assumptions view is empty');
  const lines = new Set<number>();
  const visit = async (nodes: typeof groups): Promise<void> => {
    for (const node of nodes) {
      if (node.kind === 'site' && node.site.file === file) lines.add(node.site.line);
      if (node.kind === 'group') await visit((await assumptions.getChildren(node)) ?? []);
    }
  };
  await visit(groups);
  assert.deepEqual(
    [...lines].sort((a, b) => a - b),
    [...new Set(marks.map((mark) => mark.range.start.line + 1))].sort((a, b) => a - b),
  );
  vscode.window.activeTextEditor?.revealRange(first!.range, vscode.TextEditorRevealType.InCenter);
  await vscode.commands.executeCommand('folioscope.assumptions.focus');
  await screenshot(picture);
  return marks.length;
}

/** A function runs in the page: steps, steps back to where it was, and runs to its end; the editor follows. */
export async function checkSimulation(api: FolioscopeApi, series: SeriesView, file: string, name: string, picture: string): Promise<void> {
  await closeEditors();
  const uri = worktreeFile(series, file);
  const lens = (await lensesOf(uri)).find((one) => one.name === name);
  assert.ok(lens, `${name} has no code lens in ${file}`);
  await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
  await vscode.commands.executeCommand('folioscope.simulateFunction', uri.toString(), name, 'whole');
  const { simulator } = api;
  const entry = await eventually(`${name} at its entry`, () => simulator.lastAt?.place.function === name && simulator.lastAt, 120_000);
  assert.ok(
    tabs().some((tab) => tab.input instanceof vscode.TabInputWebview),
    'no page is open',
  );
  assert.equal(entry.place.file, file);

  const afterCommand = async (command: string, what: string): Promise<NonNullable<typeof simulator.lastAt>> => {
    const before = simulator.lastAt;
    await vscode.commands.executeCommand(`folioscope.simulator.${command}`);
    return eventually(what, () => simulator.lastAt !== before && simulator.lastAt, 120_000);
  };
  const first = await afterCommand('step', 'a step');
  assert.ok(first.step > entry.step, `a step went from ${entry.step} to ${first.step}`);
  const second = await afterCommand('step', 'a second step');
  assert.ok(second.step > first.step);
  const back = await afterCommand('stepBack', 'a step back');
  assert.deepEqual([back.step, back.place], [first.step, first.place]);
  assert.deepEqual(back.stack, first.stack);
  const { simulation } = api.views;
  const [stack] = (await simulation.getChildren()) ?? [];
  assert.ok(stack, 'the Simulation view is empty');
  assert.equal(((await simulation.getChildren(stack)) ?? []).length, back.stack?.length ?? 0);
  await eventually('the editor at the line of the run', () =>
    vscode.window.visibleTextEditors.some((editor) => editor.document.uri.path.endsWith(back.place.file)),
  );

  const end = await afterCommand('run', 'the end of the run');
  assert.match(end.status, /^(returned|stopped|undecided)/, end.status);
  console.log(`${name}: ${end.status} at step ${end.step}`);
  const shown = vscode.languages
    .getDiagnostics()
    .flatMap(([, list]) => list)
    .filter((diagnostic) => diagnostic.source === 'folioscope simulation');
  assert.equal(shown.length, end.findings?.shown.length ?? 0, 'the findings are not in the Problems view');
  await screenshot(picture);
}

/** A remark written on a line of a patch is in the reply to it, under the line that it quotes. */
export async function checkReply(series: SeriesView, number: number, picture: string): Promise<void> {
  await closeEditors();
  const patch = series.patches[number - 1]!;
  const file = patch.files.find((one) => one.status === 'modified' && one.additions > 0)!;
  const { left, right } = await sidesOf(series, patch, file.path);
  const old = new Set(left.split('\n'));
  const line = right.split('\n').findIndex((text) => text.trim().length > 12 && !old.has(text));
  assert.ok(line >= 0, 'the patch adds no line of its own');
  const query = JSON.stringify({ worktree: series.worktree, commit: patch.commit, patch: patch.number, side: 'new' });
  const uri = vscode.Uri.from({ scheme: 'folioscope-commit', path: `/${file.path}`, query });
  const text = `Is this still right for a folio of order 18? (${series.patches.length})`;
  // The box that a reviewer writes into is a thread of VS Code; here it is made by the suite.
  const box = vscode.comments.createCommentController('suite', 'suite');
  try {
    const thread = box.createCommentThread(uri, new vscode.Range(line, 0, line, 0), []);
    const saved = await vscode.commands.executeCommand<{ readonly id: string; readonly patch: number }>('folioscope.remark.add', {
      thread,
      text,
    });
    assert.notEqual(saved.id, '');
    assert.equal(saved.patch, number);
  } finally {
    box.dispose();
  }
  await vscode.commands.executeCommand('folioscope.previewReply', { kind: 'patch', series, patch });
  const reply = await eventually('the reply', () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === 'folioscope-mail' && document.getText().includes(text) && document.getText();
  });
  const quoted = `> +${right.split('\n')[line]!}`;
  assert.ok(reply.includes(quoted), `the line is not quoted: ${quoted}\n${reply}`);
  assert.ok(reply.indexOf(quoted) < reply.indexOf(text), 'the remark does not stand below its line');
  assert.match(reply, new RegExp(`^In-Reply-To: <${patch.id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}>`, 'm'));
  assert.match(reply, /^Subject: Re: /m);
  await screenshot(picture);
}
