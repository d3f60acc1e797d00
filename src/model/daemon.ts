import type { IpAddress } from './address.ts';
import type { Port } from './unit.ts';

/** A `master` sends the state of its connections; a `backup` receives that of others. */
export type DaemonRole = 'master' | 'backup';

/** A connection synchronisation daemon as `-L --daemon` shows it. */
export interface SyncDaemon {
  readonly role: DaemonRole;
  readonly interface: string;
  /** 0 to 255. */
  readonly syncId: number;
  /** Largest datagram payload in bytes. */
  readonly maxLength: number;
  readonly group: IpAddress;
  readonly port: Port;
  /** 1 to 255. */
  readonly ttl: number;
}

/** What `--start-daemon` gives; what is absent takes the kernel's default (ip_vs_sync.c, start_sync_thread). */
export interface SyncDaemonSettings {
  readonly role: DaemonRole;
  readonly interface: string;
  readonly syncId: number;
  readonly maxLength?: number;
  readonly group?: IpAddress;
  readonly port?: Port;
  readonly ttl?: number;
}
