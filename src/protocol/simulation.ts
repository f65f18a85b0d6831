/** What a simulation shows and takes: plain data between the engine, the CLI's JSON and the page. */
import type { Program } from '../kernel-c/program';
import type { Choice, FindingKind } from '../model/primitive';

/** How the pages of one huge-page block stand. */
export type BlockFolios = 'absent' | 'whole' | 'split';

/** How the memory looks before the function is entered. */
export interface Scenario {
  /** Order of a huge page: 18 for 1G, 9 for 2M, small ones for exploration. */
  readonly order: number;
  /** Huge-page blocks of the inode, 1 to 64. */
  readonly blocks: number;
  /** Huge pages of the pool beside those; 1 where left out. */
  readonly spare?: number;
  /** State of each block's page cache. */
  readonly folios: BlockFolios;
  /** State of block 1 where it differs from that of block 0. */
  readonly secondFolios?: BlockFolios;
  /** Which pages of the inode are faultable. */
  readonly faultable: 'none' | 'first' | 'all';
  /** Whether vmemmap of free and whole huge pages is optimised (HVO). */
  readonly hvo: boolean;
  /** Values for parameters by name, decimal or 0x; others are made from their types. */
  readonly arguments: Readonly<Record<string, string>>;
  /** Locks that the caller holds when the function is entered: `mapping->invalidate_lock` and the like; none where left out. */
  readonly held?: readonly string[];
  /** False: the memory slot is not bound to the file yet. */
  readonly bound?: boolean;
  /** References beside those of the page cache, on the page at this index of the inode: a pin, a pipe, a reader. */
  readonly references?: readonly { readonly index: number; readonly count: number }[];
}

/** Everything that a run needs, so that a page can run it without a tree. */
export interface SimulationSetup {
  readonly program: Program;
  readonly function: string;
  readonly scenario: Scenario;
  /** Fail the k-th allocation (from 1); 0 or absent: none. */
  readonly fail?: number;
  /** Functions to run after it in the same memory, in order. */
  readonly then?: readonly string[];
  /** Options to take at the choices in order (a witness); beyond its end each takes its usual. */
  readonly choices?: readonly number[];
  /** What is taken to be so where the scenario does not say it, as parts of a sentence; a settled setup has them. */
  readonly assumptions?: readonly string[];
}

export interface RunPlace {
  readonly task: number;
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

export interface RunEvent extends RunPlace {
  /** Number of the instruction step at which it happened, from 0. */
  readonly step: number;
  readonly kind: string;
  readonly text: string;
  /** How often the same event (same kind, place) followed itself; such runs are one entry. */
  readonly times: number;
  readonly data?: Readonly<Record<string, number | string>>;
}

export interface RunFinding extends RunPlace {
  readonly step: number;
  readonly kind: FindingKind;
  readonly message: string;
}

export interface MadeChoice extends RunPlace {
  readonly step: number;
  readonly choice: Choice;
  readonly option: number;
}

export type RunStatus =
  | { readonly kind: 'running' }
  /** `value` is signed 64-bit decimal; '' for void. */
  | { readonly kind: 'returned'; readonly value: string }
  | { readonly kind: 'stopped'; readonly finding: RunFinding }
  /** A construct, callee or bound that ends the run without a verdict. */
  | { readonly kind: 'undecided'; readonly why: string; readonly place: RunPlace };

export interface FidelityRow {
  readonly function: string;
  readonly mode: 'interpreted' | 'modelled' | 'unknown' | 'unsupported';
  readonly file: string;
  /** Distinct lines executed; for modelled and unknown ones, 0. */
  readonly lines: number;
  readonly calls: number;
}

export interface VariableView {
  readonly name: string;
  readonly type: string;
  /** As a debugger prints it: `0xffff… (struct folio *)`, `-12`, `true`. */
  readonly value: string;
}

export interface FrameView extends RunPlace {
  readonly variables: readonly VariableView[];
}

/** A run of adjacent folios that look the same. */
export interface FolioExtent {
  readonly pfn: number;
  /** How many folios. */
  readonly count: number;
  readonly order: number;
  readonly type: 'hugetlb' | 'folio' | 'tail' | 'frozen';
  readonly owner: 'free' | 'hugetlb' | 'page cache' | 'nobody';
  readonly refcount: number;
  readonly mapcount: number;
  readonly flags: readonly string[];
  /** Index in the file of the first one; -1 when in no mapping. */
  readonly index: number;
}

export interface VmemmapView {
  readonly block: number;
  readonly optimised: boolean;
  /** Pages that hold struct pages of this block. */
  readonly pages: number;
  readonly pagesWithoutHvo: number;
}

export interface CounterView {
  /** `hstate`, `subpool`, `inode`, `vmemmap`, `memory`. */
  readonly group: string;
  /** The kernel's own name: `free_huge_pages`. */
  readonly name: string;
  readonly value: number;
}

export interface PageCacheExtent {
  readonly index: number;
  readonly count: number;
  readonly order: number;
  readonly pfn: number;
}

export interface LockView {
  readonly what: string;
  readonly holder: string;
}

export interface MemoryView {
  readonly order: number;
  readonly blocks: number;
  readonly folios: readonly FolioExtent[];
  readonly vmemmap: readonly VmemmapView[];
  readonly pageCache: readonly PageCacheExtent[];
  readonly faultable: readonly { readonly index: number; readonly count: number }[];
  readonly counters: readonly CounterView[];
  readonly locks: readonly LockView[];
}

/** Where a simulation is now. */
export interface SimulationView {
  /** Instruction steps done. */
  readonly step: number;
  readonly status: RunStatus;
  readonly place: RunPlace;
  readonly stack: readonly FrameView[];
  readonly memory: MemoryView;
  readonly events: readonly RunEvent[];
  readonly findings: readonly RunFinding[];
  readonly choices: readonly MadeChoice[];
  readonly fidelity: readonly FidelityRow[];
}

/** A difference between the state before and after a run. */
export interface StateDifference {
  /** `hstate.free_huge_pages`, `folio pfn 0x40000 flags`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** What `folioscope simulate --json` prints. */
export interface SimulationReport {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly scenario: Scenario;
  readonly status: RunStatus;
  readonly steps: number;
  readonly events: readonly RunEvent[];
  readonly findings: readonly RunFinding[];
  readonly choices: readonly MadeChoice[];
  readonly allocations: number;
  readonly differences: readonly StateDifference[];
  readonly before: MemoryView;
  readonly after: MemoryView;
  readonly fidelity: readonly FidelityRow[];
  readonly unknowns: readonly string[];
  /** The bounds under which it holds, as a sentence. */
  readonly bounds: string;
}
