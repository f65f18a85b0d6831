/** A directory on disk as the tree that the C reader reads: its kernel sources, nothing outside of it, nothing that x86-64 does not see. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SourceTree } from '../kernel-c/source-tree';

/**
 * The `.c`, `.h` and `.S` files below a directory.
 *
 * *Shape* paths sorted by UTF-16 units; listed once, when called.
 * *Leaves out* `.git`, `tools`, `Documentation`, `arch/*` but x86, directories behind symlinks, and files behind symlinks that lead out of the tree.
 * *Fails* never: a directory that cannot be read is empty.
 */
export function diskTree(directory: string): SourceTree {
  const root = realOr(directory);
  const paths = listed(root);
  const known = new Set(paths);
  return { paths, read: (path) => (known.has(path) ? textOf(join(root, path)) : null) };
}

/** The largest source of the kernel, a generated register header, has 24 MB; anything larger is no source. */
const MAX_SOURCE_BYTES = 64 * 1024 * 1024;
/** Deeper than any path of the kernel; a bound for a tree that was made to hurt. */
const MAX_DEPTH = 48;
const SOURCE = /\.[chS]$/;
const LEFT_OUT = new Set(['tools', 'Documentation']);

function listed(root: string): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string, depth: number): void => {
    for (const entry of entriesOf(folder === '' ? root : join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH && wanted(folder, entry.name)) visit(path, depth + 1);
      } else if (SOURCE.test(entry.name) && (entry.isFile() || (entry.isSymbolicLink() && staysInside(root, path)))) found.push(path);
    }
  };
  visit('', 0);
  return found.sort();
}

/** Whether a directory is read at all. */
function wanted(parent: string, name: string): boolean {
  if (name.startsWith('.')) return false;
  if (parent === '') return !LEFT_OUT.has(name);
  return parent !== 'arch' || name === 'x86';
}

function entriesOf(directory: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(directory);
  } catch {
    return [];
  }
}

const readEntries = (directory: string) => readdirSync(directory, { withFileTypes: true });

function staysInside(root: string, path: string): boolean {
  try {
    const real = realpathSync(join(root, path));
    const way = relative(root, real);
    return way !== '..' && !way.startsWith(`..${sep}`) && !way.split(sep).includes('.git') && statSync(real).isFile();
  } catch {
    return false;
  }
}

const realOr = (directory: string): string => {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
};

/** The text of a file; null where it is gone, no file, too large, or not text (a NUL in its first block). */
export function textOf(path: string): string | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, 'r');
    const facts = fstatSync(descriptor);
    if (!facts.isFile() || facts.size > MAX_SOURCE_BYTES) return null;
    const first = Buffer.alloc(Math.min(facts.size, 4096));
    readSync(descriptor, first, 0, first.length, 0);
    return first.includes(0) ? null : readFileSync(path, 'utf8');
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
