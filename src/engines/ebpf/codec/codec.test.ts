import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressFromBytes, type IpAddress } from '../../../model/address.ts';
import type { Destination } from '../../../model/destination.ts';
import type { ServiceId, ServiceSettings } from '../../../model/service.ts';
import type { FirewallMark, Port, PrefixLength, Seconds, Weight } from '../../../model/unit.ts';
import {
  CACHE_MEMBERS,
  FLOW_CONNECTION,
  FLOW_MARK_TEMPLATE,
  SCTP_STATES,
  SIZE,
  TCP_STATES,
} from '../layout.gen.ts';
import { decodeCacheEntry, decodeCacheKey, encodeCacheEntry, encodeCacheKey } from './cache-codec.ts';
import { decodeConnection, encodeConnection } from './connection-codec.ts';
import { decodeCounters, encodeCounters } from './counters-codec.ts';
import { decodeDestination, encodeDestination } from './destination-codec.ts';
import { decodeFlow, decodeReply, encodeFlow, encodeReply } from './flow-codec.ts';
import { decodeMarkRule, encodeMarkRule } from './mark-rule-codec.ts';
import { decodeService, decodeServiceKey, encodeService, encodeServiceKey } from './service-codec.ts';
import { decodeSettings, encodeSettings } from './settings-codec.ts';

const u32 = fc.nat(2 ** 32 - 1);
const u64 = fc.nat(Number.MAX_SAFE_INTEGER);
const port = fc.nat(65535) as fc.Arbitrary<Port>;
const inet = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(addressFromBytes);
const inet6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(addressFromBytes);
const address = fc.oneof(inet, inet6);
const protocol = fc.constantFrom('tcp', 'udp', 'sctp');
const mark = fc.integer({ min: 1, max: 2 ** 32 - 1 }) as fc.Arbitrary<FirewallMark>;
const flag = fc.boolean();

function roundTrips<T>(
  arbitrary: fc.Arbitrary<T>,
  size: number,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
) {
  fc.assert(
    fc.property(arbitrary, (value) => {
      const bytes = encode(value);
      assert.equal(bytes.length, size);
      // fast-check makes records without a prototype.
      assert.deepEqual(decode(bytes), structuredClone(value));
    }),
  );
}

test('settings survive their bytes', () => {
  const record = fc.record({
    layout: u32,
    hz: u32,
    flags: u32,
    connReuseMode: u32,
    dropPacketRate: u32,
    markRules: u32,
    routeGeneration: u32,
    embryonicLimit: u32,
    expireUdp: u32,
    expireTcp: fc.array(u32, { minLength: TCP_STATES, maxLength: TCP_STATES }),
    expireSctp: fc.array(u32, { minLength: SCTP_STATES, maxLength: SCTP_STATES }),
    unprivilegedPortStart: u32,
    dropEntryOdds: u32,
    syncThreshold: u32,
    syncPeriod: u32,
    syncRefresh: u32,
    syncRetries: u32,
  });
  roundTrips(record, SIZE.settings, encodeSettings, decodeSettings);
});

test('services survive their bytes', () => {
  const id: fc.Arbitrary<ServiceId> = fc.oneof(
    fc.record({ kind: fc.constant('address'), protocol, address, port }),
    fc.record({ kind: fc.constant('fwmark'), fwmark: mark, family: fc.constantFrom('inet', 'inet6') }),
  );
  roundTrips(id, SIZE.service_key, encodeServiceKey, decodeServiceKey);
  const settings = fc.record(
    {
      scheduler: fc.stringMatching(/^[a-z]{1,15}$/),
      schedulerFlags: fc.record({ flag1: flag, flag2: flag, flag3: flag }),
      persistenceTimeout: fc.nat(2 ** 31 - 1) as fc.Arbitrary<Seconds>,
      persistenceNetmask: fc.oneof(inet, fc.integer({ min: 1, max: 128 }) as fc.Arbitrary<PrefixLength>),
      onePacket: flag,
    },
    { requiredKeys: ['scheduler', 'schedulerFlags', 'persistenceNetmask', 'onePacket'] },
  ) as fc.Arbitrary<ServiceSettings>;
  const record = fc.record({ id: u32, order: u32, settings });
  roundTrips(record, SIZE.service, (value) => encodeService(value, 250), decodeService);
});

test('destinations survive their bytes', () => {
  const settings: fc.Arbitrary<Destination> = fc.record({
    address,
    port,
    forwarding: fc.constantFrom('masquerade', 'direct', 'tunnel', 'local', 'bypass'),
    weight: fc.nat(2 ** 31 - 1) as fc.Arbitrary<Weight>,
    upperThreshold: u32,
    lowerThreshold: u32,
    tunnel: fc.record({
      type: fc.constantFrom('ipip', 'gue', 'gre'),
      port,
      checksum: fc.constantFrom('none', 'checksum', 'remote'),
    }),
  });
  const record = fc.record({
    available: flag,
    masqueraded: flag,
    service: u32,
    settings,
    lastWeight: u32,
    order: u32,
    trashed: u64,
  });
  roundTrips(record, SIZE.destination, encodeDestination, decodeDestination);
});

