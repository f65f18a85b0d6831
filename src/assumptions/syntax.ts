/** The port through which the rules see a parsed C file: what web-tree-sitter's nodes offer of themselves, and no more. */

/** A node of a syntax tree of tree-sitter's C grammar. Offsets are UTF-16 units from the start of the text. */
export interface SyntaxNode {
  /** `function_definition`, `identifier` … */
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly text: string;
  readonly parent: SyntaxNode | null;
  childForFieldName(name: string): SyntaxNode | null;
  /** The smallest node that spans the range. */
  descendantForIndex(start: number, end?: number): SyntaxNode | null;
  descendantsOfType(type: string): readonly (SyntaxNode | null)[];
}

export interface ParsedFile {
  /** Relative to the tree, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Null where the parser gave up: the text alone must do. */
  readonly root: SyntaxNode | null;
}

/** A parser of C. */
export interface ParsePort {
  /** Gives the parsed text to `use`, and frees the tree when it returns: nothing of the tree may be kept. */
  parsed<T>(text: string, use: (root: SyntaxNode | null) => T): T;
}
