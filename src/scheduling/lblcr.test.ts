import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeDestination, FakeService } from './fake-service.ts';

const DAY = 24 * 60 * 60 * 1000;

/** A service whose set for one address has three members, in the order in which they joined. */
function serviceWithSet(): {
  service: FakeService;
  members: [FakeDestination, FakeDestination, FakeDestination];
} {
  const service = new FakeService('lblcr');
  const [third, second, first] = [
    service.add({ weight: 4 }),
    service.add({ weight: 4 }),
    service.add({ weight: 4 }),
  ];
  assert.equal(service.schedule(), first);
  first.activeConnections = 5;
  assert.equal(service.schedule(), second, 'the first is busy, the second is half idle');
  second.activeConnections = 5;
  assert.equal(service.schedule(), third);
  third.activeConnections = 5;
  return { service, members: [first, second, third] };
}

test('lblcr serves an address from the least loaded of its set, the newest where equal', () => {
  const { service, members } = serviceWithSet();
  const [first, second, third] = members;
  const outsider = service.add({ weight: 4, activeConnections: 2 });
  assert.equal(service.schedule(), third);
  second.activeConnections = 4;
  assert.equal(service.schedule(), second);
  first.activeConnections = 3;
  assert.equal(service.schedule(), first);
  assert.equal(service.schedule({ virtualAddress: '192.0.2.99' }), outsider, 'another address has no set');
});

test('lblcr passes over members that are not eligible', () => {
  const { service, members } = serviceWithSet();
  const [first, second, third] = members;
  third.overloaded = true;
  assert.equal(service.schedule(), second);
  service.setWeight(second, 0);
  assert.equal(service.schedule(), first);
  service.delete(first);
  assert.equal(service.schedule(), undefined);
});

test('lblcr drops the most loaded member of a set that has not changed for a day', () => {
  const { service, members } = serviceWithSet();
  const [first, second, third] = members;
  first.activeConnections = 9;
  waitInUse(service, DAY, third);
  service.now += 1;
  assert.equal(service.schedule(), third, 'more than a day has passed');
  // Were the first still in the set, it would be the least loaded.
  first.activeConnections = 0;
  second.activeConnections = 3;
  third.activeConnections = 3;
  assert.equal(service.schedule(), third);
  // Dropping it changed the set, which is left alone for another day.
  waitInUse(service, DAY, third);
  second.activeConnections = 2;
  assert.equal(service.schedule(), second);
});

test('lblcr leaves a set alone for a day', () => {
  const { service, members } = serviceWithSet();
  const [first, , third] = members;
  first.activeConnections = 9;
  waitInUse(service, DAY, third);
  first.activeConnections = 3;
  assert.equal(service.schedule(), first);
});

test('lblcr drops no quiesced member while another can be dropped', () => {
  const { service, members } = serviceWithSet();
  const [first, second, third] = members;
  first.activeConnections = 9;
  service.setWeight(second, 0);
  waitInUse(service, DAY + DAY / 24, third);
  service.setWeight(second, 4);
  first.activeConnections = 3;
  second.activeConnections = 4;
  assert.equal(service.schedule(), second);
});

test('lblcr does not take it for a change when a member is chosen again', () => {
  const { service, members } = serviceWithSet();
  const [first, second, third] = members;
  first.activeConnections = 9;
  second.activeConnections = 6;
  // While this one is idle the third is busy, but nobody else is better.
  const idle = service.add({ weight: 4 });
  idle.overloaded = true;
  waitInUse(service, DAY + DAY / 24, third);
  service.delete(idle);
  first.activeConnections = 3;
  assert.equal(service.schedule(), third);
});

test('lblcr keeps the last member of a set', () => {
  const service = new FakeService('lblcr');
  service.add({ weight: 4 });
  const first = service.add({ weight: 4 });
  assert.equal(service.schedule(), first);
  first.activeConnections = 3;
  waitInUse(service, 3 * DAY, first);
});

/** Lets time pass, in which the address is asked for often enough not to be forgotten. */
function waitInUse(service: FakeService, milliseconds: number, expected: FakeDestination): void {
  for (const end = service.now + milliseconds; service.now < end; ) {
    service.now += DAY / 24;
    assert.equal(service.schedule(), expected);
  }
}
