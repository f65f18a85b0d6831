/** Design B: RFC v2, operations of an allocator behind the file, which knows itself what is shared (model-facts §2.B). */
import type { Design, SwitchDefinition } from './allocator';
import { mergeFolios, splitFolio } from './guest-folios';
import { markPoison } from './poison';
import { shareabilityFlow } from './shareability';
import type { ShareabilityRules } from './shareability-rules';
import { ALIGNMENT, defect, MEMFAIL, MERGE, SLAB, SPLIT, STAGE2_CAP, ZEROING } from './switches';
import { failed, type Allocator } from './allocator';
import { ownFile, type Host } from '../host/host';
import { allocateHugetlb, freeHugetlb, reserveHugetlb, unreserveHugetlb } from '../host/hugetlb-memory';
import { subpoolGet, subpoolPut } from '../host/hugetlb';
import type { FileState } from '../host/state';

const RULES = { chargesReservation: true, keepsRestoreReserve: false };
const STEPS = { hugetlbSteps: 3 };

/** The memory of B and B2: huge pages of hugetlb. */
export const hugetlbAllocator: Allocator = {
  reserve: (host, file, blocks) => reserveHugetlb(host, file, blocks, RULES),
  allocate: (host, file, index) => allocateHugetlb(host, file, index, RULES),
  split: splitFolio(STEPS),
  reconstruct: mergeFolios(STEPS),
  free: freeHugetlb,
  error: markPoison,
  unreserve: unreserveHugetlb,
};

/** What B and B2 share besides. */
export const hugetlbRules: Pick<ShareabilityRules, 'allocator' | 'pinsHang' | 'poisonsWhole' | 'claim' | 'transfer'> = {
  allocator: hugetlbAllocator,
  pinsHang: () => false,
  poisonsWhole: true,
  claim: claimOfSubpool,
  transfer: () => failed('EOPNOTSUPP'),
};

function claimOfSubpool(host: Host, file: FileState): (() => void) | null {
  const { subpool } = ownFile(host, file);
  if (subpool === null || subpoolGet(subpool) !== 0) return null;
  return () => {
    const now = ownFile(host, file).subpool;
    if (now !== null) subpoolPut(now);
  };
}

const intended = (name: string, meaning: string, source: string, label: 'derived' | 'thread' = 'derived'): SwitchDefinition =>
  defect(name, meaning, label, source, 'as-intended');

/** Split, merge and the like: all that is not a defect of one design. */
export const sharedSwitches: readonly SwitchDefinition[] = [SPLIT, MERGE, ZEROING, STAGE2_CAP, ALIGNMENT, MEMFAIL, SLAB];

/** B-6 is in B2 too. */
export const FREEZE_LOOP = defect(
  'B-6',
  'A reference of a page that nobody checks keeps the freeze in its loop, the invalidation lock held.',
  'derived',
  'v2 guest_memfd.c folio_ref_freeze() loop',
  'as-written',
);

export const rfcV2: Design = {
  id: 'B',
  title: 'RFC v2: operations of an allocator, shareability in the file',
  label: 'code',
  source: 'RFC v2 of May 2025',
  memory: 'hugetlb',
  hugetlbTyped: true,
  switches: [
    intended(
      'B-1',
      'The metadata is stashed before the vmemmap is restored: HVO is lost after the first cycle, the second split is a BUG.',
      'Ackerley 2025-05-16',
      'thread',
    ),
    intended('B-2', 'The loop of the rollback never ends where the range begins in block 0.', 'v2 virt/kvm/guest_memfd.c'),
    intended('B-3', 'A split that fails while the block is allocated removes an unlocked folio: BUG_ON.', 'v2 virt/kvm/guest_memfd.c'),
    intended(
      'B-4',
      'Returned values that were never set: the error of the work list is lost, the error offset is none.',
      'v2 virt/kvm/guest_memfd.c',
    ),
    intended('B-5', 'Shared stage-2 leaves go only with the user mappings of the file.', 'v2 virt/kvm/guest_memfd.c; low confidence'),
    FREEZE_LOOP,
    ...sharedSwitches,
  ],
  allocator: hugetlbAllocator,
  flow: shareabilityFlow({
    ...hugetlbRules,
    keepsProgress: false,
    wholePunches: false,
    create: (host, file) => hugetlbAllocator.reserve(host, file, file.blocks.length),
  }),
};
