import type { ServiceId } from '../../model/service.ts';
import type { Counters } from '../../model/statistics.ts';
import type { DestinationStatus } from '../../model/table.ts';
import { type Family, type LabelledRow, labels, metricSource } from './family.ts';
import type { MetricFacts } from './metric-facts.ts';

/**
 * What node_exporter's collector `ipvs` has (prometheus/node_exporter, collector/ipvs_linux.go; prometheus/procfs, ipvs.go), under its
 * names and labels, so that dashboards of IPVS work on every engine.
 */

interface TotalsRow extends LabelledRow {
  readonly totals: Counters;
}

export const ipvsTotals = metricSource<TotalsRow>('ipvs', ({ totals }) => [{ labels: '', totals }], [
  total('connections_total', 'Connections that were taken, of all services.', 'connections'),
  total('incoming_packets_total', 'Packets from clients, of all services.', 'inPackets'),
  total('outgoing_packets_total', 'Packets to clients, of all services.', 'outPackets'),
  total('incoming_bytes_total', 'Bytes from clients, of all services.', 'inBytes'),
  total('outgoing_bytes_total', 'Bytes to clients, of all services.', 'outBytes'),
]);

interface BackendRow extends LabelledRow {
  active: number;
  inactive: number;
  weight: number;
}

export const ipvsBackends = metricSource<BackendRow>('ipvs', backendRows, [
  backend('connections_active', 'Active connections of a destination.', ({ active }) => active),
  backend('connections_inactive', 'Inactive connections of a destination.', ({ inactive }) => inactive),
  backend('weight', 'Weight of a destination in the table.', ({ weight }) => weight),
]);

function total(name: string, help: string, counter: keyof Counters): Family<TotalsRow> {
  return { name: `node_ipvs_${name}`, type: 'counter', help, value: ({ totals }) => totals[counter] };
}

function backend(name: string, help: string, value: (row: BackendRow) => number): Family<BackendRow> {
  return { name: `node_ipvs_backend_${name}`, type: 'gauge', help, value };
}

/** The collector adds up what its labels do not tell apart: a mark has two services, one a family. */
function backendRows({ table }: MetricFacts): readonly BackendRow[] {
  const byLabels = new Map<string, BackendRow>();
  for (const { id, destinations } of table.services) {
    for (const destination of destinations) {
      const row = backendRow(id, destination);
      const known = byLabels.get(row.labels);
      if (known === undefined) byLabels.set(row.labels, row);
      else add(known, row);
    }
  }
  return [...byLabels.values()];
}

function backendRow(id: ServiceId, destination: DestinationStatus): BackendRow {
  const remote = { remote_address: destination.address, remote_port: destination.port };
  return {
    labels: labels({ ...localLabels(id), ...remote, ...protocolLabels(id) }),
    active: destination.activeConnections,
    inactive: destination.inactiveConnections,
    weight: destination.weight,
  };
}

function localLabels(id: ServiceId) {
  return id.kind === 'address'
    ? { local_address: id.address, local_port: id.port }
    : { local_address: '', local_port: 0 };
}

/** As /proc/net/ip_vs writes them (ip_vs_ctl.c, ip_vs_info_seq_show): the mark in eight hexadecimal digits. */
function protocolLabels(id: ServiceId) {
  return id.kind === 'address'
    ? { proto: id.protocol.toUpperCase(), local_mark: '' }
    : { proto: 'FWM', local_mark: id.fwmark.toString(16).toUpperCase().padStart(8, '0') };
}

function add(into: BackendRow, { active, inactive, weight }: BackendRow): void {
  into.active += active;
  into.inactive += inactive;
  into.weight += weight;
}
