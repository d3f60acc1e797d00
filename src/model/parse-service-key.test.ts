import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressFromBytes } from './address.ts';
import { parseServiceKey } from './parse-service-key.ts';
import { type ServiceId, serviceKey } from './service.ts';
import type { FirewallMark, Port } from './unit.ts';

const bytes = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // Addresses with runs of zeros, which the text leaves out.
  fc
    .array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
    .map((values) => Uint8Array.from(values)),
);

const serviceId: fc.Arbitrary<ServiceId> = fc.oneof(
  fc.record({
    kind: fc.constant('address' as const),
    protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
    address: bytes.map(addressFromBytes),
    port: fc.integer({ min: 0, max: 65535 }).map((port) => port as Port),
  }),
  fc.record({
    kind: fc.constant('fwmark' as const),
    fwmark: fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((mark) => mark as FirewallMark),
    family: fc.constantFrom('inet', 'inet6'),
  }),
);

test('parseServiceKey reads what serviceKey writes', () => {
  fc.assert(fc.property(serviceId, (id) => assert.deepEqual(parseServiceKey(serviceKey(id)), { ...id })));
});

test('parseServiceKey takes a mark without a family for IPv4, and any spelling of an IPv6 address', () => {
  assert.deepEqual(parseServiceKey('fwmark 7'), { kind: 'fwmark', fwmark: 7, family: 'inet' });
  assert.deepEqual(parseServiceKey('tcp [2001:DB8:0::1]:80'), parseServiceKey('tcp [2001:db8::1]:80'));
});

for (const text of [
  '',
  'tcp',
  'tcp 192.0.2.1',
  'tcp 192.0.2.1:',
  'tcp 192.0.2.1:65536',
  'tcp 192.0.2.1:080',
  'tcp 192.0.2:80',
  'tcp 192.0.2.256:80',
  'tcp [192.0.2.1]:80',
  'tcp ::1:80',
  'tcp [fe80::1%eth0]:80',
  'tcp [::1]',
  'tcp  192.0.2.1:80',
  'tcp 192.0.2.1:80 ',
  'TCP 192.0.2.1:80',
  'tcp localhost:80',
  'icmp 192.0.2.1:80',
  'fwmark 0',
  'fwmark 4294967296',
  'fwmark -1',
  'fwmark 3 inet4',
]) {
  test(`parseServiceKey refuses ${JSON.stringify(text)}`, () =>
    assert.equal(parseServiceKey(text), undefined));
}
