import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { whyNoEbpfMaps } from '../../../../test/engine/ebpf-maps.ts';
import { EbpfTableBench } from '../../../../test/engine/ebpf-table-bench.ts';
import {
  destinationOn,
  ip,
  serviceOn,
  serviceOnMark,
  settings,
} from '../../../../test/engine/sample-table.ts';
import type { Destination } from '../../../model/destination.ts';
import type { Operation } from '../../../model/operation.ts';
import type { ServiceId, ServiceSettings } from '../../../model/service.ts';
import type { Seconds, Weight } from '../../../model/unit.ts';
import {
  FILTER_SERVER,
  FILTER_VIRTUAL,
  SELECTION_BODY,
  SETTING_ANY_PORT_SERVICES,
  SETTING_FTP_SERVICES,
  SETTING_MARK_SERVICES,
  VIPR_LAYOUT,
} from '../layout.gen.ts';
import { filterSlot } from './address-filter.ts';

const reason = whyNoEbpfMaps();
const WEB = serviceOn('192.0.2.10');
const ONE = destinationOn('10.0.0.11');
const TWO = destinationOn('10.0.0.12');

function check(
  title: string,
  body: (bench: EbpfTableBench) => void,
  sizes?: Parameters<typeof EbpfTableBench.open>[0],
) {
  test(title, { ...(reason === undefined ? {} : { skip: reason }) }, async () => {
    const bench = await EbpfTableBench.open(sizes);
    try {
      body(bench);
    } finally {
      bench.close();
    }
  });
}

const add = (service: ServiceId, changes: Partial<ServiceSettings> = {}): Operation => ({
  kind: 'add-service',
  service,
  settings: settings({ scheduler: 'wlc', ...changes }),
});
const addTo = (service: ServiceId, destination: Destination): Operation => ({
  kind: 'add-destination',
  service,
  destination,
});
const edit = (service: ServiceId, destination: Destination): Operation => ({
  kind: 'edit-destination',
  service,
  destination,
});
const remove = (service: ServiceId, destination: Destination): Operation => ({
  kind: 'delete-destination',
  service,
  destination,
});

