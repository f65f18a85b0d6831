/** A place in the tree where hugetlb status is tested or taken for granted. */

export type SiteKind = 'folio-test' | 'vma-test' | 'vma-operation' | 'file-test';

export interface Site {
  /** Relative to the tree. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, UTF-16 units. */
  readonly column: number;
  /** Length of the name in UTF-16 units. */
  readonly length: number;
  /** `folio_test_hugetlb`. */
  readonly symbol: string;
  /** Enclosing function, or '' at file level. */
  readonly function: string;
  readonly kind: SiteKind;
  /** Id of the rule that found it: its file name in `src/assumptions/rules`. */
  readonly rule: string;
}
