/** Memory that is not in a file: frames on free lists, hugetlb's counters, the nodes' ordinary pages. */
import type { Pages } from './pages';

/** A free huge page and what it remembers. */
export interface Frame {
  readonly pfn: number;
  readonly node: number;
  readonly content: Pages;
  readonly hvo: boolean;
  readonly vmemmapSplit: boolean;
  readonly remoteVmemmap: number;
}

/** A free list: last in, first out, shared by all marks that hold it. */
export interface FrameCell {
  readonly frame: Frame;
  readonly next: FrameStack;
}
export type FrameStack = FrameCell | null;

/** One huge page size. */
export interface Hstate {
  readonly order: number;
  readonly pages: number;
  resv: number;
  max: number;
  readonly overcommit: number;
  readonly nodes: HstateNode[];
}

export interface HstateNode {
  nr: number;
  free: number;
  surplus: number;
  stack: FrameStack;
  /** Free pages that are poisoned: counted in `free`, never given out again. */
  poisoned: number;
  /** Pages that nobody will give back: their file is gone, or their place is taken. */
  leaked: number;
  /** In the hands of hugetlbfs. */
  inUse: number;
}

export interface ReturnedFrame {
  readonly pfn: number;
  readonly pages: number;
  readonly next: ReturnedFrame | null;
}

/** A node's pages of 4 KiB, by who has them. Their sum with the huge pages is `total`. */
export interface Node {
  readonly total: number;
  /** Where the next huge page that is made of ordinary memory lies. */
  nextPfn: number;
  /** Huge pages that have become ordinary memory: the first to become huge again. */
  returned: ReturnedFrame | null;
  buddy: number;
  /** vmemmap of huge pages: of hugetlb, the pool, the CMA area and files. */
  vmemmap: number;
  /** Page tables of vmemmap that was mapped by PMDs. */
  vmemmapTables: number;
  /** vmemmap of all other memory. */
  restVmemmap: number;
  /** Pages of 4K files. */
  gmem: number;
  /** Memory that twins of 4K files take (E). */
  twins: number;
  /** Filemap nodes and stashes, where they are counted. */
  slab: number;
  /** Others' memory. */
  taken: number;
  /** Pages that were freed although someone had a reference, and are still held. */
  stuck: number;
}

export function nrOf({ nodes }: Hstate): number {
  let sum = 0;
  for (const node of nodes) sum += node.nr;
  return sum;
}
export function freeOf({ nodes }: Hstate): number {
  let sum = 0;
  for (const node of nodes) sum += node.free;
  return sum;
}
export function surplusOf({ nodes }: Hstate): number {
  let sum = 0;
  for (const node of nodes) sum += node.surplus;
  return sum;
}
/** What a new reservation may take. */
export const availableOf = (h: Hstate): number => freeOf(h) - h.resv;

export const vmemmapPagesOf = (pages: number): number => pages / 64;

/** Copies of what is small, for a mark. */
export const copyHstate = (h: Hstate): Hstate => ({ ...h, nodes: h.nodes.map((node) => ({ ...node })) });
