/** Definitions, references, symbols and calls of kernel C over LSP, for editors that have nothing better. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type Connection,
  type DocumentSymbol,
  type Location,
  type Position,
  type Range,
  type ServerCapabilities,
  type SymbolInformation,
  SymbolKind,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { GraphNode } from '../assumptions/call-graph';
import { lexicalOf } from '../assumptions/lexical';
import type { DefinitionKind } from '../kernel-c/definition';
import { indexText } from '../kernel-c/file-index';
import type { CDocuments } from './c-documents';
import { type NamedPlace, TreeNames } from './c-names';

export const SYMBOL_CAPABILITIES: ServerCapabilities = {
  definitionProvider: true,
  referencesProvider: true,
  workspaceSymbolProvider: true,
  callHierarchyProvider: true,
};

/** Places that are shown; more are not looked through. */
const MAX_REFERENCES = 4000;
const MAX_SYMBOLS = 200;
/** Trees whose names are kept: they take some 15 MB each. */
const MAX_TREES = 2;

const KINDS: Readonly<Record<DefinitionKind, SymbolKind>> = {
  macro: SymbolKind.Constant,
  'function-macro': SymbolKind.Function,
  undef: SymbolKind.Constant,
  struct: SymbolKind.Struct,
  union: SymbolKind.Struct,
  enum: SymbolKind.Enum,
  enumerator: SymbolKind.EnumMember,
  typedef: SymbolKind.Class,
  function: SymbolKind.Function,
  prototype: SymbolKind.Interface,
  variable: SymbolKind.Variable,
  invocation: SymbolKind.Object,
};
/** What stands for a name where there is something else. */
const WEAK: ReadonlySet<DefinitionKind> = new Set(['prototype', 'undef']);

export function answerSymbols(connection: Connection, documents: TextDocuments<TextDocument>, marked: CDocuments): void {
  const trees = new Map<string, TreeNames>();
  const namesOf = (root: string): TreeNames => {
    const names = trees.get(root) ?? new TreeNames(root);
    trees.delete(root);
    trees.set(root, names);
    for (const oldest of trees.keys()) if (trees.size > MAX_TREES) trees.delete(oldest);
    return names;
  };
  const wordAt = (uri: string, position: Position): { readonly name: string; readonly root: string; readonly path: string } | null => {
    const document = documents.get(uri);
    const known = document === undefined ? null : marked.known(document);
    const name = document === undefined ? '' : wordIn(document, position);
    return known === null || name === '' ? null : { name, root: known.tree.root, path: known.path };
  };

  connection.onDefinition(async ({ textDocument, position }): Promise<Location[]> => {
    const word = wordAt(textDocument.uri, position);
    if (word === null) return [];
    const all = await namesOf(word.root).definitionsOf(word.name);
    return bestOf(all, word.path).map((place) => locationOf(word.root, place.file, place.line));
  });

  connection.onReferences(async ({ textDocument, position }, token): Promise<Location[]> => {
    const word = wordAt(textDocument.uri, position);
    if (word === null) return [];
    const found: Location[] = [];
    for await (const [file, onDisk] of namesOf(word.root).filesWith(word.name, () => token.isCancellationRequested)) {
      const uri = uriOf(word.root, file);
      for (const range of usesIn(documents.get(uri)?.getText() ?? onDisk, word.name)) found.push({ uri, range });
      if (found.length >= MAX_REFERENCES) break;
    }
    return found;
  });

  connection.onWorkspaceSymbol(async ({ query }): Promise<SymbolInformation[]> => {
    const found: SymbolInformation[] = [];
    for (const root of marked.roots())
      for (const place of await namesOf(root).matching(query, MAX_SYMBOLS))
        if (!WEAK.has(place.kind))
          found.push({
            name: place.name,
            kind: KINDS[place.kind],
            location: locationOf(root, place.file, place.line),
            containerName: place.file,
          });
    return found;
  });

  const nodesAt = (root: string, file: string, name: string): readonly GraphNode[] => marked.joinedAt(root)?.functionsOf(file, name) ?? [];
  connection.languages.callHierarchy.onPrepare(({ textDocument, position }): CallHierarchyItem[] => {
    const word = wordAt(textDocument.uri, position);
    const joined = word === null ? null : marked.joinedAt(word.root);
    if (word === null || joined === null) return [];
    return joined.graph.resolve(word.name, word.path).map((node) => itemOf(word.root, node));
  });
  connection.languages.callHierarchy.onIncomingCalls(({ item }): CallHierarchyIncomingCall[] => {
    const { root, file } = placeIn(item);
    const graph = marked.joinedAt(root)?.graph;
    if (graph === undefined) return [];
    const calls = nodesAt(root, file, item.name).flatMap((node) => graph.callersOf(node));
    return grouped(calls.map(({ by, call }) => [by, call.line] as const)).map(([node, lines]) => ({
      from: itemOf(root, node),
      fromRanges: lines.map(lineRange),
    }));
  });
  connection.languages.callHierarchy.onOutgoingCalls(({ item }): CallHierarchyOutgoingCall[] => {
    const { root, file } = placeIn(item);
    const graph = marked.joinedAt(root)?.graph;
    if (graph === undefined) return [];
    const calls = nodesAt(root, file, item.name).flatMap((node) =>
      node.found.calls.flatMap(({ callee, line }) =>
        (callee.startsWith('.') ? graph.behind(callee) : graph.resolve(callee, file)).map((to) => [to, line] as const),
      ),
    );
    return grouped(calls).map(([node, lines]) => ({ to: itemOf(root, node), fromRanges: lines.map(lineRange) }));
  });
}

