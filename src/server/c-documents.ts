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
import { diagnosticOf, tooLongDiagnostic } from './marks';

/** After the last key: shorter than people notice, longer than between two keys of a fast typist. */
const SETTLE_MS = 60;
/** One more millisecond of waiting for so many units: a long file is not parsed at each pause. */
const UNITS_A_MS = 20_000;

interface Analysis {
  readonly version: number;
  readonly sites: readonly Site[];
  readonly functions: readonly FunctionPlace[];
  readonly tooLong: boolean;
}

interface OpenFile {
  readonly path: string;
  readonly parsed: ParsedDocument;
  analysis: Analysis | null;
  timer: NodeJS.Timeout | null;
}

export class CDocuments {
  private readonly open = new Map<string, OpenFile>();

  /**
   * @param publish gets the diagnostics of a document after each analysis
   * @param bug gets what an analysis throws
   */
  constructor(
    private readonly parser: CParser,
    private readonly reference: string,
    private readonly publish: (uri: string, version: number, diagnostics: Diagnostic[]) => void,
    private readonly bug: (what: string, context: unknown, error: unknown) => void,
  ) {}

  /** A document was opened or changed: it is analysed soon. */
  changed(document: TextDocument): void {
    const known = this.open.get(document.uri);
    const file = known ?? this.opened(document.uri);
    if (file === null) return;
    if (file.timer !== null) clearTimeout(file.timer);
    const wait = known === undefined ? 0 : SETTLE_MS + document.getText().length / UNITS_A_MS;
    file.timer = setTimeout(() => {
      file.timer = null;
      try {
        this.analysed(document);
      } catch (error) {
        this.bug('analysis', { uri: document.uri, version: document.version }, error);
      }
    }, wait);
  }

  closed(uri: string): void {
    const file = this.open.get(uri);
    if (file === undefined) return;
    if (file.timer !== null) clearTimeout(file.timer);
    file.parsed.close();
    this.open.delete(uri);
    this.publish(uri, 0, []);
  }

  /** What is known of the document as it is now; null where it is no C file of a kernel tree. */
  analysed(document: TextDocument): Analysis | null {
    const file = this.open.get(document.uri) ?? this.opened(document.uri);
    if (file === null) return null;
    if (file.analysis?.version === document.version) return file.analysis;
    const analysis = analysisOf(file, document);
    file.analysis = analysis;
    const diagnostics = analysis.tooLong
      ? [tooLongDiagnostic(document.getText().length, MAX_TEXT)]
      : analysis.sites.map((site) => diagnosticOf(site, this.reference));
    this.publish(document.uri, document.version, diagnostics);
    return analysis;
  }

  private opened(uri: string): OpenFile | null {
    const path = cFileOf(uri);
    const root = path === null ? null : kernelTreeOf(path);
    if (path === null || root === null) return null;
    const file: OpenFile = { path: pathInTree(root, path), parsed: this.parser.document(), analysis: null, timer: null };
    this.open.set(uri, file);
    return file;
  }
}

function analysisOf(file: OpenFile, document: TextDocument): Analysis {
  const text = document.getText();
  const { version } = document;
  if (text.length > MAX_TEXT) return { version, sites: [], functions: [], tooLong: true };
  return file.parsed.parsed(text, (root) => {
    const parsed = { path: file.path, text, root };
    const functions = functionsOf(parsed);
    return { version, sites: sitesOf(parsed, functions), functions, tooLong: false };
  });
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
