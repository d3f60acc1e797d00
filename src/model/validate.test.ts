import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  destinationOn,
  HOST_PREFIX,
  ip,
  serviceOn,
  serviceOnMark,
  settings,
} from '../../test/engine/sample-table.ts';
import type { Destination } from './destination.ts';
import type { ServiceId } from './service.ts';
import type { Port, PrefixLength, Weight } from './unit.ts';
import { checkDestination, checkFamilies, checkNames, checkNetmask, isMixedFamily } from './validate.ts';

const INET = serviceOn('192.0.2.10');
const INET6 = serviceOn('2001:db8::10');

describe('checkNames', () => {
  test('takes names as long as the kernel stores them, in bytes', () => {
    checkNames(INET, settings({ scheduler: 'x'.repeat(15), persistenceEngine: 'x'.repeat(16) }));
    assert.throws(() => checkNames(INET, settings({ scheduler: 'é'.repeat(8) })), invalid(/scheduler name/));
    assert.throws(
      () => checkNames(INET, settings({ persistenceEngine: 'x'.repeat(17) })),
      invalid(/persistence engine name/),
    );
  });
});

describe('checkNetmask', () => {
  const accepts = (id: ServiceId, persistenceNetmask: ReturnType<typeof ip> | PrefixLength) =>
    checkNetmask(id, settings({ persistenceNetmask }));

  test('takes any IPv4 mask for IPv4, holes and 0.0.0.0 included', () => {
    for (const mask of ['255.255.255.255', '255.255.0.255', '0.0.0.0']) accepts(INET, ip(mask));
    accepts(serviceOnMark(1), ip('255.0.0.0'));
  });

  test('takes prefix lengths from 1 to 128 for IPv6', () => {
    for (const length of [1, 64, 128]) accepts(INET6, length as PrefixLength);
    for (const length of [0, 129, 64.5]) {
      assert.throws(() => accepts(INET6, length as PrefixLength), invalid(/netmask/));
    }
    accepts(serviceOnMark(1, 'inet6'), HOST_PREFIX);
  });

  test('refuses the mask of the other family', () => {
    assert.throws(() => accepts(INET, HOST_PREFIX), invalid(/netmask/));
    assert.throws(() => accepts(INET, ip('ffff::')), invalid(/netmask/));
    assert.throws(() => accepts(INET6, ip('255.255.255.0')), invalid(/netmask/));
  });
});

describe('checkFamilies', () => {
  test('lets a tunnel alone cross families', () => {
    const across = destinationOn('fd00::11');
    assert.equal(isMixedFamily(INET, across), true);
    assert.equal(isMixedFamily(INET6, across), false);
    checkFamilies(INET6, across);
    checkFamilies(INET, { ...across, forwarding: 'tunnel' });
    for (const forwarding of ['masquerade', 'direct', 'local', 'bypass'] as const) {
      assert.throws(() => checkFamilies(INET, { ...across, forwarding }), invalid(/family/));
    }
  });
});

describe('checkDestination', () => {
  const check = (changes: Partial<Destination>) =>
    checkDestination(INET, destinationOn('10.0.0.11', changes));

  test('takes weights from 0 to 2147483647', () => {
    check({ weight: 0 as Weight });
    check({ weight: 2147483647 as Weight });
    for (const weight of [-1, 2147483648, 0.5, Number.NaN]) {
      assert.throws(() => check({ weight: weight as Weight }), { code: 'OUT_OF_RANGE', errno: 'ERANGE' });
    }
  });

  test('wants the lower threshold at or below the upper one', () => {
    check({ upperThreshold: 5, lowerThreshold: 5 });
    check({ upperThreshold: 5 });
    assert.throws(() => check({ upperThreshold: 5, lowerThreshold: 6 }), { code: 'OUT_OF_RANGE' });
    assert.throws(() => check({ lowerThreshold: 1 }), { code: 'OUT_OF_RANGE' });
  });

  test('wants a port for GUE alone', () => {
    const port = 0 as Port;
    check({ tunnel: { type: 'gre', port, checksum: 'checksum' } });
    check({ tunnel: { type: 'gue', port: 6080 as Port, checksum: 'none' } });
    assert.throws(() => check({ tunnel: { type: 'gue', port, checksum: 'none' } }), invalid(/port/));
    const both = { weight: -1 as Weight, tunnel: { type: 'gue', port, checksum: 'none' } } as const;
    assert.throws(() => check(both), { code: 'OUT_OF_RANGE' });
  });
});

function invalid(message: RegExp) {
  return { code: 'INVALID_OPERATION', errno: 'EINVAL', message };
}
