/** The commands of the manifest, one line each: what is asked for, from the argument of a view, a menu, a code lens or nothing. */
import * as vscode from 'vscode';
import type { FileChangeView, PatchView, SeriesView } from '../protocol/series-view';
import type { AssumptionsActions, SiteGiven } from './assumptions-actions';
import { type AssumptionsTree, groupingWords } from './assumptions-tree';
import { addressOf } from './commit-documents';
import type { Engine } from './engine';
import type { Explored, ExploredList, FoundHere } from './explored-list';
import { type Explorer, usualStates } from './explorer';
import { subjectOf } from './function-choice';
import { type MailDocuments, patchOfMail } from './mail-documents';
import { type OpenGiven, type Opening } from './open-commands';
import { fileUri, numberText, type OpenedList, patchesOf } from './opened-list';
import { showFile, showPatch, titleOf } from './patch-diff';
import { trustedOrTold } from './refusal-message';
import type { RemarkComment, RemarkThreads } from './remark-threads';
import type { SeriesNode } from './series-tree';
import { placeGiven, type ScenarioTests } from './scenario-tests';
import { type Simulator, simulationOrder, type Subject } from './simulator';
import { type Grouping, GROUPINGS, neighbour } from './site-groups';
import { chooseState, type StateGiven, stateNamed } from './state-choice';
import type { StateDocuments } from './state-documents';
import { linesText, nameOf } from './words';

interface Parts {
  readonly engine: Engine;
  readonly explored: ExploredList;
  readonly explorer: Explorer;
  readonly states: StateDocuments;
  readonly list: OpenedList;
  readonly opening: Opening;
  readonly mails: MailDocuments;
  readonly scenarioTests: ScenarioTests;
  readonly simulator: Simulator;
  readonly assumptions: AssumptionsTree;
  readonly actions: AssumptionsActions;
  readonly threads: RemarkThreads;
}

/** What a command of the Series view may be given: a row, or (by the suite and by other extensions) the number of a patch. */
type Given = SeriesNode | number | undefined;

