import type { SyncOutcome } from '../../model/sync-status.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import type { SyncTable } from '../sync-table.ts';

/** Puts records into the table, and counts what becomes of them. */
export class RecordIntake {
  readonly #table: SyncTable;
  readonly #counts: Record<SyncOutcome, number> = {
    added: 0,
    updated: 0,
    moved: 0,
    kept: 0,
    'no-service': 0,
    'no-destination': 0,
    unsupported: 0,
    'table-full': 0,
  };
  #hasHomeless = false;

  constructor(table: SyncTable) {
    this.#table = table;
  }

  get counts(): Readonly<Record<SyncOutcome, number>> {
    return { ...this.#counts };
  }

  put(record: SyncRecord): void {
    const outcome = this.#table.put(record);
    this.#counts[outcome] += 1;
    this.#hasHomeless ||= outcome === 'no-service' || outcome === 'no-destination';
  }

  /** Records that were not for the table. */
  countUnsupported(records: number): void {
    this.#counts.unsupported += records;
  }

  /** Whether records came, since this was asked last, whose service or destination is not there. */
  takeHomeless(): boolean {
    const had = this.#hasHomeless;
    this.#hasHomeless = false;
    return had;
  }
}
