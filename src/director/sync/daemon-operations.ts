import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import { daemonOf, MASTER_MTU } from '../../model/daemon-defaults.ts';
import type { Operation } from '../../model/operation.ts';

export type DaemonOperation = Extract<Operation, { readonly kind: 'start-daemon' | 'stop-daemon' }>;

/**
 * What makes of the daemons that run those that are wanted, which are all: what is to begin begins before something ends, so that
 * a director that becomes master tells of its connections from then on. Those that differ are started anew.
 */
export function daemonOperations(
  running: readonly SyncDaemon[],
  wanted: readonly SyncDaemonSettings[],
): DaemonOperation[] {
  const starts: DaemonOperation[] = [];
  const restarts: DaemonOperation[] = [];
  for (const daemon of wanted) {
    const present = running.find(({ role }) => role === daemon.role);
    if (present === undefined) starts.push({ kind: 'start-daemon', daemon });
    else if (!fitsDaemon(present, daemon))
      restarts.push({ kind: 'stop-daemon', role: daemon.role }, { kind: 'start-daemon', daemon });
  }
  const stops = running
    .filter(({ role }) => wanted.every((daemon) => daemon.role !== role))
    .map(({ role }): DaemonOperation => ({ kind: 'stop-daemon', role }));
  return [...starts, ...stops, ...restarts];
}

export function roleOf(operation: DaemonOperation): DaemonRole {
  return operation.kind === 'start-daemon' ? operation.daemon.role : operation.role;
}

/** Which daemon it is about: `the master synchronisation daemon on eth1, ID 51`. */
export function describeDaemon(operation: DaemonOperation, running: readonly SyncDaemon[]): string {
  if (operation.kind === 'start-daemon') return daemonName(operation.daemon);
  const daemon = running.find(({ role }) => role === operation.role);
  return daemon === undefined ? `the ${operation.role} synchronisation daemon` : daemonName(daemon);
}

/** `the master synchronisation daemon on eth1, ID 51` */
export function daemonName(daemon: SyncDaemonSettings): string {
  return `the ${daemon.role} synchronisation daemon on ${daemon.interface}, ID ${daemon.syncId}`;
}

/**
 * Whether a daemon that runs has the wanted settings. A backup without a length of its own takes what its interface's MTU lets through, at
 * least what a master without one sends.
 */
export function fitsDaemon(running: SyncDaemon, wanted: SyncDaemonSettings): boolean {
  const { maxLength, ...others } = daemonOf(wanted, MASTER_MTU);
  const isFree = wanted.role === 'backup' && !wanted.maxLength;
  const keys = Object.keys(others) as (keyof typeof others)[];
  return (
    keys.every((key) => running[key] === others[key]) &&
    (isFree ? running.maxLength >= maxLength : running.maxLength === maxLength)
  );
}
