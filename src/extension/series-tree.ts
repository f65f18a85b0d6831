/** The Series view: each opened series with its cover letter, patches, their files, and the replies. */
import * as vscode from 'vscode';
import type { FileChangeView, MessageView, PatchView, SeriesView } from '../protocol/series-view';
import { fileUri, numberText, type OpenedList } from './opened-list';
import { baseName, counted, dayOf, escapeMarkdown, folderOf, linesText, nameOf, type ReplyNode, replyTree, statusLetter } from './words';

export type SeriesNode =
  | { readonly kind: 'series'; readonly series: SeriesView }
  | { readonly kind: 'cover'; readonly series: SeriesView; readonly message: MessageView }
  | { readonly kind: 'patch'; readonly series: SeriesView; readonly patch: PatchView }
  | { readonly kind: 'file'; readonly series: SeriesView; readonly patch: PatchView; readonly file: FileChangeView }
  | { readonly kind: 'reply'; readonly series: SeriesView; readonly reply: ReplyNode };

/**
 * @param draftsOf number of remarks on a patch (0: the cover letter)
 */
export class SeriesTree implements vscode.TreeDataProvider<SeriesNode> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly list: OpenedList,
    private readonly draftsOf: (series: SeriesView, patch: number) => number,
  ) {}

  refresh(): void {
    this.changed.fire();
  }

  async getChildren(node?: SeriesNode): Promise<SeriesNode[]> {
    if (!node) return (await this.list.ready()).map((series) => ({ kind: 'series', series }));
    const { series } = node;
    switch (node.kind) {
      case 'series': {
        const patches = series.patches.map((patch): SeriesNode => ({ kind: 'patch', series, patch }));
        return series.cover ? [{ kind: 'cover', series, message: series.cover }, ...patches] : patches;
      }
      case 'cover':
        return replyNodes(series, replyTree(series.coverReplies));
      case 'patch': {
        const files = node.patch.files.map((file): SeriesNode => ({ kind: 'file', series, patch: node.patch, file }));
        return [...files, ...replyNodes(series, replyTree(node.patch.replies))];
      }
      case 'file':
        return [];
      case 'reply':
        return replyNodes(series, node.reply.replies);
    }
  }

  getTreeItem(node: SeriesNode): vscode.TreeItem {
    switch (node.kind) {
      case 'series':
        return this.seriesItem(node.series);
      case 'cover':
        return this.coverItem(node.series, node.message);
      case 'patch':
        return this.patchItem(node);
      case 'file':
        return fileItem(node);
      case 'reply':
        return replyItem(node);
    }
  }

  private seriesItem(series: SeriesView): vscode.TreeItem {
    const here = this.list.isHere(series);
    const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(series.title, series === this.list.current ? Expanded : Collapsed);
    item.id = series.worktree;
    const patches = counted(series.patches.length, vscode.l10n.t('1 patch'), vscode.l10n.t('{0} patches', series.patches.length));
    item.description = `v${series.revision} · ${patches}${here ? '' : ` · ${vscode.l10n.t('not in this window')}`}`;
    item.iconPath = new vscode.ThemeIcon(here ? 'repo' : 'repo-clone');
    item.contextValue = here ? 'series.here' : 'series';
    item.tooltip = markdown(
      `**${escapeMarkdown(series.title)}** v${series.revision}`,
      escapeMarkdown(vscode.l10n.t('Worktree: {0}', series.worktree)),
      escapeMarkdown(vscode.l10n.t('Clone: {0}', series.repo)),
      escapeMarkdown(vscode.l10n.t('Base: {0}', series.base.slice(0, 12))),
    );
    item.accessibilityInformation = { label: vscode.l10n.t('Series {0}, {1}', series.title, item.description) };
    return item;
  }

  private coverItem(series: SeriesView, message: MessageView): vscode.TreeItem {
    const item = new vscode.TreeItem(vscode.l10n.t('Cover letter'), stateOf(series.coverReplies.length));
    item.id = `${series.worktree} cover`;
    item.description = joined(nameOf(message.from), repliesText(series.coverReplies.length), this.draftsText(series, 0));
    item.iconPath = new vscode.ThemeIcon('mail');
    item.contextValue = 'cover';
    item.tooltip = messageTooltip(message);
    item.command = {
      command: 'folioscope.openMessage',
      title: vscode.l10n.t('Open Mail'),
      arguments: [{ kind: 'cover', series, message }],
    };
    item.accessibilityInformation = { label: `${vscode.l10n.t('Cover letter')}, ${item.description}` };
    return item;
  }

  private patchItem(node: SeriesNode & { readonly kind: 'patch' }): vscode.TreeItem {
    const { series, patch } = node;
    const number = numberText(series, patch.number);
    const item = new vscode.TreeItem(`${number} ${patch.title}`, stateOf(patch.files.length + patch.replies.length));
    item.id = `${series.worktree} ${patch.number}`;
    const files = counted(patch.files.length, vscode.l10n.t('1 file'), vscode.l10n.t('{0} files', patch.files.length));
    const notApplied = patch.commit === '' ? vscode.l10n.t('already in the base') : '';
    item.description = joined(
      `${files} ${linesText(patch)}`,
      repliesText(patch.replies.length),
      this.draftsText(series, patch.number),
      notApplied,
      nameOf(patch.author),
    );
    item.iconPath = new vscode.ThemeIcon(patch.replies.length > 0 ? 'comment-discussion' : 'git-commit');
    item.contextValue = 'patch';
    item.tooltip = markdown(
      `**${number}** ${escapeMarkdown(patch.title)}`,
      escapeMarkdown(`${patch.author} · ${dayOf(patch)}`),
      escapeMarkdown(joined(`${files} ${linesText(patch)}`, repliesText(patch.replies.length))),
      ...patch.replies.slice(0, MOST_IN_TOOLTIP).map((reply) => `- ${escapeMarkdown(nameOf(reply.from))}, ${dayOf(reply)}`),
      ...(patch.commit === '' ? [escapeMarkdown(notApplied)] : [`\`${patch.commit.slice(0, 12)}\``]),
    );
    item.command = { command: 'folioscope.openPatch', title: vscode.l10n.t('Open Patch'), arguments: [node] };
    item.accessibilityInformation = { label: vscode.l10n.t('Patch {0}: {1}, {2}', patch.number, patch.title, item.description) };
    return item;
  }

  private draftsText(series: SeriesView, patch: number): string {
    const drafts = this.draftsOf(series, patch);
    return drafts === 0 ? '' : counted(drafts, vscode.l10n.t('1 remark'), vscode.l10n.t('{0} remarks', drafts));
  }
}

