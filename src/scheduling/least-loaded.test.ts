import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FakeDestination, FakeService } from './fake-service.ts';

const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 15 });
const connections = fc.integer({ min: 1, max: 500 });

test('wlc keeps connections in proportion to weights, to within one connection', () => {
  fc.assert(
    fc.property(weights, connections, fc.constantFrom('active', 'inactive'), (given, count, kind) => {
      const { destinations } = after('wlc', given, count, kind);
      // The last connection of a came when no b had a smaller ratio.
      forPairs(destinations, (a, b) => assert.ok((countOf(a) - 1) * b.weight <= countOf(b) * a.weight));
    }),
  );
});

test('sed keeps connections in proportion to weights, to within one connection of the others', () => {
  fc.assert(
    fc.property(weights, connections, (given, count) => {
      const { destinations } = after('sed', given, count, 'active');
      forPairs(destinations, (a, b) => assert.ok(countOf(a) * b.weight <= (countOf(b) + 1) * a.weight));
    }),
  );
});

test('lc keeps connections equal, to within one, whatever the weights', () => {
  fc.assert(
    fc.property(weights, connections, (given, count) => {
      const { destinations } = after('lc', given, count, 'active');
      forPairs(destinations, (a, b) => assert.ok(countOf(a) - 1 <= countOf(b)));
    }),
  );
});

test('wlc and sed respect weights while connections end at random', () => {
  for (const scheduler of ['wlc', 'sed']) {
    const service = new FakeService(scheduler);
    for (const weight of [1, 2, 5]) service.add({ weight });
    const taken = new Map(service.destinations.map((destination) => [destination, 0]));
    const open: FakeDestination[] = [];
    for (let time = 0; time < 20_000; time++) {
      const chosen = service.connect('active');
      assert.ok(chosen);
      taken.set(chosen, (taken.get(chosen) ?? 0) + 1);
      open.push(chosen);
      // Eighty are open at a time; every one lasts as long as any other.
      const oldest = open.length > 80 ? open.shift() : undefined;
      if (oldest !== undefined) service.close(oldest);
    }
    for (const [{ weight }, count] of taken) assert.ok(Math.abs(count / 20_000 - weight / 8) < 0.005);
  }
});

test('an active connection costs wlc as much as 256 inactive ones', () => {
  const service = new FakeService('wlc');
  const many = service.add({ inactiveConnections: 255 });
  const one = service.add({ activeConnections: 1 });
  assert.equal(service.schedule(), many);
  many.inactiveConnections = 256;
  assert.equal(service.schedule(), one, 'the first of the list where equal');
  many.inactiveConnections = 257;
  assert.equal(service.schedule(), one);
});

test('wlc compares exactly where products pass 2^53', () => {
  const service = new FakeService('wlc');
  // The ratios (r + 1) / r and r / (r - 1) differ by less than a double of either product can say.
  const r = 94906267;
  const less = service.add({ weight: r, inactiveConnections: r + 1 });
  service.add({ weight: r - 1, inactiveConnections: r });
  assert.equal(service.schedule(), less);
});

test('nq prefers an idle destination, however light', () => {
  const service = new FakeService('nq');
  const light = service.add({ weight: 1 });
  const heavy = service.add({ weight: 100, activeConnections: 1 });
  assert.equal(service.schedule(), light);
  light.activeConnections = 1;
  assert.equal(service.schedule(), heavy);
});

function after(
  scheduler: string,
  given: readonly number[],
  count: number,
  kind: 'active' | 'inactive',
): FakeService {
  const service = new FakeService(scheduler);
  for (const weight of given) service.add({ weight });
  for (let time = 0; time < count; time++) service.connect(kind);
  return service;
}

function countOf(destination: FakeDestination): number {
  return destination.activeConnections + destination.inactiveConnections;
}

function forPairs(
  destinations: readonly FakeDestination[],
  check: (a: FakeDestination, b: FakeDestination) => void,
): void {
  for (const a of destinations) for (const b of destinations) if (a !== b && countOf(a) > 0) check(a, b);
}
