/** The C files of a directory with what tells whether they were written since: listed anew only where a directory has changed. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A directory and the files in it, as they were when they were looked at. */
export interface ListedDirectory {
  /** Relative to the root; '' for the root. */
  readonly path: string;
  /** Time of the last change, or -1 where it is too short ago to tell. */
  readonly changed: number;
  readonly files: readonly string[];
  readonly directories: readonly string[];
}

/** Size and times of a file; `changed` is -1 where a change might not show. */
export interface Stamp {
  readonly size: number;
  readonly written: number;
  readonly changed: number;
}

/** Deeper than any path of the kernel; a bound for a tree that was made to hurt. */
const MAX_DEPTH = 48;
const SOURCE = /\.[chS]$/;
const LEFT_OUT = new Set(['tools', 'Documentation']);
/** A file changed so shortly ago may change again within one tick of the disk's clock, unseen. */
const RACY_MS = 2000;

/**
 * The directories of a tree that have C, in order of path, and all others on the way.
 *
 * @param known the listing of an earlier time
 * *Leaves out* directories that begin with a dot, `tools`, `Documentation`, and what stands behind symbolic links.
 * *Fails* never: what cannot be read is empty.
 */
export function listedTree(root: string, known: ReadonlyMap<string, ListedDirectory>, now: number): readonly ListedDirectory[] {
  const found: ListedDirectory[] = [];
  const visit = (path: string, depth: number): void => {
    const listed = listedDirectory(root, path, known.get(path), now);
    found.push(listed);
    if (depth >= MAX_DEPTH) return;
    for (const name of listed.directories) visit(path === '' ? name : `${path}/${name}`, depth + 1);
  };
  visit('', 0);
  return found;
}

function listedDirectory(root: string, path: string, known: ListedDirectory | undefined, now: number): ListedDirectory {
  const full = path === '' ? root : join(root, path);
  const changed = changedAt(full, now);
  if (known !== undefined && changed >= 0 && known.changed === changed) return known;
  const files: string[] = [];
  const directories: string[] = [];
  for (const entry of entriesOf(full)) {
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !(path === '' && LEFT_OUT.has(entry.name))) directories.push(entry.name);
    } else if (entry.isFile() && SOURCE.test(entry.name)) files.push(entry.name);
  }
  return { path, changed, files: files.sort(), directories: directories.sort() };
}

function changedAt(path: string, now: number): number {
  try {
    const { mtimeMs, ctimeMs } = lstatSync(path);
    return now - ctimeMs < RACY_MS ? -1 : mtimeMs + ctimeMs / 4;
  } catch {
    return -1;
  }
}

function entriesOf(directory: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(directory);
  } catch {
    return [];
  }
}

const readEntries = (directory: string) => readdirSync(directory, { withFileTypes: true });

/** The stamp of a file; null where it is gone. */
export function stampOfFile(path: string, now: number): Stamp | null {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return null;
  return { size: facts.size, written: facts.mtimeMs, changed: now - facts.ctimeMs < RACY_MS ? -1 : facts.ctimeMs };
}

export const sameStamp = (one: Stamp, two: Stamp): boolean =>
  one.changed >= 0 && one.changed === two.changed && one.written === two.written && one.size === two.size;
