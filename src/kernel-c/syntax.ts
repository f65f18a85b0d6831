/** Typed C: what the parser makes of a function's tokens and the lowering runs over. */
import type { TypeId } from './types';

/** A local variable or parameter. */
export interface Local {
  readonly name: string;
  type: TypeId;
  readonly line: number;
  /** Its address is taken, or it is an aggregate: it lives in memory. */
  inMemory: boolean;
  /** Function called with its address when its scope is left (`__attribute__((cleanup))`). */
  readonly cleanup?: string;
}

export type Binary = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'and' | 'or' | 'xor' | 'shl' | 'shr';
export type Compare = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export type Expr =
  | { readonly kind: 'constant'; readonly type: TypeId; readonly value: bigint }
  /** Address of a global object or function, or a place inside it. As an lvalue: the object. */
  | { readonly kind: 'global'; readonly type: TypeId; readonly name: string }
  | { readonly kind: 'local'; readonly type: TypeId; readonly local: Local }
  | { readonly kind: 'deref'; readonly type: TypeId; readonly pointer: Expr }
  | {
      readonly kind: 'member';
      readonly type: TypeId;
      readonly base: Expr;
      readonly offset: number;
      readonly bits?: { readonly at: number; readonly width: number; readonly unit: 1 | 2 | 4 | 8 };
    }
  | { readonly kind: 'address'; readonly type: TypeId; readonly of: Expr }
  | { readonly kind: 'binary'; readonly type: TypeId; readonly op: Binary; readonly a: Expr; readonly b: Expr }
  | { readonly kind: 'compare'; readonly type: TypeId; readonly op: Compare; readonly signed: boolean; readonly a: Expr; readonly b: Expr }
  | { readonly kind: 'negate' | 'invert'; readonly type: TypeId; readonly a: Expr }
  | { readonly kind: 'logical'; readonly type: TypeId; readonly op: 'and' | 'or'; readonly a: Expr; readonly b: Expr }
  | { readonly kind: 'not'; readonly type: TypeId; readonly a: Expr }
  /** `yes` null: GNU `a ?: b`. */
  | { readonly kind: 'conditional'; readonly type: TypeId; readonly condition: Expr; readonly yes: Expr | null; readonly no: Expr }
  | { readonly kind: 'cast'; readonly type: TypeId; readonly a: Expr }
  | { readonly kind: 'assign'; readonly type: TypeId; readonly to: Expr; readonly value: Expr }
  /** `to op= value`, computed in type `at`; pointer steps are already multiplied out in `value`. */
  | {
      readonly kind: 'update';
      readonly type: TypeId;
      readonly op: Binary;
      readonly to: Expr;
      readonly value: Expr;
      readonly at: TypeId;
      /** Gives the value before (`x++`). */
      readonly before: boolean;
    }
  | { readonly kind: 'call'; readonly type: TypeId; readonly callee: Expr; readonly args: readonly Expr[]; readonly line: number }
  | { readonly kind: 'comma'; readonly type: TypeId; readonly a: Expr; readonly b: Expr }
  | { readonly kind: 'statements'; readonly type: TypeId; readonly block: Block }
  | { readonly kind: 'literal'; readonly type: TypeId; readonly local: Local; readonly init: Init }
  | { readonly kind: 'unsupported'; readonly type: TypeId; readonly what: string };

/** An initialiser brought to its place: what is not mentioned is zero. */
export interface Init {
  readonly items: readonly {
    readonly offset: number;
    readonly type: TypeId;
    readonly value: Expr;
    readonly bits?: { readonly at: number; readonly width: number; readonly unit: 1 | 2 | 4 | 8 };
  }[];
  /** The whole object is initialised by one expression of its own type. */
  readonly whole: Expr | null;
}

export interface Block {
  readonly kind: 'block';
  readonly line: number;
  readonly endLine: number;
  readonly body: readonly Stmt[];
  readonly parent: Block | null;
}

export type Stmt =
  | Block
  | { readonly kind: 'expression'; readonly line: number; readonly expr: Expr }
  | { readonly kind: 'declare'; readonly line: number; readonly local: Local; readonly init: Init | null }
  | { readonly kind: 'if'; readonly line: number; readonly condition: Expr; readonly yes: Stmt; readonly no: Stmt | null }
  | { readonly kind: 'while'; readonly line: number; readonly condition: Expr; readonly body: Stmt }
  | { readonly kind: 'do'; readonly line: number; readonly body: Stmt; readonly condition: Expr; readonly endLine: number }
  | {
      readonly kind: 'for';
      readonly line: number;
      readonly init: readonly Stmt[];
      readonly condition: Expr | null;
      readonly step: Expr | null;
      readonly body: Stmt;
    }
  | { readonly kind: 'switch'; readonly line: number; readonly value: Expr; readonly body: Stmt }
  | { readonly kind: 'case'; readonly line: number; readonly from: bigint; readonly to: bigint; readonly body: Stmt }
  | { readonly kind: 'default'; readonly line: number; readonly body: Stmt }
  | { readonly kind: 'label'; readonly line: number; readonly name: string; readonly block: Block; readonly body: Stmt }
  | { readonly kind: 'goto'; readonly line: number; readonly name: string }
  | { readonly kind: 'break' | 'continue' | 'empty'; readonly line: number }
  | { readonly kind: 'return'; readonly line: number; readonly value: Expr | null }
  | { readonly kind: 'unsupported'; readonly line: number; readonly what: string };
