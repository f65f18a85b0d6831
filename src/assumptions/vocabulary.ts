/** The names that an analysis looks for: those of the rules, and helpers of one line that were found to be the same test. */
import { SYMBOLS } from './rules';
import type { SiteKind } from './site';

export interface Word {
  readonly kind: SiteKind;
  readonly rule: string;
  /** A true answer means that it is not hugetlb. */
  readonly negated: boolean;
}

export interface Vocabulary {
  readonly words: ReadonlyMap<string, Word>;
  /** Each name, whole. Global: take a fresh copy of `lastIndex`. */
  readonly pattern: string;
}

/** A helper whose body is one test of its own parameter. */
export interface Wrapper {
  readonly name: string;
  readonly of: string;
  readonly negated: boolean;
}

/** The names of the rules, and of wrappers of them. */
export function vocabularyWith(wrappers: readonly Wrapper[]): Vocabulary {
  const words = new Map<string, Word>();
  for (const [name, { rule }] of SYMBOLS) words.set(name, { kind: rule.kind, rule: rule.id, negated: false });
  for (const { name, of, negated } of wrappers) {
    const base = words.get(of);
    if (base !== undefined && !words.has(name)) words.set(name, { kind: base.kind, rule: base.rule, negated: base.negated !== negated });
  }
  const names = [...words.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return { words, pattern: `\\b(?:${names.join('|')})\\b` };
}

/** The names of the rules alone. */
export const PLAIN_VOCABULARY: Vocabulary = vocabularyWith([]);

/** Which arguments of an operation have to be hugetlb, where it is not the first: each is good enough. */
const OPERANDS: ReadonlyMap<string, readonly number[]> = new Map([
  ['huge_pmd_unshare', [1]],
  ['huge_pmd_unshare_flush', [1]],
  ['huge_pmd_share', [1]],
  ['huge_ptep_get', [2, 0]],
  ['huge_ptep_get_and_clear', [2, 0]],
  ['huge_ptep_set_wrprotect', [2, 0]],
  ['huge_ptep_clear_flush', [0, 2]],
  ['huge_ptep_set_access_flags', [0, 2]],
  ['set_huge_pte_at', [2, 0]],
  ['huge_pte_clear', [2, 0]],
  ['huge_pte_alloc', [1]],
  ['vma_hugecache_offset', [1]],
  ['copy_hugetlb_page_range', [3, 2]],
  ['__unmap_hugepage_range', [1]],
  ['hugetlb_fault', [1]],
  ['hugetlb_mfill_atomic_pte', [1]],
  ['restore_reserve_on_error', [1]],
]);

const FIRST: readonly number[] = [0];
export const operandsOf = (symbol: string): readonly number[] => OPERANDS.get(symbol) ?? FIRST;
