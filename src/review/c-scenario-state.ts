/** What is known of a host whose operations run on the C, and what its operations and views ask of it. */
import type { Program } from '../kernel-c/program';
import type { Violation } from '../model/host/host-model';
import type { ModelSpec } from '../model/host/host-spec';
import type { ErrorName } from '../model/host/operation';
import type { UserState } from '../model/userspace/user-state';
import type { RunFinding } from '../protocol/simulation';
import type { StepCall, StepSession } from './run-steps';

/** The file that is open, or was: the C is run with one at a time. */
export interface FileOnC {
  readonly name: string;
  readonly vm: string;
  readonly pages: number;
  readonly hasDescriptor: boolean;
  /** The last reference of its inode is gone. */
  readonly isGone: boolean;
  /** Processes by the number of their mapping; '' where it has gone. */
  readonly mappings: readonly string[];
  readonly isBound: boolean;
}

/** An allocation that the scenario lets fail. */
export interface Failing {
  readonly allocation: string;
  readonly left: number;
  /** Those that go well before. */
  readonly after: number;
}

/** What is known beside the memory of the machine. */
export interface OnC {
  readonly file: FileOnC | null;
  /** Why nothing can be done any more; '' where it can. */
  readonly stopped: string;
  /** Operations done; what they write bears this number and one more. */
  readonly operations: number;
  readonly failing: readonly Failing[];
  /** Pages that others took from the buddy allocator since the beginning. */
  readonly taken: number;
  /** By block of the file: the first frame of the memory that it had last, -1 for none. */
  readonly memory: readonly number[];
  readonly violations: readonly Violation[];
  readonly findings: readonly { readonly operation: number; readonly finding: RunFinding }[];
}

export interface HostOnCSetup {
  /** As `programForSteps` gives it. */
  readonly program: Program;
  /** Of a huge page. */
  readonly order: number;
  /** Huge pages of the pool. */
  readonly pool: number;
  /** Pages of the largest file that there will be. */
  readonly indices: number;
  /** Pages that can be taken from the buddy allocator; no bound where left out. */
  readonly buddy?: number;
  /** Of the size in the names of counters: `1G`. */
  readonly sizeName: string;
}

/** How a step ended. */
export type StepEnd =
  | { readonly kind: 'returned'; readonly error: ErrorName | null }
  /** It waits for what nobody gives, or stopped where no kernel goes on, or nobody knows what comes of it. */
  | { readonly kind: 'waits' | 'stopped' | 'undecided'; readonly why: string };

/** Runs steps on the C, with the allocations failing that the scenario lets fail. */
export interface StepRunner {
  run(step: string, args: Readonly<Record<string, number>>): StepEnd;
  runTogether(first: StepCall, second: StepCall): readonly [StepEnd, StepEnd];
}

/** The host as its operations and views see it. */
export interface GroundOnC {
  now: OnC;
  readonly spec: ModelSpec;
  readonly setup: HostOnCSetup;
  readonly session: StepSession;
  readonly calls: StepRunner;
  /** What the present operation writes. */
  readonly token: number;
  readonly state: UserState;
  /** What a step gave, as the error that a user meets; null where it went well. */
  errorOf(end: StepEnd): ErrorName | null;
}
