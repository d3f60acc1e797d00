import type { ServiceHealth } from '../../model/health.ts';
import { serviceKey } from '../../model/service.ts';
import type { Counters } from '../../model/statistics.ts';
import { counterFamilies } from './counter-families.ts';
import { type Family, type LabelledRow, labels, metricSource } from './family.ts';

interface ServiceRow extends LabelledRow {
  readonly counters: Counters;
  readonly isFaulty: boolean;
}

/** Services of the table. */
export const serviceMetrics = metricSource<ServiceRow>(
  'services',
  ({ table, faults }) =>
    table.services.map(({ id, statistics }) => {
      const service = serviceKey(id);
      return { labels: labels({ service }), counters: statistics.counters, isFaulty: faults.has(service) };
    }),
  [
    ...counterFamilies<ServiceRow>('vipr_service', 'a service'),
    {
      name: 'vipr_service_faulty',
      type: 'gauge',
      help: '1 where a service of the table takes no traffic, such as for a busy port, else 0.',
      value: ({ isFaulty }) => Number(isFaulty),
    },
  ],
);

interface SettingsRow extends LabelledRow {
  readonly one: 1;
}

export const serviceSettingsMetrics = metricSource<SettingsRow>(
  'services',
  ({ table }) =>
    table.services.map(({ id, scheduler, persistenceTimeout }) => {
      const persistent = persistenceTimeout === undefined ? 'no' : 'yes';
      return { labels: labels({ service: serviceKey(id), scheduler, persistent }), one: 1 };
    }),
  [
    {
      name: 'vipr_service_info',
      type: 'gauge',
      help: 'Always 1; the labels tell how a service is set.',
      value: ({ one }) => one,
    },
  ],
);

interface QuorumRow extends LabelledRow {
  readonly quorum: ServiceHealth['quorum'];
  readonly sorry: number | undefined;
}

/** Services that are watched. */
export const quorumMetrics = metricSource<QuorumRow>(
  'services',
  ({ health }) =>
    health.map(({ service, quorum, destinations }) => {
      const sorry = destinations.find(({ role }) => role === 'sorry');
      return {
        labels: labels({ service }),
        quorum,
        sorry: sorry && Number((sorry.weight ?? 0) > 0),
      };
    }),
  [
    quorum('quorum_up', 'Whether a service has its quorum: 1 or 0.', (row) =>
      Number(row.quorum.state === 'up'),
    ),
    quorum('quorum_weight', 'Weight that has to be alive for the quorum.', (row) => row.quorum.needed),
    quorum(
      'quorum_hysteresis_weight',
      'Weight beyond the quorum that gains it, and below it that loses it.',
      (row) => row.quorum.hysteresis,
    ),
    quorum('alive_weight', 'Weight of a service that is alive.', (row) => row.quorum.alive),
    quorum(
      'sorry_server_active',
      'Whether the sorry server takes connections: 1 or 0; absent where there is none.',
      (row) => row.sorry,
    ),
  ],
);

function quorum(name: string, help: string, value: Family<QuorumRow>['value']): Family<QuorumRow> {
  return { name: `vipr_service_${name}`, type: 'gauge', help, value };
}
