import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IpAddress } from '../model/address.ts';
import type { DestinationId } from '../model/destination.ts';
import { type ServiceId, serviceKey } from '../model/service.ts';
import type { FirewallMark, Port } from '../model/unit.ts';
import { sortDestinations, sortServices } from './order.ts';

const address = (protocol: 'tcp' | 'udp' | 'sctp', text: string, port: number): ServiceId => ({
  kind: 'address',
  protocol,
  address: text as IpAddress,
  port: port as Port,
});
const mark = (fwmark: number, family: 'inet' | 'inet6' = 'inet'): ServiceId => ({
  kind: 'fwmark',
  fwmark: fwmark as FirewallMark,
  family,
});
const server = (text: string, port: number): DestinationId => ({
  address: text as IpAddress,
  port: port as Port,
});

/** The order of `-L`; differences of addresses are signed, so 0.0.0.0 comes after 192.0.2.10. */
const SERVICES = [
  mark(4294967295),
  address('tcp', '192.0.0.2', 80),
  address('tcp', '192.0.2.10', 0),
  address('tcp', '192.0.2.10', 80),
  address('tcp', '192.0.2.10', 443),
  address('tcp', '192.0.2.11', 80),
  address('tcp', '0.0.0.0', 80),
  address('udp', '192.0.2.10', 53),
  address('sctp', '192.0.2.10', 9899),
  address('tcp', '2001:db8::1', 80),
  address('tcp', '2001:db8::2', 0),
  mark(1),
  mark(1, 'inet6'),
  mark(3, 'inet6'),
];

test('services come by mark, family, protocol, address and port', () => {
  const expected = SERVICES.map(serviceKey);
  const shuffled = fc.shuffledSubarray(SERVICES, { minLength: SERVICES.length, maxLength: SERVICES.length });
  fc.assert(
    fc.property(shuffled, (services) => {
      const sorted = sortServices(services.map((id) => ({ id })));
      assert.deepEqual(
        sorted.map(({ id }) => serviceKey(id)),
        expected,
      );
    }),
  );
});

test('destinations come by address and port, their first words as signed numbers', () => {
  const expected = [
    server('fd00::11', 80),
    server('fe80::1', 80),
    server('ff02::1', 80),
    server('10.0.0.11', 80),
    server('10.0.0.11', 8080),
    server('10.0.0.254', 21),
  ];
  assert.deepEqual(sortDestinations(expected.toReversed()), expected);
});

test('IPv4 destinations have one order, however they come', () => {
  const octet = fc.integer({ min: 0, max: 100 });
  const some = fc.uniqueArray(
    fc
      .tuple(octet, octet, fc.constantFrom(80, 8080))
      .map(([net, host, port]) => server(`${net}.0.0.${host}`, port)),
    { selector: ({ address, port }) => `${address}:${port}`, maxLength: 8 },
  );
  fc.assert(
    fc.property(some, (destinations) => {
      const ascending = sortDestinations(destinations);
      assert.deepEqual(sortDestinations(ascending), ascending);
      assert.deepEqual(sortDestinations(ascending.toReversed()), ascending);
    }),
  );
  const circle = [server('200.0.0.1', 80), server('100.0.0.1', 80), server('1.0.0.1', 80)];
  // 200.0.0.1 and 1.0.0.1 are more than half of all addresses apart, where the first counts as less.
  assert.deepEqual(
    sortDestinations(circle).map(({ address }) => address),
    ['200.0.0.1', '1.0.0.1', '100.0.0.1'],
  );
});

test('where addresses come before one another in a circle, the list is that of the original', () => {
  // fd00:: comes before ::1, ::1 before 127.0.0.1, and that before fd00::. Recorded: Linux 6.12, glibc 2.36, the newest first.
  const added = [
    server('127.0.0.1', 0),
    server('fd00::11', 8080),
    server('fd00::12', 65535),
    server('fd00::11', 0),
  ];
  const expected = [
    server('127.0.0.1', 0),
    server('fd00::11', 0),
    server('fd00::11', 8080),
    server('fd00::12', 65535),
  ];
  assert.deepEqual(sortDestinations(added.toReversed()), expected);
});
