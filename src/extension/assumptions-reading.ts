/** What the server says of the assumptions of the current worktree, asked once and again when something has changed. */
import * as vscode from 'vscode';
import { type AssumptionSite, type AssumptionsView, type SiteHistory, siteKey } from '../protocol/assumptions';
import { assumptions, siteHistory } from '../protocol/requests';
import type { Engine } from './engine';
import type { OpenedList } from './opened-list';

/** A site by its place, as a quick fix gives it. */
export interface SitePlace {
  readonly tree: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Reading {
  readonly worktree: string;
  readonly view: Promise<AssumptionsView | null>;
}

/** A checkout writes for a while: what it changes is read once. */
const SETTLE_MS = 800;

export class AssumptionsReading implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private reading: Reading | null = null;
  /** What was read last is shown until there is something newer. */
  private shown: { readonly worktree: string; readonly view: AssumptionsView } | null = null;
  private past: { readonly worktree: string; readonly history: SiteHistory } | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly watch: vscode.Disposable;

  /** @param say shows a line of text above the tree; '' shows none */
  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
    private readonly say: (text: string) => void,
  ) {
    this.watch = vscode.Disposable.from(
      engine.onTreeChanged((tree) => {
        if (tree === this.reading?.worktree) this.later();
      }),
      // What is shown stays; the server has to find out again what patches did.
      engine.onRestarted(() => {
        this.past = null;
        this.later();
      }),
    );
  }

  /** Reads anew where `again` or where another worktree is current. */
  refresh(again: boolean): void {
    if (!again && this.reading?.worktree === this.list.current?.worktree) return;
    this.reading = null;
    if (again) this.past = null;
    this.changed.fire();
  }

  /** What is known of the current worktree; null where there is none or it cannot be read. */
  async view(): Promise<AssumptionsView | null> {
    await this.list.ready();
    const worktree = this.list.current?.worktree;
    if (worktree === undefined) return null;
    if (this.reading?.worktree !== worktree) this.reading = { worktree, view: this.read(worktree) };
    if (this.shown?.worktree === worktree) return this.shown.view;
    return this.reading.view;
  }

  /** Null until it has been read. */
  get history(): SiteHistory | null {
    return this.past?.worktree === this.list.current?.worktree ? (this.past?.history ?? null) : null;
  }

  async sites(): Promise<readonly AssumptionSite[]> {
    return (await this.view())?.sites ?? [];
  }

  /** Shows a site as reviewed, or not, before it is read again. */
  review(place: SitePlace, reviewed: boolean): void {
    const { shown } = this;
    if (shown?.worktree === place.tree) {
      const isIt = (site: AssumptionSite): boolean => siteKey(site) === siteKey(place);
      const sites = shown.view.sites.map((site) => (isIt(site) ? { ...site, reviewed } : site));
      this.shown = { worktree: shown.worktree, view: { ...shown.view, sites } };
      this.changed.fire();
    }
    this.later();
  }

  dispose(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.watch.dispose();
    this.changed.dispose();
  }

  /** Reads anew soon, and shows what there is until then. */
  later(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      const worktree = this.reading?.worktree;
      if (worktree !== undefined) this.reading = { worktree, view: this.read(worktree) };
    }, SETTLE_MS);
  }

  private async read(worktree: string): Promise<AssumptionsView | null> {
    const isFirst = this.shown?.worktree !== worktree;
    if (isFirst) this.say(vscode.l10n.t('Reading the worktree…'));
    const view = await vscode.window.withProgress({ location: { viewId: 'folioscope.assumptions' } }, () => this.asked(worktree));
    if (view === null) return null;
    this.shown = { worktree, view };
    this.say(view.sites.length === 0 ? vscode.l10n.t('Nothing in this worktree tests for hugetlb or takes it for granted.') : '');
    if (!isFirst) this.changed.fire();
    if (this.past?.worktree !== worktree) void this.readPast(worktree);
    return view;
  }

  private async asked(worktree: string): Promise<AssumptionsView | null> {
    for (let time = 1; ; time += 1) {
      try {
        const outcome = await this.engine.ask(assumptions, { tree: worktree });
        if (outcome.kind === 'done') return outcome.value;
        this.say(outcome.kind === 'refused' ? `${outcome.refusal.met} ${outcome.refusal.todo}` : vscode.l10n.t('Cancelled.'));
        return null;
      } catch (error) {
        // A server that ended is started again.
        if (time < TIMES) {
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
          continue;
        }
        const why = error instanceof Error ? error.message : String(error);
        this.say(
          vscode.l10n.t(
            'The language server does not answer ({0}). What is shown is from before. Reload the window to start it again.',
            why,
          ),
        );
        return null;
      }
    }
  }

  private async readPast(worktree: string): Promise<void> {
    try {
      const outcome = await vscode.window.withProgress({ location: { viewId: 'folioscope.assumptions' } }, () =>
        this.engine.ask(siteHistory, { tree: worktree }),
      );
      if (outcome.kind !== 'done') return;
      this.past = { worktree, history: outcome.value };
      this.changed.fire();
    } catch {
      // Asked again with the next reading: sites are shown without their patches until then.
    }
  }
}

const TIMES = 3;
const AGAIN_MS = 1500;
