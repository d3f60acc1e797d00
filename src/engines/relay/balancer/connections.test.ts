import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, ip, serviceOn, settings } from '../../../../test/engine/sample-table.ts';
import { addressBytes } from '../../../model/address.ts';
import type { Destination } from '../../../model/destination.ts';
import type { ServiceSettings } from '../../../model/service.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from '../../../model/table.ts';
import type { Seconds } from '../../../model/unit.ts';
import { findScheduler } from '../../../scheduling/registry.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import { ToPump } from '../channel/message.ts';
import { createRingMemory, RingConsumer, RingProducer } from '../channel/ring.ts';
import { activityTick } from '../channel/shared-memory.ts';
import { wordsFromBytes } from './client-address.ts';
import { State, stateName } from './connection-state.ts';
import { Connections } from './connections.ts';

const KINDS = new Map<number, string>(Object.entries(ToPump).map(([name, kind]) => [kind, name]));
/** Not a descriptor: nothing here opens or closes one. */
const NO_FD = 1_000_000;

describe('expiry, by a clock of its own', () => {
  test('an established connection is ended after its idle time, and gone 10 s after its end', () => {
    const bench = setUp();
    const slot = bench.open();
    bench.connections.connected(slot);
    bench.pass(600);
    bench.bytes(slot);
    bench.pass(899);
    assert.deepEqual(bench.told(), [`forwardTcp ${slot}`]);
    bench.pass(2);
    assert.deepEqual(bench.told(), [`end ${slot}`]);
    bench.connections.ended(slot, true);
    assert.deepEqual(bench.list(), ['CLOSE']);
    bench.pass(9);
    assert.deepEqual(bench.list(), ['CLOSE']);
    bench.pass(2);
    assert.deepEqual(bench.list(), []);
    assert.deepEqual(bench.counts(), [[0, 0, 0]]);
  });

  test('the end is told once, however long the pump takes', () => {
    const bench = setUp();
    const slot = bench.open();
    bench.connections.connected(slot);
    bench.pass(950);
    bench.connections.dropDestination(bench.first);
    bench.connections.endAll();
    assert.deepEqual(bench.told(), [`forwardTcp ${slot}`, `end ${slot}`]);
  });

  test('a connection takes new timeouts with its next bytes', () => {
    const bench = setUp();
    const [talker, silent] = [bench.open(), bench.open()];
    for (const slot of [talker, silent]) bench.connections.connected(slot);
    bench.told();
    bench.pass(10);
    bench.setTimeouts({ tcp: 30 as Seconds });
    bench.pass(60);
    assert.deepEqual(bench.told(), [], 'no bytes: the old timeout');
    bench.bytes(talker);
    bench.pass(28);
    assert.deepEqual(bench.told(), []);
    bench.pass(4);
    assert.deepEqual(bench.told(), [`end ${talker}`]);
    assert.ok(bench.connections.expiresIn(silent) > 700);
  });

  test('longer timeouts count as well', () => {
    const bench = setUp();
    const slot = bench.open();
    bench.connections.connected(slot);
    bench.told();
    bench.setTimeouts({ tcp: 5000 as Seconds });
    bench.pass(1);
    bench.bytes(slot);
    bench.pass(4990);
    assert.deepEqual(bench.told(), []);
    bench.pass(20);
    assert.deepEqual(bench.told(), [`end ${slot}`]);
  });

  test('no answer to the SYN: the pump is told to give up, and later, if it is silent, to end', () => {
    const bench = setUp({ connectTimeout: 5 });
    const slot = bench.open();
    bench.pass(4);
    assert.deepEqual(bench.told(), [`forwardTcp ${slot}`]);
    bench.pass(1);
    assert.deepEqual(bench.told(), [`abandon ${slot}`]);
    bench.pass(1);
    assert.deepEqual(bench.told(), [`end ${slot}`]);
  });
});

