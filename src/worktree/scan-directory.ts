/** Scans a tree on disk with all cores, and keeps what was found for as long as the files stay as they are. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { essenceOf } from '../assumptions/essence';
import type { FileFacts } from '../assumptions/facts';
import { packedFacts, unpackedFacts } from '../assumptions/pack-facts';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { type Chosen, chosenPaths, type Scan, type ScannedFile, type ScanOptions, scanOf, scanText } from '../review/scan';
import { type CommitTexts, textsAt } from './commit-texts';
import { KeptScan, notesIn, NOTHING_KEPT } from './kept-scan';
import { dataDirectory } from './opened';
import { createFactTaker, type FactNotes, type FactShare, type FileNote } from './read-facts';
import { listedTree, type TreeListing } from './tree-listing';

export interface DirectoryScan extends ScanOptions {
  /** Path of the bundled thread, `dist/scan-worker.js`; without it one thread does all. */
  readonly thread?: string;
  /** Id of a commit: the tree as it is there. */
  readonly at?: string;
  /** Where results are kept; null keeps none. */
  readonly data?: string | null;
}

/** Fewer files than this are read sooner than a thread has started. */
const WORTH_A_THREAD = 400;
/** Threads beyond this wait for the disk and for memory. */
const MAX_THREADS = 8;
/** So few changed files are read again each time rather than all that is kept being written again. */
const WORTH_KEEPING = 250;

/**
 * The sites of a tree on disk.
 *
 * *Fails* `scan/no-such-path`, `scan/empty-tree`, and as git does where a commit is asked for; gives `cancelled`. What is kept is never the cause
 * of a failure.
 * *Cost* one `stat` a file where nothing has changed.
 */
export async function scanDirectory(directory: string, options: DirectoryScan, progress: Progress): Promise<Outcome<Scan>> {
  const read = await readDirectory(directory, options, progress, options.at === undefined);
  if (read.kind !== 'done') return read;
  const { root, files, chosen, total, known } = read.value;
  if (known !== null) return done(known);
  const texts = options.at === undefined ? done<CommitTexts>(new Map()) : await textsAt(root, null, options.at, progress);
  if (texts.kind !== 'done') return texts;
  progress.report('Joining what was found');
  const scan = scanOf(withTexts(files, texts.value), chosen, total, reader(root, texts.value));
  if (options.at === undefined) read.value.keep(scan);
  return done(scan);
}

/**
 * The scans of a tree at each of some commits, in their order.
 *
 * *Fails* as `scanDirectory`.
 */
export async function scanCommits(
  directory: string,
  commits: readonly string[],
  options: DirectoryScan,
  progress: Progress,
): Promise<Outcome<readonly Scan[]>> {
  const read = await readDirectory(directory, options, progress, false);
  if (read.kind !== 'done') return read;
  const { root, chosen, total } = read.value;
  let { files } = read.value;
  const texts = new Map<string, string | null>();
  const scans: Scan[] = [];
  for (const [at, commit] of commits.entries()) {
    progress.report(`Scanning at patch ${at} of ${commits.length - 1}`, at / commits.length);
    if (progress.cancelled) return cancelled;
    const changed = await textsAt(root, commits[at - 1] ?? null, commit, progress);
    if (changed.kind !== 'done') return changed;
    const last = scans[scans.length - 1];
    if (last !== undefined && changed.value.size === 0) {
      scans.push(last);
      continue;
    }
    for (const [path, text] of changed.value) texts.set(path, text);
    files = withTexts(files, changed.value);
    scans.push(scanOf(files, chosen, total, reader(root, texts)));
  }
  return done(scans);
}

interface ReadDirectory {
  readonly root: string;
  readonly files: ReadonlyMap<string, ScannedFile>;
  readonly chosen: Chosen;
  readonly total: number;
  /** The scan that was kept, where it still holds. */
  readonly known: Scan | null;
  keep(scan: Scan): void;
}

