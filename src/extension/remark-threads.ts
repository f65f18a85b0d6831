/** Remarks as comment threads of VS Code: what is written becomes a remark at once, and what is stored is shown wherever its line is. */
import * as vscode from 'vscode';
import type { Remark } from '../protocol/remark';
import type { Engine } from './engine';
import { before } from './commit-documents';
import { linesOf } from './line-finding';
import { mailUri } from './mail-documents';
import { fileUri, numberText, type OpenedList } from './opened-list';
import { valueOrTold } from './refusal-message';
import { lineIn, rangesOf, remarkAt, type Surface, surfaceOf } from './remark-places';
import { type ShownDocument, shownDocuments } from './shown-documents';
import type { RemarkStore } from './remark-store';

/** A remark as a comment. */
export interface RemarkComment extends vscode.Comment {
  readonly remark: Remark;
  /** What is in the input box while it is edited; VS Code writes it. */
  body: string | vscode.MarkdownString;
  mode: vscode.CommentMode;
}

/** A thread as it should be. */
interface Wanted {
  readonly uri: vscode.Uri;
  readonly line: number;
  readonly remarks: readonly Remark[];
}

export class RemarkThreads implements vscode.Disposable {
  private readonly controller = vscode.comments.createCommentController('folioscope', vscode.l10n.t('Folioscope remarks'));
  /** By document and line. */
  private readonly threads = new Map<string, vscode.CommentThread>();
  private readonly subscriptions: vscode.Disposable[];
  private drawing: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly engine: Engine,
    private readonly list: OpenedList,
    private readonly store: RemarkStore,
  ) {
    this.controller.options = {
      prompt: vscode.l10n.t('Write a remark…'),
      placeHolder: vscode.l10n.t('It becomes part of the reply to the patch; nothing is sent.'),
    };
    this.controller.commentingRangeProvider = {
      provideCommentingRanges: (document) => {
        const surface = surfaceOf(this.list, document.uri);
        return surface ? { enableFileComments: false, ranges: rangesOf(surface, document) } : undefined;
      },
    };
    this.subscriptions = [
      store.onDidChange(() => this.draw()),
      vscode.workspace.onDidOpenTextDocument(() => this.draw()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidCloseTextDocument(() => this.draw()),
    ];
  }

  /** The number of remarks on a patch. */
  countOf(series: string, patch: number): number {
    return this.store.of(series).filter((remark) => remark.patch === patch).length;
  }

  /** Stores what was written into the box of a thread. */
  async add({ thread, text }: vscode.CommentReply): Promise<Remark | undefined> {
    const surface = surfaceOf(this.list, thread.uri);
    if (!surface || text.trim() === '') return undefined;
    const document = await vscode.workspace.openTextDocument(thread.uri);
    const line = thread.range?.end.line ?? 0;
    const remark = await remarkAt(this.engine, surface, document, line, text);
    const saved = valueOrTold(await this.store.save(remark));
    // The drawing makes a thread of its own; the one of the box would stand beside it.
    if (saved && ![...this.threads.values()].includes(thread)) thread.dispose();
    return saved;
  }

  /** Stores a remark that is to be edited, and opens its box. */
  async draft(uri: vscode.Uri, line: number, body: string): Promise<Remark | undefined> {
    const surface = surfaceOf(this.list, uri);
    if (!surface) return undefined;
    const document = await vscode.workspace.openTextDocument(uri);
    const saved = valueOrTold(await this.store.save(await remarkAt(this.engine, surface, document, line, body)));
    if (!saved) return undefined;
    this.draw();
    while (this.drawing) await this.drawing;
    for (const thread of this.threads.values()) {
      const comment = (thread.comments as readonly RemarkComment[]).find((one) => one.remark.id === saved.id);
      if (!comment || thread.uri.toString() !== uri.toString()) continue;
      thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
      this.edit(comment);
    }
    return saved;
  }

  edit(comment: RemarkComment): void {
    this.redraw(comment, vscode.CommentMode.Editing);
  }

  cancelEdit(comment: RemarkComment): void {
    comment.body = comment.remark.body;
    this.redraw(comment, vscode.CommentMode.Preview);
  }

  async saveEdit(comment: RemarkComment): Promise<void> {
    const body = typeof comment.body === 'string' ? comment.body : comment.body.value;
    comment.mode = vscode.CommentMode.Preview;
    if (body.trim() === '') return this.cancelEdit(comment);
    valueOrTold(await this.store.save({ ...comment.remark, body }));
  }

  async delete(comment: RemarkComment): Promise<void> {
    valueOrTold(await this.store.delete(comment.remark));
  }

  /** The series and patch that a thread's remarks answer. */
  subjectOf(thread: vscode.CommentThread): { readonly series: string; readonly patch: number } | undefined {
    const remark = (thread.comments[0] as RemarkComment | undefined)?.remark;
    return remark && { series: remark.series, patch: remark.patch };
  }

  /** Makes the threads as the remarks say; calls while it is at it are done together once it is through. */
  draw(): void {
    if (this.drawing) {
      this.again = true;
      return;
    }
    this.drawing = this.drawn().finally(() => {
      this.drawing = null;
      if (this.again) {
        this.again = false;
        this.draw();
      }
    });
  }

  dispose(): void {
    for (const one of [...this.subscriptions, ...this.threads.values(), this.controller]) one.dispose();
  }

  private async drawn(): Promise<void> {
    const remarks = this.list.all.flatMap((series) => this.store.of(series.id));
    const wanted = new Map<string, Wanted>();
    const shown = new Set<Remark>();
    const place = ({ uri, surface, lines }: ShownDocument, remark: Remark): void => {
      const line = shown.has(remark) ? undefined : lineIn(surface, lines, remark);
      if (line === undefined) return;
      const key = `${uri.toString()}#${line}`;
      const known = wanted.get(key) ?? { uri, line, remarks: [] };
      wanted.set(key, { ...known, remarks: [...known.remarks, remark] });
      shown.add(remark);
    };
    const open = shownDocuments(this.list);
    for (const remark of remarks) {
      // A box that is being written in stays where it is.
      const edited = this.editedIn(remark);
      for (const one of edited ? open.filter(({ uri }) => uri.toString() === edited) : []) place(one, remark);
      for (const one of open) place(one, remark);
    }
    // The others are shown too, so that the Comments view lists them; their documents need not be opened for it.
    for (const remark of remarks) {
      const home = shown.has(remark) ? undefined : this.homeOf(remark);
      // A file that is gone, or a commit that may not be read now, shows nothing; its remarks stay stored.
      const bytes = home && (await Promise.resolve(vscode.workspace.fs.readFile(home)).catch(() => undefined));
      const surface = home && surfaceOf(this.list, home);
      if (home && bytes && surface) place({ uri: home, surface, lines: linesOf(new TextDecoder().decode(bytes)) }, remark);
    }
    for (const [key, thread] of this.threads) {
      if (wanted.has(key)) continue;
      thread.dispose();
      this.threads.delete(key);
    }
    for (const [key, one] of wanted) this.show(key, one);
  }

  /** The document whose box for a remark is being edited. */
  private editedIn(remark: Remark): string | undefined {
    const editing = (comment: RemarkComment): boolean => comment.remark.id === remark.id && comment.mode === vscode.CommentMode.Editing;
    const thread = [...this.threads.values()].find((one) => (one.comments as readonly RemarkComment[]).some(editing));
    return thread?.uri.toString();
  }

  /** The document that shows a remark where no open one does: the worktree's file, for a line that a patch
   * took away its left side, for a line of a mail the mail. */
  private homeOf(remark: Remark): vscode.Uri | undefined {
    const series = this.list.byId(remark.series);
    if (!series || !this.list.isHere(series)) return undefined;
    const patch = series.patches.find((one) => one.number === remark.patch);
    if (remark.file === '') {
      const mail = patch ?? series.cover;
      return mail ? mailUri({ kind: 'message', series: series.id, message: mail.id }, mail.subject) : undefined;
    }
    if (!patch) return undefined;
    return remark.side === 'new' ? fileUri(series, remark.file) : before(series, patch, remark.file);
  }

  private show(key: string, { uri, line, remarks }: Wanted): void {
    const surface = surfaceOf(this.list, uri);
    const comments = [...remarks].sort((a, b) => (a.written < b.written ? -1 : 1)).map((remark) => commentOf(remark, surface));
    const known = this.threads.get(key);
    if (known) {
      if (!sameComments(known.comments as readonly RemarkComment[], comments)) known.comments = comments;
      return;
    }
    const thread = this.controller.createCommentThread(uri, new vscode.Range(line, 0, line, 0), comments);
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    thread.contextValue = 'remarks';
    thread.label = vscode.l10n.t('Remark for the reply');
    this.threads.set(key, thread);
  }

  /** VS Code looks at a comment's mode when the list is set anew. */
  private redraw(comment: RemarkComment, mode: vscode.CommentMode): void {
    for (const thread of this.threads.values()) {
      if (!thread.comments.includes(comment)) continue;
      comment.mode = mode;
      thread.comments = [...thread.comments];
    }
  }
}

function commentOf(remark: Remark, surface: Surface | undefined): RemarkComment {
  const series = surface?.series;
  const patch = series ? numberText(series, remark.patch) : String(remark.patch);
  const answers = remark.patch === 0 ? vscode.l10n.t('to the cover letter') : vscode.l10n.t('to patch {0}', patch);
  return {
    remark,
    body: remark.body,
    mode: vscode.CommentMode.Preview,
    author: { name: vscode.l10n.t('You') },
    label: vscode.l10n.t('{0} · not sent', answers),
    timestamp: new Date(remark.written),
    contextValue: 'remark',
  };
}

/** A box that is being edited stays as it is unless what it shows has changed. */
const sameComments = (a: readonly RemarkComment[], b: readonly RemarkComment[]): boolean =>
  a.length === b.length && a.every((one, index) => one.remark.id === b[index]?.remark.id && one.remark.body === b[index].remark.body);
