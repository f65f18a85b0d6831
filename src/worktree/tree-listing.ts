/** The C files of a directory with what tells whether they were written since: listed anew only where a directory has changed. */
import { lstatSync, readdirSync, statSync } from 'node:fs';

/** A directory and the files in it, as they were when they were looked at. Plain JSON. */
export interface ListedDirectory {
  /** Relative to the root; '' for the root. */
  readonly path: string;
  /** Times of the last change, or -1 where it is too short ago to tell. */
  readonly changed: number;
  readonly directories: readonly string[];
  readonly files: readonly string[];
  /** For each file three numbers: size, time of writing, and time of change, which is -1 where a change might not show. */
  readonly stamps: ArrayLike<number>;
}

export interface TreeListing {
  /** All that have C, and those on the way to them; each before those in it. */
  readonly directories: readonly ListedDirectory[];
  /** Files that are not, or may not be, as they were. */
  readonly fresh: readonly string[];
  readonly files: number;
  /** Whether files or directories have come or gone. */
  readonly moved: boolean;
}

/** Deeper than any path of the kernel; a bound for a tree that was made to hurt. */
const MAX_DEPTH = 48;
const SOURCE = /\.[chS]$/;
const LEFT_OUT = new Set(['tools', 'Documentation']);
/** A file changed so shortly ago may change again within one tick of the disk's clock, unseen. */
const RACY_MS = 2000;

/**
 * The files of a tree beside what they were.
 *
 * @param known the listing of an earlier time
 * @param isSame whether a directory of it and all files in it are known to be as they were
 * *Leaves out* directories that begin with a dot, `tools`, `Documentation`, and what stands behind symbolic links.
 * *Fails* never: what cannot be read is empty.
 * *Cost* one `stat` a file and a directory.
 */
export function listedTree(
  root: string,
  known: ReadonlyMap<string, ListedDirectory>,
  now: number,
  isSame: (directory: ListedDirectory) => boolean = () => false,
): TreeListing {
  return new Lister(root, known, now, isSame).listing();
}

/** Whether a directory and all files in it are as they were, for certain. */
export function isUnchanged(root: string, known: ListedDirectory, now: number): boolean {
  const full = known.path === '' ? root : `${root}/${known.path}`;
  const changed = changedAt(full, now);
  if (changed < 0 || changed !== known.changed) return false;
  let from = 0;
  for (const name of known.files) {
    if (!isStamp(stampOf(`${full}/${name}`, now), known.stamps, from)) return false;
    from += 3;
  }
  return true;
}

type Stamp = readonly [number, number, number];

const isStamp = ([size, written, changed]: Stamp, stamps: ArrayLike<number>, from: number): boolean =>
  changed >= 0 && stamps[from] === size && stamps[from + 1] === written && stamps[from + 2] === changed;

function stampOf(path: string, now: number): Stamp {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return [-1, -1, -1];
  return [facts.size, facts.mtimeMs, now - facts.ctimeMs < RACY_MS ? -1 : facts.ctimeMs];
}

function changedAt(path: string, now: number): number {
  try {
    const { mtimeMs, ctimeMs } = lstatSync(path);
    return now - ctimeMs < RACY_MS ? -1 : mtimeMs + ctimeMs / 4;
  } catch {
    return -1;
  }
}

class Lister {
  private readonly directories: ListedDirectory[] = [];
  private readonly fresh: string[] = [];
  private files = 0;
  private moved = false;

  constructor(
    private readonly root: string,
    private readonly known: ReadonlyMap<string, ListedDirectory>,
    private readonly now: number,
    private readonly isSame: (directory: ListedDirectory) => boolean,
  ) {}

  listing(): TreeListing {
    this.visit('', 0);
    const { directories, fresh, files } = this;
    return { directories, fresh, files, moved: this.moved || directories.length !== this.known.size };
  }

  private visit(path: string, depth: number): void {
    const known = this.known.get(path);
    const own = known !== undefined && this.isSame(known) ? known : this.listed(path, known);
    this.directories.push(own);
    this.files += own.files.length;
    if (depth >= MAX_DEPTH) return;
    for (const name of own.directories) this.visit(path === '' ? name : `${path}/${name}`, depth + 1);
  }

  private listed(path: string, known: ListedDirectory | undefined): ListedDirectory {
    const full = path === '' ? this.root : `${this.root}/${path}`;
    const changed = changedAt(full, this.now);
    if (known !== undefined && changed >= 0 && known.changed === changed) {
      const stamps = this.compared(full, path, known.files, known);
      return stamps === known.stamps ? known : { ...known, stamps };
    }
    const { files, directories } = namesIn(full, path === '');
    if (known === undefined || !isSameList(known.files, files) || !isSameList(known.directories, directories)) this.moved = true;
    return { path, changed, directories, files, stamps: this.compared(full, path, files, known) };
  }

  /** Stamps of the files; the known list itself where none has changed. */
  private compared(full: string, path: string, files: readonly string[], known: ListedDirectory | undefined): ArrayLike<number> {
    const isSameFiles = known?.files === files;
    const before = isSameFiles ? null : new Map((known?.files ?? []).map((name, at) => [name, at * 3]));
    const old = known?.stamps ?? [];
    let stamps: number[] | null = isSameFiles ? null : [];
    for (const [at, name] of files.entries()) {
      const stamp = stampOf(`${full}/${name}`, this.now);
      const from = before === null ? at * 3 : (before.get(name) ?? -1);
      const isAsBefore = from >= 0 && isStamp(stamp, old, from);
      if (!isAsBefore) this.fresh.push(path === '' ? name : `${path}/${name}`);
      if (before !== null) stamps?.push(...stamp);
      else if (!isAsBefore) {
        stamps ??= Array.from(old);
        stamps.splice(from, 3, ...stamp);
      }
    }
    return stamps ?? old;
  }
}

const isSameList = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one, at) => one === b[at]);

function namesIn(directory: string, isRoot: boolean): { readonly files: readonly string[]; readonly directories: readonly string[] } {
  const files: string[] = [];
  const directories: string[] = [];
  for (const entry of entriesOf(directory)) {
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !(isRoot && LEFT_OUT.has(entry.name))) directories.push(entry.name);
    } else if (entry.isFile() && SOURCE.test(entry.name)) files.push(entry.name);
  }
  return { files: files.sort(), directories: directories.sort() };
}

function entriesOf(directory: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(directory);
  } catch {
    return [];
  }
}

const readEntries = (directory: string) => readdirSync(directory, { withFileTypes: true });
