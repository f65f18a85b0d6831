/** Lists the assumption sites of a whole tree. */
import { hasSymbol } from '../assumptions/occurrences';
import type { Site } from '../assumptions/site';
import { sitesOf } from '../assumptions/sites';
import type { ParsePort } from '../assumptions/syntax';
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { SourceTree } from '../kernel-c/source-tree';

interface ScanOptions {
  /** Files, or directories with all below them; everything where there are none. */
  readonly paths?: readonly string[];
}

/** A file that was to be scanned and was not. */
export interface Unread {
  readonly path: string;
  /** `gone`: not there any more, or not text. `too-big`: has names to look at, and is longer than `MAX_TEXT`. `assembly`: has such names, and is no C. */
  readonly reason: 'gone' | 'too-big' | 'assembly';
}

export interface Scan {
  /** In order of file, line and column. */
  readonly sites: readonly Site[];
  readonly unread: readonly Unread[];
  /** Files looked at. */
  readonly files: number;
}

/** UTF-16 units. The longest source that has a name of the rules has 300,000; tree-sitter takes a second for so many. */
export const MAX_TEXT = 4_000_000;
/** Files between two looks at the clock of whoever runs the scan: a few milliseconds' worth. */
const SLICE = 24;

/**
 * The sites of a tree, at once.
 *
 * *Fails* `scan/no-such-path` (a path of the options names nothing in the tree), `scan/empty-tree`.
 */
export function scanTree(tree: SourceTree, parse: ParsePort, options: ScanOptions, progress: Progress): Outcome<Scan> {
  const steps = scanSteps(tree, parse, options, progress);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in slices, for a process that has other things to do in between; what is found in a file may be kept by `known`. */
export function* scanSteps(
  tree: SourceTree,
  parse: ParsePort,
  options: ScanOptions,
  progress: Progress,
  known: KnownFiles = NOTHING_KNOWN,
): Generator<undefined, Outcome<Scan>> {
  const chosen = chosenPaths(tree, options.paths ?? []);
  if (chosen.kind !== 'done') return chosen;
  const paths = chosen.value;
  const sites: Site[] = [];
  const unread: Unread[] = [];
  for (const [at, path] of paths.entries()) {
    if (at % SLICE === 0) {
      if (progress.cancelled) return cancelled;
      progress.report('Looking for assumptions', at / paths.length);
      yield undefined;
    }
    const kept = known.get(path);
    const file = kept ?? scanFile(tree, parse, path);
    if (kept === undefined) known.set(path, file);
    sites.push(...file.sites);
    if (file.unread !== null) unread.push(file.unread);
  }
  return done({ sites, unread, files: paths.length });
}

/** What a scan found in one file. */
export interface ScannedFile {
  readonly sites: readonly Site[];
  readonly unread: Unread | null;
}

/** Results of an earlier scan that still hold. */
interface KnownFiles {
  get(path: string): ScannedFile | undefined;
  set(path: string, file: ScannedFile): unknown;
}

const NOTHING_KNOWN: KnownFiles = { get: () => undefined, set: () => undefined };
const NOTHING: ScannedFile = { sites: [], unread: null };

function scanFile(tree: SourceTree, parse: ParsePort, path: string): ScannedFile {
  const text = tree.read(path);
  if (text === null) return { sites: [], unread: { path, reason: 'gone' } };
  if (!hasSymbol(text)) return NOTHING;
  if (path.endsWith('.S')) return { sites: [], unread: { path, reason: 'assembly' } };
  if (text.length > MAX_TEXT) return { sites: [], unread: { path, reason: 'too-big' } };
  return { sites: parse.parsed(text, (root) => sitesOf({ path, text, root })), unread: null };
}

function chosenPaths(tree: SourceTree, wanted: readonly string[]): Outcome<readonly string[]> {
  if (tree.paths.length === 0) {
    return refused(
      'scan/empty-tree',
      'There is no C file in the directory.',
      'Nothing can be said of its assumptions.',
      'Give the root of a kernel tree, for example the worktree of a series.',
    );
  }
  if (wanted.length === 0) return done(tree.paths);
  const prefixes = wanted.map((path) => path.replace(/^\.(?:\/|$)/, '').replace(/\/+$/, ''));
  const isBelow = (path: string, prefix: string): boolean => prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
  for (const prefix of prefixes) {
    if (tree.paths.some((path) => isBelow(path, prefix))) continue;
    return refused(
      'scan/no-such-path',
      `"${prefix}" is neither a C file nor a directory with C files in the tree.`,
      'There is nothing to scan.',
      'Give paths relative to the root of the tree, for example mm or mm/hugetlb.c; a sparse worktree has only some directories.',
    );
  }
  return done(tree.paths.filter((path) => prefixes.some((prefix) => isBelow(path, prefix))));
}
