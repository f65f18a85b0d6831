/** What is known of a host whose operations run on the C, and what its operations and views ask of it. */
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import type { Violation } from '../model/host/host-model';
import type { ModelSpec } from '../model/host/host-spec';
import type { ErrorName } from '../model/host/operation';
import type { Address } from '../model/primitive';
import type { UserState } from '../model/userspace/user-state';
import type { RunFinding } from '../protocol/simulation';
import type { StepCall, StepSession } from './run-steps';

/** A mapping of a process. */
export interface MappingOnC {
  readonly process: string;
  /** Pages of the file. */
  readonly from: number;
  readonly to: number;
}

/** A memory slot over a file. */
export interface SlotOnC {
  readonly number: number;
  /** Guest frame of its first page. */
  readonly gfn: number;
  /** The first page of the file that it has, and how many. */
  readonly from: number;
  readonly pages: number;
}

/** A file that is open, or was. */
export interface FileOnC {
  readonly name: string;
  readonly vm: string;
  readonly pages: number;
  /** What the model keeps of its users. */
  readonly users: Address;
  /** The guest frame of page 0 where no slot has it: the VM's attributes are kept there then. */
  readonly home: number;
  readonly hasDescriptor: boolean;
  /** The last reference of its inode is gone. */
  readonly isGone: boolean;
  /** By their numbers; null where one has gone. */
  readonly mappings: readonly (MappingOnC | null)[];
  /** Those that are bound. */
  readonly slots: readonly SlotOnC[];
  /** Slots that were ever made for it. */
  readonly slotsMade: number;
  /** By block: the first frame of the memory that it had last, -1 for none. */
  readonly memory: readonly number[];
}

export interface VmOnC {
  readonly name: string;
  /** Its struct kvm. */
  readonly kvm: Address;
  /** The node that its task is bound to; -1: none. */
  readonly node: number;
  /** Files that were made for it. */
  readonly files: number;
}

/** A mapping of hugetlbfs. */
export interface HugetlbfsOnC {
  readonly owner: string;
  readonly number: number;
  readonly pages: number;
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
  /** In the order in which they were made; of files with one name the last. */
  readonly files: readonly FileOnC[];
  readonly vms: readonly VmOnC[];
  readonly hugetlbfs: readonly HugetlbfsOnC[];
  /** Why nothing can be done any more; '' where it can. */
  readonly stopped: string;
  /** Operations done; what they write bears this number and one more. */
  readonly operations: number;
  readonly failing: readonly Failing[];
  /** Pages that others took from the buddy allocator since the beginning. */
  readonly taken: number;
  readonly violations: readonly Violation[];
  readonly findings: readonly { readonly operation: number; readonly finding: RunFinding }[];
}

export interface NodePool {
  readonly pages: number;
  readonly growth: number;
}

export interface HostOnCSetup {
  /** As `programForSteps` gives it. */
  readonly program: Program;
  /** Of a huge page. */
  readonly order: number;
  /** By node: huge pages of the pool, and how many more there are for it to grow by. */
  readonly pools: readonly NodePool[];
  /** Pages that can be taken from the buddy allocator; no bound where left out. */
  readonly buddy?: number;
  /** Of the size in the names of counters: `1G`. */
  readonly sizeName: string;
  /** Told between parts of a step; the run ends where it is cancelled. */
  readonly progress: Progress;
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
  /** Of a file. */
  stateOf(file: FileOnC): UserState;
  /** Pages that can still be taken of the buddy allocator; no bound where the scenario says nothing of it. */
  buddyLeft(): number;
  /** What a step gave, as the error that a user meets; null where it went well. @throws where nobody knows */
  errorOf(end: StepEnd): ErrorName | null;
}
