/** What a modelled host is made of: files of blocks, pools, nodes, charges. Blocks and files belong to an epoch, so that a mark costs no copy. */
import type { Frame, FrameStack, Node, Hstate } from './pools';
import type { Pages } from './pages';
import type { DesignId, VmType } from './operation';

/** States of a block of a file: model-facts §1.3. */
export const EMPTY = 0;
export const WHOLE = 1;
/** All pages of the block are folios of their own. */
export const SPLIT = 2;
/** Two levels: 2M folios, some of them split to 4K. */
export const MIXED = 3;
/** Out of the filemap, and given back to nobody. */
export const ORPHAN = 4;
/** Truncated, but pages of it are still referenced. */
export const DRAINING = 5;
export type BlockState = 0 | 1 | 2 | 3 | 4 | 5;

export interface Hold {
  readonly holder: string;
  readonly kind: 'pin' | 'reference';
  /** Pages of the block. */
  readonly from: number;
  readonly to: number;
  readonly times: number;
}

export interface ProcessPtes {
  readonly process: string;
  /** 1 where the process has a user PTE. */
  readonly ptes: Pages;
}

/** What of a block and its file the invariants have last looked at; replaced, never changed. */
export interface Outline {
  readonly flags: number;
  readonly pfn: number;
  /** Of the file. */
  readonly allocated: number;
  /** Of its subpool; -1: it has none. */
  readonly used: number;
  readonly kept: number;
}

/** An aligned run of pages of a file, as large as the file's huge page (1 GiB of pages for a 4K file). */
export interface Block {
  epoch: number;
  /** 0: to be reckoned anew. */
  hash: number;
  state: BlockState;
  /** -1 where the block has no memory. */
  pfn: number;
  node: number;
  /** The vmemmap of the whole block is optimised away. */
  hvo: boolean;
  /** Pages of vmemmap that came from other nodes. */
  remoteVmemmap: number;
  /** The page tables of the block's vmemmap have been split to PTEs once. */
  vmemmapSplit: boolean;
  /** The private flags say so, whatever the vmemmap is (B-1). */
  hvoFlag: boolean;
  restoreReserve: boolean;
  /** 1 where the page is in the file: 4K files only. */
  present: Pages;
  /** 1: shared, faultable by the host. */
  share: Pages;
  /** 1: KVM's attribute says private. */
  attr: Pages;
  content: Pages;
  /** 1: uptodate, "prepared". */
  prepared: Pages;
  /** Sum of user PTEs over the processes. */
  mapped: number;
  processes: readonly ProcessPtes[];
  pins: Pages;
  refs: Pages;
  /** References that an operation has overwritten. */
  lostRefs: Pages;
  holds: readonly Hold[];
  /** Stage-2 leaves: 0 none, 1 to 3 a private one of 4K, 2M, 1G, 4 to 6 a shared one. */
  s2: Pages;
  /** DRAINING: its pages are folios of their own. */
  drainsSplit: boolean;
  /** Split on two levels; its vmemmap is that of 2M folios. */
  twoLevel: boolean;
  /** 1 where the folio is of order 0, on two levels. */
  small: Pages;
  /** Pages with the hwpoison mark. */
  poison: readonly number[];
  /** The folio is marked as a whole: every new fault is refused. */
  poisonWhole: boolean;
  /** Memory outside the file at the same place (E): 1 where there is a page. */
  twin: Pages;
  /** Split although nothing of it is shared; what the last operation has left. */
  unmerged: boolean;
  /** Null: never. */
  outline: Outline | null;
}

export interface Subpool {
  max: number;
  used: number;
  min: number;
  rsv: number;
}

/** A memslot on the file. In pages. */
export interface Slot {
  readonly gfn: number;
  readonly from: number;
  readonly to: number;
  /** Largest order of a leaf that the slot allows. */
  readonly cap: number;
}

export interface Vma {
  readonly process: string;
  readonly from: number;
  readonly to: number;
}

/** A huge page that has left its place in the file and waits for its last reference, while another one may be in its place. */
export interface Aside {
  /** The block that it was. */
  readonly index: number;
  /** What it was like when it left; changed by a copy alone. */
  readonly block: Block;
}

export interface FileState {
  epoch: number;
  hash: number;
  readonly id: number;
  readonly name: string;
  readonly vm: number;
  /** Order of its huge page: 0, 9 or 18. */
  readonly order: number;
  readonly blockPages: number;
  readonly pages: number;
  /** Null: nothing has been done to it, and it is EMPTY. */
  blocks: (Block | null)[];
  /** What a block starts with. */
  share0: number;
  attr0: number;
  slots: readonly Slot[];
  vmas: readonly Vma[];
  /** Someone has the descriptor. */
  open: boolean;
  /** The inode is there. */
  alive: boolean;
  /** Someone waits for ever with the file's locks held. */
  hung: boolean;
  /** The block whose references are waited for with the locks held; -1: none. */
  hungBlock: number;
  subpool: Subpool | null;
  /** Blocks reserved in the global pool or in the CMA area, and not yet allocated. */
  reserved: number;
  /** Pages charged to the hugetlb cgroup, at reservation and at allocation. */
  rsvdCharge: number;
  usageCharge: number;
  /** Blocks that have memory, and huge pages set aside. */
  allocated: number;
  /** Oldest first. */
  aside: readonly Aside[];
}