async function readDirectory(
  directory: string,
  options: DirectoryScan,
  progress: Progress,
  scanWillDo: boolean,
): Promise<Outcome<ReadDirectory>> {
  const root = realOr(directory);
  const kept = options.data === null ? null : new KeptScan(root, options.data ?? dataDirectory());
  progress.report('Listing the tree');
  const before = kept?.listing() ?? NOTHING_KEPT;
  const listing = listedTree(root, before.directories, Date.now());
  const chosen = chosenPaths(() => namesOf(listing), listing.files, options.paths ?? []);
  if (chosen.kind !== 'done') return chosen;
  const paths = [...(options.paths ?? [])].sort();
  const isSame = listing.fresh.length === 0 && !listing.moved;
  const known = isSame && scanWillDo ? (kept?.scan(before.mark, paths) ?? null) : null;
  const found = { root, chosen: chosen.value, total: listing.files, known };
  if (known !== null) return done({ ...found, files: new Map(), keep: () => undefined });
  const read = await notesOf(root, listing.fresh, options.thread ?? null, progress);
  if (read === null) return cancelled;
  const fresh = new Map([...read].map(([name, note]) => [name, scannedFile(note)]));
  const isFew = listing.fresh.length < WORTH_KEEPING && before.directories.size > 0 && !listing.moved;
  const some = isFew ? essentialFiles(kept, before.mark, listing, fresh) : null;
  if (some !== null)
    return done({ ...found, files: some, keep: (scan) => (isSame ? kept?.keepScan(before.mark, paths, scan) : undefined) });
  const text = listing.fresh.length === listing.files ? '' : (kept?.noteText(before.mark) ?? null);
  // What was kept is gone meanwhile: read all.
  if (text === null) return await readDirectory(directory, { ...options, data: null }, progress, scanWillDo);
  const notes = joinedNotes(listing, notesIn(text, 1), read);
  const files = new Map<string, ScannedFile>();
  for (const [name, note] of notes) files.set(name, fresh.get(name) ?? scannedFile(note));
  const mark = kept === null || isFew ? null : kept.keep(listing.directories, notes, essenceNotes(files));
  return done({
    ...found,
    files,
    keep: (scan) => {
      const goesWith = isSame ? before.mark : mark;
      if (goesWith !== null) kept?.keepScan(goesWith, paths, scan);
    },
  });
}

/**
 * The files that matter, with those that have changed; null where that cannot be said without reading all that is kept: where a name leads to a site
 * now that did not, and others know it.
 */
function essentialFiles(
  kept: KeptScan | null,
  mark: string,
  listing: TreeListing,
  fresh: ReadonlyMap<string, ScannedFile>,
): ReadonlyMap<string, ScannedFile> | null {
  const essence = kept?.essence(mark) ?? null;
  if (essence === null) return null;
  const changed = new Set(listing.fresh);
  const rows = [...essence.notes].filter(([name]) => !changed.has(name)).map(([name, note]) => [name, scannedFile(note)] as const);
  const files = new Map([...rows, ...fresh].sort(([a], [b]) => (a < b ? -1 : 1)));
  const more = [...essenceOf(factsIn(files)).names].filter((name) => !essence.names.has(name));
  if (more.length > 0) {
    const text = kept?.noteText(mark) ?? null;
    if (text === null || more.length > MAX_SEARCHED || more.some((name) => text.includes(`"${name}"`))) return null;
  }
  return files;
}

/** More new names than a patch brings are sooner looked for by reading all. */
const MAX_SEARCHED = 60;

function essenceNotes(files: ReadonlyMap<string, ScannedFile>): {
  readonly names: ReadonlySet<string>;
  readonly notes: ReadonlyMap<string, FileNote>;
} {
  const essence = essenceOf(factsIn(files));
  const notes = new Map<string, FileNote>();
  for (const [name, { unread }] of files) {
    const facts = essence.files.get(name);
    if (unread !== null) notes.set(name, `!${unread}`);
    else if (facts !== undefined) notes.set(name, JSON.stringify(packedFacts(facts)));
  }
  return { names: essence.names, notes };
}

