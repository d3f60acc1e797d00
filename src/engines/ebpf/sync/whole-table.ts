import { setImmediate } from 'node:timers/promises';
import type { Family, IpAddress } from '../../../model/address.ts';
import type { SyncRecord } from '../../../sync/message/sync-record.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import { decodeConnection } from '../codec/connection-codec.ts';
import { decodeFlow } from '../codec/flow-codec.ts';
import type { JiffiesClock } from '../jiffies.ts';
import { CONNECTION_DYING, CONNECTION_TEMPLATE } from '../layout.gen.ts';
import { syncRecordOf } from './sync-record-of.ts';
import { isTold } from './told-entry.ts';

export interface WholeTableModules {
  readonly maps: { readonly connections4: BpfMap; readonly connections6: BpfMap };
  readonly clock: JiffiesClock;
  /** The address of a destination by its id. */
  readonly addressOf: (destination: number) => IpAddress | undefined;
  /** The sysctl sync_persist_mode. */
  readonly templatesOnly: () => boolean;
  /** Asked before each page. */
  readonly goOn: () => boolean;
}

const PAGE_SIZE = 512;

/**
 * What backups are to know of the connection tables, page by page. A connection's timeout is what is left of it: a backup that knows it
 * from here has it end when it ends here, and any packet gives it its whole time. A template is renewed by its own timeout, so that one is told.
 */
export async function* wholeTable(modules: WholeTableModules): AsyncGenerator<readonly SyncRecord[], void> {
  for (const family of ['inet', 'inet6'] as const) {
    for (const page of pagesOf(family, modules)) {
      if (page.length > 0) yield page;
      // A table of millions must not keep others waiting.
      await setImmediate();
    }
  }
}

function* pagesOf(family: Family, modules: WholeTableModules): Generator<readonly SyncRecord[], void> {
  const { maps, clock, addressOf, goOn } = modules;
  const map = family === 'inet' ? maps.connections4 : maps.connections6;
  const { keySize, valueSize } = map;
  const pages = readPages(map, PAGE_SIZE);
  while (goOn()) {
    const next = pages.next();
    if (next.done) return;
    const { count, keys, values } = next.value;
    const now = clock.now();
    const templatesOnly = modules.templatesOnly();
    const records: SyncRecord[] = [];
    for (let index = 0; index < count; index++) {
      const connection = decodeConnection(values.subarray(index * valueSize, (index + 1) * valueSize));
      const { expires, word, timeout } = connection;
      const destination = addressOf(connection.destination);
      if (destination === undefined || expires <= now || (word & CONNECTION_DYING) !== 0) continue;
      const flow = decodeFlow(family, keys.subarray(index * keySize, (index + 1) * keySize));
      if (!isTold(flow.protocol, connection, templatesOnly)) continue;
      const jiffies = (word & CONNECTION_TEMPLATE) === 0 ? expires - now : timeout;
      records.push(syncRecordOf(family, flow, connection, destination, Math.ceil(jiffies / clock.hz)));
    }
    yield records;
  }
}
