/**
 * The flat program that the reader lowers C to and the machine runs: plain data, safe to post to a worker or write as JSON.
 *
 * Values: a register holds 64 bits. An integer narrower than that is kept *extended according to its C type*: sign-extended
 * when signed, zero-extended when unsigned (bool is 0 or 1). So comparisons need no width, and widening needs no instruction.
 * A pointer is its 64-bit address. An aggregate (struct, union, array) is never in a register: an expression of aggregate type
 * is the address of its bytes; an aggregate argument is passed as the address of the caller's bytes, and the callee copies them
 * into a local of its own at entry; a function that returns an aggregate takes the address for the result as a hidden first argument
 * (`FunctionCode.returnsThrough`).
 */
import type { Problem } from '../base/place';
import type { CType, TypeId } from './types';

/** A register of the current frame, from 0. Parameters come in registers 0, 1, … in order (after the hidden result address). */
export type Register = number;
/** `>= 0`: a register. `< 0`: the constant `constants[~operand]` of the function. */
export type Operand = number;
/** Index into `FunctionCode.code`. */
export type Target = number;

export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'and' | 'or' | 'xor' | 'shl' | 'shr';

export type Instr =
  | { readonly op: 'move'; readonly dst: Register; readonly a: Operand }
  /** C11 6.5.5-6.5.12 at 32 or 64 bits, result wrapped and extended by `signed`. `shr` is arithmetic when signed; shift counts are masked like x86. */
  | {
      readonly op: BinaryOp;
      readonly dst: Register;
      readonly a: Operand;
      readonly b: Operand;
      readonly bits: 32 | 64;
      readonly signed: boolean;
    }
  /** Result 0 or 1. */
  | { readonly op: 'eq' | 'ne'; readonly dst: Register; readonly a: Operand; readonly b: Operand }
  | { readonly op: 'lt' | 'le'; readonly dst: Register; readonly a: Operand; readonly b: Operand; readonly signed: boolean }
  | { readonly op: 'neg' | 'not'; readonly dst: Register; readonly a: Operand; readonly bits: 32 | 64; readonly signed: boolean }
  /** Truncates to `bits`, then extends by `signed`. */
  | { readonly op: 'extend'; readonly dst: Register; readonly a: Operand; readonly bits: 8 | 16 | 32; readonly signed: boolean }
  /** `a != 0`. */
  | { readonly op: 'bool'; readonly dst: Register; readonly a: Operand }
  | {
      readonly op: 'load';
      readonly dst: Register;
      readonly addr: Operand;
      /** Bytes added to `addr`; may be negative (`container_of`). */
      readonly offset: number;
      readonly size: 1 | 2 | 4 | 8;
      readonly signed: boolean;
    }
  | { readonly op: 'store'; readonly addr: Operand; readonly offset: number; readonly size: 1 | 2 | 4 | 8; readonly value: Operand }
  | {
      readonly op: 'load-bits';
      readonly dst: Register;
      readonly addr: Operand;
      readonly offset: number;
      readonly unit: 1 | 2 | 4 | 8;
      readonly at: number;
      readonly width: number;
      readonly signed: boolean;
    }
  | {
      readonly op: 'store-bits';
      readonly addr: Operand;
      readonly offset: number;
      readonly unit: 1 | 2 | 4 | 8;
      readonly at: number;
      readonly width: number;
      readonly value: Operand;
    }
  /** Copies `size` bytes (their initialised-or-not state with them); source and target may be the same, not otherwise overlap. */
  | { readonly op: 'copy'; readonly to: Operand; readonly from: Operand; readonly size: number }
  /** Zeroes `size` bytes. */
  | { readonly op: 'zero'; readonly to: Operand; readonly size: number }
  /** Address of a local that lives in memory (`FunctionCode.locals[local]`). */
  | { readonly op: 'local'; readonly dst: Register; readonly local: number }
  /** A declaration is reached: the local's bytes are uninitialised from here on. */
  | { readonly op: 'enter-local'; readonly local: number }
  /** Address of a global object (`Program.globals`) or of a function, plus `addend` bytes. */
  | { readonly op: 'symbol'; readonly dst: Register; readonly name: string; readonly addend: number }
  /** The register variable is declared without a value: reading it before it is assigned is an uninitialised read. */
  | { readonly op: 'poison'; readonly dst: Register }
  /** Emitted before a read of a register variable that the reader cannot show to be assigned. `name` is the C variable. */
  | { readonly op: 'check'; readonly a: Register; readonly name: string }
  | { readonly op: 'jump'; readonly to: Target }
  /** To `then` if `a` is not 0. */
  | { readonly op: 'branch'; readonly a: Operand; readonly then: Target; readonly else: Target }
  | {
      readonly op: 'switch';
      readonly a: Operand;
      /** GNU case ranges have `from` < `to`; values are signed 64-bit as decimal strings. */
      readonly cases: readonly { readonly from: string; readonly to: string; readonly target: Target }[];
      readonly otherwise: Target;
    }
  /** `callee` may be interpreted (in `Program.functions`), modelled, or unknown; `type` is the function type. `dst` is null for void and unused results. */
  | {
      readonly op: 'call';
      readonly dst: Register | null;
      readonly callee: string;
      readonly args: readonly Operand[];
      readonly type: TypeId;
    }
  | {
      readonly op: 'call-pointer';
      readonly dst: Register | null;
      readonly pointer: Operand;
      readonly args: readonly Operand[];
      readonly type: TypeId;
    }
  | { readonly op: 'return'; readonly a: Operand | null }
  /** `__builtin_unreachable()` and falling off a noreturn call. */
  | { readonly op: 'unreachable' }
  /** A construct that the reader does not lower: running it ends the run as undecided, naming `what`. */
  | { readonly op: 'unsupported'; readonly what: string };

