/** Names that a block of C declares, and the names of the tree behind them. */
import type { Expr, Init, Local } from './syntax';
import type { TypeId } from './types';

export type LocalName =
  | { readonly kind: 'local'; readonly local: Local }
  | { readonly kind: 'typedef'; readonly type: TypeId }
  | { readonly kind: 'constant'; readonly value: bigint; readonly type: TypeId }
  /** A static local, or an extern declaration. */
  | { readonly kind: 'global'; readonly name: string; readonly type: TypeId };

/** Names of the tree as the parser asks for them; null where the tree has none. */
export interface TreeNames {
  typedef(name: string): TypeId | null;
  /** The struct, union or enum of that tag; declared now when nothing of it is known. */
  tagged(kind: 'struct' | 'union' | 'enum', tag: string): TypeId;
  enumerator(name: string): { readonly value: bigint; readonly type: TypeId } | null;
  object(name: string): { readonly name: string; readonly type: TypeId } | null;
  /** Name of the read-only global that holds a string literal's bytes (its NUL included). */
  string(bytes: readonly number[]): Expr;
  /** A static local becomes a global of its own. */
  staticLocal(name: string, type: TypeId, line: number, init: Init | null): string;
  /** Something is not as C has it, and the reading goes on. */
  doubt(message: string, line: number): void;
  /** A fresh number for types without a tag. */
  unnamed(line: number): string;
}

export interface Scope {
  readonly names: Map<string, LocalName>;
  readonly tags: Map<string, TypeId>;
  readonly outer: Scope | null;
}

export const innerScope = (outer: Scope | null): Scope => ({ names: new Map(), tags: new Map(), outer });

export function lookUpName(scope: Scope | null, name: string): LocalName | undefined {
  for (let at = scope; at; at = at.outer) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return undefined;
}

export function lookUpTag(scope: Scope | null, tag: string): TypeId | undefined {
  for (let at = scope; at; at = at.outer) {
    const found = at.tags.get(tag);
    if (found !== undefined) return found;
  }
  return undefined;
}
