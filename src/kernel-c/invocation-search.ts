/** Finds, in the index of a tree, the macro invocations that may have made a name. */
import { leastWord } from './invocation-words';
import type { Found, TreeIndex } from './tree-index';

/**
 * Finds the invocations with an argument that is part of a name.
 *
 * *Shape* in the order of the index: by path, then place.
 */
export function createInvocationSearch(index: TreeIndex): (name: string) => readonly Found[] {
  const all: Found[] = [];
  const byWord = new Map<string, number[]>();
  for (const file of index.files.values()) {
    for (const definition of file.definitions) {
      if (definition.words === undefined) continue;
      const at = all.push({ file, definition }) - 1;
      for (const word of definition.words) {
        const known = byWord.get(word);
        if (known === undefined) byWord.set(word, [at]);
        else known.push(at);
      }
    }
  }
  return (name) => {
    const found = new Set<number>();
    // A name has few parts, the tree has thousands of words.
    for (let from = 0; from + leastWord <= name.length && from < longestName; from++) {
      for (let to = from + leastWord; to <= name.length && to - from <= longestName; to++) {
        for (const at of byWord.get(name.slice(from, to)) ?? []) found.add(at);
      }
    }
    return [...found].sort((a, b) => a - b).map((at) => all[at]!);
  };
}

/** No name that is made from parts is longer, so that a hostile one costs no more. */
const longestName = 128;
