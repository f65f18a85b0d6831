/** All metrics of model-facts §3.4. */
import type { Host } from '../host/host';
import type { Metrics } from '../host/host-model';
import type { Metric } from './metric';

export const metrics: readonly Metric[] = [];

export const metricsOf = (host: Host): Metrics => Object.fromEntries(metrics.map(({ name, of }) => [name, of(host)]));
