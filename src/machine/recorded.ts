/** What is kept of a run that was recorded, and what a recording is while it goes on. */
import type { MadeChoice, RunFinding } from '../protocol/simulation';
import type { ObjectNames } from './object-names';
import type { Moment, SimulatedObject } from './objects';

/** How a run has ended, and what it has changed. */
export interface RunResult {
  readonly isStopped: boolean;
  readonly changes: Int32Array;
  readonly allocated: readonly SimulatedObject[];
  /** Numbers of objects, as `object-names.ts` gives them, and where each was freed. */
  readonly freed: readonly { readonly number: number; readonly moment: Moment }[];
  /** Bytes of addresses of locals. */
  readonly locals: number;
  /** Locals that died, in order: distance from the first, and function. */
  readonly deadLocals: readonly number[];
  readonly findings: readonly RunFinding[];
  readonly made: readonly MadeChoice[];
  readonly value: readonly [number, number];
  /** Step at which it began, and steps that it took. */
  readonly from: number;
  readonly steps: number;
}

export interface Recording {
  readonly what: string;
  readonly names: ObjectNames;
  readonly entries: number[];
  /** Three numbers a word: its address, and its place among the words of all frames; which bytes say the stamps. */
  readonly written: number[];
  readonly absent: Set<number>;
  readonly heapFrom: number;
  readonly heapCount: number;
  readonly localsFrom: number;
  readonly deadLocals: number[];
  readonly freedNow: SimulatedObject[];
  readonly freedFrom: number;
  readonly findings: number;
  readonly made: number;
  readonly unknowns: number;
  readonly unsupported: number;
  readonly from: number;
  readonly stamps: Stamps;
  /** First stamp of this recording. */
  readonly base: number;
  /** It did something that is not recorded. */
  isBroken: boolean;
}

/** By place of a word: the recording that has it, and which of its entries is the first of it. */
export interface Stamps {
  read: Int32Array;
  wrote: Int32Array;
  /** Bytes of the word that were read or written, valid where `read` is of this recording; and those that were written. */
  known: Uint8Array;
  written: Uint8Array;
  next: number;
}
