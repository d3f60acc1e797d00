import type { TableChange } from '../api/protocol.ts';
import { diffTables } from '../model/diff.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table, TableSnapshot, Timeouts } from '../model/table.ts';
import { tableChanges } from './table-changes.ts';

/** What leads from the live table to a wanted one. */
export interface Plan {
  /** As a rule what is new or changed comes before everything that goes, which is hardly ever refused. */
  readonly operations: readonly Operation[];
  /** The same for reading, service by service. */
  readonly changes: readonly TableChange[];
}

/**
 * Makes the wanted services what they are to be, and deletes those that are owned and not wanted any more; with `prune` all that are
 * not wanted. Everything else in the live table stays. Timeouts of 0 stay as they are.
 */
export function planTable(
  live: TableSnapshot,
  wanted: Table,
  owned: ReadonlySet<ServiceKey>,
  prune = false,
): Plan {
  const named = new Set(wanted.services.map(({ id }) => serviceKey(id)));
  const present = live.services.filter(({ id }) => {
    const key = serviceKey(id);
    return prune || named.has(key) || owned.has(key);
  });
  const timeouts = namedTimeouts(wanted.timeouts, live.timeouts);
  const operations = diffTables({ services: present, timeouts: live.timeouts }, { ...wanted, timeouts });
  return { operations: deletionsLast(operations), changes: tableChanges(operations, live) };
}

/**
 * Destinations before services, so that none is deleted with its service before its turn. A service whose port another one is to
 * have on an overlapping address goes first of all: the relay cannot have both sockets.
 */
export function deletionsLast(operations: readonly Operation[]): Operation[] {
  const added = new Map<string, ServiceId[]>();
  for (const operation of operations) {
    if (operation.kind !== 'add-service') continue;
    const port = portOf(operation.service);
    const others = added.get(port);
    if (others === undefined) added.set(port, [operation.service]);
    else others.push(operation.service);
  }
  const rank = (operation: Operation): number => {
    if (operation.kind === 'delete-destination') return 1;
    if (operation.kind !== 'delete-service') return 0;
    const { service } = operation;
    const inTheWay = added.get(portOf(service))?.some((other) => isWildcard(service) || isWildcard(other));
    return inTheWay ? -1 : 2;
  };
  return operations
    .map((operation) => ({ operation, rank: rank(operation) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ operation }) => operation);
}

export function isDeletion({ kind }: Operation): boolean {
  return kind === 'delete-service' || kind === 'delete-destination';
}

/** Services of one protocol and port may want the same socket. */
function portOf(id: ServiceId): string {
  return id.kind === 'fwmark' ? '' : `${id.protocol} ${id.port}`;
}

function isWildcard(id: ServiceId): boolean {
  return id.kind === 'address' && (id.address === '0.0.0.0' || id.address === '::');
}

/** The timeouts that a configuration names; those that it leaves at 0 stay as they are. */
function namedTimeouts(wanted: Timeouts, present: Timeouts): Timeouts {
  return {
    tcp: wanted.tcp || present.tcp,
    tcpfin: wanted.tcpfin || present.tcpfin,
    udp: wanted.udp || present.udp,
  };
}
