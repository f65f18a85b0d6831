/** Scans a tree: the facts of each file, and from all of them together the sites with their classes. */
import { CallGraph } from '../assumptions/call-graph';
import type { FileFacts } from '../assumptions/facts';
import { factsOf, isInteresting } from '../assumptions/file-facts';
import { classifiedSites } from '../assumptions/join-facts';
import { hasSymbol } from '../assumptions/occurrences';
import { type Claim, claimsOf } from '../assumptions/claims';
import { guestMemoryOf } from '../assumptions/guest-memory';
import { reachOf } from '../assumptions/reach';
import type { Assessed } from '../assumptions/site';
import { PLAIN_VOCABULARY, vocabularyWith, type Wrapper } from '../assumptions/vocabulary';
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { SourceTree } from '../kernel-c/source-tree';

export interface ScanOptions {
  /** Files, or directories with all below them; everything where there are none. Callers are looked for in the whole tree all the same. */
  readonly paths?: readonly string[];
}

/** What was to be looked at and could not be; nothing of it is said to be without sites. */
export interface Unread {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** '' for a whole file, or outside of functions. */
  readonly function: string;
  readonly reason: string;
}

export interface Scan {
  /** In order of file, line and column. */
  readonly sites: readonly Assessed[];
  /** What guest_memfd is said to keep to, as it stands in the tree. */
  readonly claims: readonly Claim[];
  readonly unread: readonly Unread[];
  /** Files looked at. */
  readonly files: number;
}

/** What one file gave: its facts, null where it has nothing to say; or why it was not read. */
export interface ScannedFile {
  readonly facts: FileFacts | null;
  readonly unread: string | null;
}

/** UTF-16 units. The longest source that has a name of the rules has 300,000. */
export const MAX_TEXT = 4_000_000;
/** Files between two looks at the clock of whoever runs the scan: a few milliseconds' worth. */
const SLICE = 24;

/** Results of an earlier scan that still hold. */
interface KnownFiles {
  get(path: string): ScannedFile | undefined;
  set(path: string, file: ScannedFile): unknown;
}

const NOTHING_KNOWN: KnownFiles = { get: () => undefined, set: () => undefined };

/**
 * The sites of a tree, at once.
 *
 * *Fails* `scan/no-such-path` (a path of the options names nothing in the tree), `scan/empty-tree`.
 */
