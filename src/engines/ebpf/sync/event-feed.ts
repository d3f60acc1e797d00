import type { IpAddress } from '../../../model/address.ts';
import type { SyncRecord } from '../../../sync/message/sync-record.ts';
import type { SyncListener } from '../../../sync/sync-table.ts';
import { decodeSyncEvent } from '../codec/sync-codec.ts';
import { syncRecordOf } from './sync-record-of.ts';

export interface EventFeedModules {
  /** The ring `sync_events`. */
  readonly ring: { read(take: (record: Uint8Array) => void, limit?: number): number };
  /** The total of events that the ring had no room for. */
  readonly lost: () => bigint;
  /** Has the data plane write events, or no longer. */
  readonly tell: (on: boolean) => void;
  /** The address of a destination by its id. */
  readonly addressOf: (destination: number) => IpAddress | undefined;
  /** Jiffies a second. */
  readonly hz: number;
}

/** Milliseconds between two looks into the ring. */
const PAUSE = 10;
/** Events of one look, so that others have their turn; what is left is read at once after it. */
const MOST_EVENTS = 2048;

/** Tells listeners what the data plane has for backups, for as long as there are any. */
export class EventFeed {
  readonly #modules: EventFeedModules;
  readonly #listeners = new Set<SyncListener>();
  #timer: NodeJS.Timeout | undefined;
  #lost = 0n;

  constructor(modules: EventFeedModules) {
    this.#modules = modules;
  }

  add(listener: SyncListener): () => void {
    if (this.#listeners.size === 0) this.#begin();
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.size === 1 && this.#listeners.has(listener)) this.#end();
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    this.#listeners.clear();
    if (this.#timer !== undefined) this.#end();
  }

  #begin(): void {
    // What is left from before, of whichever master, is nothing new.
    this.#modules.ring.read(() => undefined);
    this.#lost = this.#modules.lost();
    this.#modules.tell(true);
    this.#schedule(PAUSE);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#modules.tell(false);
    // What happened until now.
    while (this.#look() > 0);
  }

  #schedule(pause: number): void {
    this.#timer = setTimeout(() => {
      const more = this.#look() === MOST_EVENTS;
      if (this.#timer !== undefined) this.#schedule(more ? 0 : PAUSE);
    }, pause).unref();
  }

  #look(): number {
    const { ring, lost, addressOf, hz } = this.#modules;
    const records: SyncRecord[] = [];
    const count = ring.read((bytes) => {
      const { family, flow, connection } = decodeSyncEvent(bytes);
      const destination = addressOf(connection.destination);
      if (destination === undefined) return;
      const seconds = Math.round(connection.timeout / hz);
      records.push(syncRecordOf(family, flow, connection, destination, seconds));
    }, MOST_EVENTS);
    const all = lost();
    const missing = Number(all - this.#lost);
    this.#lost = all;
    for (const listener of [...this.#listeners]) {
      if (records.length > 0) listener.hear(records);
      if (missing > 0) listener.lost(missing);
    }
    return count;
  }
}
