import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import { readU64, viewOf } from '../codec/address-codec.ts';
import { decodeConnection, encodeConnection } from '../codec/connection-codec.ts';
import type { JiffiesClock } from '../jiffies.ts';
import { CONNECTION_DYING, CONNECTION_TEMPLATE, OFFSET } from '../layout.gen.ts';

const PAGE_SIZE = 1024;
/** Long ago, but not 0, which stands for an entry that makes way for another one (bpf/connection.h, make_way). */
const EXPIRED = 1;

/**
 * Has the entries of a destination in one of the connection tables expire, templates or connections. They count as absent from then on; the
 * sweep removes them with all that hangs on them, so that only the kernel changes counts. Yields how many they were, page by page.
 *
 * An entry is read and written again: what a packet changes of it in the microsecond between is lost with it. Templates are no longer held by
 * their connections: one that is held lives on when it expires (bpf/sweep.h, is_to_go).
 */
export function* expireEntries(
  map: BpfMap,
  destination: number,
  kind: 'templates' | 'connections',
  clock: JiffiesClock,
): Generator<number, void, undefined> {
  const { keySize, valueSize } = map;
  const value = new Uint8Array(valueSize);
  for (const { count, keys, values } of readPages(map, PAGE_SIZE)) {
    const now = clock.now();
    const view = viewOf(values);
    let expired = 0;
    for (let index = 0; index < count; index++) {
      const at = index * valueSize;
      if (view.getUint32(at + OFFSET.connection.destination, true) !== destination) continue;
      if (readU64(view, at + OFFSET.connection.expires) <= now) continue;
      const key = keys.subarray(index * keySize, (index + 1) * keySize);
      if (map.lookup(key, value) === undefined) continue;
      const record = decodeConnection(value);
      const isTemplate = (record.word & CONNECTION_TEMPLATE) !== 0;
      if (isTemplate !== (kind === 'templates') || record.destination !== destination) continue;
      if ((record.word & CONNECTION_DYING) !== 0) continue;
      const written = { ...record, expires: EXPIRED, ...(isTemplate && { controlled: 0 }) };
      if (map.update(key, encodeConnection(written), 'existing')) expired += 1;
    }
    yield expired;
  }
}