export function scanTree(tree: SourceTree, options: ScanOptions, progress: Progress): Outcome<Scan> {
  const steps = scanSteps(tree, options, progress);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in slices, for a process that has other things to do in between; what is found in a file may be kept by `known`. */
export function* scanSteps(
  tree: SourceTree,
  options: ScanOptions,
  progress: Progress,
  known: KnownFiles = NOTHING_KNOWN,
): Generator<undefined, Outcome<Scan>> {
  const chosen = chosenPaths(() => tree.paths, tree.paths.length, options.paths ?? []);
  if (chosen.kind !== 'done') return chosen;
  const files = new Map<string, ScannedFile>();
  for (const [at, path] of tree.paths.entries()) {
    if (at % SLICE === 0) {
      if (progress.cancelled) return cancelled;
      progress.report('Looking for assumptions', at / tree.paths.length);
      yield undefined;
    }
    const kept = known.get(path);
    const file = kept ?? scanText(path, tree.read(path));
    if (kept === undefined) known.set(path, file);
    files.set(path, file);
  }
  return done(scanOf(files, chosen.value, tree.paths.length, (path) => tree.read(path)));
}

/** What the text of a file gives; null is a file that is gone, or no text. */
export function scanText(path: string, text: string | null): ScannedFile {
  if (text === null) return { facts: null, unread: 'the file is gone, or is no text' };
  if (!isInteresting(text)) return NOTHING;
  if (path.endsWith('.S')) return hasSymbol(text) ? { facts: null, unread: 'assembly is not read' } : NOTHING;
  if (text.length > MAX_TEXT)
    return hasSymbol(text) ? { facts: null, unread: `it has ${text.length} characters; up to ${MAX_TEXT} are read` } : NOTHING;
  return { facts: factsOf(text, PLAIN_VOCABULARY), unread: null };
}

const NOTHING: ScannedFile = { facts: null, unread: null };

/**
 * The scan of files that were read.
 *
 * @param files of the whole tree, in order of path; files without facts may be missing
 * @param chosen whether the sites of a file are wanted
 * @param total how many files there are
 * @param read gives a text again, for helpers that turn out to be tests of other names
 */
export function scanOf(
  files: ReadonlyMap<string, ScannedFile>,
  chosen: Chosen,
  total: number,
  read: (path: string) => string | null,
): Scan {
  const facts = new Map<string, FileFacts>();
  const unread: Unread[] = [];
  for (const [path, file] of files) {
    if (file.facts !== null) facts.set(path, file.facts);
    if (file.unread !== null && chosen.has(path)) unread.push({ file: path, line: 1, function: '', reason: file.unread });
  }
  readWrappers(facts, read);
  for (const [file, one] of facts) if (chosen.has(file)) for (const found of one.unread) unread.push({ file, ...found });
  const graph = new CallGraph(facts);
  const classified = classifiedSites(graph);
  const memory = guestMemoryOf(facts);
  const claims = claimsOf(graph, memory, classified);
  const reach = reachOf(graph, memory, claims);
  const sites = classified.filter(({ file }) => chosen.has(file)).map((site) => ({ ...site, reach: reach(site) }));
  return { sites, claims, unread, files: chosen.size ?? total };
}

/** Helpers of helpers of helpers are none. */
const MAX_WRAPPING = 3;

/** Reads files again that use a helper which is a test by another name. */
function readWrappers(facts: Map<string, FileFacts>, read: (path: string) => string | null): void {
  const wrappers = new Map<string, Wrapper>();
  for (let round = 0; round < MAX_WRAPPING; round += 1) {
    const fresh = [...facts.values()].flatMap((one) => one.wrappers).filter(({ name }) => !wrappers.has(name));
    if (fresh.length === 0) return;
    for (const one of fresh) wrappers.set(one.name, one);
    const vocabulary = vocabularyWith([...wrappers.values()]);
    const names = new Set(fresh.map(({ name }) => name));
    for (const [path, one] of facts) {
      if (!one.functions.some(({ calls }) => calls.some(({ callee }) => names.has(callee)))) continue;
      const text = read(path);
      if (text !== null) facts.set(path, factsOf(text, vocabulary));
    }
  }
}

/** Some of the files of a tree, or all of them. */
export interface Chosen {
  has(path: string): boolean;
  /** Null for all. */
  readonly size: number | null;
}

const ALL: Chosen = { has: () => true, size: null };

/**
 * The files that the paths name.
 *
 * @param all gives the paths of the tree, of which there are `total`
 * *Fails* as `scanTree`.
 */
export function chosenPaths(all: () => readonly string[], total: number, wanted: readonly string[]): Outcome<Chosen> {
  if (total === 0) {
    return refused(
      'scan/empty-tree',
      'There is no C file in the directory.',
      'Nothing can be said of its assumptions.',
      'Give the root of a kernel tree, for example the worktree of a series.',
    );
  }
  if (wanted.length === 0) return done(ALL);
  const names = all();
  const prefixes = wanted.map((path) => path.replace(/^\.(?:\/|$)/, '').replace(/\/+$/, ''));
  const isBelow = (path: string, prefix: string): boolean => prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
  for (const prefix of prefixes) {
    if (names.some((path) => isBelow(path, prefix))) continue;
    return refused(
      'scan/no-such-path',
      `"${prefix}" is neither a C file nor a directory with C files in the tree.`,
      'There is nothing to scan.',
      'Give paths relative to the root of the tree, for example mm or mm/hugetlb.c; a sparse worktree has only some directories.',
    );
  }
  return done(new Set(names.filter((path) => prefixes.some((prefix) => isBelow(path, prefix)))));
}
