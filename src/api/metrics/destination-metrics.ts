import { destinationKey } from '../../model/destination.ts';
import type { CheckStatus, DestinationHealth } from '../../model/health.ts';
import { serviceKey } from '../../model/service.ts';
import type { Counters } from '../../model/statistics.ts';
import type { DestinationStatus } from '../../model/table.ts';
import { counterFamilies } from './counter-families.ts';
import { type LabelledRow, labels, metricSource, timestamp } from './family.ts';

interface DestinationRow extends LabelledRow {
  readonly destination: DestinationStatus;
  readonly counters: Counters;
}

/** Destinations in the table. */
export const destinationMetrics = metricSource<DestinationRow>(
  'destinations',
  ({ table }) =>
    table.services.flatMap(({ id, destinations }) => {
      const service = serviceKey(id);
      return destinations.map((destination) => ({
        labels: labels({ service, destination: destinationKey(destination) }),
        destination,
        counters: destination.statistics.counters,
      }));
    }),
  [
    ...counterFamilies<DestinationRow>('vipr_destination', 'a destination'),
    {
      name: 'vipr_destination_active_connections',
      type: 'gauge',
      help: 'Active connections of a destination.',
      value: ({ destination }) => destination.activeConnections,
    },
    {
      name: 'vipr_destination_inactive_connections',
      type: 'gauge',
      help: 'Inactive connections of a destination.',
      value: ({ destination }) => destination.inactiveConnections,
    },
    {
      name: 'vipr_destination_persistent_connections',
      type: 'gauge',
      help: 'Clients that persistence keeps at a destination.',
      value: ({ destination }) => destination.persistentConnections,
    },
    {
      name: 'vipr_destination_weight',
      type: 'gauge',
      help: 'Weight of a destination in the table; absent where it is not there.',
      value: ({ destination }) => destination.weight,
    },
  ],
);

interface HealthRow extends LabelledRow {
  readonly health: DestinationHealth;
}

/** Destinations that are watched. */
export const destinationHealthMetrics = metricSource<HealthRow>(
  'destinations',
  ({ health }) =>
    health.flatMap(({ service, destinations }) =>
      destinations.map((each) => ({
        labels: labels({ service, destination: each.destination, role: each.role }),
        health: each,
      })),
    ),
  [
    {
      name: 'vipr_destination_up',
      type: 'gauge',
      help: 'Whether the checks of a destination have found it well: 1 or 0; 1 without checks.',
      value: ({ health }) => Number(health.state === 'up'),
    },
    {
      name: 'vipr_destination_state_changed_timestamp_seconds',
      type: 'gauge',
      help: 'Since when a destination is as it is, in seconds since 1970.',
      value: ({ health }) => timestamp(health.since),
    },
    {
      name: 'vipr_destination_configured_weight',
      type: 'gauge',
      help: 'Weight of a destination in the configuration.',
      value: ({ health }) => health.configuredWeight,
    },
  ],
);

interface CheckRow extends LabelledRow {
  readonly check: CheckStatus;
}

export const checkMetrics = metricSource<CheckRow>(
  'checks',
  ({ health }) =>
    health.flatMap(({ service, destinations }) =>
      destinations.flatMap(({ destination, checks }) =>
        // Two checks may be alike, and samples may not: they are numbered as they stand in the configuration.
        checks.map((check, index) => ({
          labels: labels({
            service,
            destination,
            check: index + 1,
            kind: check.kind,
            target: check.target,
          }),
          check,
        })),
      ),
    ),
  [
    {
      name: 'vipr_check_up',
      type: 'gauge',
      help: 'Whether a check is up: 1 or 0.',
      value: ({ check }) => Number(check.state === 'up'),
    },
    {
      name: 'vipr_check_attempts_total',
      type: 'counter',
      help: 'Attempts of a check since it began.',
      value: ({ check }) => check.attempts,
    },
    {
      name: 'vipr_check_failures_total',
      type: 'counter',
      help: 'Attempts of a check that failed since it began.',
      value: ({ check }) => check.failures,
    },
    {
      name: 'vipr_check_last_latency_seconds',
      type: 'gauge',
      help: 'How long the last attempt of a check took; absent before the first.',
      value: ({ check }) => (check.latency === undefined ? undefined : check.latency / 1000),
    },
    {
      name: 'vipr_check_last_timestamp_seconds',
      type: 'gauge',
      help: 'When the last attempt of a check ended, in seconds since 1970; absent before the first.',
      value: ({ check }) => (check.checkedAt === undefined ? undefined : timestamp(check.checkedAt)),
    },
    {
      name: 'vipr_check_hung_seconds',
      type: 'gauge',
      help: 'How late an attempt is that could not be ended in its time; 0 where none is.',
      value: ({ check }) => (check.hung ?? 0) / 1000,
    },
  ],
);
