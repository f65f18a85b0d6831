/** Assumptions beside the code: hints on the tests, counts over the functions, and what can be done with a site where it stands. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  type Diagnostic,
  type InlayHint,
  InlayHintKind,
  type Position,
  type Range,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FunctionPlace } from '../assumptions/functions';
import type { Site } from '../assumptions/site';
import { CLASS_WORDS } from './assumption-words';
import type { MarkedSite } from './assumption-trees';
import { rangeOf } from './marks';

/** A file with more lines is huge: hints in it are asked for by a setting. */
export const HUGE_LINES = 6000;

/** The class of each folio test in a range, in two or three words, behind the call. */
export function hintsIn(sites: readonly MarkedSite[], range: Range, document: TextDocument): InlayHint[] {
  return sites
    .filter(({ site }) => site.kind === 'folio-test' && site.line - 1 >= range.start.line && site.line - 1 <= range.end.line)
    .map(({ site, reviewed }) => ({
      position: behind(site, document),
      label: reviewed ? `${CLASS_WORDS[site.class].short} ✓` : CLASS_WORDS[site.class].short,
      kind: InlayHintKind.Type,
      tooltip: `${site.class}: ${CLASS_WORDS[site.class].says}`,
      paddingLeft: true,
    }));
}

/** Behind what the test is given, or behind its name where that is all. */
function behind(site: Site, document: TextDocument): Position {
  const { end } = rangeOf(site);
  const from = document.offsetAt(end);
  const text = document.getText().slice(from, from + MAX_ARGUMENTS);
  let depth = 0;
  for (const { index, 0: sign } of text.matchAll(/[()]|[^\s()]/g)) {
    if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    if (depth <= 0) return depth === 0 && sign === ')' ? document.positionAt(from + index + 1) : end;
  }
  return end;
}

/** Of UTF-16: what a test is given is short. */
const MAX_ARGUMENTS = 300;

/** Over each function with sites how many of what there are. */
export function countLenses(
  sites: readonly MarkedSite[],
  functions: readonly FunctionPlace[],
  file: { readonly root: string; readonly path: string },
  positionAt: (offset: number) => Position,
): CodeLens[] {
  const inside = new Map<string, MarkedSite[]>();
  for (const one of sites) {
    const known = inside.get(one.site.function);
    if (known === undefined) inside.set(one.site.function, [one]);
    else known.push(one);
  }
  return functions.flatMap(({ name, nameAt }) => {
    const own = inside.get(name);
    if (own === undefined) return [];
    const range = { start: positionAt(nameAt), end: positionAt(nameAt + name.length) };
    const argument = { tree: file.root, file: file.path, function: name };
    return [{ range, command: { title: countsText(own), command: 'folioscope.assumptions.ofFunction', arguments: [argument] } }];
  });
}

/** `2 folio tests, 1 assumes a hugetlb VMA`. */
export function countsText(sites: readonly MarkedSite[]): string {
  const number = (is: (one: MarkedSite) => boolean): number => sites.filter(is).length;
  const rows: readonly (readonly [number, string, string])[] = [
    [number(({ site }) => site.kind === 'folio-test'), 'folio test', 'folio tests'],
    [number(({ site }) => site.class === 'assumes-hugetlb-vma'), 'assumes a hugetlb VMA', 'assume a hugetlb VMA'],
    [number(({ site }) => site.kind === 'vma-test'), 'VMA test', 'VMA tests'],
    [number(({ site }) => site.kind === 'vma-operation'), 'hugetlb operation', 'hugetlb operations'],
    [number(({ site }) => site.class === 'from-folio' || site.class === 'unproven'), 'not proven', 'not proven'],
    [number(({ site }) => site.kind === 'file-test'), 'file test', 'file tests'],
    [number(({ reviewed }) => reviewed), 'reviewed', 'reviewed'],
  ];
  return rows
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ');
}

/** Quick fixes of the sites in a range. */
export function actionsIn(
  sites: readonly MarkedSite[],
  range: Range,
  diagnostics: readonly Diagnostic[],
  file: { readonly root: string; readonly path: string; readonly uri: string },
): CodeAction[] {
  return sites.filter(({ site }) => touches(rangeOf(site), range)).flatMap((one) => actionsOf(one, diagnostics, file));
}

function actionsOf(
  { site, reviewed }: MarkedSite,
  diagnostics: readonly Diagnostic[],
  { root, path, uri }: { readonly root: string; readonly path: string; readonly uri: string },
): CodeAction[] {
  const own = diagnostics.filter(({ code, range }) => code === site.class && touches(range, rangeOf(site)));
  const place = { tree: root, file: path, line: site.line, column: site.column };
  const action = (title: string, command: string, ...given: unknown[]): CodeAction => ({
    title,
    kind: CodeActionKind.QuickFix,
    ...(own.length === 0 ? {} : { diagnostics: [...own] }),
    command: { title, command, arguments: given },
  });
  return [
    action(`Write remark on ${site.symbol} here`, 'folioscope.assumptions.remark', { ...place, symbol: site.symbol, class: site.class }),
    reviewed
      ? action(`Take back that ${site.symbol} is reviewed`, 'folioscope.assumptions.unreview', place)
      : action(`Mark ${site.symbol} as reviewed`, 'folioscope.assumptions.review', place),
    action(`Why is ${site.symbol} "${site.class}"?`, 'folioscope.assumptions.why', place),
    ...(site.function === '' ? [] : [action(`Simulate ${site.function}()`, 'folioscope.simulateFunction', uri, site.function)]),
  ];
}

const touches = (a: Range, b: Range): boolean => !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
const isBefore = (a: Position, b: Position): boolean => a.line < b.line || (a.line === b.line && a.character < b.character);
