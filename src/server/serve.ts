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
import { GmemDocuments, isGmem } from './gmem-documents';
import { answerGmem, gmemCapabilities, registerGmem } from './gmem-language';
import { gmemHover, gmemLenses } from './gmem-marks';
import { answerScenarioRuns } from './gmem-runs';
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
  /** The bundled thread that runs scenarios. */
  readonly runner: string;
}

export function serve(connection: Connection, installation: Installation): Border {
  const border = borderOf(connection);
  answerSeriesRequests(connection, border, installation.demo);
  connection.onInitialize(async (params) => {
    const { capabilities: client } = params;
    const { parser, why } = await parserOr(installation.wasm);
    if (parser === null) {
      connection.window.showErrorMessage(
        `tree-sitter could not be loaded: ${why}. C files are not marked. Install the extension again; series, replies and scenarios work meanwhile.`,
      );
    }
    const documents = new TextDocuments(TextDocument);
    const marked = parser === null ? null : markDocuments(connection, border, documents, parser, installation.reference);
    answerDocuments(connection, border, documents, marked, installation.reference);
    answerGmem(connection, border, documents);
    answerScenarioRuns(connection, border, installation.runner);
    connection.onInitialized(
      () => void registerGmem(connection, client).catch((error: unknown) => border.bug('registration', null, error)),
    );
    if (parser !== null) {
      tellTreeChanges(connection, client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true);
      answerSites(connection, border, params);
      answerRuns(connection, border, installation.reader, client.window?.workDoneProgress === true);
    }
    documents.listen(connection);
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        codeLensProvider: { resolveProvider: false },
        ...gmemCapabilities(client),
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

function markDocuments(
  connection: Connection,
  border: Border,
  documents: TextDocuments<TextDocument>,
  parser: CParser,
  reference: string,
): CDocuments {
  const marked = new CDocuments(
    parser,
    reference,
    (uri, version, diagnostics) => void connection.sendDiagnostics({ uri, version, diagnostics }),
    border.bug,
  );
  border.answer(functionsIn, documentParams, ({ uri }) => {
    const document = documents.get(uri);
    const functions = document === undefined ? [] : (marked.analysed(document)?.functions ?? []);
    return functions.map(({ name, nameAt }) => ({ name, line: document?.positionAt(nameAt).line ?? 0 }));
  });
  return marked;
}

/** @param marked null where C cannot be parsed */
function answerDocuments(
  connection: Connection,
  border: Border,
  documents: TextDocuments<TextDocument>,
  marked: CDocuments | null,
  reference: string,
): void {
  const scenarios = new GmemDocuments(
    (uri, version, diagnostics) => void connection.sendDiagnostics({ uri, version, diagnostics }),
    border.bug,
  );
  documents.onDidChangeContent(({ document }) => {
    if (isGmem(document)) scenarios.changed(document);
    else marked?.changed(document);
  });
  documents.onDidClose(({ document }) => {
    if (isGmem(document)) scenarios.closed(document.uri);
    else marked?.closed(document.uri);
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return null;
    return border.guarded('hover', { uri: document.uri, position }, null, () =>
      isGmem(document) ? gmemHover(document.getText(), position) : hoverAt(marked?.analysed(document)?.sites ?? [], position, reference),
    );
  });
  connection.onCodeLens(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    return border.guarded('code lens', { uri: document.uri }, [], () =>
      isGmem(document)
        ? gmemLenses(document.getText(), document.uri)
        : lensesOf(marked?.analysed(document)?.functions ?? [], document.uri, (offset) => document.positionAt(offset)),
    );
  });
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
