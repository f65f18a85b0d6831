/** Sites and functions as LSP shows them: diagnostics, hovers, code lenses. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CodeLens,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type Hover,
  MarkupKind,
  type Position,
  type Range,
} from 'vscode-languageserver/node';
import { siteMarkdown, siteMessage } from '../assumptions/explain';
import type { FunctionPlace } from '../assumptions/functions';
import type { Assessed, Place, Site, SiteClass } from '../assumptions/site';
import type { SiteOrigin } from '../protocol/assumptions';
import type { AssumptionSettings } from './assumption-settings';
import { CLASS_WORDS, REACH_WORDS } from './assumption-words';
import type { MarkedSite } from './assumption-trees';

const SOURCE = 'folioscope';
/** Code of a site before the tree around it has been read. */
const READING = 'reading';

/** Of the whole tree: where it is, what its files say, and which patch brought what. */
export interface HoverTree {
  readonly root: string;
  lineOf(file: string, line: number): string;
  /** `30/39: title`, or null. */
  titleOf(patch: number): string | null;
}

/**
 * @param reference address of the reference page of the rules
 * @param root of the tree that the site is in
 */
export function diagnosticOf(
  { site, reviewed }: MarkedSite,
  settings: AssumptionSettings,
  reference: string,
  root: string,
): Diagnostic | null {
  const severity = settings.severityOf(site.class);
  if (severity === null) return null;
  const { says } = CLASS_WORDS[site.class];
  const related = site.evidence
    .map((place, at) => ({ place, step: at + 1 }))
    .filter(({ place: { file, line } }) => file !== site.file || line !== site.line);
  return {
    range: rangeOf(site),
    severity: reviewed ? DiagnosticSeverity.Hint : severity,
    code: site.class,
    codeDescription: { href: `${reference}#classes` },
    source: SOURCE,
    message: `${site.symbol}${reviewed ? ' (reviewed)' : ''}: ${says}`,
    // The editor dims what needs no more attention.
    ...(reviewed ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    ...(related.length === 0
      ? {}
      : {
          relatedInformation: related.map(({ place, step }) => ({
            location: { uri: pathToFileURL(join(root, place.file)).href, range: lineRange(place.line) },
            message: `step ${step} of the way to "${site.class}"`,
          })),
        }),
  };
}

/** A site whose class is not known yet. */
export const readingDiagnosticOf = (site: Site): Diagnostic => ({
  range: rangeOf(site),
  severity: DiagnosticSeverity.Hint,
  code: READING,
  source: SOURCE,
  message: `${siteMessage(site)}: the tree is being read, its class comes soon`,
});

/** What a file that is too long to be parsed shows in the place of marks. */
export const tooLongDiagnostic = (length: number, most: number): Diagnostic => ({
  range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
  severity: DiagnosticSeverity.Information,
  code: 'too-long',
  source: SOURCE,
  message: `The file has ${length} characters; assumption marks are made up to ${most}. Its sites are not shown.`,
});

/** What stands at the top of a file with more sites than are marked. */
export const tooManyDiagnostic = (count: number, most: number): Diagnostic => ({
  range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
  severity: DiagnosticSeverity.Information,
  code: 'too-many',
  source: SOURCE,
  message: `The file has ${count} sites; the first ${most} are marked.`,
});

/** A part of a file that could not be followed: nothing there is said to be without sites. */
export const unreadDiagnostic = ({
  line,
  function: name,
  reason,
}: {
  readonly line: number;
  readonly function: string;
  readonly reason: string;
}): Diagnostic => ({
  range: lineRange(line),
  severity: DiagnosticSeverity.Information,
  code: 'unread',
  source: SOURCE,
  message: `${name === '' ? 'This' : `${name}()`} could not be followed: ${reason}. Its sites are not classified.`,
});

/** The site at a place, or undefined. */
export const siteAt = <S extends Site>(sites: readonly S[], position: Position): S | undefined =>
  sites.find(
    (one) => one.line - 1 === position.line && one.column - 1 <= position.character && position.character <= one.column - 1 + one.length,
  );

/**
 * @param isMarked whether the editor shows the mark above it, with what the class says
 * @param reference address of the reference page of the rules
 */
export function hoverOf(site: Assessed, marked: MarkedSite, tree: HoverTree, isMarked: boolean, reference: string): Hover {
  const says = isMarked ? '' : `: ${CLASS_WORDS[site.class].says}`;
  const parts = [
    [`**${site.class}**${says}${marked.reviewed ? ' · *reviewed*' : ''}`, ...steps(site.evidence, tree)].join('\n'),
    originLine(marked.origin, site.class, tree),
    [`**${REACH_WORDS[site.reach.is]}**: ${site.reach.because}`, ...steps(site.reach.path, tree)].join('\n'),
    siteMarkdown(site, reference),
  ];
  return { contents: { kind: MarkupKind.Markdown, value: parts.filter((part) => part !== '').join('\n\n') }, range: rangeOf(site) };
}

/** A numbered list with a link a step. */
function steps(places: readonly Place[], { root, lineOf }: HoverTree): readonly string[] {
  return places.map(({ file, line }, at) => {
    const code = lineOf(file, line).trim().replaceAll('`', "'").slice(0, MAX_CODE);
    return `${at + 1}. [${file}:${line}](${pathToFileURL(join(root, file)).href}#L${line})${code === '' ? '' : ` \`${code}\``}`;
  });
}

const PAST_REACH: Readonly<Record<Assessed['reach']['is'], string>> = {
  reachable: 'a folio of guest_memfd could come here',
  'not-reachable': 'no folio of guest_memfd came here',
  'cannot-tell': 'it could not be told whether a folio of guest_memfd came here',
};

const MAX_CODE = 90;

function originLine(origin: SiteOrigin | null, now: SiteClass, tree: HoverTree): string {
  const title = origin === null ? null : tree.titleOf(origin.patch);
  if (origin === null || title === null) return '';
  if (origin.before === null) return `**New in ${title}**`;
  const { before } = origin;
  const was = before.class === now ? PAST_REACH[before.reach] : `it was *${before.class}*; ${PAST_REACH[before.reach]}`;
  return `**Changed by ${title}**: before, ${was}`;
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

export const rangeOf = ({ line, column, length }: Site): Range => ({
  start: { line: line - 1, character: column - 1 },
  end: { line: line - 1, character: column - 1 + length },
});

const lineRange = (line: number): Range => ({ start: { line: line - 1, character: 0 }, end: { line: line - 1, character: 0 } });
