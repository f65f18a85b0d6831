/** Every assumption rule, in the order in which the reference lists them: the one place where a rule is added. */
import type { Rule, RuleSymbol } from './rule';
import { folioTestHugetlb } from './rules/folio-test-hugetlb';
import { hstateOfFile } from './rules/hstate-of-file';
import { hstateOfInode } from './rules/hstate-of-inode';
import { hstateOfVma } from './rules/hstate-of-vma';
import { hugePte } from './rules/huge-pte';
import { hugetlbFault } from './rules/hugetlb-fault';
import { hugetlbPageIndex } from './rules/hugetlb-page-index';
import { hugetlbPmdSharing } from './rules/hugetlb-pmd-sharing';
import { hugetlbRange } from './rules/hugetlb-range';
import { hugetlbTlbFlush } from './rules/hugetlb-tlb-flush';
import { hugetlbVmaLock } from './rules/hugetlb-vma-lock';
import { hugetlbVmaReservation } from './rules/hugetlb-vma-reservation';
import { hugetlbWalk } from './rules/hugetlb-walk';
import { isFileHugepages } from './rules/is-file-hugepages';
import { isVmHugetlbPage } from './rules/is-vm-hugetlb-page';
import { pageHuge } from './rules/page-huge';
import { vmHugetlbFlag } from './rules/vm-hugetlb-flag';

export const RULES: readonly Rule[] = [
  folioTestHugetlb,
  pageHuge,
  isVmHugetlbPage,
  vmHugetlbFlag,
  hstateOfVma,
  hugetlbVmaLock,
  hugetlbPmdSharing,
  hugetlbWalk,
  hugePte,
  hugetlbPageIndex,
  hugetlbTlbFlush,
  hugetlbRange,
  hugetlbFault,
  hugetlbVmaReservation,
  isFileHugepages,
  hstateOfFile,
  hstateOfInode,
];

/** The rule and the words for each name that a rule looks for. */
export const SYMBOLS: ReadonlyMap<string, { readonly rule: Rule; readonly symbol: RuleSymbol }> = new Map(
  RULES.flatMap((rule) => rule.symbols.map((symbol) => [symbol.name, { rule, symbol }] as const)),
);
