import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ViprError } from '../model/error.ts';
import { type FakeDestination, type FakeRequest, FakeService } from './fake-service.ts';
import { MAGLEV_TABLE_SIZE, maglevTable } from './maglev-table.ts';
import { randomFrom } from './random-from.ts';

for (const count of [3, 5, 10, 20]) {
  test(`mh moves about one client in ${count} when one of ${count} servers leaves`, () => {
    const requests = randomClients(4000, count);
    let others = 0;
    for (let leaving = 0; leaving < count; leaving++) {
      const service = serviceOf(Array<number>(count).fill(1));
      const before = requests.map((request) => service.schedule(request));
      const left = service.destinations[leaving];
      assert.ok(left);
      service.delete(left);
      requests.forEach((request, index) => {
        const now = service.schedule(request);
        assert.ok(now !== undefined && now !== left);
        if (before[index] !== left && before[index] !== now) others++;
      });
    }
    // Clients of the server that leaves, one in count, have to move. Of the others less than three in a hundred do,
    // on average over the servers that may leave: the table has 4093 entries, Maglev's own about a hundred a server.
    const moved = others / (count * requests.length);
    assert.ok(moved < 0.03, `${(100 * moved).toFixed(2)} % of the clients moved without need`);
  });
}

test('mh brings back every client when the server comes back to its place', () => {
  const service = serviceOf([1, 1, 1, 1]);
  const requests = randomClients(500, 1);
  const before = requests.map((request) => service.schedule(request)?.address);
  const newest = service.destinations[0];
  assert.ok(newest);
  service.delete(newest);
  service.add({ address: newest.address });
  assert.deepEqual(
    requests.map((request) => service.schedule(request)?.address),
    before,
  );
});

test('mh moves nobody else when a server is quiesced', () => {
  const service = serviceOf([1, 1, 1]);
  const requests = randomClients(500, 2);
  const before = requests.map((request) => service.schedule(request));
  const quiesced = service.destinations[1];
  assert.ok(quiesced);
  service.setWeight(quiesced, 0);
  requests.forEach((request, index) => {
    assert.equal(service.schedule(request), before[index] === quiesced ? undefined : before[index]);
  });
});

test('a table is filled in turns as weights say, the heaviest with fewer than 64', () => {
  // The greatest common divisor 3 leaves 100, 50 and 1; one bit more than 6 leaves 50, 25 and 0, which is raised to 1.
  const service = serviceOf([300, 150, 3, 0]);
  const [never, light, middle, heavy] = service.destinations;
  const shares = sharesOf(maglevTable(service.destinations));
  // 53 rounds of 76 entries, and of the last 65 the light one takes 1, the middle one 25 and the heavy one 39.
  assert.deepEqual(
    [heavy, middle, light, never].map((destination) => destination && shares.get(destination)),
    [53 * 50 + 39, 53 * 25 + 25, 53 + 1, undefined],
  );
});

test('every destination with a weight has its share of the table, and the table is full', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 60 }),
      (weights) => {
        const { destinations } = serviceOf(weights);
        const shares = sharesOf(maglevTable(destinations));
        const weighty = destinations.filter(({ weight }) => weight > 0);
        assert.deepEqual(new Set(shares.keys()), new Set(weighty));
        const entries = [...shares.values()].reduce((sum, share) => sum + share, 0);
        assert.equal(entries, weighty.length === 0 ? 0 : MAGLEV_TABLE_SIZE);
      },
    ),
    { numRuns: 30 },
  );
});

test('mh with fallback finds the last eligible server of many', () => {
  const service = serviceOf(Array<number>(50).fill(1), true);
  const only = service.destinations[17];
  for (const destination of service.destinations) destination.overloaded = destination !== only;
  for (const request of randomClients(50, 3)) assert.equal(service.schedule(request), only);
});

test('mh tells clients apart by port only when asked to, and folds IPv6 addresses', () => {
  const ports = Array.from({ length: 200 }, (_, port) => ({
    clientAddress: '2001:db8::7',
    clientPort: port,
  }));
  const byAddress = serviceOf([1, 1, 1]);
  assert.equal(new Set(ports.map((request) => byAddress.schedule(request))).size, 1);
  const byPort = new FakeService('mh', { flags: { flag2: true } });
  for (let added = 0; added < 3; added++) byPort.add();
  assert.equal(new Set(ports.map((request) => byPort.schedule(request))).size, 3);
  // 2001:db8::1.2.3.4 folds to 20010db8 ^ 01020304, which is 33.3.14.188.
  assert.equal(
    byAddress.schedule({ clientAddress: '2001:db8::102:304' }),
    byAddress.schedule({ clientAddress: '33.3.14.188' }),
  );
});

test('mh refuses to be bound to more destinations than its table has entries', () => {
  const service = new FakeService('rr');
  for (let added = 0; added < MAGLEV_TABLE_SIZE; added++) service.add();
  service.bind('mh');
  const oldest = new Set(service.destinations);
  service.add();
  assert.ok(service.schedule() !== undefined, 'where it is bound it goes on');
  assert.deepEqual(new Set(sharesOf(maglevTable(service.destinations)).keys()), oldest, 'without the newest');
  assert.throws(
    () => service.bind('mh'),
    (error) => error instanceof ViprError && error.code === 'INVALID_OPERATION' && /4094/.test(error.message),
  );
});

function serviceOf(weights: readonly number[], fallback = false): FakeService {
  const service = new FakeService('mh', { flags: { flag1: fallback } });
  for (const weight of weights) service.add({ weight });
  return service;
}

function sharesOf(table: readonly (FakeDestination | undefined)[]): Map<FakeDestination, number> {
  const shares = new Map<FakeDestination, number>();
  for (const owner of table) {
    assert.ok(owner, 'an entry is empty');
    shares.set(owner, (shares.get(owner) ?? 0) + 1);
  }
  return shares;
}

function randomClients(count: number, seed: number): FakeRequest[] {
  const random = randomFrom(seed);
  const byte = () => Math.floor(random() * 256);
  return Array.from({ length: count }, () => ({ clientAddress: `10.${byte()}.${byte()}.${byte()}` }));
}
