import type { IpAddress } from './address.ts';
import type { SyncDaemon } from './daemon.ts';

/** How the connection synchronisation of an engine is: of the daemons that run. */
export interface SyncStatus {
  readonly master?: SyncMasterStatus;
  readonly backup?: SyncBackupStatus;
}

/** A master: counts since it began. */
export interface SyncMasterStatus extends SyncDaemon {
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Why it does not work now; absent while it does. */
  readonly fault?: string;
  readonly datagrams: number;
  readonly records: number;
  readonly bytes: number;
  /** Records that were never sent: too many waited, or the data plane could not hand them over. */
  readonly discarded: number;
  /** Datagrams that the system refused to send. */
  readonly sendErrors: number;
  /** Whole tables that were sent to backups, and their records. */
  readonly tables: { readonly sent: number; readonly records: number };
}

/** What became of a record that a backup was told. */
export type SyncOutcome =
  | 'added'
  | 'updated'
  /** It led to another destination so far, and was replaced. */
  | 'moved'
  /** It is inactive, and the entry that is there leads to another destination: nothing was changed. */
  | 'kept'
  | 'no-service'
  | 'no-destination'
  /** A protocol, state or persistence engine that the engine does not know. */
  | 'unsupported'
  | 'table-full';

/** A backup: counts since it began. */
export interface SyncBackupStatus extends SyncDaemon {
  readonly since: string;
  readonly fault?: string;
  readonly datagrams: number;
  readonly bytes: number;
  readonly records: Readonly<Record<SyncOutcome, number>>;
  /** Datagrams, or rests of them, that were not used, by the reason. */
  readonly dismissed: Readonly<Record<string, number>>;
  readonly masters: readonly SyncSourceStatus[];
  /** Whether it has what there is to have: a whole table of every master that gives one, or nobody to ask. */
  readonly isSynchronised: boolean;
  /** What it waits for, a phrase; absent where it is synchronised. */
  readonly waitingFor?: string;
}

/** A master that a backup hears. */
export interface SyncSourceStatus {
  readonly address: IpAddress;
  /** Whether it is a vipr, which gives its whole table; IPVS does not. */
  readonly givesTable: boolean;
  /** ISO 8601, UTC. */
  readonly lastHeard: string;
  /** Datagrams that it sent and that did not come, as far as it tells. */
  readonly missed: number;
  /** How the last transfer of its whole table is or ended; absent where none was tried. */
  readonly table?: {
    readonly state: 'running' | 'complete' | 'failed';
    readonly records: number;
    readonly at: string;
    /** Why it failed. */
    readonly detail?: string;
  };
}
