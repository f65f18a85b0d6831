/** What threads that index a tree together share: the work, who takes which part, and how results come back. */
import { type IndexRows, rowsOfIndex } from '../kernel-c/index-rows';
import { indexText } from '../kernel-c/file-index';
import { blobId } from './blob-id';
import { textOf } from './disk-tree';
import { join } from 'node:path';

export interface IndexShare {
  readonly root: string;
  readonly paths: readonly string[];
  /** `[next part, parts whose results are posted]`, changed with Atomics. */
  readonly counters: Int32Array;
}

/** The results of a part: for each of its files the id of its content and its rows; null where it is no text. */
export type PartResult = readonly [number, readonly (readonly [string, IndexRows] | null)[]];

/** Files that are taken at a time. */
export const PART = 32;

/** Takes parts until there are none left. `give` gets each; false ends it. */
export function indexParts({ root, paths, counters }: IndexShare, give: (result: PartResult) => boolean): void {
  const parts = Math.ceil(paths.length / PART);
  for (let part = Atomics.add(counters, 0, 1); part < parts; part = Atomics.add(counters, 0, 1)) {
    const rows = paths.slice(part * PART, (part + 1) * PART).map((path) => indexedFile(path, textOf(join(root, path))));
    if (!give([part, rows])) return;
  }
}

export function indexedFile(path: string, text: string | null): readonly [string, IndexRows] | null {
  return text === null ? null : [blobId(text), rowsOfIndex(indexText(path, text))];
}
