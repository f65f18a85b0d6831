/** What can be done with a site: marking it as reviewed, a remark on it, and seeing why it is what it is. */
import * as vscode from 'vscode';
import type { AssumptionSite } from '../protocol/assumptions';
import { reviewSite } from '../protocol/requests';
import type { SeriesView } from '../protocol/series-view';
import { classWords, reachWords } from './assumption-words';
import type { SitePlace } from './assumptions-reading';
import type { AssumptionNode, AssumptionsTree } from './assumptions-tree';
import { bodyStart, linesOf } from './line-finding';
import { mailUri } from './mail-documents';
import type { Engine } from './engine';
import { fileUri, type OpenedList, patchesOf } from './opened-list';
import { trustedOrTold, valueOrTold } from './refusal-message';
import type { RemarkThreads } from './remark-threads';

/** A row of the view, a quick fix, or nothing. */
export type SiteGiven = AssumptionNode | SitePlace | undefined;

export class AssumptionsActions {
  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
    private readonly tree: AssumptionsTree,
    private readonly threads: RemarkThreads,
  ) {}

  async review(given: SiteGiven, reviewed: boolean): Promise<void> {
    const place = placeOf(given);
    if (place === undefined || !trustedOrTold(vscode.l10n.t('Marking as reviewed'))) return;
    const { tree, file, line, column } = place;
    const outcome = await this.engine.ask(reviewSite, { tree, file, line, column, reviewed });
    if (outcome.kind === 'done') this.tree.reading.review(place, reviewed);
    else valueOrTold(outcome);
  }

  /** Opens a remark on the line; on the cover letter where no patch touches the file. */
  async remark(given: SiteGiven): Promise<void> {
    const place = placeOf(given);
    const series = place && (await this.seriesAt(place.tree));
    if (place === undefined || series === undefined || !trustedOrTold(vscode.l10n.t('Writing a remark'))) return;
    const site = await this.siteAt(place);
    const text = site === undefined ? '' : remarkText(site);
    const uri = fileUri(series, place.file);
    if (patchesOf(series, place.file).length > 0) {
      await vscode.window.showTextDocument(uri, { selection: new vscode.Range(place.line - 1, 0, place.line - 1, 0) });
      await this.threads.draft(uri, place.line - 1, text);
      return;
    }
    if (series.cover === null) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('No patch touches {0}, and the series has no cover letter to answer.', place.file),
      );
      return;
    }
    const mail = mailUri({ kind: 'message', series: series.id, message: series.cover.id }, series.cover.subject);
    const document = await vscode.workspace.openTextDocument(mail);
    await vscode.window.showTextDocument(document);
    await this.threads.draft(mail, Math.max(0, bodyStart(linesOf(document.getText())) - 1), `${place.file}:${place.line}\n${text}`);
  }

  /** Shows the way to the class of a site, step by step. */
  async why(given: SiteGiven): Promise<void> {
    const place = placeOf(given);
    const series = place && (await this.seriesAt(place.tree));
    const site = place && (await this.siteAt(place));
    if (place === undefined || series === undefined || site === undefined) return;
    const steps = site.evidence.length > 0 ? site.evidence : [site];
    await peek(series, site, steps);
  }

  /** Shows the sites of a function. */
  async ofFunction(given?: { readonly tree: string; readonly file: string; readonly function: string }): Promise<void> {
    if (given === undefined) return;
    const series = await this.seriesAt(given.tree);
    const sites = (await this.tree.reading.sites()).filter((one) => one.file === given.file && one.function === given.function);
    const [first] = sites;
    if (series !== undefined && first !== undefined) await peek(series, first, sites);
  }

  private async seriesAt(tree: string): Promise<SeriesView | undefined> {
    return (await this.list.ready()).find((one) => one.worktree === tree);
  }

  private async siteAt({ file, line, column }: SitePlace): Promise<AssumptionSite | undefined> {
    const sites = await this.tree.reading.sites();
    return sites.find((one) => one.file === file && one.line === line && one.column === column);
  }
}

function placeOf(given: SiteGiven): SitePlace | undefined {
  if (given === undefined || !('kind' in given)) return given;
  if (given.kind !== 'site' && given.kind !== 'why') return undefined;
  const { file, line, column } = given.site;
  return { tree: given.series.worktree, file, line, column };
}

/** The remark as a reviewer can go on writing it. */
function remarkText(site: AssumptionSite): string {
  const name = site.function === '' ? site.symbol : vscode.l10n.t('{0} in {1}()', site.symbol, site.function);
  const way = site.evidence.map(({ file, line }) => `  ${file}:${line}`).join('\n');
  return `${name}: ${classWords(site.class)} (${site.class}).\n${way}\n${reachWords(site)}: ${site.reach.because}.`;
}

async function peek(
  series: SeriesView,
  at: { readonly file: string; readonly line: number; readonly column: number },
  places: readonly { readonly file: string; readonly line: number; readonly column?: number }[],
): Promise<void> {
  const uri = fileUri(series, at.file);
  const position = new vscode.Position(at.line - 1, at.column - 1);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(position, position) });
  const locations = places.map(
    ({ file, line, column }) => new vscode.Location(fileUri(series, file), new vscode.Position(line - 1, (column ?? 1) - 1)),
  );
  await vscode.commands.executeCommand('editor.action.peekLocations', uri, position, locations, 'peek');
}
