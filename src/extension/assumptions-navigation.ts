/** Whether definitions, references and symbols of C are ours to give: clangd gives its own, and nothing is shown twice. */
import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';

const CLANGD = 'llvm-vs-code-extensions.vscode-clangd';

const isOurs = (): boolean =>
  vscode.workspace.getConfiguration('folioscope').get('assumptions.navigation', 'withoutClangd') === 'withoutClangd' &&
  (vscode.extensions.getExtension(CLANGD) === undefined || vscode.workspace.getConfiguration('clangd').get<boolean>('enable') === false);

const isOursIn = (document: vscode.TextDocument): boolean => document.languageId === 'gmem' || isOurs();

export const navigation: Middleware = {
  provideDefinition: (document, position, token, next) => (isOursIn(document) ? next(document, position, token) : null),
  provideReferences: (document, position, options, token, next) => (isOursIn(document) ? next(document, position, options, token) : null),
  provideDocumentSymbols: (document, token, next) => (isOursIn(document) ? next(document, token) : null),
  provideWorkspaceSymbols: (query, token, next) => (isOurs() ? next(query, token) : null),
  prepareCallHierarchy: (document, position, token, next) => (isOursIn(document) ? next(document, position, token) : null),
};
