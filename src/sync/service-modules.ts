import type { SyncNetwork } from './network/sync-network.ts';
import type { SyncTable } from './sync-table.ts';

/** What a SyncService is given by who runs it. */
export interface SyncServiceModules {
  readonly table: SyncTable;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** One line for people; may not throw. */
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** What of the system a SyncService uses. */
export interface SyncSystem {
  readonly network: SyncNetwork;
  /** Calls back after that many milliseconds, unless the answer is called before. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Limits of a daemon, as IPVS has them in sysctls. */
export interface SyncOptions {
  /** Datagrams that may wait to be sent, at least 1; what comes on top is discarded (sync_qlen_max). Of masters; 4096 unless given. */
  readonly queueLength?: number;
  /** Size of the socket's buffer in bytes, 0 for the system's (sync_sock_size). */
  readonly socketBytes?: number;
}
