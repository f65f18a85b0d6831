/** Messages between the language server and its threads: the one that reads C, and one for each exploration. */
import type { Outcome } from '../base/outcome';
import type { Program } from '../kernel-c/program';
import type { ExplorationReport } from './exploration';
import type { ExploreParams } from './requests';

/** Server → thread. */
export type ToReader =
  /** A function as the files of the tree are now: what changed is looked for each time. */
  | { readonly kind: 'read'; readonly id: number; readonly tree: string; readonly function: string }
  /** A function of a program that was read. */
  | {
      readonly kind: 'explore';
      readonly id: number;
      readonly program: Program;
      readonly function: string;
      readonly states: ExploreParams['states'];
    };

/** Thread → server. */
export type FromReader =
  | { readonly kind: 'program'; readonly id: number; readonly outcome: Outcome<Program> }
  | { readonly kind: 'report'; readonly id: number; readonly outcome: Outcome<ExplorationReport> }
  /** `fraction` is -1 where it is not known. */
  | { readonly kind: 'progress'; readonly id: number; readonly text: string; readonly fraction: number };
