/** The index of a tree: every name with the places that define it. */
import type { Definition } from './definition';
import { type FileIndex, indexText } from './file-index';
import type { SourceTree } from './source-tree';

/** A definition with the file that it stands in. */
export interface Found {
  readonly file: FileIndex;
  readonly definition: Definition;
}

export interface TreeIndex {
  readonly files: ReadonlyMap<string, FileIndex>;
  readonly byName: ReadonlyMap<string, readonly Found[]>;
}

/** Shape: for each name its definitions in order of path, then place. */
export function createTreeIndex(files: Iterable<FileIndex>): TreeIndex {
  const byPath = new Map<string, FileIndex>();
  const byName = new Map<string, Found[]>();
  for (const file of files) {
    byPath.set(file.path, file);
    for (const definition of file.definitions) {
      const known = byName.get(definition.name);
      if (known) known.push({ file, definition });
      else byName.set(definition.name, [{ file, definition }]);
    }
  }
  return { files: byPath, byName };
}

/**
 * Indexes every file of a tree.
 * @param onProgress called now and then; false stops, and the index then holds what was read so far
 */
export function buildTreeIndex(tree: SourceTree, onProgress?: (done: number, total: number) => boolean): TreeIndex {
  const files: FileIndex[] = [];
  const total = tree.paths.length;
  for (let i = 0; i < total; i++) {
    if (onProgress && i % 64 === 0 && !onProgress(i, total)) break;
    const path = tree.paths[i] ?? '';
    const text = tree.read(path);
    if (text !== null) files.push(indexText(path, text));
  }
  return createTreeIndex(files);
}

export interface FunctionPlace {
  readonly name: string;
  /** Of the declaration's first line, from 1. */
  readonly line: number;
  /** Of the closing brace. */
  readonly endLine: number;
  readonly static: boolean;
  readonly inline: boolean;
}

/** Functions that a file defines, in order of place; none where the index does not have the file. */
export function functionsIn(index: TreeIndex, path: string): readonly FunctionPlace[] {
  return (index.files.get(path)?.definitions ?? [])
    .filter((one) => one.kind === 'function')
    .map(({ name, line, endLine, marks = [] }) => ({
      name,
      line,
      endLine,
      static: marks.includes('static'),
      inline: marks.includes('inline'),
    }));
}
