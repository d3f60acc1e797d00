import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SYNC_V0, SYNC_V1 } from '../../../test/vectors/sync-datagrams.ts';
import { addressFromBytes } from '../../model/address.ts';
import { decodeSync } from './decode-sync.ts';
import { encodeSync, syncRecordBytes } from './encode-sync.ts';
import { SYNC_FLAGS, type SyncRecord, V1_HEADER_BYTES } from './sync-record.ts';

const RUNS = 20_000;
const OPTIONS = { noNullPrototype: true } as const;
const port = fc.integer({ min: 0, max: 65535 });
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const sequence = fc.record({ initial: word, delta: word, previousDelta: word }, OPTIONS);
const recordOf = (bytes: number) => {
  const address = fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(addressFromBytes);
  return fc.record(
    {
      protocol: fc.constantFrom(0, 6, 17, 132),
      clientAddress: address,
      clientPort: port,
      virtualAddress: address,
      virtualPort: port,
      destinationAddress: address,
      destinationPort: port,
      fwmark: word,
      flags: word,
      state: port,
      timeout: word,
      sequence: fc.record({ inbound: sequence, outbound: sequence }, OPTIONS),
      persistence: fc.record(
        { engine: fc.stringMatching(/^[a-z]{1,16}$/), data: fc.uint8Array({ minLength: 1, maxLength: 255 }) },
        OPTIONS,
      ),
    },
    {
      ...OPTIONS,
      requiredKeys: [
        ...(['protocol', 'clientAddress', 'clientPort', 'virtualAddress', 'virtualPort'] as const),
        ...(['destinationAddress', 'destinationPort', 'fwmark', 'flags', 'state', 'timeout'] as const),
      ],
    },
  );
};
const records: fc.Arbitrary<SyncRecord[]> = fc.array(fc.oneof(recordOf(4), recordOf(16)), { maxLength: 12 });
const syncIds = fc.integer({ min: 0, max: 255 });

describe('datagrams of connection synchronisation', () => {
  it('of the kernel are read whole, and written as the kernel wrote them', () => {
    for (const hex of SYNC_V1) {
      const { version, skipped, refusal, ...message } = decodeSync(Buffer.from(hex, 'hex'));
      assert.deepEqual({ version, skipped, refusal }, { version: 1, skipped: 0, refusal: undefined });
      assert.equal(message.syncId, 5);
      assert.equal(Buffer.from(encodeSync(message)).toString('hex'), hex);
    }
  });

  it('tell of connections, templates and persistence engines what the kernel listed', () => {
    const all = SYNC_V1.flatMap((hex) => decodeSync(Buffer.from(hex, 'hex')).records);
    assert.equal(all.length, 3 + 14 + 2 + 8);
    assert.deepEqual(all[0], {
      protocol: 6,
      clientAddress: '10.1.0.2',
      clientPort: 41001,
      virtualAddress: '192.0.2.10',
      virtualPort: 80,
      destinationAddress: '10.2.0.13',
      destinationPort: 80,
      fwmark: 0,
      flags: 0,
      state: 1,
      timeout: 900,
    });
    const sip = all.find(({ persistence }) => persistence !== undefined);
    assert.equal(sip?.persistence?.engine, 'sip');
    assert.equal(Buffer.from(sip?.persistence?.data ?? []).toString(), 'call-1@test');
    assert.equal((sip?.flags ?? 0) & SYNC_FLAGS.template, SYNC_FLAGS.template);
    assert.equal(all.find(({ clientPort }) => clientPort === 41003)?.destinationAddress, 'fd02::11');
  });

  it('of version 0 are read, too', () => {
    const [first] = SYNC_V0.map((hex) => decodeSync(Buffer.from(hex, 'hex')));
    assert.equal(first?.version, 0);
    assert.equal(first?.refusal, undefined);
    assert.equal(first?.records.length, 8);
    assert.deepEqual(first?.records.at(4), {
      protocol: 6,
      clientAddress: '10.1.0.0',
      clientPort: 0,
      virtualAddress: '192.0.2.10',
      virtualPort: 8080,
      destinationAddress: '10.2.0.13',
      destinationPort: 8080,
      fwmark: 0,
      flags: 0x1100,
      state: 1,
      timeout: 0,
    });
  });

  it('come back as they were, and have the length that is told before', () => {
    fc.assert(
      fc.property(syncIds, records, (syncId, given) => {
        const datagram = encodeSync({ syncId, records: given });
        assert.deepEqual(decodeSync(datagram), { version: 1, syncId, records: given, skipped: 0 });
        const told = given.reduce((sum, record) => sum + syncRecordBytes(record), V1_HEADER_BYTES);
        assert.ok(told >= datagram.length && told < datagram.length + 4);
      }),
      { numRuns: 1000 },
    );
  });

  it('with an option that is not known lose that record, or only the option where it may be skipped', () => {
    const [record] = decodeSync(Buffer.from(SYNC_V1[0] ?? '', 'hex')).records;
    assert.ok(record !== undefined);
    const persistence = { engine: 'sip', data: Buffer.from('x') };
    const datagram = encodeSync({ syncId: 1, records: [{ ...record, persistence }, record] });
    const option = V1_HEADER_BYTES + 36;
    datagram[option] = 9;
    assert.deepEqual(decodeSync(datagram), { version: 1, syncId: 1, records: [record], skipped: 1 });
    datagram[option] = 9 | 0x40;
    assert.deepEqual(decodeSync(datagram).records, [record, record], 'a name without its data says nothing');
  });

  it('that are cut or say a wrong length are refused', () => {
    const whole = Buffer.from(SYNC_V1[0] ?? '', 'hex');
    assert.equal(decodeSync(whole.subarray(0, 3)).refusal, 'too-short');
    assert.equal(decodeSync(whole.subarray(0, 40)).refusal, 'length');
    const cut = Buffer.from(whole.subarray(0, 100));
    cut.writeUInt16BE(100, 2);
    const { records: read, refusal } = decodeSync(cut);
    assert.equal(refusal, 'record');
    assert.equal(read.length, 2, 'what came before is taken');
  });

  it(`are read without a throw, whatever comes (${RUNS} datagrams of chance)`, () => {
    const seeds = [...SYNC_V1, ...SYNC_V0].map((hex) => Buffer.from(hex, 'hex'));
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        (seed, edits) => {
          const datagram = Buffer.from(seed);
          for (const [at, value] of edits) datagram[at % datagram.length] = value;
          datagram.writeUInt16BE(datagram.length, 2);
          const { records: read, refusal } = decodeSync(datagram);
          assert.ok(read.length <= 255 && (refusal === undefined || typeof refusal === 'string'));
        },
      ),
      { numRuns: RUNS },
    );
  });
});
