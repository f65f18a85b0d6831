/** What the tolerant reader makes of C: expressions and statements, each with the index of a token. */

export type Expr =
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'field'; readonly of: Expr; readonly name: string; readonly at: number }
  | { readonly kind: 'index'; readonly of: Expr; readonly index: Expr; readonly at: number }
  | { readonly kind: 'call'; readonly callee: Expr; readonly args: readonly Expr[]; readonly at: number }
  | { readonly kind: 'unary'; readonly op: string; readonly of: Expr; readonly at: number }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr; readonly at: number }
  | { readonly kind: 'choice'; readonly test: Expr; readonly yes: Expr | null; readonly no: Expr; readonly at: number }
  | { readonly kind: 'assign'; readonly op: string; readonly left: Expr; readonly right: Expr; readonly at: number }
  | { readonly kind: 'constant'; readonly text: string; readonly at: number }
  | { readonly kind: 'initialiser'; readonly members: readonly Member[]; readonly at: number }
  | { readonly kind: 'block'; readonly body: readonly Statement[]; readonly at: number };

/** `.a.b = value`, `[i] = value`, or a value by its place. */
export interface Member {
  /** `a.b`, or '' by place. */
  readonly field: string;
  readonly value: Expr;
}

export interface Declared {
  readonly name: string;
  readonly value: Expr | null;
  readonly at: number;
}

export type Statement =
  | { readonly kind: 'block'; readonly body: readonly Statement[]; readonly at: number }
  | { readonly kind: 'if'; readonly test: Expr; readonly yes: Statement; readonly no: Statement | null; readonly at: number }
  /** `while`, and `do` where `first` is the body. */
  | { readonly kind: 'while'; readonly test: Expr; readonly body: Statement; readonly bodyFirst: boolean; readonly at: number }
  | {
      readonly kind: 'for';
      readonly first: Statement | null;
      readonly test: Expr | null;
      readonly step: Expr | null;
      readonly body: Statement;
      readonly at: number;
    }
  /** A macro that heads a block: `list_for_each_entry(…) …`. */
  | { readonly kind: 'each'; readonly head: Expr; readonly body: Statement; readonly at: number }
  | { readonly kind: 'switch'; readonly value: Expr; readonly body: Statement; readonly at: number }
  | { readonly kind: 'case'; readonly isDefault: boolean; readonly at: number }
  | { readonly kind: 'label'; readonly name: string; readonly at: number }
  | { readonly kind: 'goto'; readonly name: string; readonly at: number }
  | { readonly kind: 'break' | 'continue'; readonly at: number }
  | { readonly kind: 'return'; readonly value: Expr | null; readonly at: number }
  | { readonly kind: 'expression'; readonly value: Expr; readonly at: number }
  | { readonly kind: 'declaration'; readonly declared: readonly Declared[]; readonly at: number }
  /** Branches of conditional compilation. */
  | { readonly kind: 'either'; readonly branches: readonly Statement[]; readonly at: number }
  /** Could not be read: [at, to) in tokens. */
  | { readonly kind: 'unread'; readonly reason: string; readonly at: number; readonly to: number };
