/** What can be done to a modelled host: the steps of a scenario, and the operations that a design answers. Plain data. */

/** Names of huge page sizes, and their orders. */
export type PageSize = '4K' | '2M' | '1G';
export const ORDERS: Readonly<Record<PageSize, number>> = { '4K': 0, '2M': 9, '1G': 18 };

export type VmType = 'plain' | 'sw-protected' | 'tdx' | 'snp' | 'pkvm' | 'gunyah';

/** The designs under debate: model-facts §0.2. */
export const DESIGNS = ['A', 'B', 'B2', 'C', 'D', 'E'] as const;
export type DesignId = (typeof DESIGNS)[number];

/** Pages of a guest_memfd file: [from, to), in pages of 4 KiB. */
export interface PageRange {
  readonly from: number;
  readonly to: number;
}

/** Allocations that a scenario can let fail: the kernel calls that they stand for are named in the design's own table. */
export type AllocationKind = 'vmemmap' | 'stash' | 'filemap-node' | 'huge-page' | 'charge' | 'contiguous' | 'any';

export type Operation =
  /** KVM_CREATE_GUEST_MEMFD. `size` in bytes. `initially`: what every page is before anyone converts. */
  | {
      readonly kind: 'create';
      readonly file: string;
      readonly vm: string;
      readonly size: number;
      readonly pageSize: PageSize;
      readonly initially?: 'private' | 'shared';
    }
  /** A memslot on the file. `gpa` and `offset` in bytes. */
  | {
      readonly kind: 'bind';
      readonly vm: string;
      readonly file: string;
      readonly gpa: number;
      readonly offset: number;
      readonly size: number;
    }
  | { readonly kind: 'unbind'; readonly vm: string; readonly file: string; readonly gpa: number }
  /** The guest touches each page of the range once. `block`: one page of each huge page is enough. `write` leaves data of the VM in it. */
  | {
      readonly kind: 'guest-fault';
      readonly vm: string;
      readonly file: string;
      readonly range: PageRange;
      readonly access: 'read' | 'write';
      readonly each: 'page' | 'block';
      /** What another thread does in the window that the design leaves open inside the fault; after it, where it leaves none. */
      readonly meanwhile?: Operation;
    }
  /** A process touches each page of the range through its mapping. */
  | {
      readonly kind: 'host-fault';
      readonly process: string;
      readonly file: string;
      readonly range: PageRange;
      readonly access: 'read' | 'write';
      readonly meanwhile?: Operation;
    }
  | {
      readonly kind: 'mmap';
      readonly process: string;
      readonly file: string;
      readonly range: PageRange;
      readonly flags?: 'shared' | 'private';
    }
  /** `madvise(MADV_DONTNEED)`: user mappings of the range go. */
  | { readonly kind: 'dontneed'; readonly process: string; readonly file: string; readonly range: PageRange }
  | { readonly kind: 'munmap'; readonly process: string; readonly file: string; readonly range: PageRange }
  /** `pin`: FOLL_LONGTERM by a device or a process; `reference`: one that is no pin (a pipe, a speculative lookup). `holder` names it for the release. */
  | {
      readonly kind: 'pin' | 'reference';
      readonly holder: string;
      readonly file: string;
      readonly range: PageRange;
      /** Microseconds after which the holder gives it back by itself; absent: never. */
      readonly lasting?: number;
    }
  | { readonly kind: 'unpin' | 'release'; readonly holder: string; readonly file: string; readonly range: PageRange }
  | { readonly kind: 'convert'; readonly vm: string; readonly file: string; readonly range: PageRange; readonly to: 'shared' | 'private' }
  /** fallocate(): punch or allocate; in bytes, since ranges may cut pages of a huge page. */
  | { readonly kind: 'punch' | 'allocate'; readonly file: string; readonly offset: number; readonly size: number }
  /** KVM_..._LAUNCH_UPDATE and the like: pages get content before the guest runs. */
  | { readonly kind: 'populate'; readonly vm: string; readonly file: string; readonly range: PageRange }
  /** The last descriptor goes; a mapping of a process keeps the file alive. */
  | { readonly kind: 'close'; readonly file: string }
  /** An uncorrected memory error in one page. */
  | { readonly kind: 'poison'; readonly file: string; readonly page: number }
  /** nr_hugepages of a size (of one node, where it is said). */
  | { readonly kind: 'resize'; readonly pageSize: '2M' | '1G'; readonly count: number; readonly node?: number }
  | { readonly kind: 'demote'; readonly count: number; readonly node?: number }
  /** Huge pages of 1G between hugetlb and the global pool (C), or out of hugetlb into CMA (D). */
  | { readonly kind: 'transfer'; readonly to: 'pool' | 'hugetlb'; readonly count: number; readonly inFlight?: number }
  /** A user of hugetlbfs takes or gives back huge pages. */
  | {
      readonly kind: 'hugetlbfs';
      readonly owner: string;
      readonly pageSize: '2M' | '1G';
      readonly pages: number;
      readonly action: 'map' | 'unmap';
    }
  /** Others on the host take pages of the buddy allocator, or give them back. In pages. */
  | { readonly kind: 'take-memory' | 'give-memory'; readonly pages: number; readonly node?: number }
  /** An unmovable or pinned page of others in so many of the CMA area's windows. */
  | { readonly kind: 'obstruct'; readonly windows: number }
  /** The task that allocates is bound to this node from now on; -1: to none. */
  | { readonly kind: 'policy'; readonly vm: string; readonly node: number }
  /** The next so many allocations of the kind fail; `after` so many that go well. */
  | { readonly kind: 'fail'; readonly allocation: AllocationKind; readonly count: number; readonly after?: number }
  /** Time passes: timers of lazy merges and work queues run. In microseconds. */
  | { readonly kind: 'wait'; readonly time: number };

/** Names of errors as errno(3) has them, and what a user or a guest meets instead of one. */
export type ErrorName =
  | 'EINVAL'
  | 'ENOMEM'
  | 'EAGAIN'
  | 'EBUSY'
  | 'EEXIST'
  | 'ENODEV'
  | 'EFAULT'
  | 'EHWPOISON'
  | 'EOPNOTSUPP'
  | 'EACCES'
  | 'ENOENT'
  | 'EBADF'
  /** The process gets the signal. */
  | 'SIGBUS'
  /** The task never comes back: it waits for what nobody will give. */
  | 'HANG'
  /** BUG, NULL dereference and the like. */
  | 'OOPS';

export interface OperationResult {
  /** Null where it went well. */
  readonly error: ErrorName | null;
  /** Byte offset in the file at which it stopped; -1 where the design tells none. */
  readonly errorOffset: number;
  /** Pages on which it was done. */
  readonly pages: number;
  /** What the other thread's operation gave back, where there was one. */
  readonly meanwhile?: OperationResult;
}
