/** What the reader is asked for, and what the model tells it about the callees. */

/** What a primitive or the model needs from the tree besides the code: read by name, laid out for it. */
export interface Needs {
  /** Type names: `struct folio`, `union x`, or a typedef. A missing one is a problem value, not an error. */
  readonly types: readonly string[];
  /** Enumerators and object-like macros whose integer values are wanted. */
  readonly constants: readonly string[];
  /** Functions that modelled code calls back. */
  readonly functions: readonly string[];
  /** Global objects that modelled code reads or sets. */
  readonly globals: readonly string[];
}

export interface ReadRequest {
  /** Functions to start from. */
  readonly roots: readonly string[];
  /** Files whose functions are interpreted; inline functions of headers always are, unless modelled. */
  readonly scope: readonly string[];
  /**
   * Functions *and function-like macros* that are modelled: calls to them become `call` instructions, the macro is not expanded.
   * A macro's arguments are evaluated as C expressions (arrays decay; a condition keeps its own type; a string literal is its address).
   */
  readonly modelled: ReadonlySet<string>;
  readonly needs: Needs;
  /** `CONFIG_*` values; what is not in it is unset. */
  readonly config: Readonly<Record<string, string>>;
  /** Functions whose name alone decides: interpreted although their file is not in `scope`. */
  readonly alsoInterpret?: readonly string[];
}
