import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeService } from './fake-service.ts';
import { randomFrom } from './random-from.ts';

test('twos draws by weight, from 0 to the total, and takes the less loaded of the two', () => {
  let draws: number[] = [];
  // Weights 1, 2 and 3 in list order: draws of 0 and 1 fall on the first, 2 and 3 on the second, 4 to 6 on the third.
  const service = new FakeService('twos', { random: () => (draws.shift() ?? Number.NaN) / 7 + 1e-9 });
  const third = service.add({ weight: 3, activeConnections: 3 });
  const second = service.add({ weight: 2, activeConnections: 1 });
  const first = service.add({ weight: 1, activeConnections: 2 });
  const expected = [first, first, second, second, third, third, third];
  expected.forEach((a, drawnA) => {
    expected.forEach((b, drawnB) => {
      draws = [drawnA, drawnB];
      const less = b.activeConnections / b.weight < a.activeConnections / a.weight ? b : a;
      assert.equal(service.schedule(), less, `draws ${drawnA} and ${drawnB}`);
    });
  });
});

test('twos takes the first drawn where both are equally loaded', () => {
  const draws = [0.99, 0];
  const service = new FakeService('twos', { random: () => draws.shift() ?? Number.NaN });
  const last = service.add();
  service.add();
  assert.equal(service.schedule(), last);
});

test('twos draws neither quiesced nor overloaded destinations', () => {
  const draws = [0, 0.99];
  const service = new FakeService('twos', { random: () => draws.shift() ?? Number.NaN });
  service.add({ weight: 0 });
  const only = service.add({ activeConnections: 9 });
  service.add().overloaded = true;
  assert.equal(service.schedule(), only);
});

test('twos prefers the less loaded', () => {
  const service = new FakeService('twos', { random: randomFrom(7) });
  service.add({ activeConnections: 100 });
  const idle = service.add();
  let chosen = 0;
  for (let time = 0; time < 10_000; time++) if (service.schedule() === idle) chosen++;
  // The other one only where both draws (0, 1 or 2; it has 2) fall on it: one time in nine.
  assert.ok(Math.abs(chosen / 10_000 - 8 / 9) < 0.02, `chosen ${chosen} times`);
});

test('twos keeps loads much closer together than chance would', () => {
  const service = new FakeService('twos', { random: randomFrom(11) });
  for (let number = 0; number < 20; number++) service.add({ weight: 10 });
  for (let time = 0; time < 20_000; time++) service.connect('active');
  for (const { activeConnections } of service.destinations)
    assert.ok(Math.abs(activeConnections - 1000) < 12);
});

test('twos multiplies in 32 bits, as IPVS does', () => {
  const draws = [0, 0.99];
  const service = new FakeService('twos', { random: () => draws.shift() ?? Number.NaN });
  service.add({ weight: 1 });
  // 2^23 active connections are an overhead of 2^31, which the kernel takes for a negative number.
  const wrapped = service.add({ weight: 1, activeConnections: 2 ** 23 });
  assert.equal(service.schedule(), wrapped);
});
