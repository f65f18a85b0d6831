/** Scans a tree on disk with all cores, and keeps what was found for as long as the files stay as they are. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { FACTS_VERSION, unpackedFacts } from '../assumptions/pack-facts';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { chosenPaths, type Scan, type ScannedFile, type ScanOptions, scanOf } from '../review/scan';
import { jsonOf, writeWhole } from './files';
import { dataDirectory } from './opened';
import { createFactTaker, type FactNotes, type FactShare, type FileNote } from './read-facts';
import { type ListedDirectory, listedTree, sameStamp, type Stamp, stampOfFile } from './tree-listing';

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

/**
 * The sites of a tree on disk.
 *
 * *Fails* `scan/no-such-path`, `scan/empty-tree`; gives `cancelled`. What is kept is never the cause of a failure.
 * *Cost* one `stat` a file where nothing has changed.
 */
export async function scanDirectory(directory: string, options: DirectoryScan, progress: Progress): Promise<Outcome<Scan>> {
  const root = realOr(directory);
  const keeping = options.data === null ? null : new Kept(root, options.data ?? dataDirectory());
  const now = Date.now();
  progress.report('Listing the tree');
  const before = keeping?.listing() ?? EMPTY;
  const directories = listedTree(root, before.directories, now);
  const names = directories.flatMap(({ path, files }) => files.map((name) => (path === '' ? name : `${path}/${name}`))).sort();
  const chosen = chosenPaths(names, options.paths ?? []);
  if (chosen.kind !== 'done') return chosen;
  const stamps = names.map((name) => stampOfFile(`${root}/${name}`, now));
  const fresh: number[] = [];
  for (const [at, name] of names.entries()) {
    const stamp = stamps[at] ?? null;
    const known = before.stamps.get(name);
    if (stamp === null || known === undefined || !sameStamp(stamp, known)) fresh.push(at);
  }
  const isSame = fresh.length === 0 && names.length === before.stamps.size;
  if (isSame) {
    const kept = keeping?.scan(before.mark, [...(options.paths ?? [])].sort()) ?? null;
    if (kept !== null) return done(kept);
  }
  const read = await notesOf(root, fresh.map((at) => names[at] ?? ''), options.thread ?? null, progress);
  if (read === null) return cancelled;
  const notes = new Map<string, FileNote>();
  const old = fresh.length === names.length ? new Map<string, FileNote>() : (keeping?.notes(before.mark) ?? null);
  // What was kept is gone: read all.
  if (old === null) return await scanDirectory(directory, { ...options, data: null }, progress);
  const isFresh = new Set(fresh.map((at) => names[at] ?? ''));
  for (const name of names) {
    const note = isFresh.has(name) ? read.get(name) : old.get(name);
    if (note !== undefined) notes.set(name, note);
  }
  progress.report('Joining what was found');
  const files = new Map<string, ScannedFile>();
  for (const [name, note] of notes) files.set(name, scannedFile(note));
  const scan = scanOf(files, chosen.value, (path) => textOf(`${root}/${path}`));
  keeping?.keep(directories, names, stamps, notes, [...(options.paths ?? [])].sort(), scan);
  return done(scan);
}

function scannedFile(note: FileNote): ScannedFile {
  if (note.startsWith('!')) return { facts: null, unread: note.slice(1) };
  try {
    return { facts: unpackedFacts(JSON.parse(note)), unread: null };
  } catch {
    return { facts: null, unread: 'what was kept of the file is damaged' };
  }
}

