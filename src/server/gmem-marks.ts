/** What the scenario language says of a text as LSP shows it: diagnostics, completions, hovers, symbols, folds, code lenses. */
import {
  type CodeLens,
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  type Hover,
  MarkupKind,
  type Position,
  type Range,
  SymbolKind,
} from 'vscode-languageserver/node';
import { type Completion, completionsAt } from '../scenario/gmem/completion';
import { hoverAt } from '../scenario/gmem/hover';
import { diagnosticsOf, type OutlineEntry, outlineOf } from '../scenario/gmem/language';
import type { TextSpan } from '../scenario/gmem/scenario';

export const gmemDiagnostics = (text: string): Diagnostic[] =>
  diagnosticsOf(text).map(({ severity, span, message }) => ({
    range: rangeOf(span),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    source: 'folioscope',
    message,
  }));

export function gmemCompletions(text: string, position: Position): CompletionItem[] {
  const { line } = position;
  return completionsAt(text, placeOf(position)).map(({ word, kind, detail, from, to }, index) => ({
    label: word,
    kind: COMPLETION_KINDS[kind],
    ...(detail === '' ? {} : { detail }),
    // They come in the order in which they are to be shown.
    sortText: String(index).padStart(4, '0'),
    textEdit: { range: { start: { line, character: from - 1 }, end: { line, character: to - 1 } }, newText: word },
  }));
}

const COMPLETION_KINDS: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  statement: CompletionItemKind.Keyword,
  word: CompletionItemKind.Keyword,
  name: CompletionItemKind.Variable,
  value: CompletionItemKind.EnumMember,
};

export function gmemHover(text: string, position: Position): Hover | null {
  const found = hoverAt(text, placeOf(position));
  return found === null ? null : { contents: { kind: MarkupKind.Markdown, value: found.text }, range: rangeOf(found.span) };
}

export function gmemSymbols(text: string): DocumentSymbol[] {
  const lines = text.split('\n');
  return outlineOf(text).map((each) => symbolOf(each, lines));
}

function symbolOf({ name, detail, kind, span, lastLine, children }: OutlineEntry, lines: readonly string[]): DocumentSymbol {
  const selectionRange = rangeOf(span);
  return {
    name,
    detail,
    kind: SYMBOL_KINDS[kind],
    range: { start: selectionRange.start, end: endOf(lines, lastLine) },
    selectionRange,
    children: children.map((each) => symbolOf(each, lines)),
  };
}

const SYMBOL_KINDS: Readonly<Record<OutlineEntry['kind'], SymbolKind>> = {
  scenario: SymbolKind.Module,
  declaration: SymbolKind.Variable,
  step: SymbolKind.Function,
  block: SymbolKind.Array,
};

/** Scenarios, blocks, steps with what is expected of them, and comments of several lines. */
export function gmemFolds(text: string): FoldingRange[] {
  return [...outlineOf(text).flatMap(foldsOf), ...commentFolds(text.split('\n'))];
}

const foldsOf = ({ span, lastLine, children }: OutlineEntry): FoldingRange[] => [
  ...(lastLine > span.line ? [{ startLine: span.line - 1, endLine: lastLine - 1 }] : []),
  ...children.flatMap(foldsOf),
];

function commentFolds(lines: readonly string[]): FoldingRange[] {
  const folds: FoldingRange[] = [];
  let from = -1;
  for (const [line, text] of [...lines, ''].entries()) {
    const isComment = text.trimStart().startsWith('#');
    if (isComment && from < 0) from = line;
    if (isComment || from < 0) continue;
    if (line - from > 1) folds.push({ startLine: from, endLine: line - 1, kind: FoldingRangeKind.Comment });
    from = -1;
  }
  return folds;
}

/** Over each scenario. */
export const gmemLenses = (text: string, uri: string): CodeLens[] =>
  outlineOf(text)
    .filter(({ kind }) => kind === 'scenario')
    .flatMap(({ span }) => {
      const range = rangeOf(span);
      return LENSES.map(([title, command]) => ({ range, command: { title, command, arguments: [uri, span.line] } }));
    });

const LENSES = [
  ['$(play) Run', 'folioscope.scenario.test'],
  ['Run on Design…', 'folioscope.scenario.testOn'],
  ['Open in the Memory Model', 'folioscope.scenario.run'],
] as const;

const placeOf = ({ line, character }: Position): { readonly line: number; readonly column: number } => ({
  line: line + 1,
  column: character + 1,
});

const rangeOf = ({ line, column, endLine, endColumn }: TextSpan): Range => ({
  start: { line: line - 1, character: column - 1 },
  end: { line: endLine - 1, character: endColumn - 1 },
});

const endOf = (lines: readonly string[], line: number): Position => ({ line: line - 1, character: (lines[line - 1] ?? '').length });
