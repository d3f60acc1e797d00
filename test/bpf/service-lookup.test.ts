import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { IpAddress } from '../../src/model/address.ts';
import type { FirewallMark, Port } from '../../src/model/unit.ts';
import { ip, settings } from '../engine/sample-table.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { datagram, segment } from './harness/traffic.ts';

describe('which service a packet is for', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab({ connections: 256 });
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  let port = 7000;
  const open = (to: string, sending = {}) => segment(lab, `10.1.0.2:${++port} > ${to}`, 'S', sending);

  test('firewall mark, address and port, port 0, in this order (facts 9.1, golden/23)', async () => {
    await lab.configure(`
      -A -t 192.0.2.10:0 -s rr -p 30
      -a -t 192.0.2.10:0 -r 10.2.0.11 -m
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.12:80 -m
      -A -t 192.0.2.10:8080 -s rr
      -a -t 192.0.2.10:8080 -r 10.2.0.12:8080 -m
      -A -f 6 -s rr
      -a -f 6 -r 10.2.0.13 -m`);
    assert.equal(open('192.0.2.10:80').server, '10.2.0.12');
    assert.equal(open('192.0.2.10:8080', { mark: 6 }).server, '10.2.0.13');
    assert.equal(open('192.0.2.10:8080').server, '10.2.0.12');
    assert.equal(open('192.0.2.10:5060').server, '10.2.0.11');
    // One without servers is found nevertheless.
    await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:80');
    assert.equal(open('192.0.2.10:80').action, 'reject');
    await lab.configure('-D -t 192.0.2.10:80');
    assert.equal(open('192.0.2.10:80').server, '10.2.0.11');
    // A mark without a service does not matter.
    await lab.configure('-D -f 6');
    assert.equal(open('192.0.2.10:8080', { mark: 6 }).server, '10.2.0.12');
  });

  test('a mark is of one address family (facts 9.1)', async () => {
    await lab.configure(`
      -A -f 6 -s rr
      -a -f 6 -r 10.2.0.11 -m
      -A -f 6 -6 -s rr
      -a -f 6 -6 -r [fd02::11]:0 -m`);
    assert.equal(open('192.0.2.10:80', { mark: 6 }).server, '10.2.0.11');
    assert.equal(segment(lab, '[fd01::2]:7001 > [2001:db8::10]:80', 'S', { mark: 6 }).server, 'fd02::11');
    assert.equal(open('192.0.2.10:80', { mark: 7 }).action, 'pass');
  });

  test('rules give marks to packets without one, the first that fits', async () => {
    await lab.configure(`
      -A -f 6 -s rr
      -a -f 6 -r 10.2.0.11 -m
      -A -f 7 -s rr
      -a -f 7 -r 10.2.0.12 -m`);
    const any = { address: '192.0.2.0' as IpAddress, prefixLength: 24 };
    const [six, seven] = [6 as FirewallMark, 7 as FirewallMark];
    lab.putMarkRules([
      { ...any, protocol: 'tcp', firstPort: 80 as Port, lastPort: 81 as Port, mark: six },
      { ...any, firstPort: 0 as Port, lastPort: 65535 as Port, mark: seven },
    ]);
    lab.set({ markRules: 2 });
    assert.equal(open('192.0.2.10:79').server, '10.2.0.12');
    assert.equal(open('192.0.2.10:80').server, '10.2.0.11');
    assert.equal(open('192.0.2.255:81').server, '10.2.0.11');
    assert.equal(open('192.0.2.10:82').server, '10.2.0.12');
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:80').server, '10.2.0.12');
    assert.equal(open('192.0.3.10:80').action, 'pass');
    assert.equal(open('192.0.2.10:82', { mark: 6 }).server, '10.2.0.11');
    lab.set({ markRules: 0 });
    assert.equal(open('192.0.2.10:80').action, 'pass');
  });

  test('protocols and addresses are apart', async () => {
    await lab.configure(`
      -A -t 192.0.2.10:53 -s rr
      -a -t 192.0.2.10:53 -r 10.2.0.11 -m
      -A -u 192.0.2.10:53 -s rr
      -a -u 192.0.2.10:53 -r 10.2.0.12 -m`);
    assert.equal(open('192.0.2.10:53').server, '10.2.0.11');
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.12');
    assert.equal(open('192.0.2.10:54').action, 'pass');
    assert.equal(open('192.0.2.11:53').action, 'pass');
  });

  describe('ftp (facts 4.1, 9.1)', () => {
    test('unprivileged ports and port 20 belong to the service on 21, if TCP', async () => {
      await lab.configure(`
        -A -t 192.0.2.10:21 -s rr -p 30
        -a -t 192.0.2.10:21 -r 10.2.0.11 -m`);
      for (const to of [20, 1024, 65535]) assert.equal(open(`192.0.2.10:${to}`).server, '10.2.0.11');
      for (const to of [19, 22, 80, 1023]) assert.equal(open(`192.0.2.10:${to}`).action, 'pass');
      assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:1024').action, 'pass');
      lab.set({ unprivilegedPortStart: 80 });
      assert.equal(open('192.0.2.10:80').server, '10.2.0.11');
      assert.equal(open('192.0.2.10:79').action, 'pass');
    });

    test('without persistence other ports are left to the host', async () => {
      await lab.configure(`
        -A -t 192.0.2.10:21 -s rr
        -a -t 192.0.2.10:21 -r 10.2.0.11 -m`);
      assert.equal(open('192.0.2.10:21').server, '10.2.0.11');
      assert.equal(open('192.0.2.10:40000').action, 'pass');
      await lab.configure('-d -t 192.0.2.10:21 -r 10.2.0.11');
      assert.equal(open('192.0.2.10:21').action, 'reject');
    });

    test('it comes before the service on port 0', async () => {
      await lab.configure(`
        -A -t 192.0.2.10:21 -s rr -p 30
        -a -t 192.0.2.10:21 -r 10.2.0.11 -m
        -A -t 192.0.2.10:0 -s rr -p 30
        -a -t 192.0.2.10:0 -r 10.2.0.12 -m`);
      assert.equal(open('192.0.2.10:40000').server, '10.2.0.11');
      assert.equal(segment(lab, '10.1.0.3:7001 > 192.0.2.10:80', 'S').server, '10.2.0.12');
      // Templates of both are those of the address and port 0.
      assert.equal(open('192.0.2.10:80').server, '10.2.0.11');
    });
  });

  test('a service on port 0 takes nobody unless it is persistent (facts 3.4)', async () => {
    // ipvsadm would refuse it, IPVS does not.
    const service = { kind: 'address', protocol: 'tcp', address: ip('192.0.2.10'), port: 0 as Port } as const;
    lab.execute({ kind: 'add-service', service, settings: settings({ scheduler: 'rr' }) });
    await lab.configure('-a -t 192.0.2.10:0 -r 10.2.0.11 -m');
    assert.equal(open('192.0.2.10:80').action, 'reject');
    assert.deepEqual(lab.connections(), []);
  });

  test('a client on port 20 is left to the host (facts 3.4)', async () => {
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11 -m`);
    assert.equal(segment(lab, '10.1.0.2:20 > 192.0.2.10:80', 'S').action, 'pass');
    assert.deepEqual(lab.connections(), []);
  });

  test('the scheduler none, an empty list, weight 0: the client is told (facts 2.1, 3.4)', async () => {
    await lab.configure(`
      -A -t 192.0.2.10:80 -s none
      -a -t 192.0.2.10:80 -r 10.2.0.11 -m
      -A -t 192.0.2.10:81 -s rr
      -A -t 192.0.2.10:82 -s wrr
      -a -t 192.0.2.10:82 -r 10.2.0.12 -m -w 0`);
    for (const to of [80, 81, 82]) {
      const { action, layers } = open(`192.0.2.10:${to}`);
      assert.equal(action, 'reject');
      const error = layers.find(({ layer }) => layer === 'icmp');
      assert.deepEqual(error && { ...error }, { ...error, type: 3, code: 3 });
    }
    await lab.configure('-E -t 192.0.2.10:80 -s rr');
    assert.equal(open('192.0.2.10:80').server, '10.2.0.11');
  });

  test('the port of a connection: that of the server, or else the packet’s (facts 3.4)', async () => {
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11:8080 -m
      -A -f 6 -s rr
      -a -f 6 -r 10.2.0.12:0 -m
      -A -f 7 -s rr
      -a -f 7 -r 10.2.0.13:8081 -m`);
    for (const [to, mark, server] of [
      ['192.0.2.10:80', 0, '10.2.0.11:8080'],
      ['192.0.2.10:443', 6, '10.2.0.12:443'],
      ['192.0.2.10:443', 7, '10.2.0.13:8081'],
    ] as const) {
      open(to, { mark });
      assert.equal(lab.find(`10.1.0.2:${port}`)?.server, server);
    }
  });
});
