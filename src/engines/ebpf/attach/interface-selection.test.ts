import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../../netlink/route/link.ts';
import { missingInterfaces, selectInterfaces } from './interface-selection.ts';

function link(index: number, name: string, more: Partial<Link> = {}): Link {
  return {
    index,
    name,
    hardware: 1,
    flags: 1,
    up: true,
    carrier: true,
    operationalState: 'up',
    mtu: 1500,
    ...more,
  };
}

const LINKS = [
  link(1, 'lo', { hardware: 772 }),
  link(2, 'eth0'),
  link(3, 'eth1', { up: false }),
  link(4, 'eth2', { master: 5 }),
  link(5, 'br0', { kind: 'bridge' }),
  link(6, 'tun0', { hardware: 65534, kind: 'tun' }),
  link(7, 'ifb0', { kind: 'ifb' }),
  link(8, 'eth0.7', { kind: 'vlan' }),
];
const names = (links: readonly { readonly name: string }[]) => links.map(({ name }) => name);

test('auto takes what is up, Ethernet and its own master, and says why not for the others', () => {
  const { selected, left } = selectInterfaces(LINKS, 'auto');
  assert.deepEqual(names(selected), ['eth0', 'br0', 'eth0.7']);
  assert.deepEqual(
    left.map(({ name, reason }) => `${name}: ${reason}`),
    [
      'lo: it is the loopback',
      'eth1: it is down',
      'eth2: it belongs to br0',
      'tun0: its packets have no Ethernet header',
      'ifb0: it only shapes packets of others',
    ],
  );
});

test('auto takes a macvlan before it is up', () => {
  const macvlan = link(9, 'vrrp.51', { kind: 'macvlan', up: false });
  assert.deepEqual(names(selectInterfaces([macvlan], 'auto').selected), ['vrrp.51']);
});

test('an interface that has programs keeps them while it is down', () => {
  assert.deepEqual(names(selectInterfaces(LINKS, 'auto', new Set([3])).selected), [
    'eth0',
    'eth1',
    'br0',
    'eth0.7',
  ]);
});

test('named interfaces are taken whatever they are, if they carry Ethernet', () => {
  const { selected, left } = selectInterfaces(LINKS, ['lo', 'eth?', 'tun*']);
  assert.deepEqual(names(selected), ['lo', 'eth0', 'eth1', 'eth2']);
  assert.deepEqual(names(left), ['tun0']);
});

test('patterns are no regular expressions', () => {
  assert.deepEqual(names(selectInterfaces(LINKS, ['eth0.7']).selected), ['eth0.7']);
  assert.deepEqual(names(selectInterfaces([link(2, 'eth0x7')], ['eth0.7']).selected), []);
  assert.deepEqual(names(selectInterfaces(LINKS, ['*0']).selected), ['eth0', 'br0', 'ifb0']);
});

test('names that nothing has are told, patterns are not', () => {
  assert.deepEqual(missingInterfaces(LINKS, ['eth0', 'eth9', 'wlan*']), ['eth9']);
  assert.deepEqual(missingInterfaces(LINKS, 'auto'), []);
});
