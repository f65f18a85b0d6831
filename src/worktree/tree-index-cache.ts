/** The index of a tree on disk, made again only for the files that have changed since the last time. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { type FileIndex, indexText } from '../kernel-c/file-index';
import type { SourceTree } from '../kernel-c/source-tree';
import { createTreeIndex, type TreeIndex } from '../kernel-c/tree-index';
import { cachedEntries } from './index-cache';

/** Goes up whenever `indexText` gives something else for the same text. */
const KIND = 'tree-index-2';
/** Files between two words of progress. */
const REPORT_EVERY = 64;

/**
 * The same index as `buildTreeIndex` gives.
 *
 * @param root the directory of the tree, as given to `diskTree`
 * *Fails* never; gives `cancelled`.
 */
export function cachedTreeIndex(root: string, tree: SourceTree, progress: Progress, data?: string): Outcome<TreeIndex> {
  const found = cachedEntries<FileIndex>(root, tree.paths, {
    kind: KIND,
    make: (path) => {
      const text = tree.read(path);
      return text === null ? null : indexText(path, text);
    },
    isEntry: isFileIndex,
    goOn: (at, total) => {
      if (at % REPORT_EVERY === 0) progress.report('Indexing the tree', at / total);
      return !progress.cancelled;
    },
    ...(data === undefined ? {} : { data }),
  });
  return found.complete ? done(createTreeIndex(found.entries.values())) : cancelled;
}

function isFileIndex(value: unknown): value is FileIndex {
  if (!isObject(value) || typeof value['path'] !== 'string') return false;
  const { definitions, conditions } = value;
  return Array.isArray(definitions) && definitions.every(isDefinition) && Array.isArray(conditions) && conditions.every(isCondition);
}

const isDefinition = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['name'] === 'string' &&
  typeof value['kind'] === 'string' &&
  typeof value['from'] === 'number' &&
  typeof value['to'] === 'number' &&
  typeof value['line'] === 'number' &&
  typeof value['condition'] === 'number';

const isCondition = (value: unknown): boolean =>
  isObject(value) && typeof value['parent'] === 'number' && Array.isArray(value['not']) && typeof value['is'] === 'string';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