describe('templates over time', () => {
  const persistent = { persistenceTimeout: 100 as Seconds };

  test('a template expires after its timeout once nothing hangs on it', () => {
    const bench = setUp({ service: persistent, destinations: 2 });
    const slot = bench.open();
    bench.connections.connected(slot);
    bench.connections.ended(slot, true);
    bench.pass(99);
    assert.deepEqual(bench.list(), ['ASSURED']);
    bench.pass(2);
    assert.deepEqual(bench.list(), []);
    assert.deepEqual(bench.counts(), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test('each new connection restarts it, bytes do not', () => {
    const bench = setUp({ service: persistent });
    const close = (slot: number): void => {
      bench.connections.connected(slot);
      bench.connections.ended(slot, true);
    };
    close(bench.open());
    bench.pass(90);
    close(bench.open());
    bench.pass(90);
    assert.deepEqual(bench.list(), ['ASSURED']);
    bench.pass(12);
    assert.deepEqual(bench.list(), []);
  });

  test('one that a connection outlives has 60 s from then on, for good', () => {
    const bench = setUp({ service: persistent });
    const long = bench.open();
    bench.connections.connected(long);
    bench.pass(101);
    bench.bytes(long);
    const template = bench.slots().find((slot) => slot !== long) ?? -1;
    assert.ok(bench.connections.expiresIn(template) > 57);
    bench.pass(50);
    bench.connections.connected(bench.open());
    const left = bench.connections.expiresIn(template);
    assert.ok(left <= 60 && left > 58, `the configured time does not come back: ${left} s`);
    bench.connections.endAll();
    for (const slot of bench.slots()) bench.connections.ended(slot, true);
    bench.pass(62);
    assert.deepEqual(bench.list(), []);
    assert.deepEqual(bench.counts(), [[0, 0, 0]]);
  });
});

describe('refusals', () => {
  test('each server is tried once, then the client is reset', () => {
    const bench = setUp({ destinations: 3 });
    const slot = bench.open();
    for (let refusals = 0; refusals < 3; refusals++) bench.connections.refused(slot);
    assert.deepEqual(bench.told(), [
      `forwardTcp ${slot}`,
      `forwardTcp ${slot}`,
      `forwardTcp ${slot}`,
      `end ${slot}`,
    ]);
    bench.connections.ended(slot, true);
    assert.deepEqual(
      bench.counts().map(([active]) => active),
      [0, 0, 0],
    );
    bench.pass(12);
    assert.deepEqual(bench.list(), []);
  });

  test('a refusal that crosses the end of the connection changes nothing', () => {
    const bench = setUp({ destinations: 2 });
    const slot = bench.open();
    bench.connections.dropDestination(bench.destinationOf(slot));
    bench.connections.refused(slot);
    assert.deepEqual(bench.told(), [`forwardTcp ${slot}`, `end ${slot}`]);
    bench.connections.ended(slot, true);
    assert.deepEqual(bench.list(), ['CLOSE']);
  });

  test('a server that is full, quiesced or gone is not tried', () => {
    const bench = setUp({ destinations: 3 });
    const slot = bench.open();
    const others = bench.destinations.filter((each) => each !== bench.destinationOf(slot));
    const [full, quiesced] = others;
    assert.ok(full && quiesced);
    full.overloaded = true;
    quiesced.weight = 0;
    bench.connections.refused(slot);
    assert.deepEqual(bench.told(), [`forwardTcp ${slot}`, `end ${slot}`]);
    assert.equal(full.overloaded, true);
  });

  test('the connection is active at the server that has it now, and nowhere else', () => {
    const bench = setUp({ destinations: 2 });
    const slot = bench.open();
    const refuser = bench.destinationOf(slot);
    bench.connections.refused(slot);
    const taker = bench.destinationOf(slot);
    assert.notEqual(taker, refuser);
    assert.deepEqual([refuser.activeConnections, taker.activeConnections], [0, 1]);
    bench.connections.connected(slot);
    assert.deepEqual([refuser.activeConnections, taker.activeConnections], [0, 1]);
    assert.equal(bench.connections.openTcp, 1);
  });
});

interface BenchOptions {
  readonly destinations?: number;
  readonly connectTimeout?: number;
  readonly service?: Partial<ServiceSettings>;
  readonly destination?: Partial<Destination>;
}

/** The connections of one service, without sockets: the test plays the pump and the clock. */
function setUp(options: BenchOptions = {}) {
  let now = 1_000_000;
  let timeouts = DEFAULT_TIMEOUTS;
  let clientPort = 40_000;
  const ring = createRingMemory(1024);
  const pump = new RingProducer(ring, () => undefined);
  const consumer = new RingConsumer(ring);
  const activity = new Uint32Array(4096);
  const service = new LiveService(serviceOn('192.0.2.10'), settings(options.service));
  service.scheduler = findScheduler('rr')?.bind<LiveDestination>(service, {
    now: () => now,
    random: Math.random,
  });
  for (let index = 0; index < (options.destinations ?? 1); index++) {
    const destination = new LiveDestination(
      service,
      destinationOn(`10.0.0.${index + 1}`, options.destination),
    );
    destination.slot = index;
    service.add(destination);
  }
  const connections = new Connections(
    { retryRefused: true, connectTimeout: options.connectTimeout ?? 5 },
    { activity, pumps: [pump], timeouts: () => timeouts, now: () => now },
  );
  const slots = (): number[] =>
    Array.from({ length: connections.table.end }, (_, slot) => slot).filter((slot) =>
      connections.table.isUsed(slot),
    );
  const [first] = service.destinations;
  assert.ok(first);
  return {
    connections,
    first,
    destinations: service.destinations,
    slots,
    /** A client connects; the slot of its connection. */
    open: (): number => {
      const known = new Set(slots());
      connections.openTcpConnection(service, NO_FD, {
        words: wordsFromBytes(addressBytes(ip('192.0.2.77'))),
        inet6: false,
        port: clientPort++,
      });
      const slot = slots().find(
        (each) => !known.has(each) && connections.table.state[each] === State.synRecv,
      );
      assert.ok(slot !== undefined, 'the connection has a slot');
      return slot;
    },
    /** Lets seconds pass, with a look at what expires in each. */
    pass: (seconds: number): void => {
      for (let second = 0; second < seconds; second++) {
        now += 1000;
        connections.expire();
      }
    },
    bytes: (slot: number): void => {
      activity[slot] = activityTick(now);
    },
    setTimeouts: (changes: Partial<Timeouts>): void => {
      timeouts = { ...timeouts, ...changes };
      connections.timeoutsChanged();
    },
    /** What the pump was told since the last time: kind and slot. */
    told: (): string[] => {
      const messages: string[] = [];
      pump.flush();
      consumer.drain((words, at) => messages.push(`${KINDS.get(words[at] ?? 0)} ${words[at + 1]}`), 1000);
      return messages;
    },
    list: (): string[] => slots().map((slot) => stateName(connections.table.state[slot] ?? -1)),
    destinationOf: (slot: number): LiveDestination => {
      const destination = connections.table.destinations[slot];
      assert.ok(destination);
      return destination;
    },
    /** Active, inactive and persistent connections of each destination. */
    counts: (): (readonly [number, number, number])[] =>
      service.destinations.map((each) => [
        each.activeConnections,
        each.inactiveConnections,
        each.persistentConnections,
      ]),
  };
}