/** A variable as a debugger shows it. */
export interface Variable {
  readonly name: string;
  readonly type: TypeId;
  readonly home: { readonly kind: 'register'; readonly register: Register } | { readonly kind: 'local'; readonly local: number };
  /** Instructions in which its name means this variable: [from, to). */
  readonly from: Target;
  readonly to: Target;
}

/** A local that needs an address: an aggregate, or one whose address is taken. */
export interface MemoryLocal {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly type: TypeId;
}

export interface FunctionCode {
  readonly name: string;
  /** Relative to the tree. */
  readonly file: string;
  readonly line: number;
  /** Last line of the body. */
  readonly endLine: number;
  readonly type: TypeId;
  readonly inline: boolean;
  readonly params: readonly string[];
  /** True when register 0 is the hidden address for an aggregate result. */
  readonly returnsThrough: boolean;
  /** How many registers a frame has. */
  readonly registers: number;
  readonly locals: readonly MemoryLocal[];
  readonly variables: readonly Variable[];
  /** [low 32 bits, high 32 bits], both as signed int32. */
  readonly constants: readonly (readonly [number, number])[];
  readonly code: readonly Instr[];
  /** For each instruction its line in `file` (a macro's uses count at the place of use). */
  readonly lines: readonly number[];
  /** Ascending instruction indices at which a statement begins: where a user's step stops. */
  readonly statements: readonly Target[];
}

export interface Relocation {
  /** Bytes from the start of the object. */
  readonly offset: number;
  readonly symbol: string;
  readonly addend: number;
}

export interface GlobalObject {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly type: TypeId;
  readonly size: number;
  readonly align: number;
  /** Initial bytes; empty means all zero. Shorter than `size` means zero to the end. */
  readonly bytes: readonly number[];
  readonly relocations: readonly Relocation[];
  /** False when only a declaration was found: its contents are unknown unless the model sets them. */
  readonly defined: boolean;
  /** `const`, and string literals. */
  readonly readOnly: boolean;
}

/** A function that is called but not lowered. */
export interface Prototype {
  readonly name: string;
  readonly type: TypeId;
  readonly mode: 'modelled' | 'unknown';
  /** Where it is declared or defined, where that is known. */
  readonly file: string;
  readonly line: number;
}

export interface Program {
  readonly types: readonly CType[];
  /** Tag with its keyword (`struct folio`) or typedef name → type. Holds at least what was asked for and what the code uses. */
  readonly typeNames: Readonly<Record<string, TypeId>>;
  readonly functions: Readonly<Record<string, FunctionCode>>;
  readonly globals: Readonly<Record<string, GlobalObject>>;
  readonly prototypes: Readonly<Record<string, Prototype>>;
  /** Enumerators and object-like macros that were asked for, as signed 64-bit decimal strings. */
  readonly constants: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}
