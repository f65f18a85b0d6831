/** The index of a tree on disk, made again only for contents that no tree of the data folder has had. */
import { join } from 'node:path';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { FileIndex } from '../kernel-c/file-index';
import { indexOfRows } from '../kernel-c/index-rows';
import type { SourceTree } from '../kernel-c/source-tree';
import { createTreeIndex, type TreeIndex } from '../kernel-c/tree-index';
import { blobId } from './blob-id';
import { indexFiles } from './index-files';
import { indexedFile } from './index-share';
import { openIndexStore } from './index-store';
import { dataDirectory } from './opened';
import { keepStamps, knownStamps, type Stamped, stampOf } from './tree-stamps';

export interface TreeIndexOptions {
  /** The data directory, where indexes are kept. */
  readonly data?: string;
  /** Path of the bundled thread that helps; beside this bundle where it is not given. */
  readonly thread?: string;
}

/** Files between two words of progress. */
const REPORT_EVERY = 64;

/**
 * The same index as `buildTreeIndex` gives.
 *
 * A file whose size and times are as they were is not read. One that is read is indexed only where its content is new; then with all cores.
 * @param root the directory of the tree, as given to `diskTree`
 * *Fails* never; gives `cancelled`.
 * *Cost* one `stat` a file where nothing has changed.
 */
export function cachedTreeIndex(root: string, tree: SourceTree, progress: Progress, options: TreeIndexOptions = {}): Outcome<TreeIndex> {
  const data = options.data ?? dataDirectory();
  const thread = options.thread ?? join(__dirname, 'index-worker.js');
  const known = knownStamps(root, data);
  const store = openIndexStore(data);
  const stamps = new Map<string, Stamped>();
  const ids = new Map<string, string>();
  const missing: string[] = [];
  const total = tree.paths.length;
  const now = Date.now();
  const stampFor = new Map<string, string | null>();
  const isFirst = known.size === 0;
  let changed = known.size !== total;
  const take = (path: string, blob: string): void => {
    ids.set(path, blob);
    const stamp = stampFor.get(path) ?? null;
    if (stamp !== null) stamps.set(path, { stamp, blob });
  };
  for (const [at, path] of tree.paths.entries()) {
    if (at % REPORT_EVERY === 0 && !goOn(progress, 'Looking for changed files', at, total)) return cancelled;
    const stamp = stampOf(join(root, path), now);
    stampFor.set(path, stamp);
    const before = known.get(path);
    const same = stamp !== null && before?.stamp === stamp;
    if (!same) changed = true;
    // Nothing is known of a tree that is read for the first time with an empty store: its files are hashed where they are indexed.
    const blob = same ? before.blob : isFirst && store.isEmpty ? null : idOf(tree.read(path));
    if (blob === null || (blob !== '' && !store.has(blob))) missing.push(path);
    else take(path, blob);
  }
  const made = indexFiles(root, missing, thread, (count) => goOn(progress, 'Indexing the tree', count, missing.length));
  if (made === null) return cancelled;
  for (const [at, path] of missing.entries()) {
    const [blob, rows] = made[at] ?? ['', null];
    if (rows !== null) store.put(blob, rows);
    take(path, blob);
  }
  const files: FileIndex[] = [];
  for (const path of tree.paths) {
    const blob = ids.get(path) ?? '';
    const index = blob === '' ? null : (indexOfRows(path, store.get(blob)) ?? remade(path, tree));
    if (index !== null) files.push(index);
  }
  store.save(new Set(ids.values()));
  if (changed) keepStamps(root, data, stamps);
  return done(createTreeIndex(files));

  /** What is kept of it is damaged: it is indexed again, from what the file holds now. */
  function remade(path: string, from: SourceTree): FileIndex | null {
    const one = indexedFile(path, from.read(path));
    if (one === null) return null;
    store.put(one[0], one[1]);
    take(path, one[0]);
    changed = true;
    return indexOfRows(path, one[1]);
  }
}

const idOf = (text: string | null): string => (text === null ? '' : blobId(text));

function goOn(progress: Progress, what: string, at: number, total: number): boolean {
  progress.report(what, total === 0 ? 1 : at / total);
  return !progress.cancelled;
}
