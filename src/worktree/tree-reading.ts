/** Reads what the files of a tree say, from what was kept of them as far as they are as they were, and keeps it. */
import { realpathSync } from 'node:fs';
import type { Progress } from '../base/progress';
import type { Scan } from '../review/scan';
import { type KeptChange, type KeptEssence, KeptScan, NO_CHANGE } from './kept-scan';
import { NoteBytes } from './note-bytes';
import type { FileNote } from './read-facts';
import { ScanThreads } from './scan-threads';
import { type ListedDirectory, listedTree, type TreeListing } from './tree-listing';
import { essenceOfNotes, TreeNotes } from './tree-notes';

export interface ReadingOptions {
  /** Path of the bundled thread that helps; null, or one that is not there: none does. */
  readonly thread: string | null;
  /** The data directory, where results are kept; null keeps none. */
  readonly data: string | null;
  /** Paths for which a kept scan will do; null where none will. */
  readonly scanFor: readonly string[] | null;
  /** Is told where what was kept is of no use. */
  readonly note: (text: string) => void;
  /** Is called before little is read, where little has changed. */
  readonly onFew?: () => void;
}

export interface TreeReading {
  readonly root: string;
  readonly listing: TreeListing;
  /** The scan that was kept for the paths, where it still holds: then nothing else was read. */
  readonly known: Scan | null;
  readonly notes: TreeNotes;
  /** Keeps the tree as it was read, and the scan of it where there is one. */
  keep(paths: readonly string[], scan: Scan | null): void;
}

/** With more changed files than this all is written again. */
const WORTH_KEEPING = 250;

/** Null where it was cancelled. *Fails* never: what cannot be kept is done without. *Cost* one `stat` a file where nothing has changed. */
export async function readTree(directory: string, options: ReadingOptions, progress: Progress): Promise<TreeReading | null> {
  const root = realOr(directory);
  const threads = new ScanThreads(root, options.thread);
  const kept = options.data === null ? null : new KeptScan(root, options.data);
  try {
    progress.report('Listing the tree');
    const found = kept === null || kept.mark === '' ? 'of-no-use' : await readSince(root, kept, threads, options, progress);
    if (kept?.isDamaged === true)
      options.note(`What was kept of the scan of ${root} is damaged (${kept.path}): what it was to tell is read again.`);
    return found === 'of-no-use' ? await readWhole(root, kept, threads, NOTHING, progress) : found.reading;
  } finally {
    threads.end();
    kept?.close();
  }
}

/** What is there now, beside an earlier reading; that reading itself where nothing has changed on disk. Null where it was cancelled. */
export async function readAgain(before: TreeReading, thread: string | null, progress: Progress): Promise<TreeReading | null> {
  progress.report('Listing the tree');
  const known = new Map(before.listing.directories.map((one) => [one.path, one]));
  const listing = listedTree(before.root, known, Date.now());
  if (listing.fresh.length === 0 && !listing.moved) return before;
  const threads = new ScanThreads(before.root, thread);
  try {
    const read = await threads.notesOf(listing.fresh, progress);
    if (read === null) return null;
    const changed = changedNotes(NO_CHANGE, listing, known, read);
    return { ...before, listing, known: null, notes: before.notes.with(changed), keep: () => undefined };
  } finally {
    threads.end();
  }
}

type Found = { readonly reading: TreeReading | null } | 'of-no-use';

