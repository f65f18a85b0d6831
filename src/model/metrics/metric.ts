/** What a metric of the model is: its formula, unit and source. */
import type { ClaimLabel } from '../host/host-model';
import type { Host } from '../host/host';

export interface Metric {
  /** As in model-facts §3.4, in kebab-case. */
  readonly name: string;
  readonly formula: string;
  readonly unit: 'pages' | 'bytes' | 'blocks' | 'count' | 'ratio' | 'microseconds' | 'leaves';
  readonly label: ClaimLabel;
  readonly source: string;
  /** Counts are exact; times are illustrations. */
  readonly exact: boolean;
  readonly of: (host: Host) => number;
}
