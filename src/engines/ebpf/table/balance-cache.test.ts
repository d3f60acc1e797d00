import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoEbpfMaps } from '../../../../test/engine/ebpf-maps.ts';
import { EbpfTableBench } from '../../../../test/engine/ebpf-table-bench.ts';
import { destinationOn, ip, serviceOn, settings } from '../../../../test/engine/sample-table.ts';
import type { IpAddress } from '../../../model/address.ts';
import type { Operation } from '../../../model/operation.ts';
import type { ServiceId } from '../../../model/service.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import { decodeCacheEntry, decodeCacheKey, encodeCacheEntry, encodeCacheKey } from '../codec/cache-codec.ts';

const reason = whyNoEbpfMaps();
const skip = reason === undefined ? {} : { skip: reason };
const MINUTE = 60_000;
const WEB = serviceOn('192.0.2.10');
const ONE = destinationOn('10.0.0.11');
const TWO = destinationOn('10.0.0.12');

const added = (service: ServiceId, scheduler = 'lblcr'): Operation[] => [
  { kind: 'add-service', service, settings: settings({ scheduler }) },
  ...[ONE, TWO].map((destination): Operation => ({ kind: 'add-destination', service, destination })),
];

async function withBench(body: (bench: EbpfTableBench) => void): Promise<void> {
  const bench = await EbpfTableBench.open();
  try {
    body(bench);
  } finally {
    bench.close();
  }
}

function remember(
  bench: EbpfTableBench,
  address: IpAddress,
  members: readonly number[],
  age = 0,
  service = 0,
): void {
  const { clock, maps } = bench.opened;
  const used = clock.now() - age * clock.hz;
  maps.balance_cache.update(
    encodeCacheKey({ service, address }),
    encodeCacheEntry({ lastUse: used, lastModified: used, members }),
  );
}

/** Members by address. */
function remembered({ opened: { maps } }: EbpfTableBench): Record<string, readonly number[]> {
  const { keySize, valueSize } = maps.balance_cache;
  const found: Record<string, readonly number[]> = {};
  for (const { count, keys, values } of readPages(maps.balance_cache)) {
    for (let index = 0; index < count; index++) {
      const { address } = decodeCacheKey(keys.subarray(index * keySize, (index + 1) * keySize), 'inet');
      found[address] = decodeCacheEntry(values.subarray(index * valueSize, (index + 1) * valueSize)).members;
    }
  }
  return found;
}

test('entries that were not used for a day leave in the full sweep of every half hour', skip, () =>
  withBench((bench) => {
    bench.done(...added(WEB));
    remember(bench, ip('198.51.100.1'), [0], 23 * 3600);
    remember(bench, ip('198.51.100.2'), [1], 25 * 3600);
    for (let minute = 1; minute <= 30; minute++) {
      assert.equal(Object.keys(remembered(bench)).length, 2);
      bench.now = minute * MINUTE;
      bench.table.tick();
    }
    assert.deepEqual(remembered(bench), { '198.51.100.1': [0] });
  }),
);

test('a cache of more than 16384 entries is emptied of what was idle for six minutes', skip, () =>
  withBench((bench) => {
    bench.done(...added(WEB, 'lblc'));
    for (let n = 0; n < 16_400; n++)
      remember(bench, ip(`198.18.${n >> 8}.${n & 255}`), [0], n < 100 ? 0 : 7 * 60);
    bench.now = MINUTE;
    bench.table.tick();
    const left = Object.keys(remembered(bench));
    assert.ok(left.length <= 16_400 - 21, `${left.length} are left`);
    assert.ok(left.length > 16_000);
    for (let n = 0; n < 100; n++) assert.ok(left.includes(`198.18.0.${n}`));
  }),
);

test('what was remembered for a service goes with the service or its scheduler', skip, () =>
  withBench((bench) => {
    const other = serviceOn('192.0.2.11');
    bench.done(...added(WEB), ...added(other));
    remember(bench, ip('198.51.100.1'), [0], 0, 0);
    remember(bench, ip('198.51.100.2'), [2], 0, 1);
    bench.done({ kind: 'edit-service', service: WEB, settings: settings({ scheduler: 'wlc' }) });
    assert.deepEqual(remembered(bench), { '198.51.100.2': [2] });
    bench.done({ kind: 'delete-service', service: other });
    assert.deepEqual(remembered(bench), {});
  }),
);

test('the id of a destination that is gone is remembered nowhere before somebody else gets it', skip, () =>
  withBench((bench) => {
    bench.done(...added(WEB));
    remember(bench, ip('198.51.100.1'), [1, 0]);
    remember(bench, ip('198.51.100.2'), [0]);
    bench.done({ kind: 'delete-destination', service: WEB, destination: ONE });
    assert.deepEqual(remembered(bench), { '198.51.100.1': [1, 0], '198.51.100.2': [0] });
    for (let minute = 1; minute <= 4; minute++) {
      bench.now = minute * MINUTE;
      bench.table.tick();
    }
    assert.deepEqual(remembered(bench), { '198.51.100.1': [1] });
    bench.done({ kind: 'add-destination', service: WEB, destination: destinationOn('10.0.0.13') });
    assert.equal(bench.slotOf(destinationOn('10.0.0.13')), 0);
  }),
);

test('a process that takes over cleans up what the one before left', skip, () =>
  withBench((bench) => {
    bench.done(...added(WEB));
    remember(bench, ip('198.51.100.1'), [7, 1]);
    remember(bench, ip('198.51.100.2'), [1], 0, 5);
    bench.restart();
    assert.deepEqual(remembered(bench), { '198.51.100.1': [1] });
  }),
);
