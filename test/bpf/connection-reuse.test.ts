import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  SETTING_BACKUP_ONLY,
  SETTING_EXPIRE_NODEST_CONN,
  SETTING_SLOPPY_TCP,
  TOTAL_DESTINATION_GONE,
} from '../../src/engines/ebpf/layout.gen.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { chunks, datagram, segment } from './harness/traffic.ts';

const CLIENT = '10.1.0.2:7001';
const REQUEST = `${CLIENT} > 192.0.2.10:80`;

describe('connections that make way, and those whose server was deleted', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab({ connections: 256 });
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  const service = (method: string, options = '') =>
    lab.configure(`
      -A -t 192.0.2.10:80 -s rr ${options}
      -a -t 192.0.2.10:80 -r 10.2.0.11:80 ${method}
      -a -t 192.0.2.10:80 -r 10.2.0.12:80 ${method}`);
  const client = (bits: string) => segment(lab, REQUEST, bits);
  const server = (from: string, bits: string) => segment(lab, `${from} > ${CLIENT}`, bits, { on: 'servers' });

  describe('a SYN on a connection that is over (facts 3.8, golden/14)', () => {
    for (const [mode, moves] of [
      [1, true],
      [0, false],
      [2, true],
    ] as const) {
      test(`TIME_WAIT, conn_reuse_mode ${mode}: ${moves ? 'another server' : 'the same server'}`, async () => {
        await service('-m');
        lab.set({ connReuseMode: mode });
        for (const bits of ['S', 'A']) client(bits);
        server('10.2.0.12:80', 'FA');
        client('FA');
        assert.equal(lab.find(CLIENT)?.state, 'TIME_WAIT');
        assert.equal(client('S').server, moves ? '10.2.0.11' : '10.2.0.12');
        assert.equal(lab.find(CLIENT)?.state, 'SYN_RECV');
        const { active, inactive } = lab.live(moves ? '10.2.0.11:80' : '10.2.0.12:80');
        assert.deepEqual([active, inactive], [1, 0]);
        assert.equal(lab.connections().length, 1);
        assert.equal(lab.replies().length, 1);
      });
    }

    test('CLOSE moves, ESTABLISHED and SYN_RECV do not', async () => {
      await service('-g');
      client('S');
      assert.equal(client('S').server, '10.2.0.12');
      client('A');
      assert.equal(client('S').server, '10.2.0.12');
      client('R');
      assert.equal(client('S').server, '10.2.0.11');
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({}));
    });

    for (const [mode, moves] of [
      [1, false],
      [2, true],
      [3, true],
    ] as const) {
      test(`FIN_WAIT of a client alone, conn_reuse_mode ${mode}: ${moves ? 'another' : 'the same'}`, async () => {
        await service('-g');
        lab.set({ connReuseMode: mode });
        for (const bits of ['S', 'A', 'FA']) client(bits);
        assert.equal(lab.find(CLIENT)?.state, 'FIN_WAIT');
        assert.equal(client('S').server, moves ? '10.2.0.11' : '10.2.0.12');
      });
    }

    test('FIN_WAIT where the server was heard, conn_reuse_mode 3: the same', async () => {
      await service('-m');
      lab.set({ connReuseMode: 3 });
      for (const bits of ['S', 'A']) client(bits);
      server('10.2.0.12:80', 'FA');
      assert.equal(lab.find(CLIENT)?.state, 'FIN_WAIT');
      assert.equal(client('S').server, '10.2.0.12');
    });

    test('the old connection counts for its server until the new one has one (wlc)', async () => {
      await lab.configure(`
        -A -t 192.0.2.10:80 -s wlc
        -a -t 192.0.2.10:80 -r 10.2.0.11:80 -g
        -a -t 192.0.2.10:80 -r 10.2.0.12:80 -g`);
      for (const bits of ['S', 'R']) client(bits);
      client('A');
      client('R');
      const before = lab.find(CLIENT)?.server;
      assert.equal(lab.find(CLIENT)?.state, 'CLOSE');
      client('S');
      assert.notEqual(lab.find(CLIENT)?.server, before);
      assert.equal(lab.connections().length, 1);
    });

    test('a connection under a template stays', async () => {
      await service('-g', '-p 100');
      for (const bits of ['S', 'A', 'R']) client(bits);
      await lab.configure('-e -t 192.0.2.10:80 -r 10.2.0.12:80 -g -w 0');
      assert.equal(client('S').server, '10.2.0.12');
      assert.equal(lab.templates()[0]?.record.controlled, 1);
    });

    test('SCTP: an INIT in CLOSED opens anew, in ESTABLISHED it does not', async () => {
      await lab.configure(`
        -A --sctp-service 192.0.2.10:80 -s rr
        -a --sctp-service 192.0.2.10:80 -r 10.2.0.11:80 -g
        -a --sctp-service 192.0.2.10:80 -r 10.2.0.12:80 -g`);
      for (const name of ['init', 'cookie-echo', 'init'] as const)
        assert.equal(chunks(lab, REQUEST, [name]).server, '10.2.0.12');
      chunks(lab, REQUEST, ['abort']);
      assert.equal(chunks(lab, REQUEST, ['init']).server, '10.2.0.11');
    });
  });

  describe('a server of weight 0 (facts 3.8, 9.2)', () => {
    test('keeps its connections, and new SYNs of theirs', async () => {
      await service('-g');
      for (const bits of ['S', 'A']) client(bits);
      await lab.configure('-e -t 192.0.2.10:80 -r 10.2.0.12:80 -g -w 0');
      assert.equal(client('A').server, '10.2.0.12');
      assert.equal(client('S').server, '10.2.0.12');
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').server, '10.2.0.11');
    });

    test('with expire_nodest_conn a SYN moves the connection', async () => {
      await service('-g');
      for (const bits of ['S', 'A']) client(bits);
      await lab.configure('-e -t 192.0.2.10:80 -r 10.2.0.12:80 -g -w 0');
      lab.set({ flags: SETTING_EXPIRE_NODEST_CONN });
      assert.equal(client('A').server, '10.2.0.12');
      assert.equal(client('S').server, '10.2.0.11');
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({}));
      assert.deepEqual(lab.live('10.2.0.11:80'), counts({ active: 1 }));
    });
  });

  describe('a server that was deleted (facts 3.3, 9.3, golden/10)', () => {
    test('swallows what clients send; its replies pass, and keep the connection', async () => {
      await service('-m');
      for (const bits of ['S', 'A']) client(bits);
      await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:80');
      lab.elapse(100);
      const before = lab.find(CLIENT);
      assert.equal(client('A').action, 'drop');
      assert.equal(lab.total(TOTAL_DESTINATION_GONE), 1);
      assert.deepEqual(lab.find(CLIENT)?.record, before?.record);
      assert.equal(server('10.2.0.12:80', 'A').action, 'forward');
      assert.ok((lab.find(CLIENT)?.record.expires ?? 0) > (before?.record.expires ?? 0));
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({ active: 1 }));
    });

    test('works again when it is added again: counts stay, method and weight are the new ones', async () => {
      await service('-m');
      for (const bits of ['S', 'A']) client(bits);
      await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:80');
      assert.equal(client('A').action, 'drop');
      await lab.configure('-a -t 192.0.2.10:80 -r 10.2.0.12:80 -g -w 5');
      assert.equal(client('A').server, '10.2.0.12');
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({ active: 1 }));
      // The method of a connection is that of its beginning.
      assert.equal((lab.find(CLIENT)?.record.word ?? -1) >> 8, 0);
      segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S');
      const fresh = lab.find('10.1.0.2:7002');
      assert.equal(fresh?.server, '10.2.0.12:80');
      assert.equal(((fresh?.record.word ?? 0) >> 8) & 7, 3);
    });

    test('works again when the whole service is made again; statistics begin with it', async () => {
      await service('-m');
      for (const bits of ['S', 'A']) client(bits);
      await lab.configure('-D -t 192.0.2.10:80');
      assert.equal(client('A').action, 'drop');
      await service('-m');
      assert.equal(client('A').server, '10.2.0.12');
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({ active: 1 }));
      assert.equal(lab.serviceCounters('10.2.0.12:80').inPackets, 1);
    });

    test('with expire_nodest_conn a SYN gets another server, other segments the host', async () => {
      await service('-m');
      lab.set({ flags: SETTING_EXPIRE_NODEST_CONN });
      for (const bits of ['S', 'A']) client(bits);
      await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:80');
      assert.equal(client('A').action, 'pass');
      assert.deepEqual(lab.connections(), []);
      assert.deepEqual(lab.replies(), []);
      assert.equal(client('S').server, '10.2.0.11');
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({}));
    });

    test('with expire_nodest_conn and sloppy_tcp any segment gets another server', async () => {
      await service('-m');
      lab.set({ flags: SETTING_EXPIRE_NODEST_CONN | SETTING_SLOPPY_TCP });
      for (const bits of ['S', 'A']) client(bits);
      await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:80');
      assert.equal(client('A').server, '10.2.0.11');
      assert.equal(lab.find(CLIENT)?.state, 'ESTABLISHED');
    });

    test('with expire_nodest_conn the sweep removes its connections, and those of no other (golden/14)', async () => {
      await service('-m');
      for (const port of [7001, 7002, 7003, 7004]) segment(lab, `10.1.0.2:${port} > 192.0.2.10:80`, 'S');
      await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:80');
      lab.plane.sweep();
      assert.equal(lab.connections().length, 4);
      lab.set({ flags: SETTING_EXPIRE_NODEST_CONN });
      lab.plane.sweep();
      assert.deepEqual(
        lab.connections().map((each) => each.server),
        ['10.2.0.11:80', '10.2.0.11:80'],
      );
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({}));
      assert.equal(lab.replies().length, 2);
    });
  });

  describe('the end of a connection (facts 3.9)', () => {
    test('from the end of its time on it counts as absent, swept or not', async () => {
      await service('-m');
      for (const bits of ['S', 'A']) client(bits);
      lab.elapse(901);
      assert.equal(client('A').action, 'pass');
      assert.equal(server('10.2.0.12:80', 'A').action, 'pass');
      assert.equal(client('S').server, '10.2.0.11');
      assert.deepEqual(lab.live('10.2.0.12:80'), counts({}));
      assert.deepEqual(lab.live('10.2.0.11:80'), counts({ active: 1 }));
      assert.deepEqual(lab.replies(), ['10.1.0.2:7001 < 10.2.0.11:80 = 192.0.2.10:80']);
    });

    test('the sweep takes entry, reply entry and counts away, of both families', async () => {
      await lab.configure(`
        -A -u 192.0.2.10:53 -s rr
        -a -u 192.0.2.10:53 -r 10.2.0.11 -m
        -A -u [2001:db8::10]:53 -s rr
        -a -u [2001:db8::10]:53 -r [fd02::11]:53 -m`);
      datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53');
      datagram(lab, '[fd01::2]:7001 > [2001:db8::10]:53');
      assert.equal(lab.replies().length, 2);
      lab.expire(299);
      assert.equal(lab.connections().length, 2);
      lab.expire(2);
      assert.deepEqual(lab.connections(), []);
      assert.deepEqual(lab.replies(), []);
      assert.deepEqual(lab.live('10.2.0.11:53'), counts({}));
      assert.deepEqual(lab.live('[fd02::11]:53'), counts({}));
    });
  });

  test('backup_only leaves all that clients send to the host, replies go on (facts 3.3)', async () => {
    await service('-m');
    client('S');
    lab.set({ flags: SETTING_BACKUP_ONLY });
    assert.equal(client('A').action, 'pass');
    assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').action, 'pass');
    assert.equal(server('10.2.0.12:80', 'SA').action, 'forward');
    assert.equal(lab.connections().length, 1);
  });
});

function counts(given: { active?: number; inactive?: number; persistent?: number }) {
  return { active: 0, inactive: 0, persistent: 0, overloaded: false, ...given };
}