/** Who answered is of interest; forty of them are not. */
const MOST_IN_TOOLTIP = 12;

const replyNodes = (series: SeriesView, replies: readonly ReplyNode[]): SeriesNode[] =>
  replies.map((reply) => ({ kind: 'reply', series, reply }));

function fileItem(node: SeriesNode & { readonly kind: 'file' }): vscode.TreeItem {
  const { series, patch, file } = node;
  const item = new vscode.TreeItem(baseName(file.path));
  item.id = `${series.worktree} ${patch.number} ${file.path}`;
  item.resourceUri = fileUri(series, file.path);
  item.iconPath = vscode.ThemeIcon.File;
  item.description = joined(linesText(file), statusLetter(file), folderOf(file.path));
  item.contextValue = 'file';
  const renamed = file.status === 'renamed' && file.oldPath !== null ? vscode.l10n.t('renamed from {0}', file.oldPath) : '';
  item.tooltip = joined(file.path, renamed || file.status, linesText(file));
  item.command = { command: 'folioscope.openFileDiff', title: vscode.l10n.t('Open Changes of This File'), arguments: [node] };
  item.accessibilityInformation = {
    label: vscode.l10n.t('{0}, {1}, {2} lines added, {3} deleted', file.path, file.status, file.additions, file.deletions),
  };
  return item;
}

function replyItem(node: SeriesNode & { readonly kind: 'reply' }): vscode.TreeItem {
  const { message, replies } = node.reply;
  const item = new vscode.TreeItem(nameOf(message.from), replies.length > 0 ? vscode.TreeItemCollapsibleState.Expanded : undefined);
  item.id = `${node.series.worktree} ${message.id}`;
  item.description = joined(dayOf(message), message.subject);
  item.iconPath = new vscode.ThemeIcon('reply');
  item.contextValue = 'reply';
  item.tooltip = messageTooltip(message);
  item.command = { command: 'folioscope.openMessage', title: vscode.l10n.t('Open Mail'), arguments: [node] };
  item.accessibilityInformation = { label: vscode.l10n.t('Reply of {0}, {1}', nameOf(message.from), item.description) };
  return item;
}

const stateOf = (children: number): vscode.TreeItemCollapsibleState =>
  children > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;

const repliesText = (number: number): string =>
  number === 0 ? '' : counted(number, vscode.l10n.t('1 reply'), vscode.l10n.t('{0} replies', number));

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ');

const messageTooltip = (message: MessageView): vscode.MarkdownString =>
  markdown(`**${escapeMarkdown(message.subject)}**`, escapeMarkdown(`${message.from} · ${message.date}`));

const markdown = (...lines: readonly string[]): vscode.MarkdownString => new vscode.MarkdownString(lines.join('\n\n'));
