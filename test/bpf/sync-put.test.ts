import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { encodeConnection } from '../../src/engines/ebpf/codec/connection-codec.ts';
import {
  CONNECTION_NO_OUTPUT,
  CONNECTION_REPLY_TAKEN,
  CONNECTION_SYNCHRONISED,
  LINK_NONE,
  LINK_PORT,
  NO_ID,
  TOTAL_CONNECTIONS_ADDED,
  TOTAL_CONNECTIONS_REMOVED,
  TOTAL_TABLE_FULL,
} from '../../src/engines/ebpf/layout.gen.ts';
import type { DataPlaneSizes } from './harness/data-plane.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { put } from './harness/sync-put.ts';
import { HZ } from './harness/table-maps.ts';
import { datagram, segment } from './harness/traffic.ts';

const FIN_WAIT = 4;
const ROOM = 16;

describe('what a backup does with connections that it is told of', { skip: whyNoLab }, () => {
  let lab: Lab;
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  async function open(options = '', sizes: DataPlaneSizes = {}): Promise<void> {
    lab = new Lab(sizes);
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr ${options}
      -a -t 192.0.2.10:80 -r 10.2.0.11:8080 -m
      -a -t 192.0.2.10:80 -r 10.2.0.12:8080 -m
      -A -u 192.0.2.10:53 -s rr
      -a -u 192.0.2.10:53 -r 10.2.0.13:53 -m -x 2 -y 1`);
  }

  const FLOW = '10.1.0.2:7001 > 192.0.2.10:80';
  const CLIENT = '10.1.0.2:7001';
  const ONE = '10.2.0.11:8080';
  const OTHER = '10.2.0.12:8080';
  const counts = (server: string) => {
    const { active, inactive, persistent } = lab.live(server);
    return [active, inactive, persistent];
  };
  const entries = () => lab.total(TOTAL_CONNECTIONS_ADDED) - lab.total(TOTAL_CONNECTIONS_REMOVED);
  const only = () => {
    const [connection, ...others] = lab.connections();
    assert.ok(connection && others.length === 0, `${others.length + 1} entries`);
    return connection;
  };
  /** Changes the only entry as packets might have. */
  const rewrite = (change: Partial<ReturnType<typeof only>['record']>) => {
    const { key, record } = only();
    lab.plane.map('connections4').update(key, encodeConnection({ ...record, ...change }));
  };

  for (const [family, virtual, client, server] of [
    ['IPv4', '192.0.2.20:80', '10.1.0.2:7001', '10.2.0.21'],
    ['IPv6', '[2001:db8::20]:80', '[fd01::2]:7001', '[fd02::21]'],
  ] as const) {
    for (const [method, port] of [
      ['-m', '8080'],
      ['-g', '80'],
      ['-i', '80'],
    ] as const) {
      test(`added, ${family}, ${method}: it is counted, and its packets go on`, async () => {
        lab = new Lab();
        await lab.configure(`
          -A -t ${virtual} -s rr
          -a -t ${virtual} -r ${server}:${port} ${method}`);
        const to = `${server}:${port}`;
        assert.equal(put(lab, `${client} > ${virtual}`, to, { flags: CONNECTION_NO_OUTPUT }), 'added');
        const added = only();
        assert.deepEqual(
          [added.client, added.virtual, added.server, added.state, added.timeout, added.inactive],
          [client, virtual, to, 'ESTABLISHED', 900, false],
        );
        assert.equal(added.noOutput, method !== '-m');
        assert.equal(added.record.packets, 3);
        assert.equal(added.record.link, LINK_NONE);
        assert.ok(added.record.word & CONNECTION_SYNCHRONISED);
        assert.ok(Math.abs(added.record.expires - lab.plane.jiffies() - 900 * HZ) < 60 * HZ);
        assert.deepEqual(lab.replies(), method === '-m' ? [`${client} < ${to} = ${virtual}`] : []);
        assert.deepEqual(counts(to), [1, 0, 0]);
        assert.equal(entries(), 1);
        assert.equal(lab.destinationCounters(to).connections, 0, 'the other director counted it');
        const address = server.replace(/[[\]]/g, '');
        // Without a source of the outer header the fast path leaves tunnels to tc.
        const programs =
          method === '-i' ? (['vipr_ingress'] as const) : (['vipr_ingress', 'vipr_xdp'] as const);
        for (const program of programs) {
          const outcome = segment(lab, `${client} > ${virtual}`, 'A', { program });
          assert.equal(outcome.action, 'forward', program);
          if (method === '-i')
            assert.ok(
              outcome.layers.some((layer) => 'destination' in layer && layer.destination === address),
            );
          else assert.equal(outcome.server, address, program);
        }
        const reply = method === '-m' ? `${to} > ${client}` : `${virtual} > ${client}`;
        assert.equal(
          segment(lab, reply, 'FA', { on: 'servers' }).action,
          method === '-m' ? 'forward' : 'pass',
        );
        assert.equal(only().state, 'FIN_WAIT');
        assert.deepEqual(counts(to), [0, 1, 0]);
      });
    }
  }

  test('an inactive one is counted as inactive', async () => {
    await open();
    assert.equal(put(lab, FLOW, ONE, { state: FIN_WAIT, inactive: true, timeout: 120 }), 'added');
    assert.deepEqual(counts(ONE), [0, 1, 0]);
    assert.equal(only().state, 'FIN_WAIT');
  });

  test('as many as the upper threshold: the destination is overloaded until the sweep removed them', async () => {
    await open();
    const add = (port: number) =>
      put(lab, `10.1.0.2:${port} > 192.0.2.10:53`, '10.2.0.13:53', {
        protocol: 'udp',
        state: 0,
        inactive: true,
        timeout: 300,
      });
    assert.equal(add(7001), 'added');
    assert.equal(lab.live('10.2.0.13:53').overloaded, false);
    assert.equal(add(7002), 'added');
    assert.deepEqual(lab.live('10.2.0.13:53'), { active: 0, inactive: 2, persistent: 0, overloaded: true });
    lab.expire(301);
    assert.deepEqual(lab.live('10.2.0.13:53'), { active: 0, inactive: 0, persistent: 0, overloaded: false });
    assert.deepEqual(lab.connections(), []);
    assert.deepEqual(lab.replies(), []);
    assert.equal(entries(), 0);
  });

  test('updated: state, timer and packets are taken over, and the counts move once', async () => {
    await open();
    put(lab, FLOW, ONE);
    lab.elapse(500);
    for (const [told, expected] of [
      [{ state: FIN_WAIT, inactive: true, timeout: 120, packets: 7 }, [0, 1, 0]],
      [{ state: FIN_WAIT, inactive: true, timeout: 120, packets: 8 }, [0, 1, 0]],
      [{ packets: 9 }, [1, 0, 0]],
    ] as const) {
      assert.equal(put(lab, FLOW, ONE, told), 'updated');
      assert.deepEqual(counts(ONE), expected);
      const { record, timeout } = only();
      assert.equal(record.packets, told.packets);
      assert.equal(timeout, 'timeout' in told ? told.timeout : 900);
      assert.ok(Math.abs(record.expires - lab.plane.jiffies() - record.timeout) < 60 * HZ);
    }
    assert.equal(entries(), 1);
    assert.deepEqual(lab.replies(), [`${CLIENT} < ${ONE} = 192.0.2.10:80`]);
  });

  test('updated: what only this host knows of the connection stays', async () => {
    await open();
    segment(lab, FLOW, 'S');
    const { server } = only();
    rewrite({
      word: only().record.word | CONNECTION_REPLY_TAKEN,
      clientGeneration: 7,
      clientInterface: 9,
      clientMac: new Uint8Array([2, 0, 0, 0, 0, 5]),
      reported: 4444,
      netmask: 99,
    });
    const { record: before } = only();
    assert.equal(put(lab, FLOW, server, { packets: 5 }), 'updated');
    const { record: after } = only();
    const { expires: _, ...kept } = after;
    const { expires: __, ...expected } = before;
    assert.deepEqual(kept, { ...expected, word: (before.word & ~0xff) | 1, timeout: 900 * HZ, packets: 5 });
    rewrite({ netmask: before.netmask, word: after.word & ~CONNECTION_REPLY_TAKEN });
  });

  test('moved: an active one that leads elsewhere takes the place of the entry', async () => {
    await open();
    put(lab, FLOW, ONE);
    assert.equal(put(lab, FLOW, OTHER), 'moved');
    assert.equal(only().server, OTHER);
    assert.deepEqual(
      [counts(ONE), counts(OTHER)],
      [
        [0, 0, 0],
        [1, 0, 0],
      ],
    );
    assert.deepEqual(lab.replies(), [`${CLIENT} < ${OTHER} = 192.0.2.10:80`]);
    assert.equal(segment(lab, FLOW, 'A').server, '10.2.0.12');
    assert.equal(entries(), 1);
  });

  test('moved: the connection lets its template go', async () => {
    await open('-p 300');
    segment(lab, FLOW, 'S');
    const known = lab.find(CLIENT);
    assert.equal(known?.record.link, LINK_PORT);
    const target = known?.server === ONE ? OTHER : ONE;
    assert.equal(put(lab, FLOW, target), 'moved');
    assert.equal(lab.find(CLIENT)?.record.link, LINK_NONE);
    assert.equal(lab.templates()[0]?.record.controlled, 0);
  });

  test('kept: an inactive one that leads elsewhere changes nothing', async () => {
    await open();
    put(lab, FLOW, ONE);
    const before = only();
    assert.equal(put(lab, FLOW, OTHER, { state: FIN_WAIT, inactive: true, timeout: 120 }), 'kept');
    assert.deepEqual(only(), before);
    assert.deepEqual(counts(OTHER), [0, 0, 0]);
  });

  test('an entry that is over makes way, whatever it led to', async () => {
    await open();
    put(lab, FLOW, ONE);
    lab.elapse(901);
    assert.equal(put(lab, FLOW, OTHER, { state: FIN_WAIT, inactive: true, timeout: 120 }), 'added');
    assert.equal(only().server, OTHER);
    assert.deepEqual(
      [counts(ONE), counts(OTHER)],
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
    );
    assert.deepEqual(lab.replies(), [`${CLIENT} < ${OTHER} = 192.0.2.10:80`]);
    assert.equal(entries(), 1);
  });

  for (const [what, sizes] of [
    ['connections', { connections: ROOM, replies: 4 * ROOM }],
    ['reply entries', { connections: 4 * ROOM, replies: ROOM }],
  ] as const) {
    test(`full, of ${what}: nothing is left half done, and no packet counts as dropped`, async () => {
      await open('', sizes);
      const results = Array.from({ length: ROOM + 2 }, (_, nth) =>
        put(lab, `10.1.0.2:${7001 + nth} > 192.0.2.10:80`, ONE),
      );
      assert.deepEqual(results, [...Array<string>(ROOM).fill('added'), 'full', 'full']);
      assert.deepEqual(counts(ONE), [ROOM, 0, 0]);
      assert.equal(lab.replies().length, ROOM);
      assert.equal(lab.connections().length, ROOM);
      assert.equal(entries(), ROOM);
      assert.equal(lab.total(TOTAL_TABLE_FULL), 0);
      assert.equal(put(lab, FLOW, ONE, { state: FIN_WAIT, inactive: true }), 'updated');
    });
  }

  test('gone: a destination that is none', async () => {
    await open();
    for (const destination of [500, NO_ID]) assert.equal(put(lab, FLOW, ONE, { destination }), 'gone');
    assert.deepEqual(lab.connections(), []);
  });

  test('the replies of an older connection of the client’s port are taken over', async () => {
    await open();
    await lab.configure(`
      -A -t 192.0.2.11:80 -s rr
      -a -t 192.0.2.11:80 -r 10.2.0.31:80 -m
      -A -t 192.0.2.12:80 -s rr
      -a -t 192.0.2.12:80 -r 10.2.0.31:80 -m`);
    segment(lab, '10.1.0.2:7001 > 192.0.2.11:80', 'S');
    const [newer] = lab.maps.destinations.filter(({ address }) => address === '10.2.0.31').slice(1);
    const destination = newer?.slot ?? NO_ID;
    assert.equal(put(lab, '10.1.0.2:7001 > 192.0.2.12:80', '10.2.0.31:80', { destination }), 'added');
    assert.deepEqual(lab.replies(), ['10.1.0.2:7001 < 10.2.0.31:80 = 192.0.2.12:80']);
    assert.ok((lab.find(CLIENT, '192.0.2.11:80')?.record.word ?? 0) & CONNECTION_REPLY_TAKEN);
  });

  describe('templates', () => {
    const TEMPLATE = '10.1.0.2:0 > 192.0.2.10:80';
    const told = { template: true, state: 0, inactive: true, timeout: 300 } as const;

    test('a client whose template was told goes to its server', async () => {
      await open('-p 300');
      for (const server of [ONE, OTHER]) {
        assert.equal(put(lab, TEMPLATE, server, told), server === ONE ? 'added' : 'moved');
        assert.deepEqual(counts(server), [0, 0, 1]);
        assert.equal(`${segment(lab, FLOW, 'S').server}:8080`, server);
        assert.equal(lab.find(CLIENT)?.record.link, LINK_PORT);
        lab.elapse(61, ({ template }) => !template);
        lab.plane.sweep();
      }
      assert.deepEqual(counts(ONE), [0, 0, 0]);
    });

    test('updated: it begins anew, and keeps counting its connections', async () => {
      await open('-p 300');
      const server = `${segment(lab, FLOW, 'S').server}:8080`;
      lab.elapse(200, ({ template }) => template);
      assert.equal(put(lab, TEMPLATE, server, { ...told, timeout: 100 }), 'updated');
      const [template] = lab.templates();
      assert.equal(template?.record.controlled, 1);
      assert.equal(template?.timeout, 100);
      assert.ok(template.record.expires > lab.plane.jiffies() + 40 * HZ);
      assert.deepEqual(counts(server), [1, 0, 1]);
    });

    test('moved: its connections stay where they are, and still count on it', async () => {
      await open('-p 300');
      const server = `${segment(lab, FLOW, 'S').server}:8080`;
      const target = server === ONE ? OTHER : ONE;
      for (const elapsed of [0, 301]) {
        lab.elapse(elapsed, ({ template }) => template);
        const to = elapsed === 0 ? target : server;
        assert.equal(put(lab, TEMPLATE, to, told), 'moved');
        assert.equal(lab.templates()[0]?.server, to);
        assert.equal(lab.templates()[0]?.record.controlled, 1);
        assert.equal(lab.find(CLIENT)?.server, server);
      }
      assert.deepEqual(counts(server), [1, 0, 1]);
      assert.deepEqual(counts(target), [0, 0, 0]);
      lab.expire(61);
      assert.equal(lab.templates()[0]?.record.controlled, 0);
    });

    test('one that is over, and on which nothing hangs, makes way', async () => {
      await open('-p 300');
      put(lab, TEMPLATE, ONE, told);
      lab.elapse(301);
      assert.equal(put(lab, TEMPLATE, OTHER, told), 'added');
      assert.equal(lab.templates().length, 1);
      assert.deepEqual(
        [counts(ONE), counts(OTHER)],
        [
          [0, 0, 0],
          [0, 0, 1],
        ],
      );
      assert.equal(entries(), 1);
    });
  });

  test('datagrams go on under the entry that was told', async () => {
    await open();
    const flow = '10.1.0.2:7001 > 192.0.2.10:53';
    const udp = { protocol: 'udp', state: 0, inactive: true, timeout: 300 } as const;
    assert.equal(put(lab, flow, '10.2.0.13:53', udp), 'added');
    assert.equal(datagram(lab, flow).server, '10.2.0.13');
    assert.equal(only().record.packets, 4);
    assert.deepEqual(counts('10.2.0.13:53'), [0, 1, 0]);
  });
});
