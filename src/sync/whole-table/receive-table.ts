import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeSync } from '../message/decode-sync.ts';
import { isOfSyncId } from '../message/is-of-sync-id.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import type { SyncSystem } from '../service-modules.ts';
import { MessageSplitter } from './message-splitter.ts';
import { TransferLimit } from './transfer-limit.ts';

/** Who takes a table that comes. */
export interface TableTaker {
  /** What the master had told when it began: all of it is in the table. */
  begun(mark: SyncMark): void;
  take(records: readonly SyncRecord[]): void;
}

/**
 * Takes a whole table from a stream. Rejects with an Error that says what is wrong where it is anything but what a master sends, ends early, stands
 * still or does not end in time. The stream is closed when it settles.
 */
export async function receiveTable(
  stream: Duplex,
  syncId: number,
  taker: TableTaker,
  after: SyncSystem['after'],
): Promise<void> {
  const limit = new TransferLimit(stream, after);
  const table = new IncomingTable(syncId, taker);
  try {
    const splitter = new MessageSplitter();
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      limit.progress();
      for (const message of splitter.push(chunk)) {
        if (table.isComplete) throw new Error('something follows the end of the table');
        table.hear(message);
        if (!table.isComplete) await nextTurn();
      }
      if (table.isComplete) return;
    }
    throw new Error('the connection ended before the table did');
  } finally {
    limit.end();
    stream.destroy();
  }
}

class IncomingTable {
  readonly #syncId: number;
  readonly #taker: TableTaker;
  #epoch: string | undefined;
  #isComplete = false;

  constructor(syncId: number, taker: TableTaker) {
    this.#syncId = syncId;
    this.#taker = taker;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  hear(message: Uint8Array): void {
    const { version, syncId, records, mark, refusal } = decodeSync(message);
    if (refusal !== undefined || version !== 1) throw new Error('a message cannot be read');
    if (!isOfSyncId(syncId, this.#syncId)) throw new Error(`the table is of sync ID ${syncId}`);
    const isBeacon = records.length === 0 && mark !== undefined;
    if (this.#epoch === undefined) {
      if (!isBeacon) throw new Error('it does not begin as a table does');
      this.#epoch = mark.epoch;
      this.#taker.begun(mark);
    } else if (isBeacon) {
      if (mark.epoch !== this.#epoch) throw new Error('it ends as that of another master');
      this.#isComplete = true;
    } else {
      this.#taker.take(records);
    }
  }
}
