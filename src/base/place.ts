/** Places in text. */

/** A line number counted from 1, as compilers, mails and people count. */
export type Line1 = number;

/** A place in a file of a tree. `file` is relative to the tree's root, with `/`. */
export interface Place {
  readonly file: string;
  readonly line: Line1;
  /** Counted from 1, in UTF-16 units. */
  readonly column?: number;
}

/** Something odd in input: a value beside the result, never thrown. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly place?: Place;
}
