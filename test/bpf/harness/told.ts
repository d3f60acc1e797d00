import { encodeConnection } from '../../../src/engines/ebpf/codec/connection-codec.ts';
import { describeConnection, type ListedConnection } from './connection-list.ts';
import type { Lab } from './lab.ts';
import { HZ } from './table-maps.ts';

/** What backups were told since this was asked last, in order. */
export function takeTold(lab: Lab): Omit<ListedConnection, 'key'>[] {
  return lab.plane
    .takeEvents()
    .map(({ flow, connection }) => describeConnection(flow, connection, (id) => lab.destination(id).address));
}

/** The same in short: `tcp 10.1.0.2:7001 192.0.2.10:80 10.2.0.11:80 ESTABLISHED`. */
export function told(lab: Lab): string[] {
  return takeTold(lab).map(
    ({ protocol, client, virtual, server, state }) => `${protocol} ${client} ${virtual} ${server} ${state}`,
  );
}

/** As if what backups know of the entries that `concerns` names had been told them that long before. */
export function ageReports(
  lab: Lab,
  seconds: number,
  concerns: (connection: ListedConnection) => boolean = () => true,
): void {
  for (const connection of lab.connections()) {
    const { key, record } = connection;
    if (!concerns(connection) || record.reported === 0) continue;
    const map = key.length === 16 ? 'connections4' : 'connections6';
    const reported = record.reported - seconds * HZ;
    lab.plane.map(map).update(key, encodeConnection({ ...record, reported }));
  }
}
