/** The C files that the editor has open: what is known of each, renewed while it is edited. */
import { fileURLToPath } from 'node:url';
import type { Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type FunctionPlace, functionsOf } from '../assumptions/functions';
import type { Site } from '../assumptions/site';
import { sitesOf } from '../assumptions/sites';
import { MAX_TEXT } from '../review/scan';
import { kernelTreeOf, pathInTree } from '../worktree/tree-root';
import type { CParser, ParsedDocument } from '../worktree/tree-sitter';
import type { JoinedTree } from './assumption-join';
import type { AssumptionSettings } from './assumption-settings';
import type { AssumptionTree, AssumptionTrees, MarkedSite } from './assumption-trees';
import { diagnosticOf, readingDiagnosticOf, tooLongDiagnostic, tooManyDiagnostic, unreadDiagnostic } from './marks';

/** After the last key: shorter than people notice, longer than between two keys of a fast typist. */
const SETTLE_MS = 20;
/** One more millisecond of waiting for so many units: a long file is not read at each pause. */
const UNITS_A_MS = 20_000;
/** After marks are out there is time to get ready for the next edit. */
const READY_MS = 20;
/** Of getting ready in one go: no key waits noticeably. */
const SLICE_MS = 8;
/** A tree that was kept is read sooner; only one that takes longer has its sites marked before their classes are known. */
const UNCLASSIFIED_MS = 700;
/** Without a key for so long there is time for the marks of other files. */
const IDLE_MS = 400;
/** Marks of a file; more of them are no help to anyone. */
const MAX_MARKS = 3000;

interface OpenFile {
  readonly tree: AssumptionTree;
  /** Relative to the tree. */
  readonly path: string;
  readonly parsed: ParsedDocument;
  document: TextDocument;
  /** Until the tree has been read for the first time. */
  isWaiting: boolean;
  /** Version that was marked last. */
  marked: number;
  published: string;
  functions: { readonly version: number; readonly places: readonly FunctionPlace[] } | null;
  timer: NodeJS.Timeout | null;
  idle: NodeJS.Timeout | null;
}

/** An open file with what is known of it. */
export interface KnownDocument {
  readonly tree: AssumptionTree;
  readonly path: string;
  /** Null until its tree has been read. */
  readonly sites: readonly MarkedSite[] | null;
}

export class CDocuments {
  private readonly open = new Map<string, OpenFile>();

  /**
   * @param publish gets the diagnostics of a document after each analysis
   * @param bug gets what an analysis throws
   * @param renewed is called when other things hold of open documents than before
   */
  constructor(
    private readonly parser: CParser,
    private readonly trees: AssumptionTrees,
    private readonly reference: string,
    private readonly settings: () => AssumptionSettings,
    private readonly publish: (uri: string, version: number, diagnostics: Diagnostic[]) => void,
    private readonly bug: (what: string, context: unknown, error: unknown) => void,
    private readonly renewed: () => void,
  ) {}

  /** A document was opened or changed: it is analysed soon. */
  changed(document: TextDocument): void {
    const known = this.open.get(document.uri);
    const file = known ?? this.opened(document);
    if (file === null) return;
    file.document = document;
    if (file.timer !== null) clearTimeout(file.timer);
    if (file.idle !== null) clearTimeout(file.idle);
    file.idle = null;
    const wait = known === undefined ? 0 : SETTLE_MS + document.getText().length / UNITS_A_MS;
    file.timer = setTimeout(() => {
      file.timer = null;
      this.guarded('analysis', file, () => {
        this.mark(file);
        this.whenIdle(file);
      });
    }, wait);
  }

  closed(uri: string): void {
    const file = this.open.get(uri);
    if (file === undefined) return;
    if (file.timer !== null) clearTimeout(file.timer);
    if (file.idle !== null) clearTimeout(file.idle);
    file.parsed.close();
    file.tree.facts.close(file.path);
    this.open.delete(uri);
    this.publish(uri, 0, []);
  }

  /** What is known of the document as it is now; null where it is no C file of a kernel tree. */
  known(document: TextDocument): KnownDocument | null {
    const file = this.open.get(document.uri) ?? this.opened(document);
    if (file === null) return null;
    file.document = document;
    const { tree, path } = file;
    if (document.getText().length > MAX_TEXT) return { tree, path, sites: [] };
    tree.facts.edit(path, document.getText());
    return { tree, path, sites: tree.marked(path) };
  }

  /** The functions that the document defines, from the top. */
  functions(document: TextDocument): readonly FunctionPlace[] {
    const file = this.open.get(document.uri) ?? this.opened(document);
    if (file === null || document.getText().length > MAX_TEXT) return [];
    const { version } = document;
    if (file.functions?.version !== version) {
      const text = document.getText();
      const places = file.parsed.parsed(text, (root) => functionsOf({ path: file.path, text, root }));
      file.functions = { version, places };
    }
    return file.functions.places;
  }

