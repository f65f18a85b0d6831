/** Messages between the language server and its reading thread. */
import type { Outcome } from '../base/outcome';
import type { Program } from '../kernel-c/program';

/** Server → thread. */
export type ToReader =
  | { readonly kind: 'read'; readonly id: number; readonly tree: string; readonly function: string }
  /** Files of the tree changed: it is indexed again at the next reading (from the cache, but for what changed). */
  | { readonly kind: 'changed'; readonly tree: string };

/** Thread → server. */
export type FromReader =
  | { readonly kind: 'program'; readonly id: number; readonly outcome: Outcome<Program> }
  /** `fraction` is -1 where it is not known. */
  | { readonly kind: 'progress'; readonly id: number; readonly text: string; readonly fraction: number };
