/** What a modelled host offers to those who run scenarios on it, check it and show it. Plain data and a few functions. */
import type { Outcome } from '../../base/outcome';
import type { ModelSpec } from './host-spec';
import type { Operation, OperationResult } from './operation';

/** How sure a rule of the model is: model-facts §0.1. */
export type ClaimLabel = 'code' | 'doc' | 'thread' | 'derived' | 'assumption';

export interface ModelEvent {
  /** Number of the operation, from 0. */
  readonly step: number;
  /** Illustrated time in microseconds: model-facts §1.8. */
  readonly time: number;
  readonly kind: string;
  readonly text: string;
  readonly times: number;
  readonly label: ClaimLabel;
  /** Where the rule was read: `patch 39 kvm_gmem_split_folio_in_filemap()`, `mm/hugetlb_vmemmap.c`, `David 2024-10-16`. */
  readonly source: string;
  readonly file?: string;
  readonly page?: number;
}

export interface Violation {
  /** Name of the invariant, as in model-facts §3.1 and §3.3. */
  readonly invariant: string;
  readonly step: number;
  /** What was met and where. */
  readonly met: string;
  readonly label: ClaimLabel;
}

/** A run of pages of a file that look the same. */
export interface FileExtent {
  readonly from: number;
  readonly to: number;
  readonly block: 'empty' | 'whole' | 'split' | 'mixed' | 'orphan' | 'draining';
  readonly folioOrder: number;
  readonly pfn: number;
  readonly type: 'buddy' | 'hugetlb' | 'plain-large' | 'small';
  readonly owner: 'gmem' | 'hugetlb' | 'pool' | 'cma' | 'buddy';
  readonly sharing: 'private' | 'shared';
  /** The KVM attribute, where it may differ from the file's own map. */
  readonly attribute: 'private' | 'shared';
  readonly content: 'zero' | 'stale' | 'data' | 'none';
  readonly contentOf: string;
  readonly prepared: boolean;
  readonly hvo: boolean;
  readonly poisoned: boolean;
  /** User PTEs on each page. */
  readonly mapped: number;
  readonly pinned: number;
  readonly references: number;
  /** Order of the stage-2 leaf that covers it; -1: none. */
  readonly stage2: number;
}

/** One holder of references of a folio: what the model expects, itemised. */
export interface ReferenceHolder {
  readonly who: string;
  readonly count: number;
}

export interface FolioReferences {
  readonly pfn: number;
  readonly order: number;
  /** The folio's count as the design's own operations have left it. */
  readonly actual: number;
  readonly expected: readonly ReferenceHolder[];
}

/** Counters by their kernel names with the group before: `hstate.1G.free_huge_pages`, `subpool.gmem0.used_hpages`, `pool.free`, `vmemmap.pages`. */
export type Counters = Readonly<Record<string, number>>;

/** Metrics by name, as in model-facts §3.4: `vmemmap-pages`, `hvo-kept`, `filemap-index-ops`, … */
export type Metrics = Readonly<Record<string, number>>;

export interface HostModel {
  readonly spec: ModelSpec;
  /** Does it and checks every invariant. Unknown names of files, VMs and holders are a refusal, not an error of the design. */
  apply(operation: Operation): Outcome<OperationResult>;
  /** Operations done. */
  steps(): number;
  /** Illustrated time in microseconds. */
  time(): number;
  counters(): Counters;
  metrics(): Metrics;
  files(): readonly string[];
  /** Shape: in order of pages, gapless over the file; neighbours differ in something. */
  extents(file: string): readonly FileExtent[];
  references(file: string, page: number): FolioReferences | null;
  /** The last ones; older ones are counted only. */
  events(): readonly ModelEvent[];
  violations(): readonly Violation[];
  /** A state that `restore` goes back to, as often as wanted. */
  mark(): ModelMark;
  restore(mark: ModelMark): void;
  /** Equal for equal states. */
  hash(): string;
}

export interface ModelMark {
  readonly step: number;
}

/** `src/model/host/create-host-model.ts` exports it. Fails `model/bad-switch`, `model/bad-host`. */
export type CreateHostModel = (spec: ModelSpec) => Outcome<HostModel>;
