/** What the server offers over a connection: marks in C files, and the requests of the protocol. */
import { type Connection, TextDocuments, TextDocumentSyncKind } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type CParser, loadParser } from '../worktree/tree-sitter';
import { type Border, borderOf } from './border';
import { answerC, C_CAPABILITIES, type CLanguage } from './c-language';
import { GmemDocuments, isGmem } from './gmem-documents';
import { answerGmem, gmemCapabilities, registerGmem } from './gmem-language';
import { gmemHover, gmemLenses, gmemSymbols } from './gmem-marks';
import { answerScenarioRuns } from './gmem-runs';
import { answerRuns } from './run-requests';
import { answerSeriesRequests } from './series-requests';

/** Where the server finds what ships with it. */
interface Installation {
  /** Directory with the two wasm files of tree-sitter. */
  readonly wasm: string;
  /** Directory with the bundled demo. */
  readonly demo: string;
  /** Address of the reference page of the rules. */
  readonly reference: string;
  /** The bundled thread that helps looking for assumptions. */
  readonly scanner: string;
  /** The bundled reading thread. */
  readonly reader: string;
  /** The bundled thread that runs scenarios. */
  readonly runner: string;
}

export function serve(connection: Connection, installation: Installation): Border {
  const border = borderOf(connection);
  answerSeriesRequests(connection, border, installation.demo);
  // A connection keeps one listener: this one tells the others.
  const ready: (() => void)[] = [];
  connection.onInitialized(() => {
    for (const then of ready) then();
  });
  connection.onInitialize(async (params) => {
    const { capabilities: client } = params;
    const { parser, why } = await parserOr(installation.wasm);
    if (parser === null) {
      connection.window.showErrorMessage(
        `tree-sitter could not be loaded: ${why}. C files are not marked. Install the extension again; series, replies and scenarios work meanwhile.`,
      );
    }
    const documents = new TextDocuments(TextDocument);
    const c = parser === null ? null : answerC(connection, border, documents, parser, installation, params, (then) => ready.push(then));
    answerDocuments(connection, border, documents, c);
    answerGmem(connection, border, documents);
    answerScenarioRuns(connection, border, installation.runner, client.window?.workDoneProgress === true);
    ready.push(() => void registerGmem(connection, client).catch((error: unknown) => border.bug('registration', null, error)));
    if (parser !== null) {
      answerRuns(connection, border, installation.reader, client.window?.workDoneProgress === true);
    }
    documents.listen(connection);
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        codeLensProvider: { resolveProvider: false },
        ...(c === null ? {} : C_CAPABILITIES),
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

/** @param c null where C cannot be parsed */
function answerDocuments(connection: Connection, border: Border, documents: TextDocuments<TextDocument>, c: CLanguage | null): void {
  const scenarios = new GmemDocuments(
    (uri, version, diagnostics) => void connection.sendDiagnostics({ uri, version, diagnostics }),
    border.bug,
  );
  documents.onDidChangeContent(({ document }) => {
    if (isGmem(document)) scenarios.changed(document);
    else c?.changed(document);
  });
  documents.onDidClose(({ document }) => {
    if (isGmem(document)) scenarios.closed(document.uri);
    else c?.closed(document);
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return null;
    return border.guarded('hover', { uri: document.uri, position }, null, () =>
      isGmem(document) ? gmemHover(document.getText(), position) : (c?.hover(document, position) ?? null),
    );
  });
  connection.onDocumentSymbol(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    return border.guarded('outline', { uri: document.uri, version: document.version }, [], () =>
      isGmem(document) ? gmemSymbols(document.getText()) : (c?.symbols(document) ?? []),
    );
  });
  connection.onCodeLens(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    return border.guarded('code lens', { uri: document.uri }, [], () =>
      isGmem(document) ? gmemLenses(document.getText(), document.uri) : (c?.lenses(document) ?? []),
    );
  });
}
