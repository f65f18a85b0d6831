/** What a scenario says of the host, its pools and the design before the first step. Plain data. */
import type { DesignId, VmType } from './operation';

export interface NodeSpec {
  readonly node: number;
  /** Bytes of memory in all. */
  readonly memory: number;
  /** Huge pages of 1G and of 2M in hugetlb's pool, allocated at boot. */
  readonly pages1G: number;
  readonly pages2M: number;
  /** Pages of 4 KiB that GFP_KERNEL can take; what is left of the memory where it is not said. */
  readonly buddy?: number;
}

export interface HostSpec {
  readonly nodes: readonly NodeSpec[];
  /** hugetlb_free_vmemmap. */
  readonly hvo: boolean;
  /** nr_overcommit_huge_pages of 1G and 2M. */
  readonly overcommit1G: number;
  readonly overcommit2M: number;
  /** The pool was taken from a CMA area (hugetlb_cma=). */
  readonly hugetlbCma: boolean;
  /** Huge pages of 1G in the global pool at boot (C); all of hugetlb's where it is not said. */
  readonly pool?: number;
  /** Bytes of the CMA area (D); as much as hugetlb's pool where it is not said. */
  readonly cma?: number;
}

export interface VmSpec {
  readonly name: string;
  readonly type: VmType;
  /** Pages that the VM's memory cgroup may hold; no limit where it is not said. */
  readonly memcgLimit?: number;
}

/** A defect of the posted series by its number in model-facts §2 (`A-1`), or a choice of the build (`split`, `merge`, `zeroing`, `stage2-cap`, `transfer`, `cma`). */
export interface SwitchSpec {
  readonly name: string;
  readonly value: string;
}

export interface ModelSpec {
  readonly host: HostSpec;
  readonly design: DesignId;
  readonly vms: readonly VmSpec[];
  /** Later ones win. Names and values that the design does not have are refused when the model is made. */
  readonly switches: readonly SwitchSpec[];
  readonly seed: number;
}

const GIB = 2 ** 30;

/** Host H0 of model-facts §4: one node of 64 GiB, 16 huge pages of 1G, HVO on. */
export const usualHost: HostSpec = {
  nodes: [{ node: 0, memory: 64 * GIB, pages1G: 16, pages2M: 0 }],
  hvo: true,
  overcommit1G: 0,
  overcommit2M: 0,
  hugetlbCma: false,
};
