import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { recordOf } from '../../../test/sync/fixture/record-of.ts';
import { flowKey } from '../flow-key.ts';
import { encodeSync } from '../message/encode-sync.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import { DatagramPacker } from './datagram-packer.ts';

const MARK = { port: 1, epoch: '0'.repeat(16), count: 1 };
const state = fc.nat({ max: 10 });
const record = fc
  .record({ number: fc.nat({ max: 40 }), state, call: fc.option(fc.constantFrom('a', 'a longer one')) })
  .map(({ number, call, ...rest }): SyncRecord => {
    const plain = { ...recordOf(number), ...rest };
    return call === null ? plain : { ...plain, persistence: { engine: 'sip', data: Buffer.from(call) } };
  });

describe('a packer of datagrams', () => {
  it('loses nothing but what is told anew, keeps the order of each connection, and fills no datagram beyond its length', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 200 }),
        fc.integer({ min: 1, max: 1472 }),
        (records, maxLength) => {
          const packer = new DatagramPacker(maxLength);
          const batches = records.flatMap((each) => {
            const full = packer.add(each);
            return full === undefined ? [] : [full];
          });
          if (!packer.isEmpty) batches.push(packer.take());
          assert.ok(packer.isEmpty);
          for (const batch of batches) {
            const { length } = encodeSync({ syncId: 1, records: batch, mark: MARK });
            assert.ok(batch.length === 1 || length <= maxLength, `${length} bytes in ${maxLength}`);
            assert.equal(new Set(batch.map(flowKey)).size, batch.length);
          }
          const latest = (all: readonly SyncRecord[]) => new Map(all.map((each) => [flowKey(each), each]));
          assert.deepEqual(latest(batches.flat()), latest(records));
        },
      ),
    );
  });

  it('takes 255 records at most', () => {
    const packer = new DatagramPacker(65_507);
    const full = Array.from({ length: 256 }, (_, index) => packer.add(recordOf(3 * index)));
    assert.deepEqual([full.at(254), full.at(255)?.length, packer.take().length], [undefined, 255, 1]);
  });
});
