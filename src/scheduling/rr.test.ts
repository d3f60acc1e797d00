import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FakeDestination, FakeService } from './fake-service.ts';

test('rr gives each eligible destination the same number of connections, whatever the weights', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 }),
      fc.nat(50),
      fc.integer({ min: 1, max: 5 }),
      (weights, skipped, rounds) => {
        const service = new FakeService('rr');
        for (const weight of weights) service.add({ weight });
        const eligible = service.destinations.filter(({ weight }) => weight > 0);
        for (let time = 0; time < skipped; time++) service.schedule();
        for (let time = 0; time < rounds * eligible.length; time++) service.connect('active');
        assert.ok(eligible.every(({ activeConnections }) => activeConnections === rounds));
      },
    ),
  );
});

test('rr goes on where it was when destinations come and go', () => {
  const change = fc.oneof(
    fc.constant('add' as const),
    fc.constant('schedule' as const),
    fc.nat(100).map((at) => ({ deleteAt: at })),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(change, { maxLength: 100 }), (staying, changes) => {
      const service = new FakeService('rr');
      const stay = Array.from({ length: staying }, () => service.add()).reverse();
      const chosen: FakeDestination[] = [];
      for (const taken of changes) {
        if (taken === 'add') service.add();
        else if (taken === 'schedule') chosen.push(scheduled(service));
        else {
          const guests = service.destinations.filter((destination) => !stay.includes(destination));
          const guest = guests[taken.deleteAt % guests.length];
          if (guest !== undefined) service.delete(guest);
        }
      }
      const turns = chosen.map((destination) => stay.indexOf(destination)).filter((index) => index >= 0);
      assert.deepEqual(
        turns,
        turns.map((_, turn) => turn % staying),
      );
    }),
  );
});

test('rr keeps its place when the destination chosen last is edited', () => {
  const service = new FakeService('rr');
  const [, second, first] = [service.add(), service.add(), service.add()];
  assert.equal(service.schedule(), first);
  service.setWeight(first, 7);
  assert.equal(service.schedule(), second);
});

test('rr steps back to the predecessor when the destination chosen last is deleted', () => {
  const service = new FakeService('rr');
  const [third, second, first] = [service.add(), service.add(), service.add()];
  assert.equal(service.schedule(), first);
  assert.equal(service.schedule(), second);
  service.delete(second);
  assert.equal(service.schedule(), third);
  service.delete(third);
  assert.equal(service.schedule(), first);
  service.delete(first);
  assert.equal(service.schedule(), undefined);
});

function scheduled(service: FakeService): FakeDestination {
  const chosen = service.schedule();
  if (chosen === undefined) throw new Error('rr refused a connection');
  return chosen;
}
