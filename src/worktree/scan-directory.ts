/** Scans a tree on disk with all cores, and keeps what was found for as long as the files stay as they are. */
import { readFileSync } from 'node:fs';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { type Chosen, chosenPaths, type Scan, type ScanOptions, scanOf, scanText } from '../review/scan';
import { type CommitTexts, textsAt } from './commit-texts';
import { dataDirectory } from './opened';
import type { TreeListing } from './tree-listing';
import type { ChangedFiles } from './tree-notes';
import { type ReadingOptions, readTree } from './tree-reading';

export interface DirectoryScan extends ScanOptions {
  /** Path of the bundled thread, `dist/scan-worker.js`; without it one thread does all. */
  readonly thread?: string;
  /** Id of a commit: the tree as it is there. */
  readonly at?: string;
  /** Where results are kept; null keeps none. */
  readonly data?: string | null;
  /** Is told where what was kept is of no use. */
  readonly note?: (text: string) => void;
  /** Is called before little is read, where little has changed. */
  readonly onFew?: () => void;
}

/**
 * The sites of a tree on disk.
 *
 * *Fails* `scan/no-such-path`, `scan/empty-tree`, and as git does where a commit is asked for; gives `cancelled`. What is kept is never the cause
 * of a failure.
 * *Cost* one `stat` a file where nothing has changed.
 */
export async function scanDirectory(directory: string, options: DirectoryScan, progress: Progress): Promise<Outcome<Scan>> {
  const paths = [...(options.paths ?? [])].sort();
  const read = await readTree(directory, readingOptions(options, options.at === undefined ? paths : null), progress);
  if (read === null) return cancelled;
  const { root, listing, known } = read;
  const chosen = chosenIn(listing, paths);
  if (chosen.kind !== 'done') return chosen;
  if (known !== null) return done(known);
  const texts = options.at === undefined ? done<CommitTexts>(new Map()) : await textsAt(root, null, options.at, progress);
  if (texts.kind !== 'done') return texts;
  progress.report('Joining what was found');
  const files = read.notes.with(scannedTexts(texts.value)).essential();
  const scan = scanOf(files, chosen.value, listing.files, reader(root, texts.value));
  if (options.at === undefined) read.keep(paths, scan);
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
  const read = await readTree(directory, readingOptions(options, null), progress);
  if (read === null) return cancelled;
  const { root, listing } = read;
  const chosen = chosenIn(listing, options.paths ?? []);
  if (chosen.kind !== 'done') return chosen;
  let { notes } = read;
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
    notes = notes.with(scannedTexts(changed.value));
    scans.push(scanOf(notes.essential(), chosen.value, listing.files, reader(root, texts)));
  }
  return done(scans);
}

const readingOptions = ({ thread, data, note, onFew }: DirectoryScan, scanFor: readonly string[] | null): ReadingOptions => ({
  thread: thread ?? null,
  data: data === undefined ? dataDirectory() : data,
  scanFor,
  note: note ?? (() => undefined),
  ...(onFew === undefined ? {} : { onFew }),
});

const chosenIn = (listing: TreeListing, paths: readonly string[]): Outcome<Chosen> =>
  chosenPaths(() => namesOf(listing), listing.files, paths);

const scannedTexts = (texts: CommitTexts): ChangedFiles =>
  new Map([...texts].map(([path, text]) => [path, text === null ? null : scanText(path, text)]));

const reader =
  (root: string, texts: CommitTexts) =>
  (path: string): string | null =>
    texts.has(path) ? (texts.get(path) ?? null) : textOf(`${root}/${path}`);

function namesOf({ directories }: TreeListing): readonly string[] {
  return directories.flatMap(({ path, files }) => (path === '' ? files : files.map((name) => `${path}/${name}`)));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
