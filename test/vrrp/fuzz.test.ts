import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import type { IpAddress } from '../../src/model/address.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import { SeededRandom } from '../random/seeded-random.ts';
import { FakeHost, FakeSegment, vrrpSettings } from './fake-segment.ts';
import { HostilePackets } from './hostile-packets.ts';
import { instanceSettings } from './instance-settings.ts';

const PACKETS = process.env.VIPR_FUZZ === 'whole' ? 1_000_000 : 100_000;
const SEED = Number(process.env.VIPR_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Packets between two looks at what has become of it. */
const BATCH = 1000;
/** Bytes that the heap may have grown by; spoofed addresses of a million packets would take a hundred times that. */
const MOST_GROWTH = 16 * 1024 * 1024;
const PEER = '10.0.0.9' as IpAddress;

const INET = {
  family: 'inet',
  sources: ['10.0.0.1', '10.0.0.9', '10.0.0.8'] as IpAddress[],
  virtualRouterIds: [51, 52, 53],
  addresses: ['192.0.2.50'] as IpAddress[],
  passwords: ['secret', 'wrong'],
} as const;
const INET6 = {
  ...INET,
  family: 'inet6',
  sources: ['fe80::1', 'fe80::9'] as IpAddress[],
  virtualRouterIds: [54],
  addresses: ['2001:db8::50'] as IpAddress[],
} as const;

const INSTANCES = [
  instanceSettings({}),
  instanceSettings({
    name: 'old',
    version: 2,
    virtualRouterId: 52,
    advertisementInterval: 1000 as Milliseconds,
    password: 'secret',
    addresses: [{ address: '192.0.2.52' as IpAddress, prefixLength: 32 }],
  }),
  instanceSettings({
    name: 'unicast',
    virtualRouterId: 53,
    unicastPeers: [PEER],
    preempt: false,
    addresses: [{ address: '192.0.2.53' as IpAddress, prefixLength: 32 }],
  }),
  instanceSettings({
    name: 'six',
    family: 'inet6',
    virtualRouterId: 54,
    checkAddresses: true,
    addresses: [{ address: '2001:db8::50' as IpAddress, prefixLength: 128 }],
  }),
];

it(`${PACKETS} hostile packets are each counted, throw nothing and leave nothing (VIPR_SEED=${SEED})`, async (t) => {
  const random = new SeededRandom(SEED);
  const clock = new VirtualClock();
  const segment = new FakeSegment();
  const host = new FakeHost(segment, clock, 1);
  await host.service.start(vrrpSettings(INSTANCES));
  await clock.advance(5000);
  const senders = [INET, INET6].map((near) => ({
    packets: new HostilePackets(random, near),
    ear: [...segment.ears].find(({ family }) => family === near.family),
  }));
  let oddities = 0;
  let heap = 0;
  for (let sent = 0; sent < PACKETS; sent += BATCH) {
    for (let index = 0; index < BATCH; index++) {
      const { packets, ear } = random.pick(senders);
      clock.time += random.next() * 20;
      ear?.heard(packets.next());
    }
    await clock.advance(50);
    oddities += host.events.filter(({ kind }) => kind === 'oddity').length;
    checkStates(host);
    for (const list of [host.events, host.lines, host.announced, host.scripts]) list.length = 0;
    // What is kept for every instance is there by then.
    if (sent === PACKETS / 10) heap = await heapUsed();
  }
  const { instances, packets } = host.service.status();
  const malformed = sum(packets.malformed);
  const received = instances.reduce((total, { counts }) => total + counts.received, 0);
  const dismissed = instances.reduce((total, { counts }) => total + sum(counts.dismissed), 0);
  assert.equal(malformed + packets.unknownRouter + received, PACKETS);
  assert.ok(received - dismissed > PACKETS / 50, `only ${received - dismissed} were heard`);
  const reasons = new Set(instances.flatMap(({ counts }) => Object.keys(counts.dismissed)));
  const every = ['addresses', 'authentication', 'hop-limit', 'interval', 'own-address', 'peer', 'version'];
  assert.deepEqual([...reasons].sort(), every);
  assert.equal(Object.keys(packets.malformed).length, 9, Object.keys(packets.malformed).join());
  // An hour brings each instance, and what is nobody's, at most 65 lines.
  const hours = clock.time / 3_600_000 + 1;
  assert.ok(oddities <= (INSTANCES.length + 1) * 65 * hours, `${oddities} lines in ${hours} hours`);
  const growth = (await heapUsed()) - heap;
  assert.ok(growth < MOST_GROWTH, `the heap grew by ${growth} bytes`);
  t.diagnostic(`${malformed} malformed, ${packets.unknownRouter} of unknown routers, ${dismissed} dismissed`);
  await host.service.stop();
  assert.deepEqual([clock.waiting, host.taken.size], [0, 0]);
});

function checkStates(host: FakeHost): void {
  for (const { name, state, priority, faults, addresses } of host.service.status().instances) {
    assert.ok(state === 'master' || state === 'backup', `${name} is ${state}`);
    assert.deepEqual([priority, faults], [100, []]);
    for (const address of addresses)
      assert.equal(host.taken.has(address), state === 'master', `${name} ${state}`);
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let times = 0; times < 3; times++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
}