/** Reads what has changed since the tree was kept. */
async function readSince(
  root: string,
  kept: KeptScan,
  threads: ScanThreads,
  { scanFor, onFew }: ReadingOptions,
  progress: Progress,
): Promise<Found> {
  const now = Date.now();
  threads.startComparing(kept.data, kept.mark, now);
  const listed = kept.directories();
  if (listed === null) return 'of-no-use';
  const unchanged = threads.unchanged([...listed.values()]);
  const before = kept.change();
  const known = new Map(listed);
  for (const path of before.gone) known.delete(path);
  for (const one of before.directories) known.set(one.path, one);
  const listing = listedTree(root, known, now, (one) => unchanged.has(one));
  const isSame = listing.fresh.length === 0 && !listing.moved;
  const scan = isSame && scanFor !== null ? kept.scan(before.mark, scanFor) : null;
  if (scan !== null) return { reading: { root, listing, known: scan, notes: NO_NOTES, keep: () => undefined } };
  if (listing.fresh.length + before.notes.size > WORTH_KEEPING) {
    const notes = kept.notes();
    return notes === null
      ? 'of-no-use'
      : { reading: await readWhole(root, kept, threads, { known, notes, change: before, listing }, progress) };
  }
  onFew?.();
  const whole: { essence: KeptEssence | null; notes: NoteBytes | null } = { essence: null, notes: null };
  const read = await threads.notesOf(listing.fresh, progress, () => {
    whole.essence = kept.essence();
    whole.notes = kept.notes();
  });
  if (read === null) return { reading: null };
  const { essence, notes } = whole;
  if (essence === null || notes === null) return 'of-no-use';
  const changed = changedNotes(before, listing, known, read);
  const keep = (paths: readonly string[], made: Scan | null): void => {
    const mark = isSame ? before.mark : kept.keepChange({ ...changedDirectories(listing, listed), notes: changed });
    if (made !== null) kept.keepScan(kept.mark, mark, paths, made);
  };
  return { reading: { root, listing, known: null, notes: new TreeNotes(notes, essence).with(changed), keep } };
}

/** What was known before all is read. */
interface Before {
  readonly known: ReadonlyMap<string, ListedDirectory>;
  readonly notes: NoteBytes;
  readonly change: KeptChange;
  readonly listing: TreeListing | null;
}

const NOTHING: Before = { known: new Map(), notes: NoteBytes.from(new Map()), change: NO_CHANGE, listing: null };
const NO_NOTES = new TreeNotes(NOTHING.notes, { files: new Map(), unread: new Map(), names: new Set() });

/** Reads what is not known, and puts everything together anew. */
async function readWhole(
  root: string,
  kept: KeptScan | null,
  threads: ScanThreads,
  before: Before,
  progress: Progress,
): Promise<TreeReading | null> {
  const listing = before.listing ?? listedTree(root, before.known, Date.now());
  const read = await threads.notesOf(listing.fresh, progress);
  if (read === null) return null;
  progress.report('Joining what was found');
  const all = new Map<string, FileNote>();
  for (const [name, note] of before.notes) all.set(name, note);
  for (const [name, note] of changedNotes(before.change, listing, before.known, read)) {
    if (note === null) all.delete(name);
    else all.set(name, note);
  }
  const notes = NoteBytes.from(new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1))));
  // One after another, so that not all stand in memory twice.
  all.clear();
  const essence = essenceOfNotes(notes);
  const mark = listing.files === 0 ? undefined : kept?.keep(listing.directories, notes, essence);
  return {
    root,
    listing,
    known: null,
    notes: new TreeNotes(notes, essence),
    keep: (paths, made) => {
      if (mark !== undefined && made !== null) kept?.keepScan(mark, '', paths, made);
    },
  };
}

/** Notes in the place of those that were kept; null where a file is gone, or has nothing to say. */
function changedNotes(
  before: Pick<KeptChange, 'notes'>,
  listing: TreeListing,
  known: ReadonlyMap<string, ListedDirectory>,
  read: ReadonlyMap<string, FileNote>,
): ReadonlyMap<string, FileNote | null> {
  const changed = new Map(before.notes);
  for (const name of listing.fresh) changed.set(name, read.get(name) ?? null);
  if (!listing.moved) return changed;
  const now = new Map(listing.directories.map((one) => [one.path, one]));
  for (const [path, old] of known) {
    const own = now.get(path);
    if (own === old) continue;
    const there = new Set(own?.files);
    for (const name of old.files) if (!there.has(name)) changed.set(path === '' ? name : `${path}/${name}`, null);
  }
  return changed;
}

function changedDirectories(listing: TreeListing, listed: ReadonlyMap<string, ListedDirectory>): Omit<KeptChange, 'mark' | 'notes'> {
  const there = new Set(listing.directories.map(({ path }) => path));
  return {
    directories: listing.directories.filter((one) => listed.get(one.path) !== one),
    gone: [...listed.keys()].filter((path) => !there.has(path)),
  };
}

const realOr = (directory: string): string => {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
};
