/** Indexes of files by the id of their content, kept on disk for all worktrees of a data folder. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { IndexRows } from '../kernel-c/index-rows';
import { jsonOf, writeWhole } from './files';

/** Goes up whenever `indexText` gives something else for the same text, or rows mean something else. */
const KIND = 'tree-index-4';
/** A shard is a file for all ids that begin with the same digits. */
const DIGITS = 2;
/** Larger shards keep only what the tree at hand has: the revisions of a series differ in little. */
const LARGEST_SHARD = 4 * 1024 * 1024;

export interface IndexStore {
  /** Nothing was kept when it was opened. */
  readonly isEmpty: boolean;
  /** Rows as they were read: not checked. */
  get(id: string): unknown;
  has(id: string): boolean;
  put(id: string, rows: IndexRows): void;
  /**
   * Writes the shards that have something new.
   * @param used ids that the tree at hand has
   * *Fails* never: a cache that cannot be written is done without.
   */
  save(used: ReadonlySet<string>): void;
}

/** *Fails* never: a shard that is damaged, or of another version, is empty. Two processes that write the same shard keep one of the two. */
export function openIndexStore(data: string): IndexStore {
  const folder = join(data, 'cache', KIND);
  const shards = new Map<string, Map<string, unknown>>();
  const changed = new Set<string>();
  const fileOf = (key: string): string => join(folder, `${key}.json`);
  const shardOf = (id: string): Map<string, unknown> => {
    const key = id.slice(0, DIGITS);
    let shard = shards.get(key);
    if (shard === undefined) shards.set(key, (shard = shardIn(fileOf(key), key)));
    return shard;
  };
  return {
    isEmpty: !existsSync(folder),
    get: (id) => shardOf(id).get(id),
    has: (id) => shardOf(id).has(id),
    put: (id, rows) => {
      shardOf(id).set(id, rows);
      changed.add(id.slice(0, DIGITS));
    },
    save: (used) => {
      if (changed.size === 0) return;
      dropOtherKinds(join(data, 'cache'));
      for (const key of changed) {
        const shard = [...(shards.get(key) ?? [])];
        const text = JSON.stringify(Object.fromEntries(shard));
        const small = text.length > LARGEST_SHARD ? JSON.stringify(Object.fromEntries(shard.filter(([id]) => used.has(id)))) : text;
        if (!written(fileOf(key), small)) return;
      }
      changed.clear();
    },
  };
}

function shardIn(file: string, key: string): Map<string, unknown> {
  const stored = jsonOf(file);
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return new Map();
  return new Map(Object.entries(stored).filter(([id]) => id.startsWith(key)));
}

function written(file: string, text: string): boolean {
  try {
    writeWhole(file, text);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** Indexes of an earlier version are of no use to anyone. */
function dropOtherKinds(cache: string): void {
  try {
    for (const name of readdirSync(cache))
      if (/^tree-index-\d+$/.test(name) && name !== KIND && statSync(join(cache, name)).isDirectory())
        rmSync(join(cache, name), { recursive: true, force: true });
  } catch {
    // There is no cache yet, or it may not be changed.
  }
}
