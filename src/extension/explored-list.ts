/** The verdicts of explorations: kept over a reload of the window, and dropped as soon as a file that one speaks of is another. */
import * as vscode from 'vscode';
import type { ExplorationReport, ExploredFinding } from '../protocol/exploration';
import { isInTree } from './page-messages';
import { textStamp } from './text-stamp';

/** A verdict with what it was found on. */
export interface Explored {
  /** Absolute path of the worktree. */
  readonly tree: string;
  readonly report: ExplorationReport;
  /** Stamps of the texts of the files that ran, by path in the tree. */
  readonly stamps: Readonly<Record<string, string>>;
}

/** One finding of a verdict. */
export interface FoundHere {
  readonly explored: Explored;
  readonly finding: ExploredFinding;
}

const KEY = 'folioscope.explored';
/** Verdicts kept; a reviewer looks at a few functions at a time, and each may have dozens of traces. */
const MOST_KEPT = 40;

export class ExploredList implements vscode.Disposable {
  private known: readonly Explored[] = [];
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly watch: vscode.Disposable;

  constructor(private readonly state: vscode.Memento) {
    this.watch = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) this.textChanged(document);
    });
  }

  /** Newest first. */
  get all(): readonly Explored[] {
    return this.known;
  }

  /** Every finding of every verdict that lies in a file. */
  inFile(uri: vscode.Uri): readonly FoundHere[] {
    const path = uri.scheme === 'file' ? uri.fsPath : '';
    return this.known.flatMap((explored) =>
      explored.report.findings
        .filter((finding) => fileOf(explored, finding.file)?.fsPath === path)
        .map((finding) => ({ explored, finding })),
    );
  }

  /** Takes a new verdict; the one on the same function goes. */
  async add(tree: string, report: ExplorationReport): Promise<Explored> {
    const stamps = await stampsOf(tree, filesOf(report));
    const explored: Explored = { tree, report, stamps };
    this.set([explored, ...this.known.filter((one) => one.tree !== tree || one.report.function !== report.function)].slice(0, MOST_KEPT));
    return explored;
  }

  /** Forgets one verdict, or all. */
  clear(explored?: Explored): void {
    this.set(explored ? this.known.filter((one) => one !== explored) : []);
  }

  /** Brings back what was known before a reload of the window, where its files are as they were. */
  async restore(): Promise<void> {
    const kept = this.state.get<readonly Explored[]>(KEY, []);
    const good = await unchanged(kept);
    const newer = this.known;
    this.set([...newer, ...good.filter((one) => !newer.some((other) => sameSubject(one, other)))]);
  }

  /** Looks at the files of a tree again. */
  async treeChanged(tree: string): Promise<void> {
    const mine = this.known.filter((one) => one.tree === tree);
    const good = new Set(await unchanged(mine));
    if (good.size < mine.length) this.set(this.known.filter((one) => !mine.includes(one) || good.has(one)));
  }

  dispose(): void {
    this.watch.dispose();
    this.changed.dispose();
  }

  private textChanged(document: vscode.TextDocument): void {
    if (document.uri.scheme !== 'file' || this.known.length === 0) return;
    let stamp: string | undefined;
    const stale = this.known.filter((explored) => {
      const file = Object.keys(explored.stamps).find((one) => fileOf(explored, one)?.fsPath === document.uri.fsPath);
      if (file === undefined) return false;
      stamp ??= textStamp(document.getText());
      return explored.stamps[file] !== stamp;
    });
    if (stale.length > 0) this.set(this.known.filter((one) => !stale.includes(one)));
  }

  private set(known: readonly Explored[]): void {
    this.known = known;
    this.changed.fire();
    void this.state.update(KEY, known);
  }
}

/** The document of a file of the explored tree; undefined where the path is none of it. */
export const fileOf = (explored: Explored, file: string): vscode.Uri | undefined =>
  isInTree(file) ? vscode.Uri.joinPath(vscode.Uri.file(explored.tree), file) : undefined;

const sameSubject = (a: Explored, b: Explored): boolean => a.tree === b.tree && a.report.function === b.report.function;

/** The files whose code ran, and those that the findings speak of. */
function filesOf(report: ExplorationReport): readonly string[] {
  const ran = report.fidelity.filter((row) => row.mode === 'interpreted').map((row) => row.file);
  return [...new Set([report.file, ...ran, ...report.findings.map((finding) => finding.file)])].filter(isInTree);
}

async function stampsOf(tree: string, files: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const root = vscode.Uri.file(tree);
  const pairs = await Promise.all(
    files.map(async (file): Promise<readonly [string, string]> => {
      const bytes = await Promise.resolve(vscode.workspace.fs.readFile(vscode.Uri.joinPath(root, file))).catch(() => undefined);
      return [file, bytes ? textStamp(new TextDecoder().decode(bytes)) : ''];
    }),
  );
  return Object.fromEntries(pairs);
}

/** Those whose files read as they did. */
async function unchanged(list: readonly Explored[]): Promise<readonly Explored[]> {
  const good = await Promise.all(
    list.map(async (one) => {
      const now = await stampsOf(one.tree, Object.keys(one.stamps));
      return Object.entries(one.stamps).every(([file, stamp]) => now[file] === stamp);
    }),
  );
  return list.filter((_, at) => good[at]);
}