test('flows and replies of both families survive their bytes', () => {
  for (const [family, one] of [
    ['inet', inet],
    ['inet6', inet6],
  ] as const) {
    const flow = (virtual: fc.Arbitrary<IpAddress | number>, kind: number) =>
      fc.record({
        client: one,
        clientPort: port,
        virtual,
        virtualPort: port,
        protocol: fc.nat(255),
        kind: fc.constant(kind),
      });
    const either = fc.oneof(flow(one, FLOW_CONNECTION), flow(mark, FLOW_MARK_TEMPLATE));
    const [flowSize, replySize] = family === 'inet' ? [SIZE.flow4, SIZE.reply4] : [SIZE.flow6, SIZE.reply6];
    roundTrips(
      either,
      flowSize,
      (value) => encodeFlow(family, value),
      (bytes) => decodeFlow(family, bytes),
    );
    const reply = fc.record({ virtual: one, virtualPort: port });
    roundTrips(
      reply,
      replySize,
      (value) => encodeReply(family, value),
      (bytes) => decodeReply(family, bytes),
    );
  }
});

test('connections survive their bytes', () => {
  const record = fc.record({
    expires: u64,
    reported: u64,
    timeout: u32,
    destination: u32,
    word: u32,
    packets: u32,
    firewallMark: u32,
    netmask: u32,
    controlled: u32,
    destinationPort: port,
    link: fc.nat(255),
    reportedState: fc.nat(255),
    clientGeneration: u32,
    clientInterface: fc.nat(65535),
    clientMac: fc.uint8Array({ minLength: 6, maxLength: 6 }),
  });
  roundTrips(record, SIZE.connection, encodeConnection, decodeConnection);
});

test('counters, caches and mark rules survive their bytes', () => {
  const counters = fc.record({
    connections: u64,
    inPackets: u64,
    outPackets: u64,
    inBytes: u64,
    outBytes: u64,
  });
  roundTrips(counters, SIZE.counters, encodeCounters, (bytes) => decodeCounters(bytes));
  const key = fc.record({ service: u32, address: inet6 });
  roundTrips(key, SIZE.cache_key, encodeCacheKey, (bytes) => decodeCacheKey(bytes, 'inet6'));
  const members = fc.array(u32, { maxLength: CACHE_MEMBERS });
  const entry = fc.record({ lastUse: u64, lastModified: u64, members });
  roundTrips(entry, SIZE.cache_entry, encodeCacheEntry, decodeCacheEntry);
  const rule = fc.record(
    { protocol, address, prefixLength: fc.nat(128), firstPort: port, lastPort: port, mark },
    { requiredKeys: ['address', 'prefixLength', 'firstPort', 'lastPort', 'mark'] },
  );
  roundTrips(rule, SIZE.mark_rule, encodeMarkRule, decodeMarkRule);
});

test('counters of all processors are added up', () => {
  const one = encodeCounters({ connections: 1, inPackets: 2, outPackets: 3, inBytes: 2 ** 40, outBytes: 5 });
  const two = encodeCounters({ connections: 10, inPackets: 20, outPackets: 30, inBytes: 40, outBytes: 50 });
  const both = new Uint8Array([...one, ...two]);
  const sum = { connections: 11, inPackets: 22, outPackets: 33, inBytes: 2 ** 40 + 40, outBytes: 55 };
  assert.deepEqual(decodeCounters(both, 2), sum);
});

test('ports and addresses are in network order, times in jiffies', () => {
  const id: ServiceId = {
    kind: 'address',
    protocol: 'tcp',
    address: '192.0.2.10' as IpAddress,
    port: 80 as Port,
  };
  assert.deepEqual([...encodeServiceKey(id).subarray(0, 8)], [2, 6, 0, 80, 192, 0, 2, 10]);
  const settings: ServiceSettings = {
    scheduler: 'wlc',
    schedulerFlags: { flag1: false, flag2: false, flag3: false },
    persistenceTimeout: 300 as Seconds,
    persistenceNetmask: '255.255.255.0' as IpAddress,
    onePacket: false,
  };
  const bytes = encodeService({ id: 1, order: 2, settings }, 250);
  assert.deepEqual([...bytes.subarray(8, 12)], [255, 255, 255, 0]);
  assert.equal(new DataView(bytes.buffer).getUint32(16, true), 75_000);
});
