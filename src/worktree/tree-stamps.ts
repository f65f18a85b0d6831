/** Which content each file of a tree had when it was last read, so that a file that is as it was need not be read again. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { jsonOf, writeWhole } from './files';

export interface Stamped {
  readonly stamp: string;
  /** Id of the content; '' where the file is no text. */
  readonly blob: string;
}

const KIND = 'tree-stamps-1';
/** A file changed so shortly ago may change again within one tick of the disk's clock, unseen: git calls such an entry racy. */
const RACY_MS = 2000;

const fileOf = (root: string, data: string): string =>
  join(
    data,
    'cache',
    `${createHash('sha256')
      .update(`${KIND}\0${resolve(root)}`)
      .digest('hex')
      .slice(0, 24)}.json`,
  );

/** *Fails* never: what is damaged is not there. */
export function knownStamps(root: string, data: string): Map<string, Stamped> {
  const known = new Map<string, Stamped>();
  const stored = jsonOf(fileOf(root, data));
  if (typeof stored !== 'object' || stored === null || !('kind' in stored) || stored.kind !== KIND) return known;
  const rows: readonly unknown[] = 'rows' in stored && Array.isArray(stored.rows) ? stored.rows : [];
  for (const row of rows) {
    const [path, stamp, blob]: readonly unknown[] = Array.isArray(row) ? row : [];
    if (typeof path === 'string' && typeof stamp === 'string' && typeof blob === 'string' && /^(?:[0-9a-f]{40})?$/.test(blob))
      known.set(path, { stamp, blob });
  }
  return known;
}

/** *Fails* never: a cache that cannot be written is done without. */
export function keepStamps(root: string, data: string, stamps: ReadonlyMap<string, Stamped>): void {
  try {
    writeWhole(fileOf(root, data), JSON.stringify({ kind: KIND, rows: [...stamps].map(([path, { stamp, blob }]) => [path, stamp, blob]) }));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** Size and times; the time of the last change of the inode too, which `touch` cannot set back. Null where nothing may be kept. */
export function stampOf(path: string, now: number): string | null {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (facts === undefined || now - Number(facts.ctimeMs) < RACY_MS) return null;
  return `${facts.size} ${facts.mtimeNs} ${facts.ctimeNs} ${facts.ino}`;
}
