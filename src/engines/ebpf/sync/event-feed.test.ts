import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ip } from '../../../../test/engine/sample-table.ts';
import type { Port } from '../../../model/unit.ts';
import type { SyncRecord } from '../../../sync/message/sync-record.ts';
import { FAMILY_NUMBER } from '../codec/address-codec.ts';
import { encodeConnection } from '../codec/connection-codec.ts';
import { type Flow, writeWideFlow } from '../codec/flow-codec.ts';
import * as layout from '../layout.gen.ts';
import { EventFeed } from './event-feed.ts';

const { OFFSET, SIZE } = layout;
const HZ = 250;
const FLOW: Flow = {
  client: ip('203.0.113.1'),
  clientPort: 40001 as Port,
  virtual: ip('192.0.2.10'),
  virtualPort: 80 as Port,
  protocol: 6,
  kind: layout.FLOW_CONNECTION,
};

test('listeners hear of events in their order, from when they listen until they do not', async () => {
  const ring = new FakeRing();
  const told: boolean[] = [];
  let lost = 7n;
  const feed = new EventFeed({
    ring,
    lost: () => lost,
    tell: (on) => told.push(on),
    addressOf: (id) => (id === 3 ? ip('10.0.0.11') : undefined),
    hz: HZ,
  });
  ring.waiting.push(eventOf(FLOW, 3, 1));
  const heard: SyncRecord[] = [];
  let missing = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = feed.add({
    hear: (records) => {
      heard.push(...records);
      if (heard.length >= 3000) resolve();
    },
    lost: (count) => {
      missing += count;
    },
  });
  assert.deepEqual(told, [true]);
  assert.equal(ring.waiting.length, 0, 'what was there before is let go');
  lost = 9n;
  ring.waiting.push(eventOf(FLOW, 4, 1));
  for (let port = 1; port <= 3000; port++)
    ring.waiting.push(eventOf({ ...FLOW, clientPort: port as Port }, 3, 1));
  await promise;
  assert.deepEqual(
    heard.map(({ clientPort }) => clientPort),
    Array.from({ length: 3000 }, (_, index) => index + 1),
  );
  assert.equal(missing, 2);
  ring.waiting.push(eventOf({ ...FLOW, clientPort: 3001 as Port }, 3, 1));
  end();
  end();
  assert.equal(heard.at(-1)?.clientPort, 3001, 'what happened until then is told');
  assert.deepEqual(told, [true, false]);
  feed.close();
  assert.deepEqual(told, [true, false]);
});

test('events become what IPVS tells of a connection', async () => {
  assert.deepEqual(await recordOf(eventOf(FLOW, 3, 1)), {
    protocol: 6,
    clientAddress: '203.0.113.1',
    clientPort: 40001,
    virtualAddress: '192.0.2.10',
    virtualPort: 80,
    destinationAddress: '10.0.0.11',
    destinationPort: 8080,
    fwmark: 9,
    flags: 0,
    state: 1,
    timeout: 900,
  });
  const word =
    4 |
    (layout.METHOD_DIRECT << layout.CONNECTION_METHOD_SHIFT) |
    layout.CONNECTION_INACTIVE |
    layout.CONNECTION_NO_OUTPUT |
    layout.CONNECTION_SYNCHRONISED |
    layout.CONNECTION_REPLY_TAKEN;
  const { flags, state } = await recordOf(eventOf(FLOW, 3, word));
  assert.deepEqual([flags, state], [0x183, 4]);
});

test('templates have their state and method; those of marks the mark as their address', async () => {
  const word = layout.CONNECTION_TEMPLATE | layout.CONNECTION_INACTIVE;
  const template = { ...FLOW, clientPort: 0 as Port, kind: layout.FLOW_TEMPLATE };
  const plain = await recordOf(eventOf(template, 3, word));
  assert.deepEqual([plain.flags, plain.state], [0x1100, 0]);
  const assured = await recordOf(eventOf(template, 3, word | layout.CONNECTION_ASSURED));
  assert.deepEqual([assured.flags, assured.state], [0x1100, 1]);
  const ofMark = {
    ...template,
    virtual: 6,
    virtualPort: 0 as Port,
    protocol: 0,
    kind: layout.FLOW_MARK_TEMPLATE,
  };
  const inet = await recordOf(eventOf(ofMark, 3, word));
  assert.deepEqual([inet.protocol, inet.virtualAddress, inet.fwmark], [0, '0.0.0.6', 6]);
  const inet6 = await recordOf(eventOf({ ...ofMark, client: ip('2001:db8::') }, 3, word));
  assert.deepEqual([inet6.clientAddress, inet6.virtualAddress, inet6.fwmark], ['2001:db8::', '0:6::', 6]);
});

class FakeRing {
  readonly waiting: Uint8Array[] = [];

  read(take: (record: Uint8Array) => void, limit = Number.POSITIVE_INFINITY): number {
    const some = this.waiting.splice(0, limit);
    for (const each of some) take(each);
    return some.length;
  }
}

function recordOf(event: Uint8Array): Promise<SyncRecord> {
  const ring = new FakeRing();
  const { promise, resolve } = Promise.withResolvers<SyncRecord>();
  const feed = new EventFeed({
    ring,
    lost: () => 0n,
    tell: () => undefined,
    addressOf: () => ip('10.0.0.11'),
    hz: HZ,
  });
  feed.add({
    hear: ([record]) => {
      feed.close();
      if (record !== undefined) resolve(record);
    },
    lost: () => undefined,
  });
  ring.waiting.push(event);
  return promise;
}

function eventOf(flow: Flow, destination: number, word: number): Uint8Array {
  const bytes = new Uint8Array(SIZE.sync_event);
  writeWideFlow(bytes.subarray(OFFSET.sync_event.flow), flow);
  const family = flow.client.includes(':') ? 'inet6' : 'inet';
  new DataView(bytes.buffer).setUint32(OFFSET.sync_event.family, FAMILY_NUMBER[family], true);
  const connection = encodeConnection({
    expires: 1000,
    reported: 0,
    timeout: 900 * HZ,
    destination,
    word,
    packets: 3,
    firewallMark: 9,
    netmask: 0,
    controlled: 0,
    destinationPort: 8080 as Port,
    link: layout.LINK_NONE,
    reportedState: 0,
    clientGeneration: 0,
    clientInterface: 0,
    clientMac: new Uint8Array(6),
  });
  bytes.set(connection, OFFSET.sync_event.connection);
  return bytes;
}
