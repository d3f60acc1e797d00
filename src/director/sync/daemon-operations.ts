import { familyOf, type IpAddress } from '../../model/address.ts';
import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import type { Operation } from '../../model/operation.ts';

export type DaemonOperation = Extract<Operation, { readonly kind: 'start-daemon' | 'stop-daemon' }>;

/** What settings are where none are given (ip_vs.h, IP_VS_SYNC_GROUP and IP_VS_SYNC_PORT; ip_vs_sync.c, start_sync_thread). */
const DEFAULTS = { group: '224.0.0.81' as IpAddress, port: 8848, ttl: 1 };
const USUAL_MTU = 1500;
const BACKUP_LEAST = 1024;
const DATAGRAM_MOST = 65_535;

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
  const [role, daemon] =
    operation.kind === 'start-daemon'
      ? [operation.daemon.role, operation.daemon]
      : [operation.role, running.find((each) => each.role === operation.role)];
  const where = daemon === undefined ? '' : ` on ${daemon.interface}, ID ${daemon.syncId}`;
  return `the ${role} synchronisation daemon${where}`;
}

/** Whether a daemon that runs in the wanted role has the wanted settings. */
export function fitsDaemon(running: SyncDaemon, wanted: SyncDaemonSettings): boolean {
  return (
    running.interface === wanted.interface &&
    running.syncId === wanted.syncId &&
    running.group === (wanted.group ?? DEFAULTS.group) &&
    running.port === (wanted.port ?? DEFAULTS.port) &&
    running.ttl === (wanted.ttl ?? DEFAULTS.ttl) &&
    fitsLength(running, wanted)
  );
}

/** A backup without a length of its own takes what its interface's MTU lets through, at least what a master without one sends. */
function fitsLength(
  { maxLength, group }: SyncDaemon,
  { role, maxLength: given }: SyncDaemonSettings,
): boolean {
  const headers = familyOf(group) === 'inet' ? 20 + 8 : 40 + 8;
  const least = USUAL_MTU - headers;
  if (given === undefined) return role === 'backup' ? maxLength >= least : maxLength === least;
  const most = Math.min(given, DATAGRAM_MOST - headers);
  return maxLength === (role === 'backup' ? Math.max(most, BACKUP_LEAST) : most);
}