export interface VmState {
  readonly name: string;
  readonly type: VmType;
  readonly memcgLimit: number;
  memcg: number;
  /** Node that its allocations are bound to; -1: none. */
  policy: number;
}

/** C: the global pool of 1G folios. */
export interface GlobalPool {
  total: number;
  free: number;
  /** Of the free ones, promised to files. */
  reserved: number;
  stack: FrameStack;
  /** Pages with an error: in nobody's hands, never given out again. */
  poisoned: number;
}

/** D: the contiguous area, in windows of 1G. */
export interface CmaArea {
  total: number;
  free: number;
  /** Of the free windows, those with an unmovable or pinned page of others. */
  obstructed: number;
  reserved: number;
  stack: FrameStack;
  poisoned: number;
}

export interface Small {
  nodes: Node[];
  hstates: { '1G': Hstate; '2M': Hstate };
  pool: GlobalPool;
  cma: CmaArea;
  vms: VmState[];
  tally: Tally;
  /** Allocations that are to fail, by kind. */
  failures: Readonly<Record<string, number>>;
  /** Huge pages that users of hugetlbfs hold. */
  hugetlbfs: Readonly<Record<string, number>>;
  /** Huge pages in files, by size. */
  gmem1G: number;
  gmem2M: number;
  /** Frames that nobody will get again: poisoned ones, and those that were lost. */
  dead: FrameStack;
  /** Which lock was taken under which: 1 the folio's under the file's, 2 the other way round. */
  lockEdges: number;
  /** The frames that they hold. */
  users: UserFrames;
  /** Work that a timer or a work queue does later. */
  pending: readonly Pending[];
}

/** Huge pages in hugetlbfs, the last taken first. */
export type UserFrames = { readonly frame: Frame; readonly owner: string; readonly next: UserFrames } | null;

export type Pending =
  | { readonly due: number; readonly file: number; readonly block: number; readonly what: 'drain' | 'merge' }
  /** A holder gives back what was taken for a time. `block`: -1. */
  | { readonly due: number; readonly file: number; readonly block: -1; readonly what: 'release'; readonly hold: Omit<Hold, 'times'> };

/** What has been done in all; counts are exact. */
export interface Tally {
  splits: number;
  regionSplits: number;
  merges: number;
  regionMerges: number;
  vmemmapAllocated: number;
  vmemmapFreed: number;
  vmemmapPeak: number;
  vmemmapAtBoot: number;
  filemapRemovals: number;
  filemapInsertions: number;
  structPageInits: number;
  synchronizeRcu: number;
  pagesZeroed: number;
  pagesCopied: number;
  hugetlbSteps: number;
  converted: number;
  conversions: number;
  conversionsFailed: number;
  failedAgain: number;
  failedInvalid: number;
  failedMemory: number;
  failedOther: number;
  /** Failures in a row before a success, summed, and the successes after failures. */
  retries: number;
  retried: number;
  streak: number;
  stalledGfns: number;
  zappedPages: number;
  refaults: number;
  zaps: number;
  demotedLeaves: number;
  allocations: number;
  allocationsFailed: number;
  transfers: number;
  transfersRefused: number;
  poisonEvents: number;
  poisonRefused: number;
  clearedPrepared: number;
  lostPages: number;
  stalePages: number;
  faults: number;
  cmaAttempts: number;
  cmaFailures: number;
  /** Blocks times microseconds during which nothing of a split block was shared. */
  unmergedTime: number;
  unmerged: number;
}

export type { DesignId };

export const newTally = (): Tally => ({
  splits: 0,
  regionSplits: 0,
  merges: 0,
  regionMerges: 0,
  vmemmapAllocated: 0,
  vmemmapFreed: 0,
  vmemmapPeak: 0,
  vmemmapAtBoot: 0,
  filemapRemovals: 0,
  filemapInsertions: 0,
  structPageInits: 0,
  synchronizeRcu: 0,
  pagesZeroed: 0,
  pagesCopied: 0,
  hugetlbSteps: 0,
  converted: 0,
  conversions: 0,
  conversionsFailed: 0,
  failedAgain: 0,
  failedInvalid: 0,
  failedMemory: 0,
  failedOther: 0,
  retries: 0,
  retried: 0,
  streak: 0,
  stalledGfns: 0,
  zappedPages: 0,
  refaults: 0,
  zaps: 0,
  demotedLeaves: 0,
  allocations: 0,
  allocationsFailed: 0,
  transfers: 0,
  transfersRefused: 0,
  poisonEvents: 0,
  poisonRefused: 0,
  clearedPrepared: 0,
  lostPages: 0,
  stalePages: 0,
  faults: 0,
  cmaAttempts: 0,
  cmaFailures: 0,
  unmergedTime: 0,
  unmerged: 0,
});
