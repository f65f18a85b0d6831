/** Illustrated times in microseconds: model-facts §1.8. Every one is an assumption, none was measured. */

/** Microseconds that zeroing a page takes at 10 GB/s. */
const ZERO_PAGE = 4096 / 10_000;

export const COSTS = {
  zeroPage: ZERO_PAGE,
  pageAlloc: 0.2,
  pageCopy: 0.3,
  synchronizeRcu: 10_000,
  filemapIndex: 0.1,
  kernelTlbFlush: 5,
  exit: 5,
} as const;
