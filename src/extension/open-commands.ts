/** Opening a series: what is asked of the user on the way from a mail to a worktree. */
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { Outcome } from '../base/outcome';
import { openDemo, openSeries, type OpenParams } from '../protocol/requests';
import type { SeriesView } from '../protocol/series-view';
import type { Engine } from './engine';
import type { OpenedList } from './opened-list';
import { trustedOrTold, valueOrTold } from './refusal-message';

const CLONE_KEY = 'folioscope.clone';
const CLONES_KEPT = 6;

/** What a caller may give beforehand, so that it is not asked. */
export type OpenGiven = Partial<Pick<OpenParams, 'source' | 'repo' | 'base' | 'worktree'>>;

export class Opening {
  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
    private readonly state: vscode.Memento,
  ) {}

  /** Asks for what is not given, and opens. */
  async openSeries(given: OpenGiven = {}): Promise<SeriesView | undefined> {
    if (!trustedOrTold(vscode.l10n.t('Opening a series'))) return undefined;
    const source = given.source ?? (await askSource());
    if (source === undefined) return undefined;
    const repo = given.repo ?? (await this.askClone());
    if (repo === undefined) return undefined;
    const settings = vscode.workspace.getConfiguration('folioscope');
    const folder = settings.get('worktreeFolder', '').trim();
    const worktree = given.worktree ?? (folder === '' ? undefined : join(folder, folderName(source)));
    const params: OpenParams = {
      source,
      repo,
      full: settings.get<string>('checkout', 'sparse') === 'full',
      archive: settings.get('archive', 'https://lore.kernel.org/all/'),
      ...(given.base === undefined ? {} : { base: given.base }),
      ...(worktree === undefined ? {} : { worktree }),
    };
    const series = valueOrTold(await this.withBase(params));
    if (!series) return undefined;
    await this.rememberClone(repo);
    await this.opened(series);
    return series;
  }

  async openDemo(): Promise<SeriesView | undefined> {
    if (!trustedOrTold(vscode.l10n.t('Opening the demo review'))) return undefined;
    const title = vscode.l10n.t('Opening the demo review');
    const series = valueOrTold(await this.engine.askWithProgress(title, openDemo, {}));
    if (series) await this.opened(series);
    return series;
  }

  /** Shows a worktree as a folder of a window. */
  async openWorktree(series: SeriesView): Promise<void> {
    if (this.list.isHere(series)) {
      await vscode.commands.executeCommand('workbench.view.explorer');
      return;
    }
    const uri = vscode.Uri.file(series.worktree);
    const folders = vscode.workspace.workspaceFolders ?? [];
    if (folders.length === 0) {
      await vscode.commands.executeCommand('vscode.openFolder', uri, { forceReuseWindow: true });
      return;
    }
    const ways = [
      { label: vscode.l10n.t('$(empty-window) New window'), way: 'new' as const },
      { label: vscode.l10n.t('$(window) This window'), way: 'this' as const, description: vscode.l10n.t('closes the folder that is open') },
      { label: vscode.l10n.t('$(root-folder) Add to this workspace'), way: 'add' as const },
    ];
    const title = vscode.l10n.t('Open the worktree of {0}', series.title);
    const chosen = await vscode.window.showQuickPick(ways, { title, placeHolder: series.worktree });
    if (chosen?.way === 'add') vscode.workspace.updateWorkspaceFolders(folders.length, 0, { uri, name: series.title });
    else if (chosen) await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: chosen.way === 'new' });
  }

  /** Asks for the base as long as the mails do not tell it and the user knows one. */
  private async withBase(params: OpenParams): Promise<Outcome<SeriesView>> {
    const title = vscode.l10n.t('Opening the series');
    let outcome = await this.engine.askWithProgress(title, openSeries, params);
    while (outcome.kind === 'refused' && BASE_ASKED.has(outcome.refusal.code)) {
      const { met, todo } = outcome.refusal;
      const base = await vscode.window.showInputBox({
        title: vscode.l10n.t('Base of the series'),
        prompt: `${met} ${todo}`,
        placeHolder: vscode.l10n.t('a tag, branch or commit of the clone, such as v6.15-rc6'),
        ignoreFocusOut: true,
        validateInput: (text) =>
          text.trim() === '' || /\s|^-/.test(text.trim()) ? vscode.l10n.t('Name one tag, branch or commit.') : undefined,
      });
      if (base === undefined) return { kind: 'cancelled' };
      outcome = await this.engine.askWithProgress(title, openSeries, { ...params, base: base.trim() });
    }
    return outcome;
  }

  private async opened(series: SeriesView): Promise<void> {
    this.list.choose(series);
    await this.list.refresh();
    await vscode.commands.executeCommand('folioscope.series.focus');
    if (this.list.isHere(series)) return;
    const open = vscode.l10n.t('Open Worktree');
    const text = vscode.l10n.t('"{0}" is applied in {1}.', series.title, series.worktree);
    void vscode.window.showInformationMessage(text, open).then((chosen) => {
      if (chosen === open) void this.openWorktree(series);
    });
  }

  private async askClone(): Promise<string | undefined> {
    const known = this.state.get<readonly string[]>(CLONE_KEY, []);
    const browse = { label: vscode.l10n.t('$(folder-opened) Choose a folder…'), description: '', path: '' };
    if (known.length > 0) {
      const items = [...known.map((path) => ({ label: `$(repo) ${basename(path)}`, description: path, path })), browse];
      const title = vscode.l10n.t('Clone of the kernel');
      const placeHolder = vscode.l10n.t('The series is applied in a worktree of it; its own checkout stays as it is');
      const chosen = await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true });
      if (!chosen) return undefined;
      if (chosen.path !== '') return chosen.path;
    }
    const [folder] =
      (await vscode.window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        canSelectMany: false,
        title: vscode.l10n.t('Clone of the kernel'),
        openLabel: vscode.l10n.t('Use this clone'),
      })) ?? [];
    return folder?.fsPath;
  }

  private async rememberClone(repo: string): Promise<void> {
    const known = this.state.get<readonly string[]>(CLONE_KEY, []);
    await this.state.update(CLONE_KEY, [repo, ...known.filter((path) => path !== repo)].slice(0, CLONES_KEPT));
  }
}

