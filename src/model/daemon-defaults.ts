import { familyOf, type IpAddress } from './address.ts';
import type { SyncDaemon, SyncDaemonSettings } from './daemon.ts';
import type { Port } from './unit.ts';

/** ip_vs.h, IP_VS_SYNC_GROUP and IP_VS_SYNC_PORT. */
export const DEFAULT_SYNC_GROUP = '224.0.0.81' as IpAddress;
const DEFAULT_PORT = 8848 as Port;
const DEFAULT_TTL = 1;
/** Bytes that a master without a length of its own lets a packet have; a backup goes by its interface, if that takes more. */
export const MASTER_MTU = 1500;
const BACKUP_LEAST = 1024;
const DATAGRAM_MOST = 65_535;

/**
 * The daemon that these settings make on an interface with that MTU (ip_vs_sync.c, start_sync_thread). A length, port or time to live of 0
 * takes the default, as one that is absent does.
 */
export function daemonOf(settings: SyncDaemonSettings, interfaceMtu: number): SyncDaemon {
  const group = settings.group ?? DEFAULT_SYNC_GROUP;
  const headers = familyOf(group) === 'inet' ? 20 + 8 : 40 + 8;
  const isBackup = settings.role === 'backup';
  const mtu = isBackup ? clamp(interfaceMtu, MASTER_MTU, DATAGRAM_MOST) : MASTER_MTU;
  return {
    role: settings.role,
    interface: settings.interface,
    syncId: settings.syncId,
    maxLength: settings.maxLength
      ? clamp(settings.maxLength, isBackup ? BACKUP_LEAST : 1, DATAGRAM_MOST - headers)
      : mtu - headers,
    group,
    port: settings.port || DEFAULT_PORT,
    ttl: settings.ttl || DEFAULT_TTL,
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
