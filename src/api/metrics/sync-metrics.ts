import type { SyncBackupStatus, SyncMasterStatus } from '../../model/sync-status.ts';
import {
  type Family,
  type LabelledRow,
  labels,
  type MetricSource,
  metricSource,
  type ValueRow,
  valueSource,
} from './family.ts';
import type { MetricFacts } from './metric-facts.ts';

interface MasterRow extends LabelledRow {
  readonly master: SyncMasterStatus;
}

interface BackupRow extends LabelledRow {
  readonly backup: SyncBackupStatus;
}

/**
 * Connection synchronisation. All but the first two are of daemons of the engine's own. No label is an address that somebody in the network
 * may have made up.
 */
export const syncMetrics: readonly MetricSource[] = [
  listed(
    'daemon_info',
    'gauge',
    'Always 1, for each synchronisation daemon that runs.',
    ({ synchronisation }) =>
      synchronisation.daemons.map(({ role, interface: device, group, port, syncId }) => ({
        labels: labels({ role, interface: device, group, port, sync_id: syncId }),
        value: 1,
      })),
  ),
  listed(
    'daemon_running',
    'gauge',
    'Whether a daemon of the configuration runs: 1 or 0.',
    ({ synchronisation }) =>
      // The role of one that follows is no label: while it fails it has to stay the same series.
      synchronisation.configured.map(({ role, follow, interface: device, syncId, runs }) => ({
        labels: labels({
          role: follow === undefined ? role : '',
          follow: follow ?? '',
          interface: device,
          sync_id: syncId,
        }),
        value: Number(runs),
      })),
  ),
  listed(
    'faulty',
    'gauge',
    'Whether something keeps a daemon from its work: 1 or 0.',
    ({ synchronisation: { master, backup } }) =>
      [master, backup].flatMap((daemon) =>
        daemon === undefined
          ? []
          : [{ labels: labels({ role: daemon.role }), value: Number(daemon.fault !== undefined) }],
      ),
  ),
  metricSource<MasterRow>(
    'sync',
    ({ synchronisation: { master } }) => (master === undefined ? [] : [{ labels: '', master }]),
    [
      sent('sent_records', 'Records of connections that the master sent.', ({ records }) => records),
      sent('sent_datagrams', 'Datagrams that the master sent.', ({ datagrams }) => datagrams),
      sent('sent_bytes', 'Bytes of the datagrams that the master sent.', ({ bytes }) => bytes),
      sent('sent_tables', 'Whole tables that the master sent to backups.', ({ tables }) => tables.sent),
      sent('sent_table_records', 'Records of these tables.', ({ tables }) => tables.records),
      sent(
        'discarded_records',
        'Records that the master never sent, as too many waited.',
        ({ discarded }) => discarded,
      ),
      sent('send_errors', 'Datagrams that the system refused to send.', ({ sendErrors }) => sendErrors),
    ],
  ),
  metricSource<BackupRow>(
    'sync',
    ({ synchronisation: { backup } }) => (backup === undefined ? [] : [{ labels: '', backup }]),
    [
      received(
        'synchronised',
        'gauge',
        'Whether the backup has all connections that there are to have: 1 or 0.',
        ({ isSynchronised }) => Number(isSynchronised),
      ),
      received('masters', 'gauge', 'Masters that the backup heard.', ({ masters }) => masters.length),
      received(
        'received_datagrams_total',
        'counter',
        'Datagrams that the backup received.',
        ({ datagrams }) => datagrams,
      ),
      received(
        'received_bytes_total',
        'counter',
        'Bytes of the datagrams that the backup received.',
        ({ bytes }) => bytes,
      ),
      received(
        'missed_datagrams_total',
        'counter',
        'Datagrams of all masters that did not come, as far as the masters tell: IPVS does not.',
        ({ masters }) => masters.reduce((sum, { missed }) => sum + missed, 0),
      ),
    ],
  ),
  listed(
    'received_records_total',
    'counter',
    'Records that the backup was told, by what became of them.',
    ({ synchronisation: { backup } }) => byName('outcome', backup?.records),
  ),
  listed(
    'dismissed_datagrams_total',
    'counter',
    'Datagrams, or rests of them, that the backup did not use, by reason; absent before the first.',
    ({ synchronisation: { backup } }) => byName('reason', backup?.dismissed),
  ),
];

function sent(name: string, help: string, value: (master: SyncMasterStatus) => number): Family<MasterRow> {
  return {
    name: `vipr_sync_${name}_total`,
    type: 'counter',
    help,
    value: ({ master }) => value(master),
  };
}

function received(
  name: string,
  type: Family<BackupRow>['type'],
  help: string,
  value: (backup: SyncBackupStatus) => number,
): Family<BackupRow> {
  return { name: `vipr_sync_${name}`, type, help, value: ({ backup }) => value(backup) };
}

function listed(
  name: string,
  type: Family<ValueRow>['type'],
  help: string,
  rows: (facts: MetricFacts) => readonly ValueRow[],
): MetricSource {
  return valueSource('sync', { name: `vipr_sync_${name}`, type, help }, rows);
}

function byName(label: string, counts: Readonly<Record<string, number>> = {}): readonly ValueRow[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: labels({ [label]: name }), value }));
}