/** Reads files with several threads, this one among them; null where it was cancelled. */
async function notesOf(
  root: string,
  names: readonly string[],
  thread: string | null,
  progress: Progress,
): Promise<ReadonlyMap<string, FileNote> | null> {
  const share: FactShare = { root, names, next: new SharedArrayBuffer(4) };
  const threads: Promise<FactNotes>[] = [];
  if (thread !== null && names.length >= WORTH_A_THREAD && existsSync(thread)) {
    for (let count = Math.min(availableParallelism(), MAX_THREADS) - 1; count > 0; count -= 1) threads.push(startedThread(thread, share));
  }
  const take = createFactTaker(share);
  const own: FactNotes[] = [];
  for (let notes = take(); notes !== null; notes = take()) {
    own.push(notes);
    const reached = Atomics.load(new Int32Array(share.next), 0);
    progress.report('Looking for assumptions', Math.min(1, reached / Math.max(1, names.length)));
    // Lets Ctrl-C be heard, and the threads start.
    await setImmediate();
    // What a cancelled scan leaves is taken from the threads too.
    if (progress.cancelled) Atomics.store(new Int32Array(share.next), 0, names.length);
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

interface Listing {
  readonly directories: ReadonlyMap<string, ListedDirectory>;
  readonly stamps: ReadonlyMap<string, Stamp>;
  /** Of the notes and the scan that go with it. */
  readonly mark: string;
}

const EMPTY: Listing = { directories: new Map(), stamps: new Map(), mark: '' };

/** What is kept of a tree on disk: its listing, what each file gave, and the scan. One that cannot be read is as good as none. */
class Kept {
  private readonly base: string;

  constructor(root: string, data: string) {
    const name = createHash('sha256').update(`scan-${FACTS_VERSION}\0${root}`).digest('hex').slice(0, 24);
    this.base = join(data, 'cache', `scan-${name}`);
  }

  listing(): Listing {
    const value = jsonOf(`${this.base}.listing.json`);
    if (typeof value !== 'object' || value === null || !('mark' in value) || !('rows' in value) || !Array.isArray(value.rows)) return EMPTY;
    const directories = new Map<string, ListedDirectory>();
    const stamps = new Map<string, Stamp>();
    try {
      for (const [path, changed, below, files] of value.rows as readonly ListingRow[]) {
        directories.set(path, { path, changed, directories: below, files: files.map(([name]) => name) });
        for (const [name, size, written, when] of files)
          stamps.set(path === '' ? name : `${path}/${name}`, { size, written, changed: when });
      }
    } catch {
      return EMPTY;
    }
    return { directories, stamps, mark: String(value.mark) };
  }

  notes(mark: string): Map<string, FileNote> | null {
    const lines = linesOf(`${this.base}.facts`);
    if (lines === null || lines[0] !== mark) return null;
    const found = new Map<string, FileNote>();
    for (let at = 1; at + 1 < lines.length; at += 2) found.set(lines[at] ?? '', lines[at + 1] ?? '');
    return found;
  }

  scan(mark: string, paths: readonly string[]): Scan | null {
    const value = jsonOf(`${this.base}.sites.json`);
    if (typeof value !== 'object' || value === null || !('mark' in value) || value.mark !== mark || !('scan' in value)) return null;
    if (!('paths' in value) || JSON.stringify(value.paths) !== JSON.stringify(paths)) return null;
    return value.scan as Scan;
  }

  keep(
    directories: readonly ListedDirectory[],
    names: readonly string[],
    stamps: readonly (Stamp | null)[],
    notes: ReadonlyMap<string, FileNote>,
    paths: readonly string[],
    scan: Scan,
  ): void {
    const stampOf = new Map(names.map((name, at) => [name, stamps[at] ?? null]));
    const rows = directories.map(({ path, changed, directories: below, files }): ListingRow => {
      const kept = files.map((name): ListingRow[3][number] => {
        const stamp = stampOf.get(path === '' ? name : `${path}/${name}`) ?? null;
        return stamp === null ? [name, -1, -1, -1] : [name, stamp.size, stamp.written, stamp.changed];
      });
      return [path, changed, below, kept];
    });
    const facts = [...notes].map(([name, note]) => `${name}\n${note}`).join('\n');
    const mark = createHash('sha256').update(facts).update(JSON.stringify(rows)).digest('hex').slice(0, 16);
    try {
      // The listing comes last: it is what makes the others count.
      writeWhole(`${this.base}.facts`, `${mark}\n${facts}\n`);
      writeWhole(`${this.base}.sites.json`, JSON.stringify({ mark, paths, scan }));
      writeWhole(`${this.base}.listing.json`, JSON.stringify({ mark, rows }));
    } catch (error) {
      // A full disk must not keep anyone from scanning.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

type ListingRow = readonly [string, number, readonly string[], readonly (readonly [string, number, number, number])[]];

function linesOf(path: string): readonly string[] | null {
  const text = textOf(path);
  return text === null ? null : text.split('\n');
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
