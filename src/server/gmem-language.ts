/** The scenario language over LSP: what is asked of an open scenario text. Hovers, code lenses and outlines are asked through `serve`. */
import {
  type ClientCapabilities,
  CompletionRequest,
  type Connection,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  type ServerCapabilities,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { formatOf } from '../scenario/gmem/language';
import type { Border } from './border';
import { isGmem } from './gmem-documents';
import { editsTo } from './gmem-edits';
import { gmemCompletions, gmemFolds } from './gmem-marks';

const documentSelector = [{ language: 'gmem' }];
/** Typed between two words, before a range, and before a parameter. */
const triggerCharacters = [' ', '[', '$'];

export function answerGmem(connection: Connection, border: Border, documents: TextDocuments<TextDocument>): void {
  const asked = <R>(what: string, uri: string, otherwise: R, work: (text: string) => R): R => {
    const document = documents.get(uri);
    if (document === undefined || !isGmem(document)) return otherwise;
    return border.guarded(what, { uri, version: document.version }, otherwise, () => work(document.getText()));
  };
  connection.onCompletion(({ textDocument, position }) =>
    asked('completion', textDocument.uri, [], (text) => gmemCompletions(text, position)),
  );
  connection.onDocumentFormatting(({ textDocument }) => asked('formatting', textDocument.uri, [], (text) => editsTo(text, formatOf(text))));
  connection.onFoldingRanges(({ textDocument }) => asked('folding', textDocument.uri, [], gmemFolds));
}

/**
 * What the server says at once that it can do with scenario texts: nothing where the client takes it later for this language alone,
 * as C files have other tools for all of this.
 */
export function gmemCapabilities(client: ClientCapabilities): ServerCapabilities {
  if (takesLater(client)) return {};
  return {
    completionProvider: { triggerCharacters },
    documentFormattingProvider: true,
    documentSymbolProvider: true,
    foldingRangeProvider: true,
  };
}

/** Says the same for scenario texts alone, once the client is ready. */
export async function registerGmem(connection: Connection, client: ClientCapabilities): Promise<void> {
  if (!takesLater(client)) return;
  await connection.client.register(CompletionRequest.type, { documentSelector, triggerCharacters });
  await connection.client.register(DocumentFormattingRequest.type, { documentSelector });
  await connection.client.register(DocumentSymbolRequest.type, { documentSelector });
  await connection.client.register(FoldingRangeRequest.type, { documentSelector });
}

const takesLater = ({ textDocument }: ClientCapabilities): boolean =>
  [textDocument?.completion, textDocument?.formatting, textDocument?.documentSymbol, textDocument?.foldingRange].every(
    (each) => each?.dynamicRegistration === true,
  );
