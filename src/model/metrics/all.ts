/** All metrics of model-facts §3.4. */
import type { Host } from '../host/host';
import type { Metrics } from '../host/host-model';
import { blockTotals } from './block-totals';
import { conversionMetrics } from './conversions';
import { memoryMetrics } from './memory';
import type { Metric } from './metric';
import { sharingMapMetrics } from './sharing-map';
import { workMetrics } from './work';

export const metrics: readonly Metric[] = [...memoryMetrics, ...sharingMapMetrics, ...workMetrics, ...conversionMetrics];

export function metricsOf(host: Host): Metrics {
  const totals = blockTotals(host);
  return Object.fromEntries(metrics.map(({ name, of }) => [name, of(host, totals)]));
}
