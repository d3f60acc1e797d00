import type { VrrpInstanceStatus } from '../../model/vrrp-status.ts';
import {
  type Family,
  type LabelledRow,
  labels,
  type MetricSource,
  metricSource,
  timestamp,
  type ValueRow,
  valueSource,
} from './family.ts';
import type { MetricFacts } from './metric-facts.ts';
import { instanceLabels, STATE_NUMBERS } from './vrrp-labels.ts';

interface InstanceRow extends LabelledRow {
  readonly instance: VrrpInstanceStatus;
}

/** What keepalived_exporter has no names for. */
export const vrrpMetrics: readonly MetricSource[] = [
  metricSource<InstanceRow>(
    'vrrp',
    ({ vrrp }) => vrrp.instances.map((instance) => ({ labels: labels(instanceLabels(instance)), instance })),
    [
      of('priority', 'gauge', 'Priority that an instance claims now.', ({ priority }) => priority),
      of(
        'configured_priority',
        'gauge',
        'Priority of an instance in the configuration, without what tracking makes of it.',
        ({ configuredPriority }) => configuredPriority,
      ),
      of(
        'state_changed_timestamp_seconds',
        'gauge',
        'Since when an instance is in its state, in seconds since 1970.',
        ({ since }) => timestamp(since),
      ),
      of(
        'last_heard_timestamp_seconds',
        'gauge',
        'When an instance heard another one last, in seconds since 1970; absent before the first time.',
        ({ lastHeard }) => lastHeard && timestamp(lastHeard.at),
      ),
      of(
        'held',
        'gauge',
        'Whether an instance leaves a living master of lower priority alone until connections are synchronised: 1 or 0.',
        ({ heldBy }) => Number(heldBy !== undefined),
      ),
      of(
        'conflicts_total',
        'counter',
        'Advertisements of another master that a master heard; one is usual when it is relieved.',
        ({ counts }) => counts.conflicts,
      ),
      of(
        'revoked_farewells_total',
        'counter',
        'Masters that said that they give up, and went on at once: they were started again, or somebody else said it.',
        ({ counts }) => counts.revokedFarewells,
      ),
    ],
  ),
  listed(
    'dismissed_advertisements_total',
    'counter',
    'Advertisements that an instance did not hear, by reason; absent before the first.',
    ({ vrrp }) =>
      vrrp.instances.flatMap((instance) =>
        Object.entries(instance.counts.dismissed).map(([reason, value]) => ({
          labels: labels({ ...instanceLabels(instance), reason }),
          value,
        })),
      ),
  ),
  listed(
    'malformed_packets_total',
    'counter',
    'Packets that are no advertisements, by reason; absent before the first.',
    ({ vrrp }) =>
      Object.entries(vrrp.packets.malformed).map(([reason, value]) => ({
        labels: labels({ reason }),
        value,
      })),
  ),
  listed(
    'unknown_router_advertisements_total',
    'counter',
    'Advertisements of virtual routers that are not configured here.',
    ({ vrrp }) => (vrrp.instances.length === 0 ? [] : [{ labels: '', value: vrrp.packets.unknownRouter }]),
  ),
  listed(
    'group_state',
    'gauge',
    'State of a sync group, in the numbers of keepalived_vrrp_state.',
    ({ vrrp }) =>
      vrrp.groups.map(({ name, state }) => ({
        labels: labels({ group: name }),
        value: STATE_NUMBERS[state],
      })),
  ),
];

function of(
  name: string,
  type: Family<InstanceRow>['type'],
  help: string,
  value: (instance: VrrpInstanceStatus) => number | undefined,
): Family<InstanceRow> {
  return { name: `vipr_vrrp_${name}`, type, help, value: ({ instance }) => value(instance) };
}

function listed(
  name: string,
  type: Family<ValueRow>['type'],
  help: string,
  rows: (facts: MetricFacts) => readonly ValueRow[],
): MetricSource {
  return valueSource('vrrp', { name: `vipr_vrrp_${name}`, type, help }, rows);
}
