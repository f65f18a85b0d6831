/** What is asked of open C files over LSP: marks, hovers, lenses, hints, quick fixes. Hovers and lenses are asked through `serve`. */
import type {
  CodeLens,
  Connection,
  DocumentSymbol,
  Hover,
  InitializeParams,
  Position,
  ServerCapabilities,
  TextDocuments,
} from 'vscode-languageserver/node';
import { CodeActionKind, DocumentSymbolRequest } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { documentParams } from '../protocol/decode';
import { functionsIn } from '../protocol/requests';
import { dataDirectory, openedAt } from '../worktree/opened';
import type { CParser } from '../worktree/tree-sitter';
import { actionsIn, countLenses, hintsIn, HUGE_LINES } from './assumption-hints';
import { answerAssumptions } from './assumption-requests';
import { Settings } from './assumption-settings';
import { AssumptionTrees } from './assumption-trees';
import type { Border } from './border';
import { CDocuments } from './c-documents';
import { answerSymbols, SYMBOL_CAPABILITIES, symbolsOf } from './c-symbols';
import { hoverOf, lensesOf, siteAt } from './marks';
import { tellTreeChanges } from './tree-changes';

export const C_CAPABILITIES: ServerCapabilities = {
  inlayHintProvider: { resolveProvider: false },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  ...SYMBOL_CAPABILITIES,
};

/** VS Code takes the kernel's headers for C++. */
const C_FILES = [
  { scheme: 'file', language: 'c' },
  { scheme: 'file', language: 'cpp' },
];

export interface CLanguage {
  changed(document: TextDocument): void;
  closed(document: TextDocument): void;
  hover(document: TextDocument, position: Position): Hover | null;
  lenses(document: TextDocument): CodeLens[];
  symbols(document: TextDocument): DocumentSymbol[];
}

/**
 * @param reference address of the reference page of the rules
 * @param scanner path of the bundled thread that helps reading a tree
 * @param onReady takes what is to be done once the client is ready
 */
export function answerC(
  connection: Connection,
  border: Border,
  documents: TextDocuments<TextDocument>,
  parser: CParser,
  { reference, scanner }: { readonly reference: string; readonly scanner: string },
  params: InitializeParams,
  onReady: (then: () => void) => void,
): CLanguage {
  const { capabilities: client } = params;
  const trees = new AssumptionTrees({
    thread: scanner,
    data: dataDirectory(),
    note: (text) => {
      connection.console.warn(text);
    },
  });
  const settings = new Settings(connection, params, onReady, () => {
    marked.markAgain();
  });
  const refresh = (): void => {
    if (client.workspace?.inlayHint?.refreshSupport === true) connection.languages.inlayHint.refresh().catch(() => undefined);
    if (client.workspace?.codeLens?.refreshSupport === true)
      void connection.sendRequest('workspace/codeLens/refresh').catch(() => undefined);
  };
  const marked = new CDocuments(
    parser,
    trees,
    reference,
    () => settings.now,
    (uri, version, diagnostics) => void connection.sendDiagnostics({ uri, version, diagnostics }),
    border.bug,
    refresh,
  );
  border.answer(functionsIn, documentParams, ({ uri }) => {
    const document = documents.get(uri);
    const functions = document === undefined ? [] : marked.functions(document);
    return functions.map(({ name, nameAt }) => ({ name, line: document?.positionAt(nameAt).line ?? 0 }));
  });
  connection.languages.inlayHint.on(({ textDocument, range }) => {
    const document = documents.get(textDocument.uri);
    const { hints, hintsInHugeFiles } = settings.now;
    if (document === undefined || !hints || (document.lineCount > HUGE_LINES && !hintsInHugeFiles)) return [];
    return border.guarded('inlay hints', { uri: document.uri }, [], () => hintsIn(marked.known(document)?.sites ?? [], range, document));
  });
  connection.onCodeAction(({ textDocument, range, context }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    return border.guarded('quick fixes', { uri: document.uri, range }, [], () => {
      const known = marked.known(document);
      if (known === null) return [];
      const file = { root: known.tree.root, path: known.path, uri: document.uri };
      return actionsIn(known.sites ?? [], range, context.diagnostics, file);
    });
  });
  tellTreeChanges(connection, client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true, onReady, (root) => {
    const tree = trees.known(root);
    if (tree === null) return;
    tree.changed().then(
      () => {
        marked.markAgain(root);
      },
      (error: unknown) => {
        border.bug('reading a tree', { root }, error);
      },
    );
  });
  answerSymbols(connection, documents, marked);
  if (client.textDocument?.documentSymbol?.dynamicRegistration === true)
    onReady(() => {
      connection.client.register(DocumentSymbolRequest.type, { documentSelector: C_FILES }).catch(() => undefined);
    });
  answerAssumptions(connection, border, trees, client.window?.workDoneProgress === true, (root) => {
    marked.markAgain(root);
  });
  return {
    changed: (document) => {
      marked.changed(document);
    },
    closed: ({ uri }) => {
      marked.closed(uri);
    },
    hover(document, position) {
      const known = marked.known(document);
      const at = siteAt(
        (known?.sites ?? []).map(({ site }) => site),
        position,
      );
      const one = known?.sites?.find(({ site }) => site === at);
      const site = at === undefined ? null : (known?.tree.assessed(at) ?? null);
      if (known === null || one === undefined || site === null) return null;
      const { root, lineOf } = known.tree;
      const isMarked = settings.now.severityOf(site.class) !== null;
      return hoverOf(site, one, { root, lineOf, titleOf: (patch) => titleOf(root, patch) }, isMarked, reference);
    },
    lenses(document) {
      const functions = marked.functions(document);
      const positionAt = (offset: number): Position => document.positionAt(offset);
      const known = settings.now.lenses ? marked.known(document) : null;
      const counts =
        known === null ? [] : countLenses(known.sites ?? [], functions, { root: known.tree.root, path: known.path }, positionAt);
      return [...counts, ...lensesOf(functions, document.uri, positionAt)];
    },
    symbols: (document) => (marked.known(document) === null ? [] : symbolsOf(document)),
  };
}

/** `30/39`, or null where no series was opened in the tree. */
function titleOf(root: string, patch: number): string | null {
  const opened = openedAt(root);
  return opened === null ? null : `${patch}/${opened.commits.length}`;
}
