import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../../../test/engine/sample-table.ts';
import type { Destination } from '../../../model/destination.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import {
  COUNTERS_PER_DESTINATION,
  createSharedMemory,
  DESTINATION_FLAGS_OFFSET,
  DESTINATION_ROW_BYTES,
  IN_BYTES,
  IN_PACKETS,
  OUT_BYTES,
  OUT_PACKETS,
} from '../channel/shared-memory.ts';
import { DestinationRows } from './destination-rows.ts';

describe('destination rows', () => {
  test('hold the address, the port and whether the PROXY protocol is wanted', () => {
    const { rows, row, destination } = setUp();
    const plain = destination('10.0.0.1');
    const proxied = destination('10.0.0.2', { proxyProtocol: 'v2' });
    rows.add(plain);
    rows.add(proxied);
    assert.deepEqual([...row(plain).subarray(2, 8)], [0, 80, 10, 0, 0, 1]);
    assert.deepEqual([...row(proxied).subarray(2, 8)], [0, 80, 10, 0, 0, 2]);
    assert.equal(row(plain)[DESTINATION_FLAGS_OFFSET], 0);
    assert.equal(row(proxied)[DESTINATION_FLAGS_OFFSET], 1);
    proxied.edit({ ...proxied.settings, proxyProtocol: 'off' });
    rows.write(proxied);
    assert.equal(row(proxied)[DESTINATION_FLAGS_OFFSET], 0);
  });

  test('add up what all pumps counted, once', () => {
    const { rows, count, destination } = setUp();
    const a = destination('10.0.0.1');
    const b = destination('10.0.0.2');
    rows.add(a);
    rows.add(b);
    count(0, a, [1, 2, 100, 200]);
    count(1, a, [10, 20, 1000, 2000]);
    count(1, b, [0, 1, 0, 7]);
    rows.collect();
    rows.collect();
    const totals = (each: LiveDestination) => {
      const { inPackets, outPackets, inBytes, outBytes } = each.statistics;
      return [inPackets, outPackets, inBytes, outBytes];
    };
    assert.deepEqual(totals(a), [11, 22, 1100, 2200]);
    assert.deepEqual(totals(b), [0, 1, 0, 7]);
    count(0, a, [1, 0, 5, 0]);
    rows.collect();
    assert.deepEqual(totals(a), [12, 22, 1105, 2200]);
    assert.equal(a.service.statistics.inBytes, 1105);
  });

  test('stay with a deleted destination while connections or templates refer to it', () => {
    const { rows, destination } = setUp();
    const leaving = destination('10.0.0.1');
    rows.add(leaving);
    leaving.bind();
    leaving.bindTemplate();
    rows.leave(leaving);
    rows.sweep();
    assert.equal(leaving.slot, 0);
    leaving.unbind(false);
    rows.sweep();
    assert.equal(leaving.slot, 0);
    leaving.unbindTemplate();
    rows.sweep();
    assert.equal(leaving.slot, -1);
  });

  test('stay with a destination that is added again in time, else it gets another', () => {
    const { rows, destination } = setUp();
    const returning = destination('10.0.0.1');
    rows.add(returning);
    rows.leave(returning);
    rows.add(returning);
    rows.sweep();
    assert.equal(returning.slot, 0);
    rows.leave(returning);
    rows.sweep();
    const other = destination('10.0.0.2');
    rows.add(other);
    rows.add(returning);
    assert.deepEqual([other.slot, returning.slot], [0, 1]);
  });

  test('a destination starts at 0 in a row that counted for another', () => {
    const { rows, count, destination } = setUp();
    const former = destination('10.0.0.1');
    rows.add(former);
    count(0, former, [5, 5, 500, 500]);
    rows.collect();
    rows.leave(former);
    rows.sweep();
    const latter = destination('10.0.0.2');
    rows.add(latter);
    rows.collect();
    assert.equal(latter.slot, 0);
    assert.equal(latter.statistics.inPackets, 0);
  });
});

function setUp() {
  const memory = createSharedMemory(2);
  const table = new Uint8Array(memory.destinations);
  const service = new LiveService(serviceOn('192.0.2.10'), settings());
  return {
    rows: new DestinationRows(memory),
    destination: (address: string, changes: Partial<Destination> = {}) =>
      new LiveDestination(service, destinationOn(address, changes)),
    row: ({ slot }: LiveDestination) =>
      table.subarray(slot * DESTINATION_ROW_BYTES, (slot + 1) * DESTINATION_ROW_BYTES),
    /** Counts as a pump does: packets in and out, bytes in and out. */
    count: (pump: number, { slot }: LiveDestination, values: readonly [number, number, number, number]) => {
      const counters = new Float64Array(memory.counters[pump] ?? new SharedArrayBuffer(0));
      const at = slot * COUNTERS_PER_DESTINATION;
      [IN_PACKETS, OUT_PACKETS, IN_BYTES, OUT_BYTES].forEach((word, index) => {
        counters[at + word] = (counters[at + word] ?? 0) + (values[index] ?? 0);
      });
    },
  };
}
