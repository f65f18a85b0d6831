/**
 * What a primitive is: the meaning of one kernel function or macro that is modelled, not interpreted.
 *
 * All state of a run lives in simulated memory with the tree's own layouts (also what the model keeps for itself, in objects that it
 * allocates there), so that a checkpoint of memory is a checkpoint of everything, and interpreted and modelled code see the same bytes.
 * A primitive therefore keeps nothing in JavaScript between calls.
 *
 * Values: `Word` is a 64-bit value as a *signed* number. Kernel addresses (0xffff…) are then small negative numbers and exact, user
 * addresses and counters are exact too. Only values beyond ±2^53 are rounded; use the `…Big` forms where such can come.
 */
import type { Needs } from '../kernel-c/read-request';

/** A 64-bit value, signed, exact within ±2^53. */
export type Word = number;
/** An address in simulated memory, as a Word. 0 is NULL. */
export type Address = Word;

export interface FieldRef {
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

/** The layouts and constants of the tree under review. Unknown names throw `MissingLayout`: the primitive then counts as unknown. */
export interface Layout {
  has(type: string, path?: string): boolean;
  sizeof(type: string): number;
  /** `path` has dots and goes through anonymous members: `field('struct folio', '_refcount.counter')`. */
  field(type: string, path: string): FieldRef;
  /** Byte offset of a member of any type (an embedded struct, an array). */
  offsetof(type: string, path: string): number;
  constant(name: string): Word;
}

export class MissingLayout extends Error {}

/** A point where a run can go more than one way. Options are in a fixed order; `usual` is what happens when nobody chooses. */
export interface Choice {
  readonly kind: 'allocation' | 'unknown' | 'task';
  /** For a person: `kmalloc`, `result of foo()`, `who runs next`. */
  readonly what: string;
  readonly options: readonly string[];
  readonly usual: number;
}

/** One word per check of the machine and of the model. */
export type FindingKind =
  | 'null-deref'
  | 'err-ptr-deref'
  | 'wild-pointer'
  | 'use-after-free'
  | 'out-of-bounds'
  | 'uninitialised-read'
  | 'read-only-write'
  | 'hvo-write'
  | 'double-free'
  | 'bad-free'
  | 'bad-unlock'
  | 'self-deadlock'
  | 'deadlock'
  | 'sleep-in-atomic'
  | 'bug-on'
  | 'warn-on'
  | 'divide-by-zero'
  | 'ref-underflow'
  | 'leak-lock'
  | 'leak-ref'
  | 'leak-memory'
  | 'leak-account'
  | 'unreachable'
  | 'invariant';

export interface LockWait {
  /** `folio lock of pfn 0x40000`, `mapping->invalidate_lock`. */
  readonly what: string;
  readonly lock: Address;
  /** Task that holds it; -1 where no task does (locked, but by nobody who will unlock it). */
  readonly holder: number;
}

/** What `run` gives back when it does not simply return. Made with the methods of `Kernel`. */
export type Control =
  | { readonly control: 'block'; readonly wait: LockWait }
  /** Calls C (or another primitive) by address or name, then runs this primitive again with `phase` and `saved`. */
  | {
      readonly control: 'call';
      readonly callee: Address | string;
      readonly args: readonly Word[];
      readonly phase: number;
      readonly saved: readonly Word[];
    }
  /** Calls and returns what that returns. */
  | { readonly control: 'tail'; readonly callee: Address | string; readonly args: readonly Word[] }
  /** The run cannot go on (BUG, oops); the finding was reported. */
  | { readonly control: 'stop' };

/** The result of a primitive: a value (undefined for void), or a control. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- so that a void primitive may end in a call that gives nothing
export type Result = Word | bigint | undefined | void | Control;

/** The simulated kernel as a primitive sees it. Loads and stores check like the machine's own (KASAN, KMSAN, HVO). */
export interface Kernel {
  readonly layout: Layout;
  /** The running task, from 0. */
  readonly task: number;
  readonly argCount: number;
  arg(index: number): Word;
  argBig(index: number): bigint;
  /** 0 at the first entry; what `call` was given when run again after it. */
  readonly phase: number;
  readonly saved: readonly Word[];
  /** What the callee of `call` returned. */
  readonly returned: Word;
  /** The option taken at this primitive's choice; `usual` when it has none. */
  readonly decision: number;

