import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeService } from './fake-service.ts';
import { gcd } from './gcd.ts';

/** The numbers, in the order of adding, of the destinations that were chosen. */
function picks(service: FakeService, count: number): string {
  const added = [...service.destinations].reverse();
  return Array.from({ length: count }, () => {
    const chosen = service.schedule();
    return chosen === undefined ? '-' : String(added.indexOf(chosen) + 1);
  }).join('');
}

function serviceWith(...weights: readonly number[]): FakeService {
  const service = new FakeService('wrr');
  for (const weight of weights) service.add({ weight });
  return service;
}

test('wrr gives each destination exactly its share in every cycle', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.nat(100),
      (weights, scale, skipped) => {
        const service = serviceWith(...weights.map((weight) => weight * scale));
        const unit = service.destinations.reduce((divisor, { weight }) => gcd(divisor, weight), 0);
        const cycle = service.destinations.reduce((sum, { weight }) => sum + weight, 0) / (unit || 1);
        for (let time = 0; time < skipped; time++) service.schedule();
        for (let time = 0; time < 2 * cycle; time++) service.connect('active');
        for (const { weight, activeConnections } of service.destinations) {
          assert.equal(activeConnections, (2 * weight) / (unit || 1));
        }
      },
    ),
  );
});

test('wrr bound to a list that is there starts with the heaviest', () => {
  const service = serviceWith(1, 2, 3);
  service.bind('wrr');
  assert.equal(picks(service, 12), '332321332321');
});

test('wrr starts at the head after a change, and keeps the weight of the pass where it can', () => {
  const service = serviceWith(1, 2, 3);
  assert.equal(picks(service, 4), '3213');
  const [third] = service.destinations;
  assert.ok(third);
  // The pass at weight 3 goes on from the head with the same weight.
  service.setWeight(third, 5);
  assert.equal(picks(service, 11), '33232133332');
});

test('wrr lowers the weight of the pass to the greatest there is', () => {
  const service = serviceWith(1, 2, 9);
  assert.equal(picks(service, 4), '3213');
  const [third] = service.destinations;
  assert.ok(third);
  service.setWeight(third, 2);
  assert.equal(picks(service, 5), '32321');
});

test('wrr sets the weight of the pass one above a multiple of the divisor', () => {
  const service = serviceWith(3, 5);
  // A pass at weight 1, then passes at 5 and 4 for the second alone.
  assert.equal(picks(service, 4), '2122');
  const [second, first] = service.destinations;
  assert.ok(first && second);
  service.setWeight(first, 4);
  service.setWeight(second, 8);
  // Now passes are 5 and 1; the pass at 4 became one at 5.
  assert.equal(picks(service, 6), '221221');
});

test('wrr skips the passes of an overloaded giant at once', () => {
  const service = serviceWith(1, 3, 2 ** 31 - 1);
  const [giant] = service.destinations;
  assert.ok(giant);
  giant.overloaded = true;
  assert.equal(picks(service, 8), '21222122');
  giant.overloaded = false;
  assert.equal(picks(service, 6), '321333');
});

test('wrr goes on within the last pass after it had nobody to choose', () => {
  const service = serviceWith(1, 3);
  assert.equal(picks(service, 1), '2');
  setOverloaded(service, true);
  assert.equal(picks(service, 3), '---');
  setOverloaded(service, false);
  assert.equal(picks(service, 5), '12221');
});

test('wrr starts with the heaviest where it never had anybody to choose', () => {
  const service = serviceWith(1, 3);
  setOverloaded(service, true);
  assert.equal(picks(service, 3), '---');
  setOverloaded(service, false);
  assert.equal(picks(service, 4), '2221');
});

test('wrr recovers after it had nobody to choose', () => {
  const service = serviceWith(2, 2);
  setOverloaded(service, true);
  assert.equal(picks(service, 3), '---');
  setOverloaded(service, false);
  assert.equal(picks(service, 4), '2121');
});

function setOverloaded(service: FakeService, overloaded: boolean): void {
  for (const destination of service.destinations) destination.overloaded = overloaded;
}
