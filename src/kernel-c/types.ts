/** The C types of a program as plain data, x86-64 LP64 layout. */

/** Index into `Program.types`. */
export type TypeId = number;

export type CType =
  | { readonly kind: 'void' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64 | 128; readonly signed: boolean; readonly name: string }
  | { readonly kind: 'float'; readonly bits: 32 | 64 | 128 }
  | { readonly kind: 'enum'; readonly tag: string; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'pointer'; readonly to: TypeId }
  | { readonly kind: 'array'; readonly of: TypeId; readonly length: number | null }
  | {
      readonly kind: 'struct' | 'union';
      /** The tag, or a made-up one (`<anonymous>@file:line`). */
      readonly tag: string;
      /** Bytes; 0 while `complete` is false. */
      readonly size: number;
      readonly align: number;
      readonly fields: readonly CField[];
      readonly complete: boolean;
    }
  | { readonly kind: 'function'; readonly returns: TypeId; readonly params: readonly TypeId[]; readonly variadic: boolean };

/** A member. An anonymous struct or union member has the name `''`; its own members are found through it. */
export interface CField {
  readonly name: string;
  readonly type: TypeId;
  /** Bytes from the start of the enclosing struct; for a bit-field, of its storage unit. */
  readonly offset: number;
  /** Bit-fields only: position in the little-endian storage unit that starts at `offset`. */
  readonly bits?: { readonly at: number; readonly width: number; readonly unit: 1 | 2 | 4 | 8 };
}