export function registerCommands(parts: Parts): vscode.Disposable {
  const { list, opening, mails, simulator, assumptions, actions, threads, explorer, explored, states, scenarioTests } = parts;
  const commands: Readonly<Record<string, (...given: never[]) => unknown>> = {
    openSeries: (given?: OpenGiven) => opening.openSeries(isGiven(given) ? given : {}),
    openDemo: () => opening.openDemo(),
    getStarted: () => vscode.commands.executeCommand('workbench.action.openWalkthrough', 'folioscope.folioscope#start', false),
    openWorktree: async (given?: Given) => {
      const series = await seriesOf(list, given);
      if (series) await opening.openWorktree(series);
    },
    showCover: async (given?: Given) => {
      const series = await seriesOf(list, given);
      if (series?.cover) await mails.show({ kind: 'message', series: series.id, message: series.cover.id }, series.cover.subject);
      else if (series) void vscode.window.showInformationMessage(vscode.l10n.t('"{0}" has no cover letter.', series.title));
    },
    openPatch: async (given?: Given) => {
      if (!trustedOrTold(vscode.l10n.t('Showing a patch side by side'))) return;
      const chosen = await patchOf(list, given);
      if (!chosen) return;
      list.choose(chosen.series);
      if (chosen.patch.commit === '') {
        void vscode.window.showInformationMessage(
          vscode.l10n.t('Patch {0} has no commit: the base has its changes already. Its mail is shown instead.', chosen.patch.number),
        );
        await mails.show({ kind: 'message', series: chosen.series.id, message: chosen.patch.id }, chosen.patch.subject);
      } else await showPatch(list, chosen.series, chosen.patch);
    },
    openFileDiff: async (given?: SeriesNode) => {
      if (given?.kind === 'file' && trustedOrTold(vscode.l10n.t('Showing a patch side by side')))
        await showFile(list, given.series, given.patch, given.file);
    },
    openFile: (given?: SeriesNode | vscode.Uri) => openFile(list, given),
    openMessage: async (given?: SeriesNode) => {
      const message =
        given?.kind === 'cover'
          ? given.message
          : given?.kind === 'reply'
            ? given.reply.message
            : given?.kind === 'patch'
              ? given.patch
              : undefined;
      if (given && message) await mails.show({ kind: 'message', series: given.series.id, message: message.id }, message.subject);
    },
    previewReply: (given?: Given | vscode.Uri | vscode.CommentThread) => previewReply(parts, given),
    refresh: async () => {
      await list.refresh();
      assumptions.reading.refresh(true);
    },
    groupAssumptions: (by?: Grouping) => groupAssumptions(assumptions, by),
    'assumptions.refresh': () => assumptions.reading.later(),
    'assumptions.showReachable': () => showReachable(assumptions, true),
    'assumptions.showAll': () => showReachable(assumptions, false),
    'assumptions.review': (given?: SiteGiven) => actions.review(given, true),
    'assumptions.unreview': (given?: SiteGiven) => actions.review(given, false),
    'assumptions.remark': (given?: SiteGiven) => actions.remark(given),
    'assumptions.why': (given?: SiteGiven) => actions.why(given),
    'assumptions.ofFunction': (given?: Parameters<AssumptionsActions['ofFunction']>[0]) => actions.ofFunction(given),
    revealSite: (site: ShownPlace, worktree: string) => revealSite(vscode.Uri.file(worktree), site),
    nextSite: () => goToSite(parts, true),
    previousSite: () => goToSite(parts, false),
    simulateFunction: async (uri?: string | vscode.Uri, name?: string, state?: string) => {
      const subject = await functionAsked(parts, vscode.l10n.t('Simulate a function'), uri, name);
      if (subject) await simulateIn(parts, subject, state);
    },
    exploreFailures: async (uri?: string | vscode.Uri, name?: string, state?: string) => {
      const subject = await functionAsked(parts, vscode.l10n.t('Explore failures of a function'), uri, name);
      if (!subject) return undefined;
      const given = typeof state === 'string' ? usualStates().filter((one) => state === 'all' || one.name === state) : undefined;
      return explorer.explore(subject, given);
    },
    'finding.replay': (found?: FoundHere) => found && explorer.replay(found),
    'finding.remark': (found?: FoundHere) => found && explorer.remark(found),
    'finding.clear': (found?: { readonly explored: Explored }) => explored.clear(found?.explored),
    'finding.exploreAgain': (found?: { readonly explored: Explored }) => found && explorer.explore(subjectOfExplored(found.explored)),
    'state.simulate': (uri?: vscode.Uri) => states.run(uri, (subject, state) => simulateIn(parts, subject, state)),
    'state.explore': (uri?: vscode.Uri) => states.run(uri, (subject, state) => explorer.explore(subject, [state])),
    'scenario.test': (uri?: string | vscode.Uri, line?: number, designs?: readonly string[]) => {
      const place = placeGiven(uri, line);
      return scenarioTests.runAt(place, Array.isArray(designs) ? (designs as readonly string[]) : undefined);
    },
    'scenario.testOn': (uri?: string | vscode.Uri, line?: number) => scenarioTests.runOn(placeGiven(uri, line)),
    'scenario.testOnC': (uri?: string | vscode.Uri, line?: number) => scenarioTests.runOnCAt(placeGiven(uri, line)),
    openExamples: (name?: string) => scenarioTests.openExamples(typeof name === 'string' ? name : undefined),
    'simulator.step': () => simulator.command('step'),
    'simulator.stepBack': () => simulator.command('step-back'),
    'simulator.run': () => simulator.command('run'),
    'simulator.restart': () => simulator.command('restart'),
    'simulator.reveal': (file: string, line: number) => simulator.reveal(file, line, true),
    'remark.add': (reply: vscode.CommentReply) => threads.add(reply),
    'remark.edit': (comment: RemarkComment) => threads.edit(comment),
    'remark.delete': (comment: RemarkComment) => deleteRemark(threads, comment),
    'remark.save': (comment: RemarkComment) => threads.saveEdit(comment),
    'remark.cancelEdit': (comment: RemarkComment) => threads.cancelEdit(comment),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`folioscope.${name}`, run as (...given: unknown[]) => unknown),
    ),
  );
}

/** The function that a code lens or a menu means, or the user names. */
const functionAsked = ({ engine, list }: Parts, title: string, uri?: string | vscode.Uri, name?: string): Promise<Subject | undefined> =>
  subjectOf(engine, list, title, uri, typeof name === 'string' ? name : undefined);

