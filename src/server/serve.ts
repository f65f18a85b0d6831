/** What the server offers over a connection: marks in C files, and the requests of the protocol. */
import { resolve } from 'node:path';
import { type Connection, type InitializeParams, TextDocuments, TextDocumentSyncKind } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { done } from '../base/outcome';
import { documentParams, treeParams } from '../protocol/decode';
import { functionsIn, sites } from '../protocol/requests';
import { type CParser, loadParser } from '../worktree/tree-sitter';
import { type Border, borderOf } from './border';
import { CDocuments } from './c-documents';
import { hoverAt, lensesOf } from './marks';
import { answerRuns } from './run-requests';
import { answerSeriesRequests } from './series-requests';
import { ownReporter, toldProgress } from './told-progress';
import { tellTreeChanges } from './tree-changes';
import { TreeSites } from './tree-sites';

/** Where the server finds what ships with it. */
interface Installation {
  /** Directory with the two wasm files of tree-sitter. */
  readonly wasm: string;
  /** Directory with the bundled demo. */
  readonly demo: string;
  /** Address of the reference page of the rules. */
  readonly reference: string;
  /** The bundled reading thread. */
  readonly reader: string;
}

export function serve(connection: Connection, installation: Installation): Border {
  const border = borderOf(connection);
  answerSeriesRequests(connection, border, installation.demo);
  connection.onInitialize(async (params) => {
    const { parser, why } = await parserOr(installation.wasm);
    if (parser === null) {
      connection.window.showErrorMessage(
        `tree-sitter could not be loaded: ${why}. C files are not marked. Install the extension again; series and replies work meanwhile.`,
      );
      return { capabilities: {}, serverInfo: { name: 'folioscope' } };
    }
    tellTreeChanges(connection, params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true);
    markDocuments(connection, border, parser, installation.reference);
    answerSites(connection, border, params);
    answerRuns(connection, border, installation.reader, params.capabilities.window?.workDoneProgress === true);
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        codeLensProvider: { resolveProvider: false },
      },
      serverInfo: { name: 'folioscope' },
    };
  });
  return border;
}

async function parserOr(wasm: string): Promise<{ readonly parser: CParser | null; readonly why: string }> {
  try {
    return { parser: await loadParser(wasm), why: '' };
  } catch (error) {
    return { parser: null, why: error instanceof Error ? error.message : String(error) };
  }
}

function markDocuments(connection: Connection, border: Border, parser: CParser, reference: string): void {
  const documents = new TextDocuments(TextDocument);
  const marked = new CDocuments(
    parser,
    reference,
    (uri, version, diagnostics) => void connection.sendDiagnostics({ uri, version, diagnostics }),
    border.bug,
  );
  documents.onDidChangeContent(({ document }) => {
    marked.changed(document);
  });
  documents.onDidClose(({ document }) => {
    marked.closed(document.uri);
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return null;
    return border.guarded('hover', { uri: document.uri, position }, null, () =>
      hoverAt(marked.analysed(document)?.sites ?? [], position, reference),
    );
  });
  connection.onCodeLens(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    return border.guarded('code lens', { uri: document.uri }, [], () =>
      lensesOf(marked.analysed(document)?.functions ?? [], document.uri, (offset) => document.positionAt(offset)),
    );
  });
  border.answer(functionsIn, documentParams, ({ uri }) => {
    const document = documents.get(uri);
    const functions = document === undefined ? [] : (marked.analysed(document)?.functions ?? []);
    return functions.map(({ name, nameAt }) => ({ name, line: document?.positionAt(nameAt).line ?? 0 }));
  });
  documents.listen(connection);
}

function answerSites(connection: Connection, border: Border, { capabilities }: InitializeParams): void {
  const trees = new TreeSites();
  const showsProgress = capabilities.window?.workDoneProgress === true;
  border.answer(sites, treeParams, async ({ tree }, token) => {
    const reporter = await ownReporter(connection, showsProgress);
    const scan = await toldProgress(reporter, 'Looking for assumptions', token, (progress) => trees.of(resolve(tree), progress));
    if (scan.kind !== 'done') return scan;
    for (const { file, line, reason } of scan.value.unread) connection.console.warn(`not read: ${file}:${line}: ${reason}`);
    return done(scan.value.sites);
  });
}
