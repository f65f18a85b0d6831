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
  readonly stamps: readonly number[];
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
 * *Leaves out* directories that begin with a dot, `tools`, `Documentation`, and what stands behind symbolic links.
 * *Fails* never: what cannot be read is empty.
 * *Cost* one `stat` a file and a directory.
 */
export function listedTree(root: string, known: ReadonlyMap<string, ListedDirectory>, now: number): TreeListing {
  return new Lister(root, known, now).listing();
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
  ) {}

  listing(): TreeListing {
    this.visit('', 0);
    const { directories, fresh, files } = this;
    return { directories, fresh, files, moved: this.moved || directories.length !== this.known.size };
  }

  private visit(path: string, depth: number): void {
    const known = this.known.get(path);
    const full = path === '' ? this.root : `${this.root}/${path}`;
    const changed = this.changedAt(full);
    const isSame = known !== undefined && changed >= 0 && known.changed === changed;
    const names = isSame ? known : namesIn(full, path === '');
    const stamps = isSame ? this.unchanged(full, path, known) : this.compared(full, path, names.files, known);
    this.directories.push({ path, changed, directories: names.directories, files: names.files, stamps });
    this.files += names.files.length;
    if (depth >= MAX_DEPTH) return;
    for (const name of names.directories) this.visit(path === '' ? name : `${path}/${name}`, depth + 1);
  }

  /** Stamps where the same files are there; the known list itself where none has changed. */
  private unchanged(full: string, path: string, known: ListedDirectory): readonly number[] {
    let stamps: number[] | null = null;
    for (const [at, name] of known.files.entries()) {
      const stamp = this.stampOf(`${full}/${name}`);
      const [size, written, changed] = stamp;
      const from = at * 3;
      if (changed >= 0 && known.stamps[from] === size && known.stamps[from + 1] === written && known.stamps[from + 2] === changed) continue;
      stamps ??= [...known.stamps];
      stamps.splice(from, 3, ...stamp);
      this.fresh.push(path === '' ? name : `${path}/${name}`);
    }
    return stamps ?? known.stamps;
  }

  private compared(full: string, path: string, files: readonly string[], known: ListedDirectory | undefined): readonly number[] {
    this.moved = true;
    const stamps: number[] = [];
    const before = new Map((known?.files ?? []).map((name, at) => [name, at * 3]));
    for (const name of files) {
      const [size, written, changed] = this.stampOf(`${full}/${name}`);
      stamps.push(size, written, changed);
      const from = before.get(name) ?? -1;
      const old = known?.stamps ?? [];
      const isSame = from >= 0 && changed >= 0 && old[from] === size && old[from + 1] === written && old[from + 2] === changed;
      if (!isSame) this.fresh.push(path === '' ? name : `${path}/${name}`);
    }
    return stamps;
  }

  private stampOf(path: string): readonly [number, number, number] {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return [-1, -1, -1];
    return [facts.size, facts.mtimeMs, this.now - facts.ctimeMs < RACY_MS ? -1 : facts.ctimeMs];
  }

  private changedAt(path: string): number {
    try {
      const { mtimeMs, ctimeMs } = lstatSync(path);
      return this.now - ctimeMs < RACY_MS ? -1 : mtimeMs + ctimeMs / 4;
    } catch {
      return -1;
    }
  }
}

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