const subjectOfExplored = ({ tree, report }: Explored): Subject => ({ tree, function: report.function, file: report.file });

/** @param state its name, the state itself, `last`, or nothing: then it is asked for */
async function simulateIn({ simulator, states }: Parts, subject: Subject, state?: string | StateGiven): Promise<void> {
  if (state === 'last') return simulator.simulate(subject);
  const order = simulationOrder();
  const given = typeof state === 'string' ? stateNamed(state, order) : state;
  if (given) return simulator.simulate(subject, { scenario: given.scenario, fail: 0 });
  const answer = await chooseState('simulate', subject.function, order, simulator.lastScenario(subject.function));
  if (answer?.kind === 'text') await states.open(subject, answer.scenario);
  const chosen = answer?.kind === 'states' ? answer.states[0] : undefined;
  if (!chosen) return;
  // As last time means the failing allocation too.
  await simulator.simulate(subject, chosen.name === 'last' ? undefined : { scenario: chosen.scenario, fail: 0 });
}

/** A menu may hand a row to the command; only fields of ours count. */
const isGiven = (given: unknown): given is OpenGiven => typeof given === 'object' && given !== null && 'source' in given;

/** The series of a row, the current one, the only one, or the one that the user picks. */
async function seriesOf(list: OpenedList, given: Given): Promise<SeriesView | undefined> {
  if (typeof given === 'object') return given.series;
  const all = await list.ready();
  if (list.current ?? all.length === 1) return list.current ?? all[0];
  const items = all.map((series) => ({ label: series.title, description: `v${series.revision}`, detail: series.worktree, series }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No series is open. Use "Folioscope: Open Series…" first.'));
    return undefined;
  }
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which series?') }))?.series;
}

async function patchOf(list: OpenedList, given: Given): Promise<{ readonly series: SeriesView; readonly patch: PatchView } | undefined> {
  if (typeof given === 'object' && (given.kind === 'patch' || given.kind === 'file')) return given;
  const series = await seriesOf(list, given);
  if (!series) return undefined;
  if (typeof given === 'number') {
    const patch = series.patches.find((one) => one.number === given);
    return patch && { series, patch };
  }
  const items = series.patches.map((patch) => ({
    label: titleOf(series, patch),
    description: linesText(patch),
    detail: nameOf(patch.author),
    patch,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: series.title,
    placeHolder: vscode.l10n.t('Which patch?'),
    matchOnDetail: true,
  });
  return chosen && { series, patch: chosen.patch };
}

/** The worktree's file of a row, of a side of a patch, or one of the files of a patch that the user picks. */
async function openFile(list: OpenedList, given?: SeriesNode | vscode.Uri): Promise<void> {
  if (given && !(given instanceof vscode.Uri) && given.kind === 'file') return showWorktreeFile(given.series, given.file);
  const uri = given instanceof vscode.Uri ? given : vscode.window.activeTextEditor?.document.uri;
  const address = uri && addressOf(uri);
  const series = address && (await list.ready()).find((one) => one.worktree === address.worktree);
  if (address && series) {
    const selection = vscode.window.activeTextEditor?.selection;
    await vscode.window.showTextDocument(fileUri(series, address.file), selection ? { selection } : {});
    return;
  }
  const chosen = await patchOf(list, undefined);
  if (!chosen) return;
  const items = chosen.patch.files.map((file) => ({ label: file.path, description: linesText(file), file }));
  const file =
    items.length === 1 ? items[0]?.file : (await vscode.window.showQuickPick(items, { title: titleOf(chosen.series, chosen.patch) }))?.file;
  if (file) await showWorktreeFile(chosen.series, file);
}

async function showWorktreeFile(series: SeriesView, file: FileChangeView): Promise<void> {
  const uri = fileUri(series, file.path);
  const there = await Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
  if (there) await vscode.window.showTextDocument(uri);
  else
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} is not in the worktree: a patch of the series deletes or renames it. Open its changes instead.', file.path),
    );
}