  load(at: Address, field: FieldRef): Word;
  store(at: Address, field: FieldRef, value: Word): void;
  loadBig(at: Address, field: FieldRef): bigint;
  storeBig(at: Address, field: FieldRef, value: bigint): void;
  /** No check for uninitialised or freed bytes and no finding: for views and for the model's own records. */
  peek(at: Address, field: FieldRef): Word;
  copy(to: Address, from: Address, size: number): void;
  zero(at: Address, size: number): void;
  /** A C string, at most `limit` bytes. */
  text(at: Address, limit?: number): string;

  /** A new object with redzones, never at an address used before. */
  allocate(size: number, what: { readonly name: string; readonly zeroed: boolean; readonly kind: 'heap' | 'model' }): Address;
  /** Reports `double-free` or `bad-free` where that is what it is. */
  free(at: Address): void;
  /**
   * Page tables of kernel memory: the `pages` whole pages from `at` (page aligned) show the page at `source` from now on, read-only;
   * a write through them is reported as `hvo-write`. The pages that they showed before are dropped.
   */
  mapReadOnly(at: Address, pages: number, source: Address): void;
  /** Gives each of these pages a page of its own again, writable, with a copy of what it shows now. */
  mapOwn(at: Address, pages: number): void;
  /** Start of the live or freed object that holds the address, or 0. */
  objectOf(at: Address): Address;
  /** Address of a function or global; 0 when the program has none of that name. */
  symbol(name: string): Address;
  /** Name of the function or global at exactly this address, or ''. */
  symbolAt(at: Address): string;

  /** A line in the run's event list. */
  event(kind: string, text: string, data?: Readonly<Record<string, Word | string>>): void;
  /** Reports a finding at the current place. The run goes on unless the primitive returns `stop()`. */
  report(kind: FindingKind, message: string): void;
  block(wait: LockWait): Control;
  call(callee: Address | string, args: readonly Word[], phase: number, saved?: readonly Word[]): Control;
  tail(callee: Address | string, args: readonly Word[]): Control;
  stop(): Control;
}

export interface BoundPrimitive {
  /** What can go more than one way at this call, looking only; null when nothing can. */
  readonly choice?: (kernel: Kernel) => Choice | null;
  /** Must not be generators or keep state: it is run again when a blocked task is woken. Mutate only when it is sure not to block. */
  readonly run: (kernel: Kernel) => Result;
}

/** A piece of C with what comes of it, run through the whole pipeline by one shared test. */
export interface PrimitiveExample {
  readonly name: string;
  /** The body of `long example(void)`, over the declarations of `test/fixtures/primitives.h`. */
  readonly c: string;
  /** What it returns, or the kind of finding that it must give. */
  readonly gives: { readonly value: Word } | { readonly finding: FindingKind };
}

/** What a machine calls by name without interpreting it. */
export interface Callable {
  readonly name: string;
  /** A visible operation: other tasks may run before it. */
  readonly visible?: boolean;
  readonly bind: (layout: Layout) => BoundPrimitive;
}

export interface Primitive extends Callable {
  /** The kernel's own spelling. */
  readonly name: string;
  /** Macros are not expanded by the reader when they are primitives. */
  readonly form: 'function' | 'macro';
  /** One sentence: what it does in the model. */
  readonly meaning: string;
  /** File and function in 6.12. */
  readonly source: string;
  /** What the model leaves out; empty when nothing. */
  readonly leavesOut: string;
  readonly needs?: Partial<Needs>;
  readonly examples: readonly [PrimitiveExample, ...PrimitiveExample[]];
}