  /** Trees of open files. */
  roots(): readonly string[] {
    return [...new Set([...this.open.values()].map(({ tree }) => tree.root))];
  }

  /** What the files of a tree say together; null where it is not open, or has not been read yet. */
  joinedAt(root: string): JoinedTree | null {
    return this.trees.known(root)?.facts.all ?? null;
  }

  /** Marks all open documents again, or those of one tree: other settings hold, or other files of it have changed. */
  markAgain(root?: string): void {
    for (const file of this.open.values())
      if (root === undefined || file.tree.root === root) this.guarded('marks', file, () => this.mark(file));
    this.renewed();
  }

  private mark(file: OpenFile): void {
    const { document, tree, path } = file;
    const text = document.getText();
    if (text.length > MAX_TEXT) return this.tell(file, [tooLongDiagnostic(text.length, MAX_TEXT)]);
    tree.facts.edit(path, text);
    const sites = tree.marked(path);
    if (sites === null) return this.markLater(file);
    const settings = this.settings();
    const unread = tree.facts.now?.facts.get(path)?.unread ?? [];
    this.tell(file, [
      ...sites.slice(0, MAX_MARKS).flatMap((site) => diagnosticOf(site, settings, this.reference, tree.root) ?? []),
      ...unread.slice(0, MAX_MARKS).map(unreadDiagnostic),
      ...(sites.length > MAX_MARKS ? [tooManyDiagnostic(sites.length, MAX_MARKS)] : []),
    ]);
  }

  /** Marks a file when its tree has been read; its sites without their classes where that takes long. */
  private markLater(file: OpenFile): void {
    if (file.isWaiting) return;
    file.isWaiting = true;
    const { document, tree } = file;
    const { uri, version } = document;
    const timer = setTimeout(() => {
      if (this.open.get(uri) !== file || tree.facts.now !== null) return;
      this.guarded('marks', file, () => {
        this.tell(file, this.unclassified(file, file.document.getText()).slice(0, MAX_MARKS).map(readingDiagnosticOf));
      });
    }, UNCLASSIFIED_MS);
    tree.ready().then(
      (outcome) => {
        clearTimeout(timer);
        file.isWaiting = false;
        if (outcome.kind !== 'done' || this.open.get(uri) !== file) return;
        this.markAgain(tree.root);
        this.whenIdle(file);
      },
      (error: unknown) => {
        clearTimeout(timer);
        file.isWaiting = false;
        this.bug('reading a tree', { uri, version }, error);
      },
    );
  }

  private unclassified(file: OpenFile, text: string): readonly Site[] {
    return file.parsed.parsed(text, (root) => sitesOf({ path: file.path, text, root }));
  }

  /** What nobody waits for: getting ready for the next edit, and the marks of other files. */
  private whenIdle(file: OpenFile, wait = READY_MS): void {
    if (file.idle !== null) clearTimeout(file.idle);
    file.idle = setTimeout(() => {
      file.idle = null;
      if (file.tree.facts.now === null) return;
      let isReady = true;
      this.guarded('preparation', file, () => {
        const until = performance.now() + SLICE_MS;
        isReady = file.tree.facts.prepare(file.path, () => performance.now() > until);
      });
      if (!isReady) {
        this.whenIdle(file, 1);
        return;
      }
      file.idle = setTimeout(() => {
        file.idle = null;
        for (const other of this.open.values()) if (other.tree === file.tree) this.guarded('marks', other, () => this.mark(other));
        this.renewed();
      }, IDLE_MS);
    }, wait);
  }

  private tell(file: OpenFile, diagnostics: Diagnostic[]): void {
    const { uri, version } = file.document;
    const text = JSON.stringify(diagnostics);
    if (file.marked === version && file.published === text) return;
    file.marked = version;
    file.published = text;
    this.publish(uri, version, diagnostics);
  }

  private guarded(what: string, { document }: OpenFile, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.bug(what, { uri: document.uri, version: document.version }, error);
    }
  }

  private opened(document: TextDocument): OpenFile | null {
    const path = cFileOf(document.uri);
    const root = path === null ? null : kernelTreeOf(path);
    if (path === null || root === null) return null;
    const file: OpenFile = {
      tree: this.trees.of(root),
      path: pathInTree(root, path),
      parsed: this.parser.document(),
      document,
      isWaiting: false,
      marked: -1,
      published: '',
      functions: null,
      timer: null,
      idle: null,
    };
    this.open.set(document.uri, file);
    return file;
  }
}

/** The path of a C source or header on disk, or null. */
function cFileOf(uri: string): string | null {
  if (!uri.startsWith('file:') || !/\.[ch]$/.test(uri)) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}
