import { flowKey } from '../flow-key.ts';
import { syncRecordBytes } from '../message/encode-sync.ts';
import { SYNC_MARK_BYTES } from '../message/sync-mark.ts';
import { MOST_RECORDS, type SyncRecord, V1_HEADER_BYTES } from '../message/sync-record.ts';

/** Gathers records for one datagram, the newest of each connection alone. */
export class DatagramPacker {
  readonly #capacity: number;
  readonly #records = new Map<string, SyncRecord>();
  #bytes = 0;

  /** `maxLength`: bytes of a datagram. One record always goes in, as in IPVS (ip_vs_sync.c, ip_vs_sync_buff_create). */
  constructor(maxLength: number) {
    this.#capacity = maxLength - V1_HEADER_BYTES - SYNC_MARK_BYTES;
  }

  get isEmpty(): boolean {
    return this.#records.size === 0;
  }

  /** What has to be sent before, as the record does not fit any more; else undefined. */
  add(record: SyncRecord): readonly SyncRecord[] | undefined {
    const key = flowKey(record);
    const old = this.#records.get(key);
    const bytes = syncRecordBytes(record);
    const grown = this.#bytes + bytes - (old === undefined ? 0 : syncRecordBytes(old));
    const isFull = grown > this.#capacity || (old === undefined && this.#records.size === MOST_RECORDS);
    if (isFull && !this.isEmpty) {
      const full = this.take();
      this.#put(key, record, bytes);
      return full;
    }
    // To the end: it tells what happened last.
    this.#records.delete(key);
    this.#put(key, record, grown);
    return undefined;
  }

  /** What was gathered; nothing is left. */
  take(): readonly SyncRecord[] {
    const records = [...this.#records.values()];
    this.#records.clear();
    this.#bytes = 0;
    return records;
  }

  #put(key: string, record: SyncRecord, bytes: number): void {
    this.#records.set(key, record);
    this.#bytes = bytes;
  }
}
