import type { TableChange } from '../api/protocol.ts';
import { diffTables } from '../model/diff.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table, TableSnapshot, Timeouts } from '../model/table.ts';
import { tableChanges } from './table-changes.ts';

/** What leads from the live table to a wanted one. */
export interface Plan {
  /** What is new or changed comes before everything that goes, which is hardly ever refused. */
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

/** Destinations before services, so that none is deleted with its service before its turn. */
export function deletionsLast(operations: readonly Operation[]): Operation[] {
  return operations.toSorted((one, other) => rank(one) - rank(other));
}

export function isDeletion(operation: Operation): boolean {
  return rank(operation) > 0;
}

function rank({ kind }: Operation): number {
  if (kind === 'delete-service') return 2;
  return kind === 'delete-destination' ? 1 : 0;
}

/** The timeouts that a configuration names; those that it leaves at 0 stay as they are. */
function namedTimeouts(wanted: Timeouts, present: Timeouts): Timeouts {
  return {
    tcp: wanted.tcp || present.tcp,
    tcpfin: wanted.tcpfin || present.tcpfin,
    udp: wanted.udp || present.udp,
  };
}
