import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import { decodeSync } from '../../src/sync/message/decode-sync.ts';
import { encodeSync } from '../../src/sync/message/encode-sync.ts';
import { FakeDirector } from './fixture/fake-director.ts';
import { type FakeHost, FakeSegment } from './fixture/fake-segment.ts';
import { recordOf } from './fixture/record-of.ts';

const MASTER = '10.0.0.1';
const BACKUP = '10.0.0.2';

describe('a master and a backup on a virtual clock', () => {
  let clock: VirtualClock;
  let segment: FakeSegment;
  let hosts: { readonly master: FakeHost; readonly backup: FakeHost };
  let master: FakeDirector;
  let backup: FakeDirector;

  beforeEach(() => {
    clock = new VirtualClock();
    segment = new FakeSegment();
    hosts = { master: segment.host(MASTER), backup: segment.host(BACKUP) };
    master = new FakeDirector(hosts.master, clock);
    backup = new FakeDirector(hosts.backup, clock);
  });

  afterEach(async () => {
    await Promise.all([master.service.close(), backup.service.close()]);
    assert.equal(clock.waiting, 0, 'no timer is left');
  });

  /** Streams go on by turns of the event loop. */
  async function pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 100) {
      await clock.advance(Math.min(left, 100));
      for (let turn = 0; turn < 50; turn++) await nextTurn();
    }
  }

  async function bothRun(): Promise<void> {
    master.start('master');
    backup.start('backup');
    await pass(1500);
    assert.equal(backup.backup.isSynchronised, true);
  }

  it('what is told arrives after 10 ms, the newest state of each connection alone', async () => {
    await bothRun();
    const closing = { ...recordOf(1), state: 4 };
    master.table.change([recordOf(0), recordOf(1), closing]);
    assert.equal(backup.table.entries.size, 0);
    await clock.advance(10);
    assert.deepEqual([...backup.table.entries.values()], [recordOf(0), closing]);
    assert.deepEqual([master.master.datagrams, master.master.records], [1, 2]);
    assert.equal(backup.backup.records.added, 2);
  });

  it('a full datagram does not wait', async () => {
    await bothRun();
    master.table.change(Array.from({ length: 100 }, (_, index) => recordOf(3 * index)));
    const arrived = backup.table.entries.size;
    assert.ok(arrived >= 36 && arrived < 100, `${arrived} of 100`);
    await clock.advance(10);
    assert.equal(backup.table.entries.size, 100);
  });

  it('what waits when a master stops is sent', async () => {
    await bothRun();
    master.table.change([recordOf(0)]);
    await master.service.stop('master');
    assert.equal(backup.table.entries.size, 1);
    assert.deepEqual(Object.keys(master.service.status()), []);
  });

  it('a backup gets the whole table before it is synchronised', async () => {
    master.table.fill(Array.from({ length: 3000 }, (_, index) => recordOf(index)));
    master.start('master');
    backup.start('backup');
    assert.equal(backup.backup.isSynchronised, false);
    await pass(2500);
    const { isSynchronised, masters } = backup.backup;
    assert.equal(isSynchronised, true);
    assert.deepEqual(backup.table.entries, master.table.entries);
    assert.equal(masters[0]?.givesTable, true);
    assert.deepEqual([masters[0]?.table?.state, masters[0]?.table?.records], ['complete', 3000]);
    assert.deepEqual(master.master.tables, { sent: 1, records: 3000 });
    assert.match(
      backup.lines.join('\n'),
      /whole table of 10\.0\.0\.1: 3000 records in \d+\.\d s\n.*synchronised/,
    );
  });

  it('what is told during a transfer is not undone by it', async () => {
    master.table.fill(Array.from({ length: 3000 }, (_, index) => recordOf(index)));
    const closing = { ...recordOf(2999), state: 4 };
    const records = master.table.records.bind(master.table);
    // The change comes when the table has been read, and is there before the end of it.
    master.table.records = async function* () {
      const pages = await Array.fromAsync(records());
      this.change([closing]);
      await clock.advance(10);
      yield* pages;
    };
    master.start('master');
    backup.start('backup');
    await pass(1500);
    assert.equal(backup.backup.isSynchronised, true);
    assert.deepEqual(backup.table.entries, master.table.entries);
    assert.equal(
      [...backup.table.entries.values()].find(({ clientPort }) => clientPort === closing.clientPort)?.state,
      4,
    );
  });

  it('lost datagrams are missed at the next beacon, and the whole table comes again', async () => {
    await bothRun();
    segment.isLost = () => true;
    master.table.change([recordOf(0)]);
    await clock.advance(10);
    segment.isLost = () => false;
    assert.equal(backup.table.entries.size, 0);
    await clock.advance(1000);
    assert.deepEqual([backup.backup.isSynchronised, backup.backup.masters[0]?.missed], [false, 1]);
    assert.equal(backup.backup.waitingFor, 'the whole table of 10.0.0.1');
    await pass(5000);
    assert.deepEqual([backup.backup.isSynchronised, backup.table.entries.size], [true, 1]);
    await pass(10_000);
    assert.equal(master.master.tables.sent, 2, 'and only once');
  });

  it('what the data plane could not hand over is missed, too', async () => {
    await bothRun();
    master.table.fill([recordOf(0)]);
    master.table.lose(7);
    await pass(6000);
    assert.equal(backup.table.entries.size, 1);
    assert.equal(master.master.discarded, 7);
  });

  it('a master that starts again is asked again', async () => {
    await bothRun();
    await master.service.stop('master');
    master.table.fill([recordOf(0)]);
    master.start('master');
    await pass(6000);
    assert.deepEqual([backup.backup.isSynchronised, backup.table.entries.size], [true, 1]);
    assert.equal(backup.backup.masters.length, 1);
  });

  it('a master without beacons is followed, and has nothing to wait for after 3 s', async () => {
    backup.start('backup');
    segment.inject(encodeSync({ syncId: 5, records: [recordOf(0)] }), MASTER);
    await pass(2500);
    segment.inject(encodeSync({ syncId: 5, records: [recordOf(1)] }), MASTER);
    assert.deepEqual([backup.backup.isSynchronised, backup.backup.waitingFor], [false, 'beacons of masters']);
    await pass(600);
    assert.equal(backup.backup.isSynchronised, true);
    assert.equal(backup.backup.records.added, 2);
    assert.equal(backup.backup.masters[0]?.givesTable, false);
  });

  it('a table that cannot be had is tried three times, and then not waited for', async () => {
    segment.isRefusing = true;
    master.start('master');
    backup.start('backup');
    await pass(9000);
    assert.equal(backup.backup.isSynchronised, false);
    assert.equal(backup.backup.masters[0]?.table?.detail, 'connection refused');
    await pass(3000);
    assert.equal(backup.backup.isSynchronised, true);
    assert.equal(backup.lines.filter((line) => line.startsWith('!')).length, 1, 'warned of once');
    segment.isRefusing = false;
    await pass(5000);
    assert.equal(backup.backup.masters[0]?.table?.state, 'complete');
  });

  it('sync IDs keep apart, and 0 takes all', async () => {
    const all = new FakeDirector(segment.host('10.0.0.3'), clock);
    master.start('master');
    backup.start('backup', { syncId: 6 });
    all.start('backup', { syncId: 0 });
    master.table.fill([recordOf(0)]);
    await pass(2000);
    master.table.change([recordOf(1)]);
    await pass(2000);
    assert.equal(backup.table.entries.size, 0);
    assert.ok((backup.backup.dismissed['sync-id'] ?? 0) > 1);
    assert.equal(backup.backup.isSynchronised, true);
    assert.equal(all.table.entries.size, 2);
    await all.service.close();
  });

  it('replayed datagrams are counted and dropped', async () => {
    await bothRun();
    master.table.change([recordOf(0)]);
    await pass(100);
    const [told] = segment.sent.filter((datagram) => decodeSync(datagram).records.length > 0);
    assert.ok(told !== undefined);
    master.table.change([{ ...recordOf(0), state: 4 }]);
    await pass(100);
    segment.inject(told, MASTER);
    assert.equal([...backup.table.entries.values()][0]?.state, 4);
    assert.equal(backup.backup.dismissed.replayed, 1);
  });

  it('datagrams without a mark in the name of a vipr are dropped while it lives', async () => {
    await bothRun();
    const plain = encodeSync({ syncId: 5, records: [recordOf(0)] });
    segment.inject(plain, MASTER);
    assert.deepEqual([backup.backup.dismissed.unmarked, backup.table.entries.size], [1, 0]);
    await master.service.stop('master');
    await pass(3100);
    segment.inject(plain, MASTER);
    assert.equal(backup.table.entries.size, 1);
    assert.equal(backup.backup.masters[0]?.givesTable, false);
  });

  it('who invents numbers or epochs does not keep the master out for long', async () => {
    await bothRun();
    const { mark } = decodeSync(segment.sent.at(-1) ?? new Uint8Array());
    assert.ok(mark !== undefined);
    for (const forged of [
      [{ count: 1_000_000 }],
      [{ count: 2_000_000 }, { epoch: '00000000deadbeef', count: 1 }],
    ]) {
      for (const changes of forged) {
        const datagram = { syncId: 5, records: [recordOf(9)], mark: { ...mark, ...changes } };
        segment.inject(encodeSync(datagram), MASTER);
      }
      await pass(10_000);
      assert.equal(backup.backup.isSynchronised, true);
      backup.table.entries.clear();
      master.table.change([recordOf(0)]);
      await pass(100);
      assert.deepEqual([...backup.table.entries.values()], [recordOf(0)]);
    }
  });

  it('records without a service come when the service does', async () => {
    backup.table.hasService = false;
    master.table.fill([recordOf(0)]);
    await bothRun();
    assert.equal(backup.backup.records['no-service'], 1);
    backup.table.hasService = true;
    backup.service.tableChanged();
    await pass(6000);
    assert.equal(backup.table.entries.size, 1);
    backup.service.tableChanged();
    await pass(10_000);
    assert.equal(master.master.tables.sent, 2, 'nothing was without a service any more');
  });

  it('an interface that is missing is a fault, warned of once, and works when it comes', async () => {
    hosts.master.isUp = false;
    hosts.backup.isUp = false;
    master.start('master');
    backup.start('backup');
    await pass(4000);
    assert.equal(master.master.fault, 'eth0 is not there, is down, or has no IPv4 address');
    assert.equal(backup.backup.fault, master.master.fault);
    assert.deepEqual([backup.backup.isSynchronised, backup.backup.waitingFor], [false, 'eth0']);
    assert.deepEqual(backup.lines, [
      '! backup sync daemon on eth0: eth0 is not there, is down, or has no IPv4 address',
    ]);
    master.table.change([recordOf(0)]);
    await pass(100);
    assert.equal(master.master.discarded, 1);
    hosts.master.isUp = true;
    hosts.backup.isUp = true;
    await pass(3000);
    assert.deepEqual([master.master.fault, backup.backup.fault], [undefined, undefined]);
    assert.equal(backup.table.entries.size, 1, 'by the whole table');
    assert.equal(backup.lines[1], 'backup sync daemon on eth0: multicast works');
    hosts.backup.isUp = false;
    await pass(1100);
    assert.match(backup.backup.fault ?? '', /^eth0/);
    assert.equal(backup.backup.isSynchronised, true, 'it has what there was');
  });

  it('a backup whose interface never works is not waited for more than 15 s', async () => {
    hosts.backup.failure = new Error('bind: address in use');
    backup.start('backup');
    await pass(14_000);
    assert.deepEqual(
      [backup.backup.isSynchronised, backup.backup.fault],
      [false, 'multicast: bind: address in use'],
    );
    await pass(1500);
    assert.equal(backup.backup.isSynchronised, true);
  });

  it('own datagrams are dropped, and roles run beside each other', async () => {
    await bothRun();
    backup.start('master');
    master.start('backup');
    await pass(1500);
    segment.inject(segment.sent.at(-1) ?? new Uint8Array(), BACKUP);
    assert.equal(backup.backup.dismissed.own, 1);
    master.table.change([recordOf(0)]);
    backup.table.change([recordOf(1)]);
    await pass(100);
    assert.equal(master.table.entries.size, 2);
    assert.equal(backup.table.entries.size, 2);
  });

  it('a queue that is full discards, and says so', async () => {
    master.start('master', { maxLength: 1 }, { queueLength: 2 });
    await pass(100);
    master.table.change(Array.from({ length: 10 }, (_, index) => recordOf(index)));
    await pass(100);
    assert.deepEqual([master.master.datagrams, master.master.discarded], [3, 7]);
  });

  it('so many masters speak that one more is not followed, until one is silent', async () => {
    backup.start('backup');
    await pass(100);
    const speak = (number: number): void =>
      segment.inject(encodeSync({ syncId: 5, records: [recordOf(number)] }), `10.0.1.${number}`);
    for (let number = 0; number < 33; number++) speak(number);
    assert.equal(backup.backup.masters.length, 32);
    assert.equal(backup.backup.dismissed['too-many-masters'], 1);
    await pass(3100);
    speak(32);
    assert.equal(backup.table.entries.size, 33);
  });
});
