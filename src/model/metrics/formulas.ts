/** Formulae of model-facts §3.4 that need no host: what a design will take, and how likely it is to get it. */

const VMEMMAP = 4095;
/** 4161 filemap nodes, 28 to a slab of 16 KiB. */
const FILEMAP_SLAB = 596;
const STASH = 1;
const GIGA = 2 ** 18;

/** Pages to keep so that conversions cannot fail: so many at a time, of so many blocks. */
export const conversionReserve = (concurrent: number, blocks: number): number =>
  Math.min(concurrent, blocks) * (VMEMMAP + FILEMAP_SLAB + STASH);

/** Pages that splits which run at one time take before anything is freed. */
export const peakOfSplits = (concurrent: number): number => concurrent * VMEMMAP;

/** Pages that all blocks of a VM can come to take: the whole saving of HVO. */
export const worstVmemmap = (blocks: number): number => blocks * VMEMMAP;

/** Chance that one of k windows of 1G can be emptied, where each page cannot move with probability p. */
export const cmaSuccess = (p: number, k = 1): number => 1 - (1 - (1 - p) ** GIGA) ** k;

/** vmemmap pages of a 1G block split on two levels, r of its 2M regions to 4K. */
export const twoLevelVmemmap = (r: number): number => 512 - r + 8 * r;
