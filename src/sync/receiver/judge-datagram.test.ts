import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordOf } from '../../../test/sync/fixture/record-of.ts';
import { SYNC_V0, SYNC_V1 } from '../../../test/vectors/sync-datagrams.ts';
import { encodeSync } from '../message/encode-sync.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import { judgeDatagram } from './judge-datagram.ts';
import { validRecord } from './valid-record.ts';

const MARK = { port: 8848, epoch: '0123456789abcdef', count: 7 };

describe('a datagram is judged', () => {
  it("all of the kernel's is used", () => {
    for (const hex of [...SYNC_V1, ...SYNC_V0]) {
      const judged = judgeDatagram(Buffer.from(hex, 'hex'), 5);
      assert.ok(typeof judged !== 'string');
      assert.ok(judged.records.length > 0);
      assert.deepEqual(
        [judged.unsupported, judged.dismissal, judged.mark, judged.isBeacon],
        [0, undefined, undefined, false],
      );
    }
  });

  it('with a mark behind its records, or as a beacon', () => {
    const judge = (records: SyncRecord[]) => judgeDatagram(encodeSync({ syncId: 5, records, mark: MARK }), 0);
    assert.deepEqual(judge([]), { syncId: 5, records: [], unsupported: 0, mark: MARK, isBeacon: true });
    assert.deepEqual(judge([recordOf(0)]), {
      syncId: 5,
      records: [recordOf(0)],
      unsupported: 0,
      mark: MARK,
      isBeacon: false,
    });
    assert.deepEqual(judge([{ ...recordOf(0), protocol: 47 }]), {
      syncId: 5,
      records: [],
      unsupported: 1,
      mark: MARK,
      isBeacon: false,
    });
  });

  it('a beacon is what IPVS takes for a datagram without records', () => {
    const hex = Buffer.from(encodeSync({ syncId: 5, records: [], mark: MARK })).toString('hex');
    assert.equal(hex, '0005001c00010000766970720100229001234567' + '89abcdef00000007');
  });

  it('and dismissed by its length, its sync ID, its emptiness or its first record', () => {
    const whole = Buffer.from(encodeSync({ syncId: 5, records: [recordOf(0)] }));
    assert.equal(judgeDatagram(whole.subarray(0, 3), 5), 'too-short');
    assert.equal(judgeDatagram(whole.subarray(0, 20), 5), 'length');
    assert.equal(judgeDatagram(whole, 6), 'sync-id');
    assert.equal(judgeDatagram(encodeSync({ syncId: 5, records: [] }), 5), 'empty');
    whole.writeUInt8(2, 8);
    assert.equal(judgeDatagram(whole, 5), 'record');
  });
});

describe('a record is valid', () => {
  it('with a state of its protocol, and templates with one of templates', () => {
    const isValid = (changes: Partial<SyncRecord>): boolean =>
      validRecord({ ...recordOf(0), ...changes }) !== undefined;
    assert.deepEqual([isValid({ state: 10 }), isValid({ state: 11 })], [true, false]);
    assert.deepEqual([isValid({ protocol: 17, state: 0 }), isValid({ protocol: 17 })], [true, false]);
    assert.deepEqual(
      [isValid({ protocol: 132, state: 13 }), isValid({ protocol: 132, state: 14 })],
      [true, false],
    );
    assert.deepEqual([isValid({ protocol: 0, state: 0 }), isValid({ protocol: 47 })], [false, false]);
    const flags = 0x1000;
    assert.deepEqual([isValid({ protocol: 0, flags }), isValid({ flags, state: 2 })], [true, false]);
  });

  it('without flags that mean something to its sender alone, and with sequence data where they tell of it', () => {
    const direction = { initial: 1, delta: 2, previousDelta: 3 };
    const sequence = { inbound: direction, outbound: direction };
    assert.equal(validRecord({ ...recordOf(0), flags: 0xffff_ffff })?.flags, 0x1987);
    assert.deepEqual(validRecord({ ...recordOf(0), flags: 0x200, sequence })?.sequence, sequence);
    assert.equal(validRecord({ ...recordOf(0), sequence })?.sequence, undefined);
  });
});
