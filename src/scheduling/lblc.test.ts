import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeService } from './fake-service.ts';

const DAY = 24 * 60 * 60 * 1000;
const MINUTE = 60 * 1000;

const [a, b] = [{ virtualAddress: '192.0.2.64' }, { virtualAddress: '192.0.2.65' }];

test('lblc keeps an address on its destination while others are less loaded', () => {
  const service = new FakeService('lblc');
  const other = service.add({ weight: 10 });
  const first = service.add({ weight: 10 });
  assert.equal(service.connect('active', a), first);
  assert.equal(service.connect('active', b), other);
  for (let time = 0; time < 5; time++) assert.equal(service.connect('active', a), first);
});

test('lblc leaves a destination that is busy while another is half idle', () => {
  const service = new FakeService('lblc');
  const other = service.add({ weight: 4, activeConnections: 2 });
  const first = service.add({ weight: 4 });
  assert.equal(service.schedule(a), first);
  first.activeConnections = 5;
  assert.equal(service.schedule(a), first, 'the other has half its weight');
  other.activeConnections = 1;
  first.activeConnections = 4;
  assert.equal(service.schedule(a), first, 'no more connections than its weight');
  first.activeConnections = 5;
  assert.equal(service.schedule(a), other);
  first.activeConnections = 0;
  assert.equal(service.schedule(a), other, 'and stays with the new one');
});

test('lblc leaves a destination that is quiesced or deleted', () => {
  const service = new FakeService('lblc');
  const third = service.add();
  const second = service.add();
  const first = service.add();
  assert.equal(service.schedule(a), first);
  service.setWeight(first, 0);
  assert.equal(service.schedule(a), second);
  service.setWeight(first, 1);
  assert.equal(service.schedule(a), second);
  service.delete(second);
  service.delete(first);
  assert.equal(service.schedule(a), third);
});

test('lblc looks at thresholds only when it chooses anew', () => {
  const service = new FakeService('lblc');
  const other = service.add();
  const first = service.add();
  assert.equal(service.schedule(a), first);
  first.overloaded = true;
  assert.equal(service.schedule(a), first);
  assert.equal(service.schedule(b), other);
});

test('lblc forgets an address that was not used for a day', () => {
  const service = new FakeService('lblc');
  const other = service.add();
  const first = service.add();
  assert.equal(service.schedule(a), first);
  service.now += DAY - MINUTE;
  first.activeConnections = 1;
  assert.equal(service.schedule(a), first);
  service.now += DAY + 30 * MINUTE;
  assert.equal(service.schedule(a), other);
});