/** The outline of a C file. */
export function symbolsOf(document: TextDocument): DocumentSymbol[] {
  return indexText('', document.getText())
    .definitions.filter(({ kind }) => !WEAK.has(kind))
    .slice(0, MAX_REFERENCES)
    .map(({ name, kind, from, to }) => {
      const range = { start: document.positionAt(from), end: document.positionAt(to) };
      const at = document.getText().indexOf(name, from);
      const selection =
        at < 0 || at + name.length > to ? range : { start: document.positionAt(at), end: document.positionAt(at + name.length) };
      return { name, kind: KINDS[kind], range, selectionRange: selection };
    });
}

/** What defines a name rather than only telling of it; in the file itself where that has one. */
function bestOf(all: readonly NamedPlace[], path: string): readonly NamedPlace[] {
  const strong = all.filter(({ kind }) => !WEAK.has(kind));
  const some = strong.length > 0 ? strong : all;
  const own = some.filter(({ file }) => file === path);
  return own.length > 0 ? own : some;
}

/** The whole words of a text that are the name, outside of comments and strings. */
function usesIn(text: string, name: string): Range[] {
  const { hidden } = lexicalOf(text);
  const found: Range[] = [];
  let line = 0;
  let lineFrom = 0;
  let next = text.indexOf('\n');
  let stretch = 0;
  for (const match of text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))) {
    const at = match.index;
    while (stretch < hidden.length && (hidden[stretch]?.to ?? 0) <= at) stretch += 1;
    if ((hidden[stretch]?.from ?? Infinity) <= at) continue;
    while (next >= 0 && next < at) {
      line += 1;
      lineFrom = next + 1;
      next = text.indexOf('\n', lineFrom);
    }
    const character = at - lineFrom;
    found.push({ start: { line, character }, end: { line, character: character + name.length } });
  }
  return found;
}

function wordIn(document: TextDocument, { line, character }: Position): string {
  const text = document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  const before = /\w*$/.exec(text.slice(0, character))?.[0] ?? '';
  const after = /^\w*/.exec(text.slice(character))?.[0] ?? '';
  const word = before + after;
  return /^[A-Za-z_]/.test(word) ? word : '';
}

interface ItemPlace {
  readonly root: string;
  readonly file: string;
}

function itemOf(root: string, { file, found }: GraphNode): CallHierarchyItem {
  const range = lineRange(found.line);
  const data: ItemPlace = { root, file };
  return { name: found.name, kind: SymbolKind.Function, detail: file, uri: uriOf(root, file), range, selectionRange: range, data };
}

function placeIn(item: CallHierarchyItem): ItemPlace {
  const data: unknown = item.data;
  const given = typeof data === 'object' && data !== null ? (data as Partial<Record<keyof ItemPlace, unknown>>) : {};
  return { root: typeof given.root === 'string' ? given.root : '', file: typeof given.file === 'string' ? given.file : '' };
}

function grouped(calls: readonly (readonly [GraphNode, number])[]): readonly (readonly [GraphNode, readonly number[]])[] {
  const lines = new Map<GraphNode, number[]>();
  for (const [node, line] of calls) {
    const known = lines.get(node);
    if (known === undefined) lines.set(node, [line]);
    else known.push(line);
  }
  return [...lines];
}

const uriOf = (root: string, file: string): string => pathToFileURL(join(root, file)).href;
const lineRange = (line: number): Range => ({ start: { line: line - 1, character: 0 }, end: { line: line - 1, character: 0 } });
const locationOf = (root: string, file: string, line: number): Location => ({ uri: uriOf(root, file), range: lineRange(line) });
