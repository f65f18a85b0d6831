/** Design B2: guest_memfd in-place conversion of October 2025. Block by block, without rollback (model-facts §2.B, B2). */
import type { Design } from './allocator';
import { FREEZE_LOOP, hugetlbAllocator, hugetlbRules, sharedSwitches } from './rfc-v2';
import { shareabilityFlow } from './shareability';

export const inPlaceConversion: Design = {
  id: 'B2',
  title: 'In-place conversion: block by block, progress kept',
  label: 'code',
  source: 'guest_memfd in-place conversion RFC of October 2025',
  memory: 'hugetlb',
  hugetlbTyped: true,
  switches: [FREEZE_LOOP, ...sharedSwitches],
  allocator: hugetlbAllocator,
  flow: shareabilityFlow({
    ...hugetlbRules,
    keepsProgress: true,
    wholePunches: true,
    // HUGETLB excludes INIT_SHARED.
    create: (host, file) => (file.share0 === 1 ? 'EINVAL' : hugetlbAllocator.reserve(host, file, file.blocks.length)),
  }),
};
