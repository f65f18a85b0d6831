/** What a metric of the model is: its formula, unit and source. */
import type { ClaimLabel } from '../host/host-model';
import type { Host } from '../host/host';
import type { BlockTotals } from './block-totals';

export type MetricUnit = 'pages' | 'bytes' | 'blocks' | 'count' | 'ratio' | 'microseconds' | 'leaves' | 'block-microseconds';

export interface Metric {
  /** As in model-facts §3.4, in kebab-case. */
  readonly name: string;
  readonly formula: string;
  readonly unit: MetricUnit;
  readonly label: ClaimLabel;
  readonly source: string;
  /** Counts are exact; times are illustrations, reckoned with costs that nobody measured. */
  readonly exact: boolean;
  readonly of: (host: Host, totals: BlockTotals) => number;
}

export const metric = (name: string, unit: MetricUnit, formula: string, label: ClaimLabel, source: string, of: Metric['of']): Metric => ({
  name,
  unit,
  formula,
  label,
  source,
  exact: unit !== 'microseconds' && unit !== 'block-microseconds',
  of,
});
