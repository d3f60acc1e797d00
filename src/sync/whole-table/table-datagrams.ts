import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeSync } from '../message/encode-sync.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import { MOST_RECORDS, type SyncRecord } from '../message/sync-record.ts';

/** A whole table as it goes over TCP: a beacon, datagrams without marks, and another beacon. Other work of this thread comes in between. */
export async function* tableDatagrams(
  records: AsyncIterable<readonly SyncRecord[]>,
  syncId: number,
  mark: () => SyncMark,
  sent: (records: number) => void,
): AsyncGenerator<Uint8Array> {
  const beacon = (): Uint8Array => encodeSync({ syncId, records: [], mark: mark() });
  yield beacon();
  for await (const page of records) {
    for (let first = 0; first < page.length; first += MOST_RECORDS) {
      const part = page.slice(first, first + MOST_RECORDS);
      yield encodeSync({ syncId, records: part });
      sent(part.length);
      await nextTurn();
    }
  }
  yield beacon();
}
