/** Names of the kernel that say what code is for, where its text alone does not: assertions, clean-up, ways out. */

/** Whether a call only checks its arguments and has no other use. */
export const isAssertion = (name: string): boolean => ASSERTION.test(name);

const ASSERTION =
  /^(?:\w+_)?(?:BUG_ON|WARN_ON|WARN|WARN_ONCE|WARN_TAINT\w*|ASSERT)(?:_[A-Z]\w*)?$|^(?:lockdep_assert\w*|assert_\w+|KUNIT_\w+|assert|ASSERT\w*|BUILD_BUG\w*|mmap_assert\w*|vma_assert\w*|might_sleep\w*|__might_\w+)$/;

/** Assertions that stop the machine in every configuration: behind them their condition is false. */
export const BUG_STATEMENT: ReadonlySet<string> = new Set(['BUG_ON']);

/** Calls that tell, count, lock or give back, and do nothing to what is judged. */
export const isNeutralCall = (name: string): boolean => !isHugetlbCall(name) && NEUTRAL.test(name);

const NEUTRAL =
  /^(?:_*(?:pr|dev|netdev|trace|count|rcu|local|preempt|list|hlist|llist|spin|read|write|mutex|raw_spin)_\w+|\w*printk\w*|\w+_(?:un)?lock(?:_\w+)?|(?:un)?lock(?:_\w+)?|cond_resched\w*|k?v?free|up|down|schedule|dump_\w+|_*put_\w+|\w+_put|(?:d|f|fd|i|mm|mnt)put|INIT_LIST_HEAD)$/;

/** Calls that do something that is only done to hugetlb. */
export const isHugetlbCall = (name: string): boolean =>
  /huge|hstate/i.test(name) && !/^(?:folio_test_|thp_|pmd_|pud_|is_huge_zero)/.test(name);

/** Calls that only ask. */
export const isQuery = (name: string): boolean => QUERY.test(name);

const QUERY =
  /^(?:Page[A-Z]\w*|PAGE_\w+|is_\w+|\w+_is_\w+|has_\w+|\w*_has_\w+|folio_(?:test|mapcount|ref_count|order|size|nr|pfn|zone|nid|mapping|index|file|expected|lruvec|memcg|pgoff|entire|mapped|maybe|likely)\w*|page_(?:to|count|zone|mapped|mapping|ref|folio|address|private|size|nid|mapcount)\w*|pfn_\w+|p[tmu4g]+d_\w+|pte_\w+|\w+_(?:count|order|size|nr|mapping|enabled|supported|allowed|valid|empty|movable|pinnable|cached|online|full|shift|mask|mapped)|(?:can|may|should|need|want|might)_\w+|list_empty\w*|compound_\w+|thp_nr_pages|capable|READ_ONCE|min\w*|max\w*|IS_ERR\w*|PTR_ERR|IS_ENABLED|offset_in_\w+|atomic_read\w*|test_bit|ilog2|\w+_test_\w+|smp_\w+|HWPoisonHandlable|buddy_order\w*)$/;

/** Labels of a way out that is taken when something went wrong. */
export const isFailureLabel = (name: string): boolean => /^(?:err\w*|\w*_err(?:or)?|\w*fail\w*|bad\w*|abort\w*|\w*_abort)$/.test(name);

/** Labels of the way that is taken when all went well. */
export const isSuccessLabel = (name: string): boolean => /success|succeed|isolated/.test(name);
