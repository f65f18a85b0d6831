/** Whether definitions, references, symbols and calls of C are ours to give: clangd gives its own, and nothing is shown twice. */
import * as vscode from 'vscode';
import {
  CallHierarchyPrepareRequest,
  type FeatureState,
  type LanguageClient,
  type Middleware,
  type ServerCapabilities,
  type StaticFeature,
} from 'vscode-languageclient/node';
import { clangdAnswers, watchClangd } from './clangd-presence';

const isOurs = (): boolean =>
  vscode.workspace.getConfiguration('folioscope').get('assumptions.navigation', 'withoutClangd') === 'withoutClangd' && !clangdAnswers();

const isOursIn = (document: vscode.TextDocument): boolean => document.languageId === 'gmem' || isOurs();

export const navigation: Middleware = {
  provideDefinition: (document, position, token, next) => (isOursIn(document) ? next(document, position, token) : null),
  provideReferences: (document, position, options, token, next) => (isOursIn(document) ? next(document, position, options, token) : null),
  provideDocumentSymbols: (document, token, next) => (isOursIn(document) ? next(document, token) : null),
  provideWorkspaceSymbols: (query, token, next) => (isOurs() ? next(query, token) : null),
};

/**
 * VS Code asks one extension alone for calls, the one that came last, and takes its silence for "no calls": ours is there only while
 * it is its turn.
 */
export class CallHierarchyTurn implements StaticFeature {
  private isOffered = false;
  private isTaken = false;
  private watch: vscode.Disposable | undefined;

  constructor(
    private readonly client: LanguageClient,
    private readonly documentSelector: { readonly scheme: string; readonly language: string }[],
  ) {}

  fillClientCapabilities(): void {
    // The client's own feature does.
  }

  preInitialize(capabilities: ServerCapabilities): void {
    this.isOffered = capabilities.callHierarchyProvider !== undefined;
    delete capabilities.callHierarchyProvider;
  }

  initialize(): void {
    this.watch ??= watchClangd(() => this.take());
    this.take();
  }

  getState(): FeatureState {
    return { kind: 'static' };
  }

  /** The server ended: what was registered for it is gone. */
  clear(): void {
    this.watch?.dispose();
    this.watch = undefined;
    this.isTaken = false;
  }

  private take(): void {
    const wanted = this.isOffered && isOurs();
    if (wanted === this.isTaken) return;
    this.isTaken = wanted;
    const calls = this.client.getFeature(CallHierarchyPrepareRequest.method);
    if (wanted) calls.register({ id: ID, registerOptions: { documentSelector: [...this.documentSelector] } });
    else calls.unregister(ID);
  }
}

const ID = 'folioscope.calls';
