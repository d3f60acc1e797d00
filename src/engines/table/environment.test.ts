import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ip } from '../../../test/engine/sample-table.ts';
import { HostEnvironment } from './environment.ts';

describe('HostEnvironment', () => {
  const classes = (environment: HostEnvironment, addresses: string[]) =>
    addresses.map((address) => environment.classify(ip(address)));

  test('knows which IPv4 addresses are single hosts', () => {
    const host = new HostEnvironment();
    const unicast = ['10.0.0.11', '1.0.0.0', '223.255.255.255', '240.0.0.1', '255.255.255.254'];
    assert.deepEqual(new Set(classes(host, unicast)), new Set(['unicast']));
    assert.deepEqual(classes(host, ['127.0.0.1', '127.255.255.254']), ['local', 'local']);
    const other = ['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.255.255.255', '255.255.255.255'];
    assert.deepEqual(new Set(classes(host, other)), new Set(['other']));
  });

  test('knows which IPv6 addresses are single hosts', () => {
    const host = new HostEnvironment();
    const unicast = ['fd00::11', '2001:db8::1', 'fec0::1', '::2', '::c000:201', '::1:0:0:0'];
    assert.deepEqual(new Set(classes(host, unicast)), new Set(['unicast']));
    assert.deepEqual(classes(host, ['::1']), ['local']);
    const other = ['::', 'fe80::1', 'febf::1', 'ff02::1', '::ffff:192.0.2.1'];
    assert.deepEqual(new Set(classes(host, other)), new Set(['other']));
  });

  test('takes every IPv6 address for local where IPv6 is routed to loopback', () => {
    const host = new HostEnvironment({ inet6Loopback: true });
    assert.deepEqual(classes(host, ['fe80::1', 'ff02::1', '::']), ['local', 'local', 'local']);
    assert.deepEqual(classes(host, ['224.0.0.1']), ['other']);
  });

  test('asks the system for interfaces unless it is told of them', () => {
    const host = new HostEnvironment();
    assert.ok((host.interfaceMtu('lo') ?? 0) > 0);
    for (const name of ['', '.', '..', 'nosuch0', '../net/lo']) {
      assert.equal(host.interfaceMtu(name), undefined);
    }
    const told = new HostEnvironment({ interfaces: new Map([['vs0', 9000]]) });
    assert.equal(told.interfaceMtu('vs0'), 9000);
    assert.equal(told.interfaceMtu('lo'), undefined);
  });
});
