/** Scans a tree on disk with all cores, and keeps what was found for as long as the files stay as they are. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { unpackedFacts } from '../assumptions/pack-facts';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { chosenPaths, type Scan, type ScannedFile, type ScanOptions, scanOf } from '../review/scan';
import { KeptScan, NOTHING_KEPT } from './kept-scan';
import { dataDirectory } from './opened';
import { createFactTaker, type FactNotes, type FactShare, type FileNote } from './read-facts';
import { listedTree, type TreeListing } from './tree-listing';

export interface DirectoryScan extends ScanOptions {
  /** Path of the bundled thread, `dist/scan-worker.js`; without it one thread does all. */
  readonly thread?: string;
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
 * *Fails* `scan/no-such-path`, `scan/empty-tree`; gives `cancelled`. What is kept is never the cause of a failure.
 * *Cost* one `stat` a file where nothing has changed.
 */
export async function scanDirectory(directory: string, options: DirectoryScan, progress: Progress): Promise<Outcome<Scan>> {
  const root = realOr(directory);
  const kept = options.data === null ? null : new KeptScan(root, options.data ?? dataDirectory());
  progress.report('Listing the tree');
  const before = kept?.listing() ?? NOTHING_KEPT;
  const listing = listedTree(root, before.directories, Date.now());
  const chosen = chosenPaths(() => namesOf(listing), listing.files, options.paths ?? []);
  if (chosen.kind !== 'done') return chosen;
  const paths = [...(options.paths ?? [])].sort();
  const isSame = listing.fresh.length === 0 && !listing.moved;
  const known = isSame ? (kept?.scan(before.mark, paths) ?? null) : null;
  if (known !== null) return done(known);
  const read = await notesOf(root, listing.fresh, options.thread ?? null, progress);
  if (read === null) return cancelled;
  const old = listing.fresh.length === listing.files ? new Map<string, FileNote>() : (kept?.notes(before.mark) ?? null);
  // What was kept is gone meanwhile: read all.
  if (old === null) return await scanDirectory(directory, { ...options, data: null }, progress);
  progress.report('Joining what was found');
  const notes = joined(listing, old, read);
  const files = new Map<string, ScannedFile>();
  for (const [name, note] of notes) files.set(name, scannedFile(note));
  const scan = scanOf(files, chosen.value, listing.files, (path) => textOf(`${root}/${path}`));
  if (kept !== null) {
    const isFew = listing.fresh.length < WORTH_KEEPING && before.directories.size > 0 && !listing.moved;
    const mark = isSame ? before.mark : isFew ? null : kept.keep(listing.directories, notes);
    if (mark !== null) kept.keepScan(mark, paths, scan);
  }
  return done(scan);
}

function namesOf({ directories }: TreeListing): readonly string[] {
  return directories.flatMap(({ path, files }) => (path === '' ? files : files.map((name) => `${path}/${name}`)));
}

/** What each file gave, in order of path. */
function joined(
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

function scannedFile(note: FileNote): ScannedFile {
  if (note.startsWith('!')) return { facts: null, unread: note.slice(1) };
  try {
    const facts = unpackedFacts(JSON.parse(note));
    if (facts !== null) return { facts, unread: null };
  } catch {
    // Said below.
  }
  return { facts: null, unread: 'what was kept of the file is damaged' };
}

/** Reads files with several threads, this one among them; null where it was cancelled. */
async function notesOf(
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
