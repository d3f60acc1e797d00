import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { encodeConnection } from '../../src/engines/ebpf/codec/connection-codec.ts';
import {
  SETTING_DROP_ENTRY,
  SETTING_DROP_PACKET,
  TOTAL_DROP_ENTRY,
  TOTAL_DROP_PACKET,
} from '../../src/engines/ebpf/layout.gen.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { HZ } from './harness/table-maps.ts';
import { chunks, datagram, segment } from './harness/traffic.ts';

/** Every entry is examined. */
const DROP_ENTRY = { flags: SETTING_DROP_ENTRY, dropEntryOdds: 1 };

describe('defences', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = new Lab({ connections: 256 });
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11:80 -m
      -A -u 192.0.2.10:53 -s rr
      -a -u 192.0.2.10:53 -r 10.2.0.11:53 -m
      -A --sctp-service 192.0.2.10:80 -s rr
      -a --sctp-service 192.0.2.10:80 -r 10.2.0.12:80 -m`);
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  describe('drop_packet (facts 3.11, golden/26)', () => {
    test('rate 3 drops the first, the fourth and the seventh of nine SYNs', () => {
      lab.set({ flags: SETTING_DROP_PACKET, dropPacketRate: 3 });
      const dropped = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter(
        (nth) => segment(lab, `10.1.0.2:${7000 + nth} > 192.0.2.10:80`, 'S').action === 'drop',
      );
      assert.deepEqual(dropped, [1, 4, 7]);
      assert.equal(lab.connections().length, 6);
      assert.equal(lab.total(TOTAL_DROP_PACKET), 3);
    });

    test('rate 1 drops all that would open a connection, and nothing else', () => {
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      lab.set({ flags: SETTING_DROP_PACKET, dropPacketRate: 1 });
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').action, 'drop');
      assert.equal(datagram(lab, '10.1.0.2:7002 > 192.0.2.10:53').action, 'drop');
      assert.equal(segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A').action, 'forward');
      assert.equal(segment(lab, '10.2.0.11:80 > 10.1.0.2:7001', 'A', { on: 'servers' }).action, 'forward');
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'A').action, 'pass');
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:81', 'S').action, 'pass');
      assert.equal(lab.total(TOTAL_DROP_PACKET), 2);
    });

    test('packets of clients on port 20 count, though they are not scheduled', () => {
      lab.set({ flags: SETTING_DROP_PACKET, dropPacketRate: 3 });
      assert.equal(segment(lab, '10.1.0.2:20 > 192.0.2.10:80', 'S').action, 'drop');
      assert.equal(segment(lab, '10.1.0.2:20 > 192.0.2.10:80', 'S').action, 'pass');
      assert.equal(segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S').action, 'forward');
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').action, 'drop');
    });
  });

  describe('drop_entry (facts 3.11)', () => {
    const left = (): string[] =>
      lab
        .connections()
        .map(({ client, state }) => `${client} ${state}`)
        .sort();

    /** As if the client had sent so many packets, the last one so many seconds ago. */
    function age(client: string, packets: number, seconds: number): void {
      const connection = lab.find(client);
      assert.ok(connection);
      const { key, record } = connection;
      const expires = record.expires - seconds * HZ;
      lab.plane.map('connections4').update(key, encodeConnection({ ...record, packets, expires }));
    }

    test('half-open connections go at once, others of TCP stay', () => {
      for (const [port, ...segments] of [
        [7001, 'S'],
        [7002, 'S', 'A'],
        [7003, 'S', 'A', 'FA'],
        [7004, 'S', 'R'],
        [7005, 'S', 'A', 'R'],
      ] as const)
        for (const bits of segments) segment(lab, `10.1.0.2:${port} > 192.0.2.10:80`, bits);
      lab.plane.sweep();
      assert.equal(lab.connections().length, 5);
      lab.set(DROP_ENTRY);
      lab.plane.sweep();
      assert.deepEqual(left(), [
        '10.1.0.2:7002 ESTABLISHED',
        '10.1.0.2:7003 CLOSE_WAIT',
        '10.1.0.2:7005 CLOSE',
      ]);
      assert.equal(lab.total(TOTAL_DROP_ENTRY), 2);
      assert.deepEqual(lab.live('10.2.0.11:80'), {
        active: 1,
        inactive: 2,
        persistent: 0,
        overloaded: false,
      });
      assert.equal(lab.replies().length, 3);
    });

    test('SCTP: INIT1 and INIT go at once', () => {
      for (const [port, ...names] of [
        [7001, 'init'],
        [7002, 'init', 'init'],
        [7003, 'init', 'cookie-ack', 'data', 'init-ack'],
        [7004, 'init', 'init-ack', 'init-ack'],
      ] as const)
        for (const name of names) chunks(lab, `10.1.0.2:${port} > 192.0.2.10:80`, [name]);
      assert.deepEqual(left(), [
        '10.1.0.2:7001 INIT1',
        '10.1.0.2:7002 INIT',
        '10.1.0.2:7003 C-WAIT',
        '10.1.0.2:7004 COOKIE',
      ]);
      lab.set(DROP_ENTRY);
      lab.plane.sweep();
      assert.deepEqual(left(), ['10.1.0.2:7003 C-WAIT', '10.1.0.2:7004 COOKIE']);
    });

    test('established ones and datagrams go after a quiet minute, of one packet always, of more than eight never', () => {
      for (const port of [7001, 7002, 7003]) {
        for (const bits of ['S', 'A']) segment(lab, `10.1.0.2:${port} > 192.0.2.10:80`, bits);
        datagram(lab, `10.1.0.3:${port} > 192.0.2.10:53`);
      }
      for (const address of ['10.1.0.2', '10.1.0.3']) {
        age(`${address}:7001`, 1, 59);
        age(`${address}:7002`, 1, 61);
        age(`${address}:7003`, 9, 61);
      }
      lab.set(DROP_ENTRY);
      lab.plane.sweep();
      assert.deepEqual(left(), [
        '10.1.0.2:7001 ESTABLISHED',
        '10.1.0.2:7003 ESTABLISHED',
        '10.1.0.3:7001 UDP',
        '10.1.0.3:7003 UDP',
      ]);
    });

    test('of connections of four packets some go, and some stay', () => {
      for (let nth = 0; nth < 200; nth++) datagram(lab, `10.1.0.2:${7000 + nth} > 192.0.2.10:53`);
      for (let nth = 0; nth < 200; nth++) age(`10.1.0.2:${7000 + nth}`, 4, 61);
      lab.set(DROP_ENTRY);
      lab.plane.sweep();
      // 50 are expected to go; the binomial distribution gives less than 10 or more than 100 a chance of 1e-12.
      const gone = 200 - lab.connections().length;
      assert.ok(gone >= 10 && gone <= 100, `${gone} of 200 went`);
    });

    test('one of so many entries is examined', () => {
      for (let nth = 0; nth < 200; nth++) segment(lab, `10.1.0.2:${7000 + nth} > 192.0.2.10:80`, 'S');
      lab.set({ ...DROP_ENTRY, dropEntryOdds: 4 });
      lab.plane.sweep();
      const gone = 200 - lab.connections().length;
      assert.ok(gone >= 10 && gone <= 100, `${gone} of 200 went`);
    });

    test('templates go unless they are assured or connections hang on them', async () => {
      await lab.configure(`
        -A -t 192.0.2.11:80 -s rr -p 1000
        -a -t 192.0.2.11:80 -r 10.2.0.13:80 -g`);
      segment(lab, '10.1.0.2:7001 > 192.0.2.11:80', 'S');
      for (const bits of ['S', 'A']) segment(lab, '10.1.0.3:7001 > 192.0.2.11:80', bits);
      lab.expire(61);
      segment(lab, '10.1.0.3:7001 > 192.0.2.11:80', 'A');
      segment(lab, '10.1.0.4:7001 > 192.0.2.11:80', 'S');
      segment(lab, '10.1.0.4:7001 > 192.0.2.11:80', 'F');
      assert.equal(lab.templates().length, 3);
      lab.set(DROP_ENTRY);
      lab.plane.sweep();
      assert.deepEqual(left(), [
        '10.1.0.3:0 ASSURED',
        '10.1.0.3:7001 ESTABLISHED',
        '10.1.0.4:0 NONE',
        '10.1.0.4:7001 TIME_WAIT',
      ]);
      assert.equal(lab.live('10.2.0.13:80').persistent, 2);
    });
  });

  test('embryonic_limit: half-open connections that are older go, no others', () => {
    for (const port of [7001, 7002]) segment(lab, `10.1.0.2:${port} > 192.0.2.10:80`, 'S');
    for (const bits of ['S', 'A']) segment(lab, '10.1.0.2:7003 > 192.0.2.10:80', bits);
    datagram(lab, '10.1.0.2:7004 > 192.0.2.10:53');
    lab.elapse(6, ({ client }) => client !== '10.1.0.2:7002');
    lab.plane.sweep();
    assert.equal(lab.connections().length, 4);
    lab.set({ embryonicLimit: 5 * HZ });
    lab.plane.sweep();
    assert.deepEqual(
      lab
        .connections()
        .map(({ client }) => client)
        .sort(),
      ['10.1.0.2:7002', '10.1.0.2:7003', '10.1.0.2:7004'],
    );
    assert.equal(lab.total(TOTAL_DROP_ENTRY), 1);
    assert.deepEqual([lab.live('10.2.0.11:80').active, lab.replies().length], [2, 3]);
  });
});
