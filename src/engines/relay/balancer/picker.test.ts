import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, ip, serviceOn, settings } from '../../../../test/engine/sample-table.ts';
import type { Port, Weight } from '../../../model/unit.ts';
import { findScheduler } from '../../../scheduling/registry.ts';
import type { SchedulingRequest } from '../../../scheduling/scheduler.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import { pick, pickAnother } from './picker.ts';

const request: SchedulingRequest = {
  clientAddress: ip('192.0.2.7'),
  clientPort: 40000 as Port,
  virtualAddress: ip('192.0.2.10'),
};

describe('picking another destination after a refusal', () => {
  test('asks the scheduler, which passes over those that refused', () => {
    const service = serviceWith('rr', [1, 1, 1]);
    const first = pick(service, request);
    assert.ok(first);
    const second = pickAnother(service, request, [first]);
    assert.ok(second && second !== first);
    const third = pickAnother(service, request, [first, second]);
    assert.ok(third && third !== first && third !== second);
    assert.equal(pickAnother(service, request, [first, second, third]), undefined);
  });

  test('leaves no trace in those that refused', () => {
    const service = serviceWith('wlc', [1, 1]);
    const [a, b] = service.destinations;
    assert.ok(a && b);
    b.overloaded = true;
    pickAnother(service, request, [a, b]);
    assert.deepEqual([a.overloaded, b.overloaded], [false, true]);
  });

  test('overrules a hash scheduler that insists, by the least loaded', () => {
    const service = serviceWith('sh', [1, 1, 1]);
    const first = pick(service, request);
    assert.ok(first);
    const others = service.destinations.filter((destination) => destination !== first);
    const [busy, idle] = others;
    assert.ok(busy && idle);
    busy.activeConnections = 5;
    assert.equal(pickAnother(service, request, [first]), idle);
  });

  test('takes nobody quiesced, overloaded, or where the scheduler is none', () => {
    const service = serviceWith('sh', [1, 0, 1]);
    const usable = service.destinations.filter(({ weight }) => weight > 0);
    const [refuser, full] = usable;
    assert.ok(refuser && full);
    full.overloaded = true;
    assert.equal(pickAnother(service, request, [refuser]), undefined);
    const none = serviceWith('none', [1, 1]);
    assert.equal(pick(none, request), undefined);
    assert.equal(pickAnother(none, request, []), undefined);
  });
});

function serviceWith(scheduler: string, weights: readonly number[]): LiveService {
  const service = new LiveService(serviceOn('192.0.2.10'), settings({ scheduler }));
  const definition = findScheduler(scheduler);
  service.scheduler = definition?.bind<LiveDestination>(service, { now: () => 0, random: () => 0.5 });
  weights.forEach((weight, index) => {
    const destination = destinationOn(`10.0.0.${index + 1}`, { weight: weight as Weight });
    service.add(new LiveDestination(service, destination));
  });
  return service;
}