/** The reply to the patch of a row, a thread, a document, or the one that the user picks. */
async function previewReply({ list, mails, threads }: Parts, given?: Given | vscode.Uri | vscode.CommentThread): Promise<void> {
  if (!trustedOrTold(vscode.l10n.t('Writing a reply'))) return;
  const subject = await replySubject(list, threads, given);
  if (!subject) return;
  const { series, patch } = subject;
  const name = patch === 0 ? vscode.l10n.t('cover letter') : vscode.l10n.t('patch {0}', numberText(series, patch));
  await mails.show({ kind: 'reply', series: series.id, patch }, vscode.l10n.t('Reply to {0}', name));
}

async function replySubject(
  list: OpenedList,
  threads: RemarkThreads,
  given?: Given | vscode.Uri | vscode.CommentThread,
): Promise<{ readonly series: SeriesView; readonly patch: number } | undefined> {
  await list.ready();
  if (given === 0) {
    const series = await seriesOf(list, given);
    return series && { series, patch: 0 };
  }
  if (typeof given === 'object' && 'comments' in given) {
    const known = threads.subjectOf(given);
    const series = known && list.byId(known.series);
    if (series) return { series, patch: known.patch };
  }
  if (typeof given === 'object' && 'kind' in given && given.kind === 'cover') return { series: given.series, patch: 0 };
  const uri = given instanceof vscode.Uri ? given : given === undefined ? vscode.window.activeTextEditor?.document.uri : undefined;
  const inDocument = uri && documentSubject(list, uri);
  if (inDocument) return inDocument;
  const row = typeof given === 'number' || (typeof given === 'object' && 'kind' in given) ? given : undefined;
  const chosen = await patchOf(list, row);
  return chosen && { series: chosen.series, patch: chosen.patch.number };
}

/** What a document answers: the mail itself, the patch it is a side of, or the only patch that touches its file. */
function documentSubject(list: OpenedList, uri: vscode.Uri): { readonly series: SeriesView; readonly patch: number } | undefined {
  const mail = patchOfMail(list, uri);
  if (mail) return mail;
  const address = addressOf(uri);
  const series = address && list.all.find((one) => one.worktree === address.worktree);
  if (address && series) return { series, patch: address.patch };
  const place = list.placeOf(uri);
  const patches = place ? patchesOf(place.series, place.file) : [];
  const [only] = patches;
  return place && only && patches.length === 1 ? { series: place.series, patch: only.number } : undefined;
}

async function groupAssumptions(assumptions: AssumptionsTree, by?: Grouping): Promise<void> {
  if (by !== undefined && GROUPINGS.includes(by)) return assumptions.group(by);
  const words = groupingWords();
  const items = GROUPINGS.map((one) => ({
    label: words[one],
    by: one,
    ...(one === assumptions.groupedBy ? { description: vscode.l10n.t('as now') } : {}),
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Group assumptions') });
  if (chosen) assumptions.group(chosen.by);
}

function showReachable(assumptions: AssumptionsTree, only: boolean): Thenable<unknown> {
  assumptions.showReachable(only);
  return vscode.commands.executeCommand('setContext', 'folioscope.reachableOnly', only);
}

/** A part of a line of the worktree. */
interface ShownPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

async function revealSite(root: vscode.Uri, site: ShownPlace): Promise<void> {
  const start = new vscode.Position(site.line - 1, site.column - 1);
  const selection = new vscode.Range(start, start.translate(0, site.length));
  const editor = await vscode.window.showTextDocument(vscode.Uri.joinPath(root, site.file), { selection, preview: true });
  editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function goToSite({ list, assumptions }: Parts, forward: boolean): Promise<void> {
  const sites = await assumptions.sites();
  const series = list.current;
  const editor = vscode.window.activeTextEditor;
  const place = editor && list.placeOf(editor.document.uri);
  const site = neighbour(sites, place?.file ?? '', place && editor ? editor.selection.active.line + 1 : 0, forward);
  if (series && site) await revealSite(vscode.Uri.file(series.worktree), site);
  else void vscode.window.showInformationMessage(vscode.l10n.t('No assumption is known here. Open the worktree of a series first.'));
}

async function deleteRemark(threads: RemarkThreads, comment: RemarkComment): Promise<void> {
  const sure = vscode.l10n.t('Delete');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Delete this remark?'),
    { modal: true, detail: comment.remark.body },
    sure,
  );
  if (answer === sure) await threads.delete(comment);
}
