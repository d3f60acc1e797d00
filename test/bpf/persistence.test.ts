import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { SETTING_EXPIRE_QUIESCENT_TEMPLATE } from '../../src/engines/ebpf/layout.gen.ts';
import type { ListedConnection } from './harness/connection-list.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { HZ } from './harness/table-maps.ts';
import { chunks, datagram, segment } from './harness/traffic.ts';

describe('persistence', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab({ connections: 256 });
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  /** Service and three masqueraded servers, the one on 10.2.0.13 first in the list. */
  async function service(words: string, options: string, port = ''): Promise<void> {
    await lab.configure(`
      -A ${words} -s rr ${options}
      -a ${words} -r 10.2.0.11${port} -m
      -a ${words} -r 10.2.0.12${port} -m
      -a ${words} -r 10.2.0.13${port} -m`);
  }

  const summary = ({ protocol, client, virtual, server }: ListedConnection): string =>
    `${protocol} ${client} ${virtual} ${server}`;
  const template = (): ListedConnection => {
    const [only, ...others] = lab.templates();
    assert.ok(only && others.length === 0, `${others.length + 1} templates`);
    return only;
  };

  describe('identity of templates and ports of connections (facts 4.1)', () => {
    test('a packet on the port of its service', async () => {
      await service('-t 192.0.2.10:80', '-p 100', ':8080');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      assert.equal(summary(template()), 'tcp 10.1.0.2:0 192.0.2.10:80 10.2.0.13:8080');
      assert.equal(lab.find('10.1.0.2:7001')?.server, '10.2.0.13:8080');
    });

    test('a service on port 0: the packet keeps its port, whatever that of the server', async () => {
      await service('-t 192.0.2.10:0', '-p 100', ':8080');
      assert.equal(segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S').server, '10.2.0.13');
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:443', 'S').server, '10.2.0.13');
      assert.equal(summary(template()), 'tcp 10.1.0.2:0 192.0.2.10:0 10.2.0.13:0');
      assert.equal(lab.find('10.1.0.2:7001')?.server, '10.2.0.13:80');
      assert.equal(lab.find('10.1.0.2:7002')?.server, '10.2.0.13:443');
    });

    test('ftp: control and data connections have one template', async () => {
      await service('-t 192.0.2.10:21', '-p 100');
      assert.equal(segment(lab, '10.1.0.2:7001 > 192.0.2.10:21', 'S').server, '10.2.0.13');
      assert.equal(summary(template()), 'tcp 10.1.0.2:0 192.0.2.10:0 10.2.0.13:0');
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:40000', 'S').server, '10.2.0.13');
      assert.equal(segment(lab, '10.1.0.3:7002 > 192.0.2.10:40000', 'S').server, '10.2.0.12');
      assert.equal(lab.find('10.1.0.2:7001')?.server, '10.2.0.13:21');
      assert.equal(lab.find('10.1.0.2:7002')?.server, '10.2.0.13:40000');
      assert.equal(lab.templates().length, 2);
    });

    test('a firewall mark: one template for all protocols, addresses and ports', async () => {
      await service('-f 6', '-p 100', ':8080');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S', { mark: 6 });
      assert.equal(summary(template()), 'ip 10.1.0.2:0 mark 6 10.2.0.13:0');
      assert.equal(datagram(lab, '10.1.0.2:7002 > 192.0.2.77:53', { mark: 6 }).server, '10.2.0.13');
      assert.equal(lab.find('10.1.0.2:7001')?.server, '10.2.0.13:80');
      assert.equal(lab.find('10.1.0.2:7002')?.server, '10.2.0.13:53');
      template();
    });
  });

  describe('netmasks (facts 4.1)', () => {
    for (const [netmask, one, same, other, shown] of [
      ['255.255.255.255', '10.1.0.2', '10.1.0.2', '10.1.0.3', '10.1.0.2'],
      ['255.255.255.0', '10.1.0.2', '10.1.0.77', '10.1.1.2', '10.1.0.0'],
      ['255.0.255.0', '10.1.0.2', '10.9.0.77', '10.1.1.2', '10.0.0.0'],
      ['0.0.0.1', '10.1.0.3', '172.16.9.1', '10.1.0.2', '0.0.0.1'],
    ] as const) {
      test(`${netmask} takes ${one} and ${same} for one client`, async () => {
        await service('-u 192.0.2.10:53', `-p 100 -M ${netmask}`);
        assert.equal(datagram(lab, `${one}:7001 > 192.0.2.10:53`).server, '10.2.0.13');
        assert.equal(datagram(lab, `${same}:7002 > 192.0.2.10:53`).server, '10.2.0.13');
        assert.equal(template().client, `${shown}:0`);
        assert.equal(datagram(lab, `${other}:7003 > 192.0.2.10:53`).server, '10.2.0.12');
      });
    }

    for (const [length, one, same, other, shown] of [
      [128, 'fd01::2', 'fd01::2', 'fd01::3', 'fd01::2'],
      [127, 'fd01::2', 'fd01::3', 'fd01::4', 'fd01::2'],
      [65, 'fd01::2', 'fd01::7fff:0:0:1', 'fd01::8000:0:0:2', 'fd01::'],
      [64, 'fd01::2', 'fd01::8000:0:0:1', 'fd01:0:0:1::2', 'fd01::'],
      [1, 'fd01::2', '8001::2', '2001:db8::2', '8000::'],
    ] as const) {
      test(`a prefix of ${length} bits takes ${one} and ${same} for one client`, async () => {
        await lab.configure(`
          -A -u [2001:db8::10]:53 -s rr -p 100 -M ${length}
          -a -u [2001:db8::10]:53 -r [fd02::11]:53 -m
          -a -u [2001:db8::10]:53 -r [fd02::12]:53 -m`);
        assert.equal(datagram(lab, `[${one}]:7001 > [2001:db8::10]:53`).server, 'fd02::12');
        assert.equal(datagram(lab, `[${same}]:7002 > [2001:db8::10]:53`).server, 'fd02::12');
        assert.equal(template().client, `[${shown}]:0`);
        assert.equal(datagram(lab, `[${other}]:7003 > [2001:db8::10]:53`).server, 'fd02::11');
      });
    }
  });

  describe('the time of templates (facts 3.9, 4.1)', () => {
    const only = ({ template }: ListedConnection): boolean => template;

    test('each new connection starts it anew, packets within connections do not', async () => {
      await service('-t 192.0.2.10:80', '-p 100');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      lab.elapse(50);
      const { expires } = template().record;
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
      assert.equal(template().record.expires, expires);
      segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S');
      assert.ok(template().record.expires >= expires + 50 * HZ);
      assert.equal(template().timeout, 100);
    });

    test('it is that of the service when the template was made (facts 9.4)', async () => {
      await service('-t 192.0.2.10:80', '-p 100');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      await lab.configure('-E -t 192.0.2.10:80 -s rr -p 300');
      segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S');
      assert.equal(template().timeout, 100);
    });

    test('a template that nothing hangs on goes when its time is over', async () => {
      await service('-t 192.0.2.10:80', '-p 300');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      lab.expire(61);
      assert.equal(template().record.controlled, 0);
      assert.deepEqual(lab.live('10.2.0.13:80'), counts({ persistent: 1 }));
      lab.expire(240);
      assert.deepEqual(lab.connections(), []);
      assert.deepEqual(lab.live('10.2.0.13:80'), counts({}));
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').server, '10.2.0.12');
    });

    test('one that connections hang on gets a minute each time, and keeps it (golden/21)', async () => {
      await service('-t 192.0.2.10:80', '-p 10');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
      assert.equal(template().timeout, 10);
      const before = lab.plane.jiffies();
      lab.elapse(11, only);
      lab.plane.sweep();
      assert.equal(template().timeout, 60);
      assert.ok(template().record.expires >= before + 60 * HZ);
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').server, '10.2.0.13');
      assert.equal(template().timeout, 60);
      assert.equal(template().record.controlled, 2);
    });

    test('so it does where a connection comes before the sweep (facts 3.9)', async () => {
      await service('-t 192.0.2.10:80', '-p 10');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      lab.elapse(11, only);
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').server, '10.2.0.13');
      assert.equal(template().timeout, 60);
    });

    test('a client without connections whose template is over is scheduled anew before the sweep, too', async () => {
      await service('-u 192.0.2.10:53', '-p 400');
      datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53');
      lab.expire(301);
      lab.elapse(100);
      assert.equal(datagram(lab, '10.1.0.2:7002 > 192.0.2.10:53').server, '10.2.0.12');
      assert.equal(template().server, '10.2.0.12:53');
      assert.deepEqual(lab.live('10.2.0.13:53'), counts({}));
      assert.deepEqual(lab.live('10.2.0.12:53'), counts({ persistent: 1, inactive: 1 }));
    });
  });

  describe('templates that lead nowhere (facts 4.1, 9.2, 9.3)', () => {
    test('a server of weight 0 still gets its clients', async () => {
      await service('-t 192.0.2.10:80', '-p 100');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      await lab.configure('-e -t 192.0.2.10:80 -r 10.2.0.13:80 -m -w 0');
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').server, '10.2.0.13');
    });

    test('with expire_quiescent_template the next connection moves, and later ones follow (golden/13)', async () => {
      await service('-t 192.0.2.10:80', '-p 100');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
      assert.equal(template().state, 'ASSURED');
      await lab.configure('-e -t 192.0.2.10:80 -r 10.2.0.13:80 -m -w 0');
      lab.set({ flags: SETTING_EXPIRE_QUIESCENT_TEMPLATE });
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').server, '10.2.0.12');
      assert.equal(template().server, '10.2.0.12:80');
      assert.equal(template().state, 'NONE');
      assert.equal(segment(lab, '10.1.0.2:7003 > 192.0.2.10:80', 'S').server, '10.2.0.12');
      assert.equal(segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A').server, '10.2.0.13');
      assert.equal(lab.live('10.2.0.13:80').persistent, 0);
      assert.equal(lab.live('10.2.0.12:80').persistent, 1);
      lab.expire(10_000);
      lab.expire(10_000);
      assert.deepEqual(lab.connections(), []);
      for (const server of ['10.2.0.11:80', '10.2.0.12:80', '10.2.0.13:80'])
        assert.deepEqual(lab.live(server), counts({}), server);
    });

    test('a template is made anew with the port and method of the new server', async () => {
      await lab.configure(`
        -A -t 192.0.2.10:80 -s rr -p 100
        -a -t 192.0.2.10:80 -r 10.2.0.11:80 -g
        -a -t 192.0.2.10:80 -r 10.2.0.12:8080 -m`);
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      assert.equal(template().server, '10.2.0.12:8080');
      await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:8080');
      segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S');
      assert.equal(template().server, '10.2.0.11:80');
      assert.equal((template().record.word >> 8) & 7, 3);
      assert.equal(lab.find('10.1.0.2:7002')?.server, '10.2.0.11:80');
    });

    test('a deleted server gets no more, and its clients another', async () => {
      await service('-t 192.0.2.10:80', '-p 100');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.13:80');
      const { server } = segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S');
      assert.ok(server === '10.2.0.12' || server === '10.2.0.11', `${server}`);
      assert.equal(lab.live('10.2.0.13:80').persistent, 0);
    });

    test('overload of the server does not matter', async () => {
      await service('-t 192.0.2.10:80', '-p 100');
      await lab.configure('-e -t 192.0.2.10:80 -r 10.2.0.13:80 -m -x 1');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      assert.equal(lab.live('10.2.0.13:80').overloaded, true);
      assert.equal(segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S').server, '10.2.0.13');
    });

    test('nobody to take the client: no template is left', async () => {
      await lab.configure('-A -t 192.0.2.10:80 -s rr -p 100');
      assert.equal(segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S').action, 'reject');
      assert.deepEqual(lab.connections(), []);
    });
  });

  describe('ASSURED (facts 3.5, 3.6, 4.1)', () => {
    test('TCP: once a connection is established', async () => {
      await service('-t 192.0.2.10:80', '-p 100');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
      segment(lab, '10.2.0.13:80 > 10.1.0.2:7001', 'SA', { on: 'servers' });
      assert.equal(template().state, 'NONE');
      segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
      assert.equal(template().state, 'ASSURED');
    });

    test('UDP: once the server answered, of a firewall mark and masked clients, too', async () => {
      await service('-f 6', '-p 100 -M 255.255.0.0');
      datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53', { mark: 6 });
      datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53', { mark: 6 });
      assert.equal(template().state, 'NONE');
      assert.equal(datagram(lab, '10.2.0.13:53 > 10.1.0.2:7001', { on: 'servers' }).action, 'forward');
      assert.equal(template().state, 'ASSURED');
    });

    test('SCTP: once an association is established', async () => {
      await service('--sctp-service 192.0.2.10:80', '-p 100');
      chunks(lab, '10.1.0.2:7001 > 192.0.2.10:80', ['init']);
      chunks(lab, '10.2.0.13:80 > 10.1.0.2:7001', ['init-ack'], { on: 'servers' });
      assert.equal(template().state, 'NONE');
      chunks(lab, '10.2.0.13:80 > 10.1.0.2:7001', ['cookie-ack'], { on: 'servers' });
      assert.equal(template().state, 'ASSURED');
    });
  });

  test('with one-packet scheduling datagrams leave a template and no connection (facts 4.1)', async () => {
    await service('-u 192.0.2.10:53', '-p 100 -o');
    for (const port of [7001, 7001, 7002])
      assert.equal(datagram(lab, `10.1.0.2:${port} > 192.0.2.10:53`).server, '10.2.0.13');
    assert.equal(datagram(lab, '10.1.0.3:7001 > 192.0.2.10:53').server, '10.2.0.12');
    assert.deepEqual(lab.connections().map(summary).sort(), [
      'udp 10.1.0.2:0 192.0.2.10:53 10.2.0.13:53',
      'udp 10.1.0.3:0 192.0.2.10:53 10.2.0.12:53',
    ]);
    assert.deepEqual(lab.live('10.2.0.13:53'), counts({ persistent: 1 }));
    assert.deepEqual(lab.replies(), []);
  });

  test('connections and templates are let go one by one', async () => {
    await service('-t 192.0.2.10:80', '-p 3000');
    for (let port = 7001; port <= 7005; port++) segment(lab, `10.1.0.2:${port} > 192.0.2.10:80`, 'S');
    assert.equal(template().record.controlled, 5);
    assert.deepEqual(lab.live('10.2.0.13:80'), counts({ active: 5, persistent: 1 }));
    lab.elapse(61, ({ client }) => client === '10.1.0.2:7002' || client === '10.1.0.2:7004');
    lab.plane.sweep();
    assert.equal(template().record.controlled, 3);
    // A new connection over one that is over lets that one go first.
    lab.elapse(61, ({ client }) => client === '10.1.0.2:7001');
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
    assert.equal(template().record.controlled, 3);
    lab.expire(61);
    assert.equal(template().record.controlled, 0);
    assert.deepEqual(lab.live('10.2.0.13:80'), counts({ persistent: 1 }));
    assert.deepEqual(lab.replies(), []);
  });
});

function counts(given: { active?: number; inactive?: number; persistent?: number }) {
  return { active: 0, inactive: 0, persistent: 0, overloaded: false, ...given };
}
