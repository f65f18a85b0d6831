/** The state that instructions work on: one plain object, so that a closure finds everything at a fixed place. */
import type { FunctionCode, Program } from '../kernel-c/program';
import type { TypeId } from '../kernel-c/types';
import type { BoundPrimitive, Choice, Kernel, LockWait, Word } from '../model/primitive';
import type { MadeChoice, RunEvent, RunFinding } from '../protocol/simulation';
import type { Bounds } from './api';
import type { Memory } from './memory';
import type { Recording } from './recorded';
import type { Objects, SimulatedObject } from './objects';

/**
 * One instruction: works on the machine, gives the number of the next one, or one of the negative numbers below.
 */
export type Closure = (cpu: Cpu) => number;

/** The root function of the task has returned; the result stands at the scratch place. */
export const RETURNED = -1;
/** The instruction waits for a decision (`cpu.pending`), and has done nothing yet. */
export const CHOOSE = -2;
/** A callee of a modelled function has returned. */
export const RESUME = -3;
/** The task waits for a lock, and has done nothing. */
export const BLOCKED = -4;
/** The run has ended (`cpu.end`). */
export const ENDED = -5;

/** A register is two int32; these places in front of all stacks hold the result that a task's root or a callee of a modelled function gives. */
export const SCRATCH = 0;
export const FIRST_CONSTANT = 4;

/** Numbers of a frame record: return address, frame pointer of the caller, place of the result or -1, number of the function or -1 when modelled. */
export const FRAME_NUMBERS = 4;

/** A function of the program with where it stands in the machine. */
export interface Unit {
  readonly code: FunctionCode;
  readonly index: number;
  /** Number of its first instruction. */
  readonly entry: number;
  /** int32 of a frame: registers, and then the address of its locals in memory. */
  readonly frameSize: number;
  /** Of each memory local, from the address of the frame's locals. */
  readonly localOffsets: readonly number[];
  readonly localsSize: number;
  /** Some of its registers may be read before they are assigned. */
  readonly poisons: boolean;
}

/** A modelled, built-in or unknown function with what the machine keeps about it. */
export interface Callee {
  readonly name: string;
  readonly mode: 'modelled' | 'unknown';
  readonly bound: BoundPrimitive;
  readonly visible: boolean;
  /** Number among all callees, for the count of calls. */
  readonly index: number;
}

export interface CalleeTable {
  /** @param caller whose code decides what an unknown pointer may be; null when a primitive calls */
  calleeOf(name: string, type: TypeId, caller: FunctionCode | null): Callee;
  readonly all: readonly Callee[];
}

/** A call of a modelled or unknown function: about to run, waiting for a decision or a lock, or waiting for a callee of its own. */
export interface Call {
  readonly callee: Callee;
  /** Instruction of the call. */
  readonly pc: number;
  /** Where to go on: an instruction, or RESUME. */
  readonly next: number;
  /** Place of the result in the stack, or -1. */
  readonly result: number;
  /** Bits of the result and whether it is signed: as the C type says. 0 bits: there is none. */
  readonly bits: number;
  readonly signed: boolean;
  /** Pairs of int32. */
  readonly args: readonly number[];
  readonly phase: number;
  readonly saved: readonly Word[];
  readonly returned: Word;
  /** -1: not made, or nothing to decide. */
  readonly decision: number;
  /** Where the frame of a callee of its own begins. */
  readonly fp: number;
}

export interface Task {
  readonly number: number;
  readonly root: number;
  /** First int32 of its stack, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly records: Int32Array;
  fp: number;
  depth: number;
  pc: number;
  /** Calls that wait for a callee of their own, outermost first. */
  calls: readonly Call[];
  /** The call to make next, in place of the instruction at `pc`. */
  retry: Call | null;
  done: boolean;
  wait: LockWait | null;
  /** `cpu.progress` when it began to wait. */
  waitedAt: number;
  /** It stands before a visible operation and was chosen to go on. */
  mayGo: boolean;
}

export interface MutableEvent extends Omit<RunEvent, 'times'> {
  times: number;
}

export type End =
  { readonly kind: 'stopped'; readonly finding: RunFinding } | { readonly kind: 'undecided'; readonly why: string; readonly pc: number };

export interface Cpu extends Memory {
  readonly program: Program;
  readonly bounds: Bounds;
  // Registers of the running task.
  stack: Int32Array;
  /** A byte for each register: declared without a value. */
  poisoned: Uint8Array;
  fp: number;
  depth: number;
  records: Int32Array;
  /** By task: a task that begins takes those of the one before it. */
  readonly stackRecords: Int32Array[];
  stackEnd: number;
  pc: number;
  calls: readonly Call[];
  retry: Call | null;
  mayGo: boolean;
  task: number;
  tasks: Task[];
  // Code.
  readonly code: Closure[];
  readonly units: readonly Unit[];
  readonly unitByName: ReadonlyMap<string, Unit>;
  /** Instructions at which a statement begins. */
  readonly isStatement: Uint8Array;
  // Progress.
  /** Steps before the slice that runs now, and in it. */
  stepsBefore: number;
  stepsNow: number;
  /** Which instructions were run, and in which order first. */
  readonly seen: Uint8Array;
  readonly seenOrder: number[];
  /** Calls of each function of the program, then of each callee. */
  readonly unitCalls: Int32Array;
  calleeCalls: number[];
  /** Visible operations done. */
  progress: number;
  // Memory beside the pages.
  readonly objects: Objects;
  nextLocals: number;
  /** Objects freed since the last mark. */
  freedNow: SimulatedObject[];
  /** The last activations that are over, for naming what a dangling pointer pointed at: pairs of address and function, used in turn. */
  readonly deadLocals: Float64Array;
  deadLocalsNext: number;
  /** Two int32 for results of slow paths. */
  readonly out: Int32Array;
  /** The call whose primitive runs now. */
  call: Call | null;
  /** A choice that waits for a decision. */
  pending: Choice | null;
  /** Primitives that called one another without C between. */
  nesting: number;
  end: End | null;
  // What a run leaves behind.
  events: MutableEvent[];
  eventsCut: number;
  findings: RunFinding[];
  findingsCut: number;
  made: MadeChoice[];
  unknowns: string[];
  started: number;
  /** Of the run of now; null where it is not recorded. */
  recording: Recording | null;
  /** What task 0 returned, once it has. */
  readonly value: Int32Array;
  /** Step at which the present advance began: a stop must lie behind it. */
  watchFrom: number;
  /** The slice that ran last ended where `StopWhen` says. */
  stopped: boolean;
  /** `atReturn` was called for the functions that have returned. */
  told: boolean;
  /** Functions in which code was met that is not lowered. */
  unsupported: readonly string[];
  readonly callees: CalleeTable;
  /** The only view of it that primitives have. */
  kernel: Kernel;
}

export const stepsOf = (cpu: Cpu): number => cpu.stepsBefore + cpu.stepsNow;

export function unitAtPc(cpu: Cpu, pc: number): Unit | null {
  const { units } = cpu;
  let low = 0;
  let high = units.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (units[middle]!.entry <= pc) low = middle + 1;
    else high = middle;
  }
  const unit = units[low - 1];
  return unit !== undefined && pc >= 0 && pc < unit.entry + unit.code.code.length ? unit : null;
}
