/** tree-sitter's C grammar as the parser of the assumption rules; its two wasm files are read from disk. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as TreeSitter from 'web-tree-sitter';
import type { Edit, Parser, Tree } from 'web-tree-sitter';
import type { ParsePort, SyntaxNode } from '../assumptions/syntax';

/** A parser that can also follow the edits of one document. */
export interface CParser extends ParsePort {
  /** A document that is parsed again and again, each time from what the last one left. */
  document(): ParsedDocument;
}

export interface ParsedDocument {
  /** As `ParsePort.parsed`; what did not change since the last text is not parsed again. */
  parsed<T>(text: string, use: (root: SyntaxNode | null) => T): T;
  /** Frees what is kept between parses. */
  close(): void;
}

/**
 * The parser.
 *
 * @param wasmDirectory holds `tree-sitter.wasm` and `tree-sitter-c.wasm`
 * *Fails* by throwing where a file is missing: they ship beside the bundle, so that is a damaged installation.
 */
export async function loadParser(wasmDirectory: string): Promise<CParser> {
  // The package's ES module finds its files by import.meta.url, which a bundle does not have; its CommonJS twin takes the bytes.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const treeSitter = require('web-tree-sitter') as typeof TreeSitter;
  const [runtime, grammar] = await Promise.all(
    ['tree-sitter.wasm', 'tree-sitter-c.wasm'].map((name) => readFile(join(wasmDirectory, name))),
  );
  await treeSitter.Parser.init({ wasmBinary: runtime });
  const parser = new treeSitter.Parser();
  parser.setLanguage(await treeSitter.Language.load(grammar ?? new Uint8Array()));
  return {
    parsed: (text, use) => {
      const tree = parseOnce(parser, text, null);
      try {
        return use(tree?.rootNode ?? null);
      } finally {
        tree?.delete();
      }
    },
    document: () => new Following(parser),
  };
}

/** Longer than any kernel source takes; a text made to be slow is then judged by its words alone. */
const PARSE_LIMIT_MS = 3000;

function parseOnce(parser: Parser, text: string, old: Tree | null): Tree | null {
  const until = Date.now() + PARSE_LIMIT_MS;
  const options = { progressCallback: () => Date.now() > until };
  const tree = parser.parse(text, old, options);
  // Else the next text would be taken for the rest of this one.
  if (tree === null) parser.reset();
  return tree;
}

class Following implements ParsedDocument {
  private tree: Tree | null = null;
  private text = '';

  constructor(private readonly parser: Parser) {}

  parsed<T>(text: string, use: (root: SyntaxNode | null) => T): T {
    const old = this.tree;
    if (old !== null && text !== this.text) old.edit(editBetween(this.text, text));
    this.tree = parseOnce(this.parser, text, old);
    this.text = text;
    old?.delete();
    return use(this.tree?.rootNode ?? null);
  }

  close(): void {
    this.tree?.delete();
    this.tree = null;
  }
}

/** One edit that makes the new text of the old: all between what they have in common at both ends. */
function editBetween(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let same = 0;
  while (same < shorter - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same += 1;
  const oldEnd = before.length - same;
  const newEnd = after.length - same;
  return {
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: pointOf(before, start),
    oldEndPosition: pointOf(before, oldEnd),
    newEndPosition: pointOf(after, newEnd),
  };
}

function pointOf(text: string, at: number): { readonly row: number; readonly column: number } {
  let row = 0;
  let from = 0;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', from)) {
    row += 1;
    from = next + 1;
  }
  return { row, column: at - from };
}
