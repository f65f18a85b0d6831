/** What a design under debate is: where its memory comes from, behind the interface that the cover letter wishes for, and how its operations go. */
import type { ClaimLabel } from '../host/host-model';
import type { Host } from '../host/host';
import type { DesignId, ErrorName, Operation, OperationResult } from '../host/operation';
import type { Block, FileState } from '../host/state';

/** One operation of the union by its kind. */
export type OperationOf<K extends Operation['kind']> = Matching<Operation, K>;
type Matching<O extends Operation, K extends string> = O extends Operation ? (K & O['kind'] extends never ? never : O) : never;

/** The memory of a design: reserve, allocate, split, reconstruct, free, error, unreserve. Each gives null where it went well. */
export interface Allocator {
  /** Promises memory for so many blocks of the file. */
  reserve(host: Host, file: FileState, blocks: number): ErrorName | null;
  /** Gives an empty block its memory. */
  allocate(host: Host, file: FileState, index: number): ErrorName | null;
  /** Makes folios of a whole block that the pages [from, to) of it can be shared with. */
  split(host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null;
  /** Makes the block one folio again; of two levels, the regions over [from, to). */
  reconstruct(host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null;
  /** Takes the memory of a block that is one folio back. */
  free(host: Host, file: FileState, index: number): void;
  /** A page of the block has an uncorrected error. */
  error(host: Host, file: FileState, index: number, page: number): void;
  /** Gives back what was promised and not used. */
  unreserve(host: Host, file: FileState): void;
}

/** What an operation gives back, before the model adds what it counts. */
export interface Answer {
  readonly error: ErrorName | null;
  readonly errorOffset?: number;
  readonly pages?: number;
}

/** How a design answers the operations on a file. Ranges are inside the file, names are known. */
export interface Flow {
  create(host: Host, file: FileState, operation: OperationOf<'create'>): ErrorName | null;
  bind(host: Host, file: FileState, operation: OperationOf<'bind'>): ErrorName | null;
  guestFault(host: Host, file: FileState, operation: OperationOf<'guest-fault'>): Answer;
  hostFault(host: Host, file: FileState, operation: OperationOf<'host-fault'>): Answer;
  mmap(host: Host, file: FileState, operation: OperationOf<'mmap'>): ErrorName | null;
  /** MADV_DONTNEED and munmap. */
  discard(host: Host, file: FileState, operation: OperationOf<'dontneed' | 'munmap'>): Answer;
  pin(host: Host, file: FileState, operation: OperationOf<'pin' | 'reference'>): Answer;
  /** After a holder has given references back. */
  released(host: Host, file: FileState, from: number, to: number): void;
  convert(host: Host, file: FileState, operation: OperationOf<'convert'>): Answer;
  punch(host: Host, file: FileState, operation: OperationOf<'punch' | 'allocate'>): Answer;
  fallocate(host: Host, file: FileState, operation: OperationOf<'punch' | 'allocate'>): Answer;
  populate(host: Host, file: FileState, operation: OperationOf<'populate'>): Answer;
  /** The last reference of the inode is gone. */
  evict(host: Host, file: FileState): ErrorName | null;
  poison(host: Host, file: FileState, page: number): Answer;
  transfer(host: Host, operation: OperationOf<'transfer'>): Answer;
  /** Work that was put off for a block is due. */
  later(host: Host, file: FileState, index: number, what: 'drain' | 'merge'): void;
}

export interface SwitchDefinition {
  readonly name: string;
  /** The first is what holds where a scenario says nothing. */
  readonly values: readonly string[];
  readonly meaning: string;
  readonly label: ClaimLabel;
  readonly source: string;
}

export interface Design {
  readonly id: DesignId;
  readonly title: string;
  readonly label: ClaimLabel;
  readonly source: string;
  /** Where the pages of its files lie when they are in no file. */
  readonly memory: 'hugetlb' | 'pool' | 'cma' | 'buddy';
  /** Its whole folios are hugetlb folios. */
  readonly hugetlbTyped: boolean;
  readonly switches: readonly SwitchDefinition[];
  readonly allocator: Allocator;
  readonly flow: Flow;
}

export type { Block };

export const went = (pages: number): Answer => ({ error: null, pages });
export const failed = (error: ErrorName, errorOffset = -1): Answer => ({ error, errorOffset });

export type { OperationResult };