function factsIn(files: ReadonlyMap<string, ScannedFile>): ReadonlyMap<string, FileFacts> {
  const found = new Map<string, FileFacts>();
  for (const [name, { facts }] of files) if (facts !== null) found.set(name, facts);
  return found;
}

/** The files with some of other texts, in order of path. */
function withTexts(files: ReadonlyMap<string, ScannedFile>, texts: CommitTexts): ReadonlyMap<string, ScannedFile> {
  if (texts.size === 0) return files;
  const made = new Map(files);
  for (const [path, text] of texts) {
    if (text === null) made.delete(path);
    else made.set(path, scanText(path, text));
  }
  return new Map([...made].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const reader =
  (root: string, texts: CommitTexts) =>
  (path: string): string | null =>
    texts.has(path) ? (texts.get(path) ?? null) : textOf(`${root}/${path}`);

function namesOf({ directories }: TreeListing): readonly string[] {
  return directories.flatMap(({ path, files }) => (path === '' ? files : files.map((name) => `${path}/${name}`)));
}

/** What each file gave, in order of path. */
function joinedNotes(
  listing: TreeListing,
  old: ReadonlyMap<string, FileNote>,
  read: ReadonlyMap<string, FileNote>,
): ReadonlyMap<string, FileNote> {
  const fresh = new Set(listing.fresh);
  let rows = [...read];
  if (old.size > 0) {
    const there = listing.moved ? new Set(namesOf(listing)) : null;
    rows = [...rows, ...[...old].filter(([name]) => !fresh.has(name) && there?.has(name) !== false)];
  }
  return new Map(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a note says. *Fails* never: one that is damaged says so. */
export function scannedFile(note: FileNote): ScannedFile {
  if (note.startsWith('!')) return { facts: null, unread: note.slice(1) };
  try {
    const facts = unpackedFacts(JSON.parse(note));
    if (facts !== null) return { facts, unread: null };
  } catch {
    // Said below.
  }
  return { facts: null, unread: 'what was kept of the file is damaged' };
}

/** Reads files with several threads, this one among them; null where it was cancelled. Files with nothing to note are left out. */
export async function notesOf(
  root: string,
  names: readonly string[],
  thread: string | null,
  progress: Progress,
): Promise<ReadonlyMap<string, FileNote> | null> {
  const share: FactShare = { root, names, next: new SharedArrayBuffer(4) };
  const counter = new Int32Array(share.next);
  const threads: Promise<FactNotes>[] = [];
  if (thread !== null && names.length >= WORTH_A_THREAD && existsSync(thread)) {
    for (let count = Math.min(availableParallelism(), MAX_THREADS) - 1; count > 0; count -= 1) threads.push(startedThread(thread, share));
  }
  const take = createFactTaker(share);
  const own: FactNotes[] = [];
  for (let notes = take(); notes !== null; notes = take()) {
    own.push(notes);
    progress.report('Looking for assumptions', Math.min(1, Atomics.load(counter, 0) / names.length));
    // Lets Ctrl-C be heard, and the threads start.
    await setImmediate();
    // What a cancelled scan leaves is taken from the threads too.
    if (progress.cancelled) Atomics.store(counter, 0, names.length);
  }
  const all = [...own, ...(await Promise.all(threads))].flat();
  if (progress.cancelled) return null;
  return new Map(all.map(([at, note]) => [names[at] ?? '', note]));
}

function startedThread(script: string, share: FactShare): Promise<FactNotes> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: share });
    worker.once('message', (notes: FactNotes) => {
      resolve(notes);
    });
    worker.once('error', reject);
  });
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const realOr = (directory: string): string => {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
};
