/** What a name can be at the top level of a file of C. */

export type DefinitionKind =
  | 'macro'
  | 'function-macro'
  | 'undef'
  | 'struct'
  | 'union'
  | 'enum'
  | 'enumerator'
  | 'typedef'
  | 'function'
  | 'prototype'
  | 'variable'
  /** A function-like macro used as a declaration: `DEFINE_X(y)`, `PAGEFLAG(Locked, …)`. */
  | 'invocation';

/** One definition. Plain values only: an index is kept on disk. */
export interface Definition {
  readonly name: string;
  readonly kind: DefinitionKind;
  /** Offsets of the whole declaration or directive in the file's text; of a tag inside another type, from its keyword to its `}`. */
  readonly from: number;
  readonly to: number;
  readonly line: number;
  /** Line of the last character. */
  readonly endLine: number;
  /** Index into `FileIndex.conditions`; -1 where it stands under no condition. */
  readonly condition: number;
  /** Of functions: `static`, `inline` (or one of its spellings), `__weak`. */
  readonly marks?: readonly ('static' | 'inline' | 'weak')[];
  /** Of invocations that may make names: the words of their arguments. */
  readonly words?: readonly string[];
}