/** The noes that another base may turn into a yes. */
const BASE_ASKED: ReadonlySet<string> = new Set(['series/no-base', 'series/no-such-base']);

/** An mbox by the file picker, or a message-id or address by hand. */
async function askSource(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const box = vscode.window.createInputBox();
    const pick: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('folder-opened'),
      tooltip: vscode.l10n.t('Choose an mbox file…'),
    };
    box.title = vscode.l10n.t('Open a series');
    box.prompt = vscode.l10n.t('A message-id, the address of a message in the archive, or the path of an mbox file (plain or .gz).');
    box.placeholder = 'https://lore.kernel.org/all/…';
    box.ignoreFocusOut = true;
    box.buttons = [pick];
    let answered = false;
    const answer = (text: string | undefined): void => {
      answered = true;
      box.hide();
      resolve(text);
    };
    box.onDidAccept(() => {
      const text = box.value.trim();
      if (text === '')
        box.validationMessage = vscode.l10n.t('Write a message-id, an address or a path, or choose a file with the folder button.');
      else answer(text);
    });
    box.onDidChangeValue(() => (box.validationMessage = undefined));
    box.onDidTriggerButton(async () => {
      answered = true;
      box.hide();
      const [file] =
        (await vscode.window.showOpenDialog({
          canSelectMany: false,
          title: vscode.l10n.t('Mbox of the series'),
          filters: { [vscode.l10n.t('Mail')]: ['mbox', 'mbx', 'gz'], [vscode.l10n.t('All files')]: ['*'] },
        })) ?? [];
      resolve(file?.fsPath);
    });
    box.onDidHide(() => {
      box.dispose();
      if (!answered) resolve(undefined);
    });
    box.show();
  });
}

/** A folder name for a worktree, from where the series came from. */
function folderName(source: string): string {
  const last = source
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .at(-1)!;
  const plain = last
    .replace(/\.(mbox|mbx|gz)/gi, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  return plain === '' ? 'series' : plain.slice(0, 80);
}