describe('EbpfTable', () => {
  check('puts new maps to use, with timeouts in jiffies', ({ opened }) => {
    const { layout, hz, expireTcp, expireUdp, expireSctp, unprivilegedPortStart } = opened.settings.read();
    assert.deepEqual([layout, unprivilegedPortStart], [VIPR_LAYOUT, 1024]);
    assert.equal(hz, opened.clock.hz);
    assert.deepEqual(
      [expireTcp[1], expireTcp[4], expireUdp, expireSctp[8]],
      [900 * hz, 120 * hz, 300 * hz, 900 * hz],
    );
  });

  check('writes services, destinations and lists, the newest first', (bench) => {
    bench.done(add(WEB), addTo(WEB, ONE), addTo(WEB, TWO));
    const record = bench.serviceRecord(WEB);
    assert.deepEqual(record?.settings, settings({ scheduler: 'wlc' }));
    assert.deepEqual(
      [...bench.slots()].map(([id, { settings: s, available }]) => [id, s.address, available]),
      [
        [0, '10.0.0.11', true],
        [1, '10.0.0.12', true],
      ],
    );
    assert.deepEqual(bench.selection(record?.id ?? -1).slice(SELECTION_BODY), [1, 0]);
    assert.deepEqual(bench.announced, ['+0 10.0.0.11 masquerade', '+1 10.0.0.12 masquerade']);
  });

  check('knows from the settings what kinds of services there are', (bench) => {
    const flags = () => bench.opened.settings.read().flags;
    assert.equal(flags(), 0);
    bench.done(add(serviceOnMark(7)));
    assert.equal(flags(), SETTING_MARK_SERVICES);
    bench.done(
      add(serviceOn('192.0.2.10', 0)),
      add(serviceOn('192.0.2.10', 21)),
      add(serviceOn('192.0.2.10', 21, 'udp')),
    );
    assert.equal(flags(), SETTING_MARK_SERVICES | SETTING_ANY_PORT_SERVICES | SETTING_FTP_SERVICES);
    bench.done({ kind: 'flush' });
    assert.equal(flags(), 0);
  });

  check('marks the addresses of services and masqueraded servers in the filter', (bench) => {
    const bits = (address: string) =>
      bench.opened.maps.address_filter.lookup(new Uint8Array(4))?.[filterSlot(ip(address))];
    bench.done(add(WEB), addTo(WEB, ONE), addTo(WEB, { ...TWO, forwarding: 'direct' }));
    assert.deepEqual(
      [bits('192.0.2.10'), bits('10.0.0.11'), bits('10.0.0.12')],
      [FILTER_VIRTUAL, FILTER_SERVER, 0],
    );
    bench.done({ kind: 'flush' });
    // Connections may go on as long as the trash keeps the destinations.
    assert.deepEqual([bits('192.0.2.10'), bits('10.0.0.11')], [FILTER_VIRTUAL, FILTER_SERVER]);
    sweepTrash(bench);
    assert.deepEqual([bits('192.0.2.10'), bits('10.0.0.11')], [0, 0]);
  });

  check('knows the replies of a server also after its method and the process have changed', (bench) => {
    const bits = () =>
      bench.opened.maps.address_filter.lookup(new Uint8Array(4))?.[filterSlot(ip('10.0.0.11'))];
    bench.done(add(WEB), addTo(WEB, ONE));
    bench.done({ kind: 'edit-destination', service: WEB, destination: { ...ONE, forwarding: 'direct' } });
    assert.equal(bits(), FILTER_SERVER);
    bench.restart();
    assert.equal(bits(), FILTER_SERVER);
  });

  check('shows the counts and counters of the data plane', (bench) => {
    bench.done(add(WEB), addTo(WEB, ONE));
    bench.setLive(0, 3, 2, 1);
    bench.setCounters('destination_counters', 0, counters(5));
    bench.setCounters('service_counters', 0, counters(7));
    for (const service of [bench.table.snapshot().services[0], bench.table.service(WEB)]) {
      const [destination] = service?.destinations ?? [];
      assert.deepEqual(
        [
          destination?.activeConnections,
          destination?.inactiveConnections,
          destination?.persistentConnections,
        ],
        [3, 2, 1],
      );
      assert.equal(destination?.statistics.counters.inPackets, 50n);
      assert.equal(service?.statistics.counters.connections, 7n);
    }
  });

  check('estimates rates, and zeroes statistics for good', (bench) => {
    bench.done(add(WEB), addTo(WEB, ONE));
    bench.setCounters('service_counters', 0, counters(100));
    bench.setCounters('destination_counters', 0, counters(100));
    bench.now = 2000;
    bench.table.tick();
    assert.equal(bench.table.service(WEB)?.statistics.rates.connections, 12n);
    bench.done({ kind: 'zero', service: WEB });
    bench.setCounters('service_counters', 0, counters(101));
    for (let process = 0; process < 2; process++) {
      const found = bench.table.service(WEB);
      assert.equal(found?.statistics.counters.connections, 1n);
      assert.equal(found?.destinations[0]?.statistics.counters.connections, 0n);
      bench.restart();
    }
  });

  check(
    'holds new thresholds against the connections of the moment, and leaves the counts alone',
    (bench) => {
      bench.done(add(WEB), addTo(WEB, ONE));
      bench.setLive(0, 3, 1);
      bench.done(edit(WEB, { ...ONE, upperThreshold: 4 }));
      assert.deepEqual(bench.live(0), [3, 1, 0, 1]);
      bench.done(edit(WEB, { ...ONE, upperThreshold: 8 }));
      assert.deepEqual(bench.live(0), [3, 1, 0, 0]);
    },
  );

  check(
    'keeps the slot of a deleted destination until its connections are gone and two minutes have passed',
    (bench) => {
      bench.done(add(WEB), addTo(WEB, ONE));
      bench.setLive(0, 1, 0);
      bench.done(remove(WEB, ONE));
      assert.equal(bench.slots().get(0)?.available, false);
      assert.deepEqual(bench.selection(0).slice(SELECTION_BODY), []);
      sweepTrash(bench);
      assert.equal(bench.slots().size, 1);
      bench.setLive(0, 0, 0);
      sweepTrash(bench);
      assert.equal(bench.slots().size, 0);
      assert.equal(bench.announced.at(-1), '-0');
      bench.done(addTo(WEB, TWO));
      assert.equal(bench.slotOf(TWO), 0);
    },
  );

  check('gives a destination that comes back its slot, also to a service that was made anew', (bench) => {
    bench.done(add(WEB), addTo(WEB, ONE), addTo(WEB, TWO));
    bench.setLive(0, 5, 0);
    bench.setCounters('destination_counters', 0, counters(9));
    bench.done({ kind: 'flush' });
    assert.equal(bench.serviceRecord(WEB), undefined);
    bench.done(add(serviceOn('192.0.2.11')), add(WEB), addTo(WEB, ONE));
    assert.equal(bench.serviceRecord(WEB)?.id, 0);
    assert.equal(bench.slotOf(ONE), 0);
    const [destination] = bench.table.service(WEB)?.destinations ?? [];
    assert.equal(destination?.activeConnections, 5);
    assert.equal(destination?.statistics.counters.connections, 0n);
  });

  check('starts the statistics of a slot that is used again from 0', (bench) => {
    bench.done(add(WEB), addTo(WEB, ONE));
    bench.setCounters('destination_counters', 0, counters(9));
    bench.setCounters('service_counters', 0, counters(9));
    bench.done({ kind: 'flush' });
    sweepTrash(bench);
    const other = serviceOn('192.0.2.11');
    bench.done(add(other), addTo(other, TWO));
    assert.deepEqual([bench.serviceRecord(other)?.id, bench.slotOf(TWO)], [0, 0]);
    const found = bench.table.service(other);
    assert.equal(found?.statistics.counters.connections, 0n);
    assert.equal(found?.destinations[0]?.statistics.counters.inBytes, 0n);
  });

  check('has rings go on where they were', (bench) => {
    bench.done(add(WEB, { scheduler: 'rr' }), addTo(WEB, ONE), addTo(WEB, TWO));
    assert.equal(bench.position(0), 0);
    // The data plane chose the first of the list seven times round and once more: the newest one.
    bench.setPosition(0, 15);
    bench.done(addTo(WEB, destinationOn('10.0.0.13')));
    assert.equal(bench.position(0), 2);
    bench.restart();
    assert.equal(bench.position(0), 2);
    bench.done(remove(WEB, TWO));
    assert.equal(bench.position(0), 1);
  });

  check('leaves a ring alone where an edit does not change it', (bench) => {
    bench.done(add(WEB, { scheduler: 'rr' }), addTo(WEB, ONE), addTo(WEB, TWO));
    bench.setPosition(0, 15);
    bench.done(edit(WEB, { ...ONE, weight: 0 as Weight }));
    assert.equal(bench.position(0), 15);
    assert.equal(bench.slots().get(0)?.settings.weight, 0);
  });

  check(
    'refuses what has no room in the maps, by the name of the setting',
    (bench) => {
      bench.done(...Array.from({ length: 16 }, (_, n) => add(serviceOn(`192.0.2.${n}`))));
      const [refused] = bench.table.execute([add(serviceOn('192.0.2.99'))]);
      assert.equal(refused?.code, 'OUT_OF_RANGE');
      assert.match(refused?.hint ?? '', /services/);
      const first = serviceOn('192.0.2.0');
      bench.done(...Array.from({ length: 16 }, (_, n) => addTo(first, destinationOn(`10.0.0.${n + 1}`))));
      const [full] = bench.table.execute([addTo(first, destinationOn('10.0.0.99'))]);
      assert.equal(full?.code, 'OUT_OF_RANGE');
      assert.match(full?.hint ?? '', /destinations/);
      assert.equal(bench.table.service(first)?.destinations.length, 16);
    },
    { services: 16, destinations: 16 },
  );

  check('refuses a wrr ring that would be too long', (bench) => {
    const many = Array.from({ length: 1447 }, (_, n) =>
      addTo(WEB, destinationOn(`10.1.${n >> 8}.${n & 255}`, { weight: (n + 1) as Weight })),
    );
    bench.done(add(WEB, { scheduler: 'wrr' }), ...many);
    const [fits, refused] = bench.table.execute([
      addTo(WEB, { ...ONE, weight: 1 as Weight }),
      addTo(WEB, { ...TWO, weight: 5000 as Weight }),
    ]);
    assert.equal(fits, undefined);
    assert.equal(refused?.code, 'OUT_OF_RANGE');
  });

  check('takes timeouts over from the process before', (bench) => {
    const timeouts = { tcp: 10 as Seconds, tcpfin: 20 as Seconds, udp: 30 as Seconds };
    bench.done({ kind: 'set-timeouts', timeouts });
    bench.restart();
    assert.deepEqual(bench.table.snapshot().timeouts, timeouts);
  });
});

function counters(connections: number) {
  return {
    connections,
    inPackets: 10 * connections,
    outPackets: 0,
    inBytes: 1000 * connections,
    outBytes: 0,
  };
}

/** Lets the trash be looked through until it has let go of what is idle. */
function sweepTrash(bench: EbpfTableBench): void {
  for (let minute = 0; minute < 4; minute++) {
    bench.now += 60_000;
    bench.table.tick();
  }
}
