import { setImmediate } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { METRIC_GROUPS, type MetricGroup } from '../schema/request-schema.ts';
import type { ControlledDirector } from '../server.ts';
import { checkMetrics, destinationHealthMetrics, destinationMetrics } from './destination-metrics.ts';
import { directorMetrics } from './director-metrics.ts';
import type { MetricSource } from './family.ts';
import { ipvsBackends, ipvsTotals } from './ipvs-metrics.ts';
import { keepalivedMetrics } from './keepalived-metrics.ts';
import { readMetricFacts } from './metric-facts.ts';
import { type MetricState, metricStateOf } from './metric-state.ts';
import { quorumMetrics, serviceMetrics, serviceSettingsMetrics } from './service-metrics.ts';
import { syncMetrics } from './sync-metrics.ts';
import { vrrpMetrics } from './vrrp-metrics.ts';

/** Every source, in the order in which it is written. */
export const METRIC_SOURCES: readonly MetricSource[] = [
  ...directorMetrics,
  ipvsTotals,
  ipvsBackends,
  serviceMetrics,
  serviceSettingsMetrics,
  quorumMetrics,
  destinationMetrics,
  destinationHealthMetrics,
  checkMetrics,
  ...keepalivedMetrics,
  ...vrrpMetrics,
  ...syncMetrics,
];

/**
 * Prometheus's text format 0.0.4, in pieces, of one look at the director. Between pieces others may work: large tables have some
 * hundred thousand lines. That is why these lines are not prom-client's, which makes all of them at once from a map of each
 * label set; what lasts from scrape to scrape, and what is the process's, is.
 */
export async function* writeMetrics(
  director: ControlledDirector,
  groups: readonly MetricGroup[] = METRIC_GROUPS,
): AsyncIterable<string> {
  const state = metricStateOf(director);
  const facts = await readMetricFacts(director, state);
  for (const source of METRIC_SOURCES) {
    if (!groups.includes(source.group)) continue;
    for (const piece of source.write(facts)) {
      yield piece;
      await setImmediate();
    }
  }
  for (const registry of registriesOf(state, groups)) {
    // prom-client spells what is no number in a way that the format does not know.
    yield (await registry.metrics()).replaceAll(/ Nan$/gm, ' NaN');
  }
}

function registriesOf(state: MetricState, groups: readonly MetricGroup[]): readonly Registry[] {
  return [
    ...(groups.includes('checks') ? [state.checks] : []),
    ...(groups.includes('process') ? [state.process] : []),
  ];
}
