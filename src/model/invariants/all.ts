/** All invariants of model-facts §3.1 and §3.3. A new one is one file and one line here. */
import { atomicConvert } from './atomic-convert';
import { attrSync } from './attr-sync';
import { chargeBalance } from './charge-balance';
import { conversionsEnd } from './conversions-end';
import { filemapCover } from './filemap-cover';
import { hvoFlagIsState } from './hvo-flag-is-state';
import { hvoImpliesNotSplit } from './hvo-implies-not-split';
import type { Invariant } from './invariant';
import { lockOrder } from './lock-order';
import { noHugetlbInGmem } from './no-hugetlb-in-gmem';
import { noHugetlbMapped } from './no-hugetlb-mapped';
import { noLeak } from './no-leak';
import { noLostData } from './no-lost-data';
import { noStaleData } from './no-stale-data';
import { nothingSpins } from './nothing-spins';
import { poisonContained } from './poison-contained';
import { poolConservation } from './pool-conservation';
import { poolReturns } from './pool-returns';
import { privateImpliesMerged } from './private-implies-merged';
import { privateImpliesNoHost } from './private-implies-no-host';
import { privateImpliesNoSharedS2 } from './private-implies-no-shared-s2';
import { refSafe } from './ref-safe';
import { reservedNeverFails } from './reserved-never-fails';
import { resvBacked } from './resv-backed';
import { retriesSucceed } from './retries-succeed';
import { s2Fits } from './s2-fits';
import { shareImpliesSplit } from './share-implies-split';
import { sharedImpliesNoPrivateS2 } from './shared-implies-no-private-s2';
import { subpoolBalance } from './subpool-balance';
import { truncUnmapped } from './trunc-unmapped';

export const invariants: readonly Invariant[] = [
  noHugetlbMapped,
  noHugetlbInGmem,
  shareImpliesSplit,
  privateImpliesMerged,
  privateImpliesNoHost,
  sharedImpliesNoPrivateS2,
  privateImpliesNoSharedS2,
  refSafe,
  hvoFlagIsState,
  hvoImpliesNotSplit,
  s2Fits,
  filemapCover,
  noLeak,
  resvBacked,
  subpoolBalance,
  poolConservation,
  chargeBalance,
  noStaleData,
  noLostData,
  truncUnmapped,
  attrSync,
  poisonContained,
  lockOrder,
  atomicConvert,
  conversionsEnd,
  retriesSucceed,
  poolReturns,
  nothingSpins,
  reservedNeverFails,
];
