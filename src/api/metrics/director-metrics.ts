import type { DestinationStatus } from '../../model/table.ts';
import type { DrainStatus, EventKind } from '../operated-director.ts';
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

interface FactsRow extends LabelledRow {
  readonly facts: MetricFacts;
}

const single = metricSource<FactsRow>('director', (facts) => [{ labels: '', facts }], [
  {
    name: 'vipr_start_time_seconds',
    type: 'gauge',
    help: 'When the director started, in seconds since 1970.',
    value: ({ facts }) => timestamp(facts.director.startedAt),
  },
  {
    name: 'vipr_services',
    type: 'gauge',
    help: 'Services of the table.',
    value: ({ facts }) => facts.table.services.length,
  },
  {
    name: 'vipr_destinations',
    type: 'gauge',
    help: 'Destinations of all services.',
    value: ({ facts }) =>
      facts.table.services.reduce((sum, { destinations }) => sum + destinations.length, 0),
  },
  {
    name: 'vipr_faults',
    type: 'gauge',
    help: 'Services that take no traffic, those that the engine refused included.',
    value: ({ facts }) => facts.faults.size,
  },
  {
    name: 'vipr_drift',
    type: 'gauge',
    help: 'Settings of services and destinations of the director that other programs have changed, and that were not put back.',
    value: ({ facts }) => facts.drift.length,
  },
  {
    name: 'vipr_connection_table_rows',
    type: 'gauge',
    help: 'Rows of the connection table, as ipvsadm prints them: of the hash table in the kernel, of all entries that fit in other engines.',
    value: ({ facts }) => facts.engine.connectionTableSize,
  },
  {
    name: 'vipr_scrape_duration_seconds',
    type: 'gauge',
    help: 'How long the director took to read what these metrics tell.',
    value: ({ facts }) => facts.duration,
  },
]);

/** What the director says of itself, and of all services together. */
export const directorMetrics: readonly MetricSource[] = [
  listed('vipr_build_info', 'Always 1; the labels tell the versions.', 'gauge', ({ director }) => [
    { labels: labels({ version: director.version, node: process.versions.node }), value: 1 },
  ]),
  listed('vipr_engine_info', 'Always 1; the labels tell the engine.', 'gauge', ({ engine }) => [
    { labels: labels({ engine: engine.name, ipvs_version: engine.version }), value: 1 },
  ]),
  listed(
    'vipr_engine_attachment_info',
    'Always 1, for each interface that has the programs of the eBPF engine.',
    'gauge',
    ({ engine }) =>
      (engine.attachments ?? []).map((each) => ({
        labels: labels({ interface: each.interface, xdp: each.xdp ?? '', tc: each.tc }),
        value: 1,
      })),
  ),
  single,
  listed(
    'vipr_connections',
    'Entries of the connection table by kind: persistent ones are templates, one a client.',
    'gauge',
    ({ table }) => {
      const all = table.services.flatMap(({ destinations }) => destinations);
      const sum = (of: (destination: DestinationStatus) => number) =>
        all.reduce((total, each) => total + of(each), 0);
      return [
        { labels: labels({ state: 'active' }), value: sum((each) => each.activeConnections) },
        { labels: labels({ state: 'inactive' }), value: sum((each) => each.inactiveConnections) },
        { labels: labels({ state: 'persistent' }), value: sum((each) => each.persistentConnections) },
      ];
    },
  ),
  listed('vipr_checked_destinations', 'Destinations that are watched, by state.', 'gauge', ({ health }) => {
    const states = health.flatMap(({ destinations }) =>
      destinations.filter(({ checks }) => checks.length > 0).map(({ state }) => state),
    );
    return byName(['up', 'down'], states, 'state');
  }),
  listed('vipr_drains', 'Drains that run or ended, by state.', 'gauge', ({ drains }) =>
    byName(
      ['draining', 'drained', 'expired'],
      drains.map(({ state }) => state),
      'state',
    ),
  ),
  metricSource<LabelledRow & { readonly drain: DrainStatus }>(
    'director',
    ({ drains }) =>
      drains.map((drain) => ({
        labels: labels({ service: drain.service, destination: drain.destination, state: drain.state }),
        drain,
      })),
    [
      {
        name: 'vipr_drain_remaining_connections',
        type: 'gauge',
        help: 'Connections that a destination still has since it is drained, active and inactive ones.',
        value: ({ drain }) => drain.activeConnections + drain.inactiveConnections,
      },
      {
        name: 'vipr_drain_deadline_timestamp_seconds',
        type: 'gauge',
        help: 'When a drain ends whatever remains, in seconds since 1970; absent where it does not.',
        value: ({ drain }) => (drain.deadlineAt === undefined ? undefined : timestamp(drain.deadlineAt)),
      },
    ],
  ),
  listed('vipr_events_total', 'Events since the director started, by kind.', 'counter', ({ events }) =>
    [...events].map(([kind, value]: [EventKind, number]) => ({ labels: labels({ kind }), value })),
  ),
];

function listed(
  name: string,
  help: string,
  type: Family<ValueRow>['type'],
  rows: (facts: MetricFacts) => readonly ValueRow[],
): MetricSource {
  return valueSource('director', { name, type, help }, rows);
}

function byName(names: readonly string[], found: readonly string[], label: string): readonly ValueRow[] {
  return names.map((name) => ({
    labels: labels({ [label]: name }),
    value: found.filter((each) => each === name).length,
  }));
}
