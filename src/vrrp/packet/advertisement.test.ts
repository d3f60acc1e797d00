import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressFromBytes, type IpAddress } from '../../model/address.ts';
import type { Milliseconds } from '../../model/unit.ts';
import { type Advertisement, MULTICAST_GROUP } from './advertisement.ts';
import { decodeAdvertisement } from './decode-advertisement.ts';
import { encodeAdvertisement } from './encode-advertisement.ts';

const V2: Advertisement = {
  version: 2,
  virtualRouterId: 1,
  priority: 100,
  interval: 1000 as Milliseconds,
  addresses: ['192.168.0.1' as IpAddress],
};
const INET = { source: '192.168.0.30' as IpAddress, destination: MULTICAST_GROUP.inet as IpAddress };
const INET6 = { source: 'fe80::1' as IpAddress, destination: MULTICAST_GROUP.inet6 as IpAddress };
/** A router of another make, seen on a wire. */
const V2_BYTES = Buffer.from('210164010001ba52c0a800010000000000000000', 'hex');
const RUNS = 20_000;

const addressOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(addressFromBytes);
const common = {
  virtualRouterId: fc.integer({ min: 1, max: 255 }),
  priority: fc.integer({ min: 0, max: 255 }),
};
const hundredths = fc.integer({ min: 1, max: 4095 }).map((value) => (value * 10) as Milliseconds);
const packets = fc.oneof(
  fc.record({
    advertisement: fc.record(
      {
        version: fc.constant(2 as const),
        ...common,
        interval: fc.integer({ min: 1, max: 255 }).map((value) => (value * 1000) as Milliseconds),
        addresses: fc.array(addressOf(4), { maxLength: 20 }),
        password: fc.stringMatching(/^[!-~]{1,8}$/),
      },
      {
        requiredKeys: ['version', 'virtualRouterId', 'priority', 'interval', 'addresses'],
        noNullPrototype: true,
      },
    ),
    envelope: fc.record({ source: addressOf(4), destination: fc.constant(INET.destination) }),
    pseudoHeaderChecksum: fc.boolean(),
  }),
  ...[4, 16].map((length) =>
    fc.record({
      advertisement: fc.record(
        {
          version: fc.constant(3 as const),
          ...common,
          interval: hundredths,
          addresses: fc.array(addressOf(length), { maxLength: 20 }),
        },
        { noNullPrototype: true },
      ),
      envelope: fc.record({ source: addressOf(length), destination: addressOf(length) }),
      pseudoHeaderChecksum: fc.boolean(),
    }),
  ),
);

describe('VRRP advertisements', () => {
  it('of version 2 are the bytes of another router', () => {
    assert.deepEqual(Buffer.from(encodeAdvertisement(V2, INET, { pseudoHeaderChecksum: true })), V2_BYTES);
    assert.deepEqual(decodeAdvertisement({ ...INET, hopLimit: 255, message: V2_BYTES }), {
      advertisement: V2,
    });
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(packets, ({ advertisement, envelope, pseudoHeaderChecksum }) => {
        const message = encodeAdvertisement(advertisement, envelope, { pseudoHeaderChecksum });
        assert.deepEqual(decodeAdvertisement({ ...envelope, hopLimit: 255, message }), { advertisement });
      }),
      { numRuns: 2000 },
    );
  });

  it('with any bit turned over are refused', () => {
    fc.assert(
      fc.property(packets, fc.nat(), ({ advertisement, envelope, pseudoHeaderChecksum }, nth) => {
        const message = encodeAdvertisement(advertisement, envelope, { pseudoHeaderChecksum });
        const bit = nth % (message.length * 8);
        message[bit >> 3] = (message[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.notEqual(decodeAdvertisement({ ...envelope, hopLimit: 255, message }).refusal, undefined);
      }),
      // One in 65,536 would pass by chance for a message with the other kind of checksum.
      { numRuns: 2000, seed: 1 },
    );
  });

  it('from another link, cut, or of another kind are refused by name', () => {
    const refusal = (change: (message: Buffer) => Uint8Array, hopLimit = 255) =>
      decodeAdvertisement({ ...INET, hopLimit, message: change(Buffer.from(V2_BYTES)) }).refusal;
    const set = (at: number, value: number) => (message: Buffer) => {
      message[at] = value;
      return message;
    };
    assert.equal(
      refusal((message) => message, 254),
      'hop-limit',
    );
    assert.equal(
      refusal((message) => message.subarray(0, 7)),
      'too-short',
    );
    assert.equal(refusal(set(0, 0x41)), 'version');
    assert.equal(refusal(set(0, 0x22)), 'type');
    assert.equal(refusal(set(1, 0)), 'virtual-router-id');
    assert.equal(refusal(set(3, 2)), 'length');
    assert.equal(refusal(set(2, 101)), 'checksum');
    assert.equal(decodeAdvertisement({ ...INET6, hopLimit: 255, message: V2_BYTES }).refusal, 'length');
  });

  it(`are decoded without a throw, whatever comes (${RUNS} packets of chance)`, () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(INET, INET6),
        fc.constantFrom(0x21, 0x31, undefined),
        (message, envelope, first) => {
          if (first !== undefined && message.length > 0) message[0] = first;
          const { advertisement, refusal } = decodeAdvertisement({ ...envelope, hopLimit: 255, message });
          assert.ok((advertisement === undefined) !== (refusal === undefined));
        },
      ),
      { numRuns: RUNS },
    );
  });
});
