/** What a machine offers to those who set up, run and look at a simulation. */
import type { Program } from '../kernel-c/program';
import type { Address, Callable, Choice, Kernel, Layout, Word } from '../model/primitive';
import type { FidelityRow, FrameView, MadeChoice, RunEvent, RunFinding, RunPlace, RunStatus } from '../protocol/simulation';

export interface Bounds {
  /** Instruction steps of a run; beyond it the run is undecided. */
  readonly steps: number;
  /** Frames of one task. */
  readonly depth: number;
  /** Bytes of simulated memory that are really there. */
  readonly memory: number;
  /** Entries of the event list; more are counted, not kept. */
  readonly events: number;
  /** Entries of the finding list; more are counted, not kept. */
  readonly findings: number;
}

export interface MachineOptions {
  readonly program: Program;
  readonly primitives: readonly Callable[];
  readonly bounds?: Partial<Bounds>;
  /** Options to take at the choices in order; beyond its end each takes its usual. */
  readonly choices?: readonly number[];
  /** The k-th allocation choice of the run (from 1) takes its last option, where `choices` does not settle it. */
  readonly fail?: number;
  /** Stop at each choice that `choices` does not settle, until `decide` is called. */
  readonly pauseAtChoices?: boolean;
  /** Keep marks along the run, so that stepping back is quick (the default). Without, only `mark` and `restore` go back. */
  readonly history?: boolean;
  /**
   * Called when the last task has returned. It may look, report findings with `machine.kernel.report`, and `start` a next function in the
   * same memory. It must depend on nothing but the machine: it is called again when the run is replayed.
   */
  readonly atReturn?: (machine: Machine) => void;
}

/** A state that `restore` goes back to, as often as wanted, until it goes back to an earlier one. */
export interface Mark {
  readonly step: number;
}

/** Bytes whose value does not make a state another: counters that only count. */
export interface IgnoredBytes {
  readonly at: Address;
  readonly size: number;
}

export interface HeapObject {
  readonly at: Address;
  readonly size: number;
  readonly name: string;
  readonly kind: 'heap' | 'model';
  /** Where it was allocated; function '' when before the run. */
  readonly allocated: RunPlace;
  /** Step of its allocation. */
  readonly step: number;
}

/** What of a page changes when it is written. `hvo`: it shows the vmemmap page of a head, and a write is a finding. */
export type Protection = 'writable' | 'read-only' | 'hvo';

export interface Machine {
  readonly program: Program;
  readonly layout: Layout;
  /** Usable outside a primitive, to build the first state and to look; then a finding throws. */
  readonly kernel: Kernel;

  /** Makes [at, at + size) zeroed, writable memory that belongs to `name`. Nothing else may be there. */
  map(at: Address, size: number, name?: string): void;
  /** Makes the pages from `at` fault, and drops what they held. */
  unmap(at: Address, pages: number): void;
  /** The pages from `at` all show the page at `source`. */
  alias(at: Address, pages: number, source: Address, protection: Protection): void;
  protect(at: Address, pages: number, protection: Protection): void;

  /** Enters a function of the program as task 0. Arguments in the order of its parameters (after a hidden result address). */
  start(name: string, args: readonly (Word | bigint)[]): void;
  /** One more task; gives its number. */
  addTask(name: string, args: readonly (Word | bigint)[]): number;
  /** Makes now the beginning: step 0, empty lists, no way back behind it. `choices` replaces the options to take, `fail` which allocation fails (0: none; as created where left out). */
  settle(choices?: readonly number[], fail?: number): void;

  /**
   * Right after `start`, on a machine without history: the run ends at once as it did before, where a run was seen that read the same of the
   * state before it. Else it is recorded, and known the next time. What was executed (`coverage`, `fidelity`) is not counted again, events
   * are not repeated, and where the run stops for good memory stays as it was before.
   *
   * @param what names the run: function, arguments, and how its choices are settled
   */
  recall(what: string): boolean;

  status(): RunStatus;
  /** Instruction steps done. */
  steps(): number;
  /** How often `start` was called since the beginning. */
  started(): number;
  /** The choice that the run waits at, or null. */
  choice(): Choice | null;
  decide(option: number): void;

  /** At most `budget` steps; true when the run has ended (or waits at a choice that nobody settles). */
  run(budget: number): boolean;
  /** One instruction; true when the run has ended or waits. */
  stepInstruction(): boolean;
  /** To the next statement, entering calls. */
  step(): void;
  /** To the next statement of this function or of its caller. */
  stepOver(): void;
  /** Until this function has returned. */
  stepOut(): void;
  /** To the statement before; at the beginning, nothing. */
  stepBack(): void;
  /** Forward or back; stops at the end of the run. */
  goTo(step: number): void;

  mark(): Mark;
  /**
   * With `pauseAtChoices`, what was decided after the mark is forgotten.
   * @throws when the mark was dropped by going back behind it
   */
  restore(mark: Mark): void;
  /** Nobody wants to go back there any more. */
  release(mark: Mark): void;

  place(): RunPlace;
  /** Innermost frame first, of the running task. */
  stack(): readonly FrameView[];
  events(): readonly RunEvent[];
  findings(): readonly RunFinding[];
  choices(): readonly MadeChoice[];
  fidelity(): readonly FidelityRow[];
  /** Distinct lines that were executed, by function of the program. */
  coverage(): ReadonlyMap<string, ReadonlySet<number>>;
  /** Names of unknown functions called, and of globals read whose contents nobody knows, in order of first meeting. */
  unknowns(): readonly string[];
  /** Live objects of `kernel.allocate`, in order of allocation. */
  objects(): readonly HeapObject[];
  /** Allocation choices met so far. */
  allocations(): number;
  /** Equal for equal states, step count and lists aside. Cost: linear in the memory that is there. */
  hash(): string;
  /** As `hash`, for a state between two functions, and equal too where only addresses of heap objects and unreachable memory differ. */
  key(ignored?: readonly IgnoredBytes[]): string;
  /** Bytes of memory that the run takes, marks included. */
  memoryUsed(): number;
}
