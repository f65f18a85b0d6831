/** The port through which the reader sees a tree: the shells put a directory, a git tree or a map of strings behind it. */

export interface SourceTree {
  /** Paths relative to the root with `/`, of the `.c`, `.h` and `.S` files that may be read; in a fixed order. */
  readonly paths: readonly string[];
  /** The text, or null when it is not there any more or is not text. */
  read(path: string): string | null;
}
