/** Sites and functions as LSP shows them: diagnostics, hovers, code lenses. */
import {
  type CodeLens,
  type Diagnostic,
  DiagnosticSeverity,
  type Hover,
  MarkupKind,
  type Position,
  type Range,
} from 'vscode-languageserver/node';
import { siteMarkdown, siteMessage } from '../assumptions/explain';
import type { FunctionPlace } from '../assumptions/functions';
import { ruleOf } from '../assumptions/rules';
import type { Site } from '../assumptions/site';

const SOURCE = 'folioscope';

/** @param reference address of the reference page of the rules */
export function diagnosticOf(site: Site, reference: string): Diagnostic {
  const severity = ruleOf(site.rule)?.severity === 'hint' ? DiagnosticSeverity.Hint : DiagnosticSeverity.Information;
  return {
    range: rangeOf(site),
    severity,
    code: site.rule,
    codeDescription: { href: `${reference}#${site.rule}` },
    source: SOURCE,
    message: siteMessage(site),
  };
}

/** What a file that is too long to be parsed shows in the place of marks. */
export const tooLongDiagnostic = (length: number, most: number): Diagnostic => ({
  range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
  severity: DiagnosticSeverity.Information,
  code: 'too-long',
  source: SOURCE,
  message: `The file has ${length} characters; assumption marks are made up to ${most}. Its sites are not shown.`,
});

export function hoverAt(sites: readonly Site[], position: Position, reference: string): Hover | null {
  const site = sites.find(
    (one) => one.line - 1 === position.line && one.column - 1 <= position.character && position.character <= one.column - 1 + one.length,
  );
  if (site === undefined) return null;
  return { contents: { kind: MarkupKind.Markdown, value: siteMarkdown(site, reference) }, range: rangeOf(site) };
}

/** "Simulate function" and "Explore failures" over each definition. */
export const lensesOf = (functions: readonly FunctionPlace[], uri: string, positionAt: (offset: number) => Position): CodeLens[] =>
  functions.flatMap(({ name, nameAt }) => {
    const range = { start: positionAt(nameAt), end: positionAt(nameAt + name.length) };
    return [
      { range, command: { title: 'Simulate function', command: 'folioscope.simulateFunction', arguments: [uri, name] } },
      { range, command: { title: 'Explore failures', command: 'folioscope.exploreFailures', arguments: [uri, name] } },
    ];
  });

const rangeOf = ({ line, column, length }: Site): Range => ({
  start: { line: line - 1, character: column - 1 },
  end: { line: line - 1, character: column - 1 + length },
});
