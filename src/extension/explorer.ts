/** "Explore failures": asks the server for a verdict on a function, shows it, and acts on its findings. */
import * as vscode from 'vscode';
import { explore, type ExploreParams } from '../protocol/requests';
import type { Engine } from './engine';
import { type Explored, type ExploredList, fileOf, type FoundHere } from './explored-list';
import type { OpenedList } from './opened-list';
import { valueOrTold } from './refusal-message';
import { surfaceOf } from './remark-places';
import type { RemarkThreads } from './remark-threads';
import type { Simulator, Subject } from './simulator';
import { allStates, chooseState, type StateGiven } from './state-choice';
import type { StateDocuments } from './state-documents';
import { verdictText } from './verdict-words';
import { witnessText } from './witness-text';

export class Explorer {
  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
    private readonly explored: ExploredList,
    private readonly simulator: Simulator,
    private readonly threads: RemarkThreads,
    private readonly documents: StateDocuments,
  ) {}

  /**
   * @param states asked for where they are left out
   * @returns undefined where it was cancelled or refused; the user has been told
   */
  async explore(subject: Subject, states?: readonly StateGiven[]): Promise<Explored | undefined> {
    const given = states ?? (await this.askStates(subject));
    if (!given || given.length === 0) return undefined;
    await savedIn(subject.tree);
    const title = vscode.l10n.t('Exploring {0}()', subject.function);
    const params: ExploreParams = { tree: subject.tree, function: subject.function, states: given };
    const report = valueOrTold(await this.engine.askWithProgress(title, explore, params));
    if (!report) return undefined;
    const explored = await this.explored.add(subject.tree, report);
    void this.tell(explored);
    return explored;
  }

  /** Runs the witness of a finding in the page, which stops at the finding. */
  async replay({ explored, finding }: FoundHere): Promise<void> {
    const { tree, report } = explored;
    const subject = { tree, function: report.function, ...(report.file === '' ? {} : { file: report.file }) };
    const { scenario, then, choices, step } = finding;
    // One further: the step that meets it is done.
    await this.simulator.simulate(subject, { scenario, fail: 0, then, choices }, step + 1);
  }

  /** Writes the draft of a remark with the witness at the line of a finding, ready to be edited. */
  async remark({ explored, finding }: FoundHere): Promise<void> {
    const text = witnessText(explored.report, finding);
    const uri = fileOf(explored, finding.file);
    await this.list.ready();
    if (!uri || !surfaceOf(this.list, uri)) {
      const copy = vscode.l10n.t('Copy Text');
      const why = vscode.l10n.t(
        'No patch of an opened series touches {0}: there is no mail that a remark on it would answer.',
        finding.file,
      );
      if ((await vscode.window.showInformationMessage(why, copy)) === copy) await vscode.env.clipboard.writeText(text);
      return;
    }
    const position = new vscode.Position(Math.max(0, finding.line - 1), 0);
    const range = new vscode.Range(position, position);
    const editor = await vscode.window.showTextDocument(uri, { selection: range, preview: true });
    // The box is taller than the line that it stands under.
    editor.revealRange(range, vscode.TextEditorRevealType.AtTop);
    await this.threads.draft(uri, position.line, text);
  }

  private async askStates(subject: Subject): Promise<readonly StateGiven[] | undefined> {
    const answer = await chooseState('explore', subject.function, usualOrder());
    if (answer?.kind === 'text') await this.documents.open(subject, answer.scenario);
    return answer?.kind === 'states' ? answer.states : undefined;
  }

  private async tell(explored: Explored): Promise<void> {
    const { report } = explored;
    const show = vscode.l10n.t('Show');
    const text = `${report.function}(): ${verdictText(report)}. ${report.because.slice(0, 2).join(' ')} ${report.bounds}`;
    const ask = report.verdict === 'violated' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    if ((await ask(text.replace(/\s+/g, ' '), show)) === show) await vscode.commands.executeCommand('folioscope.simulation.focus');
  }
}

/** The order of huge pages in an exploration. */
const usualOrder = (): number => vscode.workspace.getConfiguration('folioscope').get('exploration.order', 2);

/** What a caller that gives no states means. */
export const usualStates = (): readonly StateGiven[] => allStates(usualOrder());

/** The server reads from the disk: what is being edited in the tree is written first, as a debugger does. */
async function savedIn(tree: string): Promise<void> {
  for (const document of vscode.workspace.textDocuments)
    if (document.isDirty && document.uri.scheme === 'file' && document.uri.fsPath.startsWith(tree)) await document.save();
}
