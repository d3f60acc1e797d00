import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressBytes, type IpAddress } from '../../src/model/address.ts';
import { SYNC_FLAGS, type SyncRecord } from '../../src/sync/message/sync-record.ts';
import { DatagramIntake } from '../../src/sync/receiver/datagram-intake.ts';
import { KnownMasters } from '../../src/sync/receiver/known-masters.ts';
import { RecordIntake } from '../../src/sync/receiver/record-intake.ts';
import { SeededRandom } from '../random/seeded-random.ts';
import { MemoryTable } from './fixture/memory-table.ts';
import { RandomDatagrams } from './fixture/random-datagram.ts';

const TIMES = process.env.VIPR_FUZZ === 'whole' ? 1_000_000 : 200_000;
const SEED = Number(process.env.VIPR_SEED ?? Date.now() % 1_000_000);
const STATES: Readonly<Record<number, number>> = { 6: 11, 17: 1, 50: 1, 51: 1, 132: 14 };

describe(`a backup that hears ${TIMES} datagrams of chance (VIPR_SEED=${SEED})`, () => {
  it('never throws, counts each of them, and puts nothing but valid records into the table', () => {
    const seeded = new SeededRandom(SEED);
    const random = () => seeded.next();
    const datagrams = new RandomDatagrams(random);
    let time = 0;
    const masters = new KnownMasters({ now: () => time, wallClock: () => time });
    const table = new MemoryTable();
    let puts = 0;
    const put = table.put.bind(table);
    table.put = (record) => {
      puts += 1;
      assertValid(record);
      return put(record);
    };
    const records = new RecordIntake(table);
    let told = 0;
    const intake = new DatagramIntake({
      syncId: 5,
      masters,
      records,
      isOwn: (address) => address === '10.0.0.0',
      told: () => {
        told += 1;
      },
    });
    let accounted = 0;
    for (let at = 0; at < TIMES; at++) {
      time += random() * 20;
      const before = sum(intake.counts.dismissed) + sum(records.counts);
      const isBeacon = intake.hear(datagrams.next(), `10.0.0.${Math.floor(random() * 40)}` as IpAddress);
      if (isBeacon || sum(intake.counts.dismissed) + sum(records.counts) > before) accounted += 1;
      for (const master of masters.due()) {
        master.ask();
        if (random() < 0.5)
          master.begin({ port: 1, epoch: master.epoch ?? '', count: Math.floor(random() * 1000) });
        master.end(random() < 0.5 ? 'chance' : undefined);
      }
      if (at % 1000 === 0) masters.waitingFor('eth0');
    }
    assert.equal(accounted, TIMES);
    assert.equal(intake.counts.datagrams, TIMES);
    assert.equal(told, puts);
    assert.ok(masters.status().length <= 32);
    // Chance reached everything that there is to reach.
    for (const [reason, times] of Object.entries(intake.counts.dismissed)) assert.ok(times > 0, reason);
    assert.ok(records.counts.added > 100 && records.counts.updated > 100 && records.counts.unsupported > 100);
  });
});

function assertValid({ protocol, state, flags, sequence, persistence, ...record }: SyncRecord): void {
  const isTemplate = (flags & SYNC_FLAGS.template) !== 0;
  const states = isTemplate ? 2 : (STATES[protocol] ?? 0);
  assert.ok(state < states, `state ${state} of protocol ${protocol}`);
  assert.equal(flags & ~0x1f87, 0, 'flags that mean nothing to others');
  assert.equal(sequence !== undefined, (flags & SYNC_FLAGS.sequence) !== 0);
  const lengths = [record.clientAddress, record.virtualAddress, record.destinationAddress].map(
    (address) => addressBytes(address).length,
  );
  assert.equal(new Set(lengths).size, 1);
  if (persistence === undefined) return;
  assert.ok(persistence.engine.length >= 1 && persistence.engine.length <= 16);
  assert.ok(persistence.data.length >= 1 && persistence.data.length <= 255);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
