/** What one file says of itself, as plain data that is kept on disk: the analysis of a tree joins these. */
import type { SiteKind } from './site';
import type { Wrapper } from './vocabulary';

/** Whether an object is known to be hugetlb at a place, as far as its function tells. */
export type Standing =
  /** It is: `lines` tell why, in order. `param`: it is that parameter. */
  | { readonly is: 'hugetlb'; readonly lines: readonly number[]; readonly param?: number }
  /** It is if what the callers pass is: paths from parameters, `0`, `2.vma`. */
  | { readonly is: 'passed'; readonly from: readonly string[]; readonly lines: readonly number[]; readonly vma?: Standing }
  /** Not known. Where it is a structure that carries a VMA, `vma` is what is known of that. */
  | { readonly is: 'unknown'; readonly vma?: Standing };

export interface FoundSite {
  readonly symbol: string;
  readonly kind: SiteKind;
  readonly rule: string;
  readonly line: number;
  readonly column: number;
  /** Of a test: its class where nothing below it needs a VMA. */
  readonly local: string;
  /** Lines that tell why. */
  readonly lines: readonly number[];
  /** Of an operation: the standings of what it works on, each good enough; and the lines of the folio tests that alone let it through. */
  readonly standings: readonly Standing[];
  readonly folioLines: readonly number[];
}

export interface FoundCall {
  /** A function's name, or `.member` where it is called through one. */
  readonly callee: string;
  readonly line: number;
  /** Standing of each argument; null for what is no path. */
  readonly args: readonly (Standing | null)[];
  /** Lines of folio tests that let it through. */
  readonly folioLines: readonly number[];
  /** Whether a folio, a page or a VMA is handed on, by the names of the arguments. */
  readonly hands: boolean;
  /** Pairs of arguments of which one is a copy of the other, or the same. */
  readonly twins: readonly (readonly [number, number])[];
}

/** The address of a function or table, taken. */
export interface FoundUse {
  readonly name: string;
  /** `.rmap_one` where it is put into that member; '' elsewhere. */
  readonly member: string;
  readonly line: number;
  /** Of what it is put into: `vma->vm_ops = &table`. */
  readonly standing: Standing;
}

export interface FoundFunction {
  readonly name: string;
  readonly line: number;
  readonly isStatic: boolean;
  readonly isMacro: boolean;
  readonly params: readonly string[];
  readonly sites: readonly FoundSite[];
  readonly calls: readonly FoundCall[];
  readonly uses: readonly FoundUse[];
}

/** A static table of functions. */
export interface FoundTable {
  readonly name: string;
  readonly type: string;
  readonly line: number;
  /** Member and function. */
  readonly members: readonly (readonly [string, string])[];
  /** It makes its files hugetlb files. */
  readonly makesHugetlb: boolean;
}

export interface FoundUnread {
  readonly line: number;
  readonly function: string;
  readonly reason: string;
}

export interface FileFacts {
  readonly functions: readonly FoundFunction[];
  /** Sites outside of functions. */
  readonly loose: readonly FoundSite[];
  readonly tables: readonly FoundTable[];
  readonly unread: readonly FoundUnread[];
  /** Helpers of one line that are the same test as a name of the rules. */
  readonly wrappers: readonly Wrapper[];
}
