/** In what the designs whose file knows what is shared differ: B, B2, C and D. */
import type { Allocator, Answer, OperationOf } from './allocator';
import type { Host } from '../host/host';
import type { ErrorName } from '../host/operation';
import type { FileState } from '../host/state';

export interface ShareabilityRules {
  readonly allocator: Allocator;
  /** Blocks that were converted before an error stay so. */
  readonly keepsProgress: boolean;
  /** A punch must name whole huge pages. */
  readonly wholePunches: boolean;
  /** Long-term pins cannot get the pages out of where they lie. */
  readonly pinsHang: (host: Host) => boolean;
  /** An error marks a whole folio as such. */
  readonly poisonsWhole: boolean;
  /** What is promised goes back when the inode goes, not with its last folio. */
  readonly create: (host: Host, file: FileState) => ErrorName | null;
  /** Takes what a thread takes before it knows that another allocates the same block. Shape: how to give it back; null: there is none left. */
  readonly claim: (host: Host, file: FileState) => (() => void) | null;
  readonly transfer: (host: Host, operation: OperationOf<'transfer'>) => Answer;
}
