/** Sites that a reviewer has looked at: kept by function and by what their line says, so that they are found again in other versions of the code. */
import type { Site } from '../assumptions/site';
import { done, type Outcome, refused } from '../base/outcome';

/** What is written down of a site. */
export interface ReviewedSite {
  readonly file: string;
  /** '' at file level. */
  readonly function: string;
  readonly symbol: string;
  /** The line without comments, its white space made single. */
  readonly context: string;
  /** Which of those in the file with the same function, symbol and context, from 1. */
  readonly nth: number;
}

/** Where it is kept, relative to the tree. */
export const REVIEWED_FILE = '.folioscope/reviewed.json';
/** A file with more is none that people made. */
const MAX_REVIEWED = 50_000;
const MAX_CONTEXT = 400;

/**
 * The sites that a text lists.
 *
 * *Fails* `reviewed/not-readable`. *Leaves out* entries that are none.
 */
export function reviewedFrom(text: string): Outcome<readonly ReviewedSite[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const rows: unknown = typeof value === 'object' && value !== null && 'reviewed' in value ? value.reviewed : null;
  if (!Array.isArray(rows)) {
    return refused(
      'reviewed/not-readable',
      `${REVIEWED_FILE} is not the JSON that Folioscope writes: it has no list "reviewed".`,
      'No site counts as reviewed, and none can be marked.',
      'Mend the file, for example from its history in git, or delete it.',
    );
  }
  return done(rows.slice(0, MAX_REVIEWED).flatMap((row) => readEntry(row) ?? []));
}

function readEntry(row: unknown): ReviewedSite | null {
  if (typeof row !== 'object' || row === null) return null;
  const { file, function: name, symbol, context, nth } = row as Partial<Record<keyof ReviewedSite, unknown>>;
  const texts = [file, name, symbol, context];
  if (!texts.every((one): one is string => typeof one === 'string' && one.length <= 4096)) return null;
  if (typeof nth !== 'number' || !Number.isSafeInteger(nth) || nth < 1) return null;
  return { file: String(file), function: String(name), symbol: String(symbol), context: String(context), nth };
}

/** The text of a list: sorted, an entry a line, so that two reviewers' lists merge line by line. */
export function reviewedText(sites: readonly ReviewedSite[]): string {
  const rows = [...new Map(sites.map((one) => [keyOf(one), one])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(([, { file, function: name, symbol, context, nth }]) =>
    JSON.stringify({ file, function: name, symbol, context, nth }),
  );
  return `{\n  "version": 1,\n  "reviewed": [\n${lines.map((line) => `    ${line}`).join(',\n')}\n  ]\n}\n`;
}

/** What a line says, however it is set. */
export function contextOf(line: string): string {
  return line
    .replace(/\/\*.*?(?:\*\/|$)/g, ' ')
    .replace(/\/\/.*$/, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_CONTEXT);
}

/**
 * What would be written down of each site.
 *
 * @param sites in order, all of those of their files
 * @param lineOf the text of a line (from 1) of a file; '' where it is gone
 */
export function entriesOf<S extends Site>(
  sites: readonly S[],
  lineOf: (file: string, line: number) => string,
): ReadonlyMap<S, ReviewedSite> {
  const counts = new Map<string, number>();
  const made = new Map<S, ReviewedSite>();
  for (const site of sites) {
    const { file, function: name, symbol } = site;
    const one = { file, function: name, symbol, context: contextOf(lineOf(file, site.line)) };
    const same = keyOf({ ...one, nth: 0 });
    const nth = (counts.get(same) ?? 0) + 1;
    counts.set(same, nth);
    made.set(site, { ...one, nth });
  }
  return made;
}

/**
 * Which sites have been reviewed: those of an entry's own file, else, where the function has moved, those of another.
 *
 * @param entries as `entriesOf` gives them
 */
export function reviewedAmong<S extends Site>(
  entries: ReadonlyMap<S, ReviewedSite>,
  reviewed: readonly ReviewedSite[],
): ReadonlyMap<S, ReviewedSite> {
  const listed = new Map(reviewed.map((one) => [keyOf(one), one]));
  const found = new Map<S, ReviewedSite>();
  const used = new Set<string>();
  const moved = new Map<string, ReviewedSite[]>();
  for (const [site, entry] of entries) {
    const own = listed.get(keyOf(entry));
    if (own === undefined) continue;
    found.set(site, own);
    used.add(keyOf(own));
  }
  for (const [key, one] of listed) {
    if (used.has(key) || one.function === '') continue;
    const elsewhere = keyOf({ ...one, file: '' });
    moved.set(elsewhere, [...(moved.get(elsewhere) ?? []), one]);
  }
  if (moved.size === 0) return found;
  for (const [site, entry] of entries) {
    if (found.has(site)) continue;
    const [first] = moved.get(keyOf({ ...entry, file: '' })) ?? [];
    if (first !== undefined) found.set(site, first);
  }
  return found;
}

/** The list with an entry, or without it. */
export function withEntry(reviewed: readonly ReviewedSite[], entry: ReviewedSite, isReviewed: boolean): readonly ReviewedSite[] {
  const others = reviewed.filter((one) => keyOf(one) !== keyOf(entry));
  return isReviewed ? [...others, entry] : others;
}

const keyOf = ({ file, function: name, symbol, context, nth }: ReviewedSite): string =>
  [file, name, context, symbol, String(nth).padStart(4, '0')].join('\0');
