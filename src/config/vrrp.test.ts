import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from './load-config.ts';

const INSTANCE = 'vrrp: { instances: [{ name: web, interface: eth0, id: 51, addresses: [192.0.2.10/24] }] }';

describe('the section vrrp', () => {
  it('is absent where it is not given', () => {
    for (const text of ['', 'vrrp:', 'services: []']) assert.ok(!('vrrp' in parseConfig(text, 'f')), text);
    assert.ok(!('sync' in parseConfig('', 'f')));
  });

  it('has nothing where it is empty', () => {
    assert.deepEqual(parseConfig('vrrp: {}', 'f').vrrp, {
      instances: [],
      groups: [],
      scripts: [],
      startupDelay: 0,
    });
  });

  it('has defaults with which a dead master is replaced in less than a second', () => {
    const [instance] = parseConfig(INSTANCE, 'f').vrrp?.instances ?? [];
    assert.deepEqual(instance, {
      name: 'web',
      interface: 'eth0',
      family: 'inet',
      version: 3,
      virtualRouterId: 51,
      priority: 100,
      initialState: 'backup',
      advertisementInterval: 250,
      pseudoHeaderChecksum: true,
      preempt: true,
      preemptDelay: 0,
      addresses: [{ address: '192.0.2.10', prefixLength: 24 }],
      excludedAddresses: [],
      routes: [],
      rules: [],
      accept: true,
      announcements: { delay: 5000, repeat: 5, refresh: 0, refreshRepeat: 1 },
      checkAddresses: true,
      tracked: [],
      notify: {},
    });
    // RFC 9568 section 6.1: the lowest priority waits longest.
    const { advertisementInterval: interval } = instance;
    assert.ok(3 * interval + ((256 - 1) * interval) / 256 < 1000);
  });

  it('advertises every second in version 2, which knows no less', () => {
    const text = INSTANCE.replace('id: 51', 'id: 51, version: 2');
    assert.equal(parseConfig(text, 'f').vrrp?.instances[0]?.advertisementInterval, 1000);
  });

  it('has scripts that may run as long as their interval', () => {
    const text = 'vrrp: { scripts: [{ name: s, command: /bin/check a, interval: 3s }] }';
    assert.deepEqual(parseConfig(text, 'f').vrrp?.scripts, [
      {
        name: 's',
        command: { argv: ['/bin/check', 'a'] },
        interval: 3000,
        timeout: 3000,
        weight: 0,
        rise: 1,
        fall: 1,
        initFail: false,
      },
    ]);
  });

  it('tracks with the weights of each kind', () => {
    const track =
      'track: [{ interface: a }, { process: b }, { file: /c }, { script: s }, { service: "tcp 192.0.2.10:080" }, { file: /d, weight: 0, reverse: true }]';
    const text = `${INSTANCE.replace('addresses', `${track}, addresses`).replace('vrrp: {', 'vrrp: { scripts: [{ name: s, command: c }],')}\nservices: [{ service: tcp 192.0.2.10:80 }]`;
    assert.deepEqual(parseConfig(text.replace(':080', ':80'), 'f').vrrp?.instances[0]?.tracked, [
      { kind: 'interface', name: 'a', weight: 0 },
      { kind: 'process', name: 'b', weight: 0 },
      { kind: 'file', path: '/c', weight: 1 },
      { kind: 'script', name: 's' },
      { kind: 'service', service: 'tcp 192.0.2.10:80', weight: 0 },
      { kind: 'file', path: '/d', weight: 0, reverse: true },
    ]);
  });
});

describe('the section sync', () => {
  it('takes the ID of the instance that it follows', () => {
    assert.deepEqual(parseConfig(`${INSTANCE}\nsync: [{ follow: web, interface: eth1 }]`, 'f').sync, [
      { role: { follow: 'web' }, interface: 'eth1', syncId: 51 },
    ]);
  });

  it('has daemons of fixed roles, with what is given of them', () => {
    const text =
      'sync: [{ role: master, interface: a, id: 3, group: 224.0.0.82, port: 8849, ttl: 2, max-length: 1400 }, { role: backup, interface: b }]';
    assert.deepEqual(parseConfig(text, 'f').sync, [
      { role: 'master', interface: 'a', syncId: 3, group: '224.0.0.82', port: 8849, ttl: 2, maxLength: 1400 },
      { role: 'backup', interface: 'b', syncId: 0 },
    ]);
    assert.deepEqual(parseConfig('sync: []', 'f').sync, []);
  });
});
