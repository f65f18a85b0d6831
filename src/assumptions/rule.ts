/** What an assumption rule is: which names it looks for, what a use of them assumes, and examples on both sides. */
import type { SiteKind } from './site';

export type NonEmpty<T> = readonly [T, ...T[]];

export interface RuleSymbol {
  readonly name: string;
  /** What the name does and needs, one sentence. */
  readonly does: string;
  /** Where Linux 6.12 defines it: `mm/hugetlb.c`. */
  readonly source: string;
}

export interface Rule {
  /** File name without its ending, and anchor in the reference. */
  readonly id: string;
  readonly title: string;
  readonly kind: SiteKind;
  readonly symbols: NonEmpty<RuleSymbol>;
  /** What a site of this rule assumes: one or two sentences. */
  readonly assumes: string;
  /** What to ask of it where memory may be guest memory: one sentence. */
  readonly ask: string;
  readonly examples: {
    /** C in which each site is marked: `if («folio_test_hugetlb»(folio))`. */
    readonly fires: NonEmpty<string>;
    /** C without a site of this rule. */
    readonly silent: NonEmpty<string>;
  };
}
