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

/** What a site is, by the code around it and in the tree. */
export type SiteClass =
  /** Of a test: stands only in assertions. */
  | 'asserts'
  /** Of a folio test: where it is true, something is done to a VMA that only a hugetlb VMA allows, and nothing tests that VMA. */
  | 'assumes-hugetlb-vma'
  /** Of a test: what is hugetlb is rejected or skipped. */
  | 'excludes'
  /** Of a test: it is what its function gives back. */
  | 'predicate'
  /** Of a folio test: hugetlb folios are handled apart, and no VMA is needed for that. */
  | 'folio-only'
  /** Of a test of a VMA or a file: what is done where it is true is for hugetlb. */
  | 'guards'
  /** Of the flag: a VMA is made a hugetlb VMA. */
  | 'sets'
  /** Of an operation: a test of what it works on comes before it on every path. */
  | 'guarded'
  /** Of an operation: every caller in the tree passes what is hugetlb. */
  | 'contract'
  /** Of an operation: nothing says that the VMA is hugetlb but that the folio is. */
  | 'from-folio'
  /** Of an operation: nothing was found that says so. */
  | 'unproven'
  /** Outside of functions. */
  | 'named'
  /** Its code could not be followed. */
  | 'unread';

/** A line of the tree. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface Classified extends Site {
  readonly class: SiteClass;
  /** The way to the class, in order. */
  readonly evidence: readonly Place[];
}

/** Whether a folio of guest_memfd can come there. */
export interface Reach {
  readonly is: 'reachable' | 'not-reachable' | 'cannot-tell';
  /** Half a sentence. */
  readonly because: string;
  /** The way there, or what shuts it. */
  readonly path: readonly Place[];
}

export interface Assessed extends Classified {
  readonly reach: Reach;
}
