/** What the list says about lines of code, as comments that can only be read: in patches, in the worktree, and in hovers. */
import * as vscode from 'vscode';
import { type ListReply, listReplies } from '../protocol/requests';
import type { SeriesView } from '../protocol/series-view';
import { COMMIT_SCHEME } from './document-address';
import type { Engine } from './engine';
import { nearestLine } from './line-finding';
import { numberText, type OpenedList } from './opened-list';
import type { Surface } from './remark-places';
import { shownDocuments } from './shown-documents';
import { dayOf, escapeMarkdown, nameOf } from './words';

/** Lines of one mail in a hover; the whole of it is a click away. */
const MOST_LINES = 12;

interface Placed {
  readonly series: SeriesView;
  readonly reply: ListReply;
  /** From 0. */
  readonly line: number;
}

export class ReplyThreads implements vscode.Disposable {
  private readonly controller = vscode.comments.createCommentController('folioscope-list', vscode.l10n.t('Mails of the list'));
  /** By document and line. */
  private readonly threads = new Map<string, { readonly thread: vscode.CommentThread; readonly shows: string }>();
  private readonly known = new Map<string, readonly ListReply[]>();
  private readonly subscriptions: readonly vscode.Disposable[];
  private waiting = false;

  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
  ) {
    const soon = (): void => this.drawSoon();
    const selector = [{ scheme: 'file', language: 'c' }, { scheme: 'file', language: 'cpp' }, { scheme: COMMIT_SCHEME }];
    this.subscriptions = [
      list.onDidChange(() => void this.read()),
      vscode.window.onDidChangeVisibleTextEditors(soon),
      vscode.workspace.onDidCloseTextDocument(soon),
      vscode.languages.registerHoverProvider(selector, { provideHover: (document, position) => this.hoverAt(document, position) }),
    ];
  }

  /** What is said about lines of an open document. */
  placedIn(uri: vscode.Uri): readonly Placed[] {
    const shown = shownDocuments(this.list).find((one) => one.uri.toString() === uri.toString());
    return shown ? this.placed(shown.surface, shown.lines) : [];
  }

  dispose(): void {
    for (const one of [...this.subscriptions, ...[...this.threads.values()].map(({ thread }) => thread), this.controller]) one.dispose();
  }

  private async read(): Promise<void> {
    for (const series of this.list.all) {
      if (this.known.has(series.id)) continue;
      this.known.set(series.id, []);
      const replies = await this.engine.ask(listReplies, { series: series.id }).catch(() => undefined);
      if (replies) this.known.set(series.id, replies);
      else this.known.delete(series.id);
    }
    this.drawSoon();
  }

  private placed({ series, ...surface }: Surface, lines: readonly string[]): readonly Placed[] {
    if (surface.kind === 'mail') return [];
    return (this.known.get(series.id) ?? []).flatMap((reply) => {
      if (reply.file !== surface.file) return [];
      const here = surface.kind === 'patch' ? reply.patch === surface.patch && reply.side === surface.side : reply.side === 'new';
      const line = here ? nearestLine(lines, reply.line, reply.quoted) : undefined;
      // A blank line or a lone brace says nothing about where it is in another text.
      const known = line !== undefined && (line === reply.line || reply.quoted.trim().length > 1);
      return known ? [{ series, reply, line: line - 1 }] : [];
    });
  }

  /** Editors come and go in groups. */
  private drawSoon(): void {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      this.draw();
    }, DRAW_MS);
  }

  private draw(): void {
    const wanted = new Map<string, { readonly uri: vscode.Uri; readonly placed: Placed[] }>();
    const shown = new Set<ListReply>();
    for (const { uri, surface, lines } of shownDocuments(this.list)) {
      for (const one of this.placed(surface, lines)) {
        const key = `${uri.toString()}#${one.line}`;
        if (shown.has(one.reply)) continue;
        shown.add(one.reply);
        const group = wanted.get(key) ?? { uri, placed: [] };
        wanted.set(key, group);
        group.placed.push(one);
      }
    }
    for (const [key, { thread, shows }] of this.threads) {
      const now = wanted.get(key);
      if (now && idsOf(now.placed) === shows) continue;
      thread.dispose();
      this.threads.delete(key);
    }
    for (const [key, { uri, placed }] of wanted) {
      if (!this.threads.has(key)) this.threads.set(key, { thread: this.threadOf(uri, placed), shows: idsOf(placed) });
    }
  }

  private threadOf(uri: vscode.Uri, placed: readonly Placed[]): vscode.CommentThread {
    const line = placed[0]?.line ?? 0;
    const thread = this.controller.createCommentThread(uri, new vscode.Range(line, 0, line, 0), placed.map(commentOf));
    thread.canReply = false;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    thread.contextValue = 'list';
    thread.label = vscode.l10n.t('From the list');
    return thread;
  }

  private hoverAt(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const here = this.placedIn(document.uri).filter((one) => one.line === position.line);
    return here.length === 0 ? undefined : new vscode.Hover(here.map(markdownOf));
  }
}

const DRAW_MS = 60;

const idsOf = (placed: readonly Placed[]): string => placed.map(({ reply }) => `${reply.message} ${reply.line}`).join('\n');

const commentOf = ({ series, reply }: Placed): vscode.Comment => ({
  author: { name: nameOf(reply.from) },
  body: new vscode.MarkdownString(mailText(reply.says)),
  mode: vscode.CommentMode.Preview,
  label: vscode.l10n.t('{0}, on patch {1}', dayOf(reply), numberText(series, reply.patch)),
});

function markdownOf({ series, reply }: Placed): vscode.MarkdownString {
  const lines = reply.says.split('\n');
  const cut = lines.length > MOST_LINES ? '\n\n…' : '';
  const head = vscode.l10n.t('{0} on patch {1}, {2}', nameOf(reply.from), numberText(series, reply.patch), dayOf(reply));
  return new vscode.MarkdownString(`**${escapeMarkdown(head)}**\n\n${mailText(lines.slice(0, MOST_LINES).join('\n'))}${cut}`);
}

/** Text of a mail as itself, line by line. */
const mailText = (text: string): string =>
  text
    .split('\n')
    .map((line) => escapeMarkdown(line))
    .join('  \n');
