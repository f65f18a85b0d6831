/** Metrics of conversions and of translation: how often they fail, whom they stall, what the TLB has to hold. */
import { metric, type Metric } from './metric';

const KVM = 'kvm_unmap_gfn_range(); v2 guest_memfd.c';
const LEVELS = 'arch/x86/kvm/mmu';

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export const conversionMetrics: readonly Metric[] = [
  metric('conversions', 'count', 'conversions attempted', 'code', KVM, ({ tally }) => tally.conversions),
  metric('converted-pages', 'pages', 'pages of the conversions that went well', 'code', KVM, ({ tally }) => tally.converted),
  metric('conversion-failure-rate', 'ratio', 'failed / attempted', 'code', KVM, ({ tally }) =>
    ratio(tally.conversionsFailed, tally.conversions),
  ),
  metric('conversions-eagain', 'count', 'failed with -EAGAIN', 'code', KVM, ({ tally }) => tally.failedAgain),
  metric('conversions-einval', 'count', 'failed with -EINVAL', 'code', KVM, ({ tally }) => tally.failedInvalid),
  metric('conversions-enomem', 'count', 'failed with -ENOMEM', 'code', KVM, ({ tally }) => tally.failedMemory),
  metric('conversions-stuck', 'count', 'never came back', 'derived', 'model-facts §2, defects', ({ tally }) => tally.failedOther),
  metric('mean-retries', 'ratio', 'failures before a success / successes after failures', 'code', KVM, ({ tally }) =>
    ratio(tally.retries, tally.retried),
  ),
  metric('invalidation-width', 'ratio', 'guest frames whose faults stall / guest frames converted', 'code', KVM, ({ tally }) =>
    ratio(tally.stalledGfns, tally.converted),
  ),
  metric('refaults', 'pages', 'pages in zapped leaves that were not converted', 'code', KVM, ({ tally }) => tally.refaults),
  metric('demoted-leaves', 'leaves', 'leaves split before a zap (TDX)', 'thread', 'Yan 2025-08-07', ({ tally }) => tally.demotedLeaves),
  metric(
    'stage2-tables',
    'pages',
    'per GiB: 0, 1, 513, or 1 + 2M regions mapped by 4K',
    'code',
    LEVELS,
    (_host, { stage2Tables }) => stage2Tables,
  ),
  metric('stage2-leaves', 'leaves', 'leaves installed', 'code', LEVELS, (_host, { stage2Leaves }) => stage2Leaves),
  metric(
    'tlb-entries',
    'leaves',
    'leaves that cover all blocks with their folios as they are',
    'code',
    LEVELS,
    (_host, { leavesNow }) => leavesNow,
  ),
  metric('tlb-entries-ideal', 'leaves', 'blocks x {1, 512, 262,144}', 'code', LEVELS, (_host, { leavesIdeal }) => leavesIdeal),
  metric('tlb-reach-loss', 'ratio', 'leaves now / leaves with every block whole', 'derived', LEVELS, (_host, { leavesNow, leavesIdeal }) =>
    leavesIdeal === 0 ? 1 : leavesNow / leavesIdeal,
  ),
  metric(
    'walk-references',
    'ratio',
    'mean of (4+1)(s+1)-1 over mapped pages',
    'assumption',
    'textbook formula of nested walks',
    (_host, { walkReferences, mappedPages }) => ratio(walkReferences, mappedPages),
  ),
  metric('user-ptes', 'count', 'user PTEs of all processes', 'code', 'mm/memory.c', (_host, { userPtes }) => userPtes),
  metric(
    'user-page-tables',
    'pages',
    'one for each 2M of a process in which it has a PTE',
    'code',
    'arch/x86',
    (_host, { userTables }) => userTables,
  ),
  metric(
    'prepared-forgotten',
    'pages',
    'pages unprepared by split, merge and conversion (A-4)',
    'derived',
    'patch 39',
    ({ tally }) => tally.clearedPrepared,
  ),
  metric('lost-pages', 'pages', 'pages of data in use that were zeroed', 'derived', 'model-facts §3.2', ({ tally }) => tally.lostPages),
  metric(
    'stale-pages',
    'pages',
    'pages that became readable with what others left',
    'derived',
    'model-facts §3.2',
    ({ tally }) => tally.stalePages,
  ),
  metric(
    'poison-blast-radius',
    'pages',
    'pages that refuse new faults / memory errors',
    'derived',
    'mm/memory-failure.c',
    ({ tally }, { poisonPages }) => ratio(poisonPages, tally.poisonEvents),
  ),
  metric('zapped-pages', 'pages', 'pages mapped by the leaves that were zapped', 'code', KVM, ({ tally }) => tally.zappedPages),
  metric(
    'poison-refused',
    'pages',
    'pages of faults that were refused with -EHWPOISON',
    'derived',
    'mm/memory-failure.c',
    ({ tally }) => tally.poisonRefused,
  ),
];
