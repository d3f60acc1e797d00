import type { IpAddress } from '../../../model/address.ts';
import type { ConnectionEntry } from '../../../model/connection.ts';
import type { Port } from '../../../model/unit.ts';
import { addressFromWords } from './client-address.ts';
import { stateName } from './connection-state.ts';
import { Flag } from './connection-table.ts';
import type { Connections } from './connections.ts';

/** Slots that one page covers; a page may hold fewer entries. */
const SLOTS_A_PAGE = 4096;
/** The port that IPVS gives to templates whose destination went away (ip_vs_conn.c, ip_vs_check_template). */
const INVALID_PORT = 65535 as Port;

export interface ConnectionPage {
  readonly entries: readonly ConnectionEntry[];
  /** Where the next page starts, or undefined after the last one. */
  readonly next: number | undefined;
}

/** The entries from a slot on. Entries that come and go between two pages may be missed, as in the kernel's list. */
export function connectionPage(connections: Connections, from: number): ConnectionPage {
  const until = Math.min(from + SLOTS_A_PAGE, connections.table.end);
  const entries: ConnectionEntry[] = [];
  for (let slot = from; slot < until; slot++) {
    const entry = connectionEntry(connections, slot);
    if (entry !== undefined) entries.push(entry);
  }
  return { entries, next: until < connections.table.end ? until : undefined };
}

function connectionEntry(connections: Connections, slot: number): ConnectionEntry | undefined {
  const { table } = connections;
  const service = table.services[slot];
  const destination = table.destinations[slot];
  if (!table.isUsed(slot) || service?.id.kind !== 'address' || destination === undefined) return undefined;
  const word = (offset: number): number => table.address[slot * 4 + offset] ?? 0;
  const clientAddress: IpAddress = addressFromWords(
    [word(0), word(1), word(2), word(3)],
    table.has(slot, Flag.inet6),
  );
  const invalid = table.has(slot, Flag.invalid);
  return {
    protocol: service.id.protocol,
    clientAddress,
    clientPort: (table.port[slot] ?? 0) as Port,
    virtualAddress: service.id.address,
    virtualPort: invalid ? INVALID_PORT : service.id.port,
    destinationAddress: destination.address,
    destinationPort: invalid ? INVALID_PORT : destination.port,
    state: stateName(table.state[slot] ?? 0),
    expiresIn: Math.floor(connections.expiresIn(slot)),
  };
}
