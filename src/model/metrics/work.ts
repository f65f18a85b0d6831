/** Metrics of work done: splits, merges, index operations, zeroing, and the time that they would take. */
import { metric, type Metric } from './metric';

const FOLIOS = 'patches 25 and 39; v2 guest_memfd.c';
const COSTS = 'model-facts §1.8: every cost is assumed';

export const workMetrics: readonly Metric[] = [
  metric('splits', 'count', 'blocks split', 'code', FOLIOS, ({ tally }) => tally.splits),
  metric('merges', 'count', 'blocks merged', 'code', FOLIOS, ({ tally }) => tally.merges),
  metric('region-splits', 'count', '2M folios split, on two levels', 'thread', 'cover letter', ({ tally }) => tally.regionSplits),
  metric('region-merges', 'count', '2M folios merged, on two levels', 'thread', 'cover letter', ({ tally }) => tally.regionMerges),
  metric(
    'filemap-index-ops',
    'count',
    'split: 1 removal + 262,144 insertions; merge: 262,144 removals + 1 insertion',
    'code',
    FOLIOS,
    ({ tally }) => tally.filemapRemovals + tally.filemapInsertions,
  ),
  metric('struct-page-inits', 'count', '262,143 tails for each split or merge', 'code', FOLIOS, ({ tally }) => tally.structPageInits),
  metric(
    'synchronize-rcu',
    'count',
    'one for each restore or optimisation',
    'code',
    'mm/hugetlb_vmemmap.c',
    ({ tally }) => tally.synchronizeRcu,
  ),
  metric(
    'pages-copied',
    'pages',
    '4095 for each restore, 1 for each optimisation',
    'code',
    'mm/hugetlb_vmemmap.c',
    ({ tally }) => tally.pagesCopied,
  ),
  metric(
    'pages-zeroed',
    'pages',
    '262,144 at the first touch of a whole folio; A: and folios that are touched again',
    'code',
    FOLIOS,
    ({ tally }) => tally.pagesZeroed,
  ),
  metric(
    'hugetlb-only-steps',
    'count',
    'steps that exist for hugetlb alone: stash, type, list, subpool, restore_reserve',
    'derived',
    FOLIOS,
    ({ tally }) => tally.hugetlbSteps,
  ),
  metric('allocations', 'count', 'folios allocated', 'code', FOLIOS, ({ tally }) => tally.allocations),
  metric('allocations-failed', 'count', 'allocations refused', 'code', FOLIOS, ({ tally }) => tally.allocationsFailed),
  metric(
    'transfers',
    'blocks',
    'folios that changed hands with hugetlb',
    'assumption',
    'model-facts §2.C and §2.D',
    ({ tally }) => tally.transfers,
  ),
  metric(
    'transfers-refused',
    'count',
    'transfers refused',
    'assumption',
    'model-facts §2.C and §2.D',
    ({ tally }) => tally.transfersRefused,
  ),
  metric('cma-attempts', 'count', 'windows asked of the area', 'code', 'mm/cma.c', ({ tally }) => tally.cmaAttempts),
  metric('cma-success', 'ratio', 'windows got / windows asked', 'code', 'mm/cma.c', ({ tally }) =>
    tally.cmaAttempts === 0 ? 1 : 1 - tally.cmaFailures / tally.cmaAttempts,
  ),
  metric('faults', 'count', 'faults of guests and processes that found nothing mapped', 'code', FOLIOS, ({ tally }) => tally.faults),
  metric(
    'unmerged-time',
    'block-microseconds',
    'sum over time of split blocks of which nothing is shared',
    'assumption',
    COSTS,
    ({ tally }) => tally.unmergedTime,
  ),
  metric('time', 'microseconds', 'sum of the costs of all that was counted', 'assumption', COSTS, ({ time }) => time),
];
