import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipAddressBytes, ipAddressText } from './netlink-ip-address.ts';

test('addresses are read and written as the C library does', () => {
  const canonical = [
    '0.0.0.0',
    '192.0.2.10',
    '255.255.255.255',
    '::',
    '::1',
    '2001:db8::10',
    'fe80::1:0:0:1',
    '::ffff:192.0.2.1',
  ];
  for (const text of canonical) {
    const bytes = ipAddressBytes(text);
    assert.ok(bytes);
    assert.equal(bytes.length, text.includes(':') ? 16 : 4);
    assert.equal(ipAddressText(bytes), text);
  }
  assert.equal(ipAddressText(ipAddressBytes('2001:DB8:0:0::0:10') ?? new Uint8Array()), '2001:db8::10');
});

test('what is no address is undefined', () => {
  for (const text of [
    '',
    '192.0.2',
    '192.0.2.256',
    '1.2.3.4 ',
    ':',
    ':::',
    'fe80::1%lo',
    '[::1]',
    '12345::',
    'localhost',
  ]) {
    assert.equal(ipAddressBytes(text), undefined, text);
  }
  for (const length of [0, 3, 5, 15, 17]) assert.equal(ipAddressText(new Uint8Array(length)), undefined);
});
