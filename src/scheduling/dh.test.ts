import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeService } from './fake-service.ts';
import { hash32 } from './hash32.ts';

const virtualAddresses = Array.from({ length: 200 }, (_, host) => `192.0.2.${host}`);

test('dh deals its buckets in turn, whatever the weights, and keeps them when a weight changes', () => {
  const service = new FakeService('dh');
  for (const weight of [1, 7, 3]) service.add({ weight });
  const expected = virtualAddresses.map((_, host) => service.destinations[hash32(0xc0000200 + host, 8) % 3]);
  const chosen = () => virtualAddresses.map((virtualAddress) => service.schedule({ virtualAddress }));
  assert.deepEqual(chosen(), expected);
  const edited = service.destinations[2];
  assert.ok(edited);
  service.setWeight(edited, 90);
  assert.deepEqual(chosen(), expected);
});

test('dh has no fallback: it refuses what belongs to a destination that is not eligible', () => {
  const service = new FakeService('dh', { flags: { flag1: true } });
  const second = service.add();
  const first = service.add();
  const before = virtualAddresses.map((virtualAddress) => service.schedule({ virtualAddress }));
  assert.deepEqual(new Set(before), new Set([first, second]));
  first.overloaded = true;
  virtualAddresses.forEach((virtualAddress, index) => {
    assert.equal(service.schedule({ virtualAddress }), before[index] === first ? undefined : second);
  });
});

test('dh looks at the destination address alone', () => {
  const service = new FakeService('dh');
  for (let added = 0; added < 5; added++) service.add();
  const chosen = virtualAddresses.map((clientAddress, clientPort) =>
    service.schedule({ clientAddress, clientPort, virtualAddress: '198.51.100.1' }),
  );
  assert.equal(new Set(chosen).size, 1);
});
