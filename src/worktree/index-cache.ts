/** What was made of each file of a tree (its index, its sites), kept on disk so that the next run reads only what has changed. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { jsonOf, writeWhole } from './files';
import { dataDirectory } from './opened';

export interface CacheOptions<T> {
  /** What is made, with a number that changes when it is made otherwise: `tree-index-1`. A cache of another kind is not read. */
  readonly kind: string;
  /** Makes the entry of a file; null where there is nothing to make it of. */
  make(path: string): T | null;
  /** Whether a value from disk is an entry: a cache may be damaged. */
  isEntry(value: unknown): value is T;
  /** The data directory, where the cache is kept. */
  readonly data?: string;
  /** Called before each file; false stops. */
  readonly goOn?: (done: number, total: number) => boolean;
}

export interface CachedEntries<T> {
  /** In the order of the paths that were given. */
  readonly entries: ReadonlyMap<string, T>;
  /** How many were made afresh. */
  readonly made: number;
  /** False where `goOn` stopped it: the rest is missing. */
  readonly complete: boolean;
}

/**
 * An entry for each path of a tree: from the cache where the file has the size and times that it had, made afresh otherwise.
 *
 * *Fails* never for the cache's sake: one that cannot be read is made again, one that cannot be written is done without.
 * *Cost* one `stat` a file.
 */
export function cachedEntries<T>(root: string, paths: readonly string[], options: CacheOptions<T>): CachedEntries<T> {
  const file = cacheFile(root, options.kind, options.data ?? dataDirectory());
  const known = knownEntries(file, options);
  const entries = new Map<string, T>();
  const kept: [string, string, T | null][] = [];
  const now = Date.now();
  let made = 0;
  for (const [at, path] of paths.entries()) {
    if (options.goOn?.(at, paths.length) === false) return { entries, made, complete: false };
    const stamp = stampOf(join(root, path), now);
    const before = known.get(path);
    const fresh = stamp === null || before?.stamp !== stamp;
    const entry = fresh ? options.make(path) : before.entry;
    if (fresh) made += 1;
    if (entry !== null) entries.set(path, entry);
    if (stamp !== null) kept.push([path, stamp, entry]);
  }
  if (made > 0 || kept.length !== known.size) keep(file, options.kind, kept);
  return { entries, made, complete: true };
}

const cacheFile = (root: string, kind: string, data: string): string =>
  join(
    data,
    'cache',
    `${createHash('sha256')
      .update(`${kind}\0${resolve(root)}`)
      .digest('hex')
      .slice(0, 24)}.json`,
  );

function knownEntries<T>(
  file: string,
  options: CacheOptions<T>,
): ReadonlyMap<string, { readonly stamp: string; readonly entry: T | null }> {
  const known = new Map<string, { stamp: string; entry: T | null }>();
  const stored = jsonOf(file);
  if (typeof stored !== 'object' || stored === null || !('kind' in stored) || stored.kind !== options.kind) return known;
  const rows: readonly unknown[] = 'rows' in stored && Array.isArray(stored.rows) ? stored.rows : [];
  for (const row of rows) {
    const [path, stamp, entry]: readonly unknown[] = Array.isArray(row) ? row : [];
    if (typeof path !== 'string' || typeof stamp !== 'string') continue;
    if (entry === null) known.set(path, { stamp, entry });
    else if (options.isEntry(entry)) known.set(path, { stamp, entry });
  }
  return known;
}

/** A file changed so shortly ago may change again within one tick of the disk's clock, unseen: git calls such an entry racy. */
const RACY_MS = 2000;

/** Size and times; the time of the last change of the inode too, which `touch` cannot set back. Null where nothing may be kept. */
function stampOf(path: string, now: number): string | null {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (facts === undefined || now - Number(facts.ctimeMs) < RACY_MS) return null;
  return `${facts.size} ${facts.mtimeNs} ${facts.ctimeNs} ${facts.ino}`;
}

function keep(file: string, kind: string, rows: readonly (readonly [string, string, unknown])[]): void {
  try {
    writeWhole(file, JSON.stringify({ kind, rows }));
  } catch (error) {
    // A full disk must not keep anyone from reading the tree; a value that JSON cannot hold is a bug.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
