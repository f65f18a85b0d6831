/** Design A: the series as posted, its final state after patch 39 (model-facts §2.A). */
import { rfcV1Flow } from './rfc-v1-flow';
import { reconstructA, splitA } from './rfc-v1-folios';
import type { Design } from './allocator';
import { markPoison } from './poison';
import { defect, MEMFAIL, MERGE, SLAB, SPLIT, STAGE2_CAP, ZEROING } from './switches';
import { allocateHugetlb, freeHugetlb, reserveHugetlb, unreserveHugetlb, type HugetlbRules } from '../host/hugetlb-memory';
import { isWritten, type Host } from '../host/host';

const rules = (host: Host): HugetlbRules => ({ chargesReservation: false, keepsRestoreReserve: isWritten(host, 'A-8') });

const written = (name: string, meaning: string, source: string, label: 'derived' | 'thread' = 'derived'): ReturnType<typeof defect> =>
  defect(name, meaning, label, source, 'as-written');

export const rfcV1: Design = {
  id: 'A',
  title: 'RFC v1: folios of hugetlb, split and reconstructed in the file',
  label: 'code',
  source: 'patches 1 to 39',
  memory: 'hugetlb',
  hugetlbTyped: true,
  switches: [
    written('A-1', 'Only blocks that lie inside one conversion as a whole are merged.', 'patch 39'),
    written('A-2', 'A failed split puts the folio back locked: the next to lock it waits for ever.', 'patch 39'),
    written('A-3', 'References that are no pin are met only when the file has lost the block already.', 'patches 25 and 39'),
    written('A-4', 'Split, merge and conversion forget that pages were prepared; the next fault zeroes them.', 'patch 39'),
    written('A-5', 'A punch of part of a huge page zeroes up to the whole of it.', 'patch 39'),
    written('A-6', 'A punch unmaps from the page index where bytes are expected.', 'Peter 2025-03-04', 'thread'),
    written('A-7', 'A fault lets the invalidation lock go before it maps the page.', 'cover letter; Peter 2025-03-06', 'thread'),
    written('A-8', 'restore_reserve stays set in a folio that may outlive its inode.', 'Ackerley 2025-02-26', 'thread'),
    written('A-9', 'Nothing is faultable at first although the attributes say shared.', 'patch 28'),
    written('A-10', 'Populating a whole folio takes its order as it is.', 'patch 39'),
    written('A-11', 'A reference met while splitting is only warned of, and overwritten.', 'patch 39'),
    written('A-P3', 'A reservation of hugetlbfs that finds too few free pages promises the missing ones alone.', 'patch 10'),
    SPLIT,
    MERGE,
    ZEROING,
    STAGE2_CAP,
    MEMFAIL,
    SLAB,
  ],
  allocator: {
    reserve: (host, file, blocks) => reserveHugetlb(host, file, blocks, rules(host)),
    allocate: (host, file, index) => allocateHugetlb(host, file, index, rules(host)),
    split: splitA,
    reconstruct: reconstructA,
    free: freeHugetlb,
    error: markPoison,
    unreserve: unreserveHugetlb,
  },
  flow: rfcV1Flow,
};
