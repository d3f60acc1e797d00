import type { SyncOutcome } from '../model/sync-status.ts';
import type { SyncRecord } from './message/sync-record.ts';

/** What connection synchronisation needs of the connection table of an engine. */
export interface SyncTable {
  /**
   * Has the engine tell of each connection and template that backups have to know of now, until the function that is returned is called.
   * Records of one connection come in the order of what happened to it.
   */
  watch(listener: SyncListener): () => void;
  /** All connections and templates that backups are to know, in pages and in no particular order. */
  records(): AsyncIterable<readonly SyncRecord[]>;
  /** Adds what another director told, or brings the entry that is there up to date. May not throw. */
  put(record: SyncRecord): SyncOutcome;
}

/** May not throw. */
export interface SyncListener {
  hear(records: readonly SyncRecord[]): void;
  /** Records that could not be handed over, as there were too many. */
  lost(count: number): void;
}
