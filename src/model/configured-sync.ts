import type { DaemonRole } from './daemon.ts';

/** What a configuration asks of synchronisation, and what has come of it. */
export interface ConfiguredSync {
  /** The daemons that it asks for now, whether they run or not; none where it has no section `sync`. */
  readonly configured: readonly ConfiguredDaemon[];
  /** What VRRP waits for before it takes over from a living master, a phrase; absent where nothing holds it. */
  readonly hold?: string;
}

/** A synchronisation daemon of the configuration. */
export interface ConfiguredDaemon {
  /** What it is to be now. */
  readonly role: DaemonRole;
  /** The VRRP instance that its role comes from; absent where the role is fixed. */
  readonly follow?: string;
  readonly interface: string;
  /** 0 to 255. */
  readonly syncId: number;
  /** Whether it runs with the settings of the configuration. */
  readonly runs: boolean;
  /** Absent where it runs, and where nobody has tried or looked yet. */
  readonly failure?: DaemonFailure;
}

/** Why a daemon does not run: it could not be started, or somebody stopped it or started another one in its place. */
export interface DaemonFailure {
  readonly text: string;
  /** ISO 8601, UTC: when it failed for this reason first, or was found or asked to be so. */
  readonly since: string;
}

/** Synchronisation where no configuration asks for any. */
export const NO_CONFIGURED_SYNC: ConfiguredSync = { configured: [] };
