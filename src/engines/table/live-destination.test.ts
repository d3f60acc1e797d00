import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../../test/engine/sample-table.ts';
import type { Destination } from '../../model/destination.ts';
import type { Weight } from '../../model/unit.ts';
import { LiveDestination } from './live-destination.ts';
import { LiveService } from './live-service.ts';

const weight = (value: number) => ({ weight: value as Weight });

describe('LiveDestination', () => {
  test('counts a connection as inactive, active and gone', () => {
    const destination = make();
    destination.bind();
    assert.deepEqual(counts(destination), [0, 1, 0]);
    destination.markActive();
    assert.deepEqual(counts(destination), [1, 0, 0]);
    destination.markInactive();
    assert.deepEqual(counts(destination), [0, 1, 0]);
    destination.markActive();
    destination.unbind(true);
    assert.deepEqual(counts(destination), [0, 0, 0]);
    destination.bind();
    destination.unbind(false);
    assert.deepEqual(counts(destination), [0, 0, 0]);
  });

  test('counts templates apart from connections', () => {
    const destination = make({ upperThreshold: 1 });
    destination.bindTemplate();
    assert.deepEqual(counts(destination), [0, 0, 1]);
    assert.equal(destination.overloaded, false);
    destination.unbindTemplate();
    assert.deepEqual(counts(destination), [0, 0, 0]);
  });

  test('takes as many connections as the upper threshold, then less than the lower one before new ones', () => {
    const destination = make({ upperThreshold: 4, lowerThreshold: 2 });
    const overloaded = [];
    for (let n = 0; n < 4; n++) {
      overloaded.push(destination.overloaded);
      destination.bind();
    }
    assert.deepEqual(overloaded, [false, false, false, false]);
    assert.equal(destination.overloaded, true);
    assert.deepEqual(overloadedWhileLeaving(destination, 4), [true, true, false, false]);
  });

  test('without a lower threshold waits for less than three quarters of the upper one', () => {
    const destination = make({ upperThreshold: 8 });
    for (let n = 0; n < 8; n++) destination.bind();
    assert.deepEqual(overloadedWhileLeaving(destination, 4), [true, true, false, false]);
  });

  test('is relieved by an edit that lifts or raises the limit, and by no other', () => {
    const full = () => {
      const destination = make({ upperThreshold: 2 });
      destination.bind();
      destination.bind();
      return destination;
    };
    const after = (upperThreshold: number) => {
      const destination = full();
      destination.edit({ ...destination.settings, upperThreshold });
      return destination.overloaded;
    };
    assert.deepEqual([after(0), after(3), after(2), after(1)], [false, false, true, true]);
  });

  test('an edit relieves no earlier than an end of a connection would', () => {
    const destination = make({ upperThreshold: 4, lowerThreshold: 1 });
    for (let n = 0; n < 4; n++) destination.bind();
    destination.edit({ ...destination.settings, upperThreshold: 8, lowerThreshold: 2 });
    assert.equal(destination.overloaded, true, 'four connections, and two or more keep it overloaded');
    destination.edit({ ...destination.settings, upperThreshold: 8, lowerThreshold: 5 });
    assert.equal(destination.overloaded, false);
  });

  test('a limit that the connections have reached overloads at once, a higher or no limit relieves', () => {
    const destination = make({ upperThreshold: 0 });
    destination.bind();
    destination.bind();
    const after = (upperThreshold: number): boolean => {
      destination.edit({ ...destination.settings, upperThreshold });
      return destination.overloaded;
    };
    assert.deepEqual(
      [after(3), after(2), after(1), after(3), after(2), after(0)],
      [false, true, true, false, true, false],
    );
  });

  test('remembers the latest weight that was not 0', () => {
    const destination = make(weight(0));
    assert.equal(destination.lastWeight, 0);
    destination.edit({ ...destination.settings, ...weight(5) });
    destination.edit({ ...destination.settings, ...weight(0) });
    assert.deepEqual([destination.weight, destination.lastWeight], [0, 5]);
    destination.revive(destination.service, { ...destination.settings, ...weight(0) });
    assert.equal(destination.lastWeight, 0);
  });

  test('counts traffic for itself and its service while it is available', () => {
    const destination = make();
    destination.countConnection();
    destination.countIn(2, 120);
    destination.countOut(1, 60);
    destination.available = false;
    destination.countIn(1, 60);
    destination.countOut(1, 60);
    const expected = { connections: 1n, inPackets: 2n, outPackets: 1n, inBytes: 120n, outBytes: 60n };
    assert.deepEqual(destination.snapshot().statistics.counters, expected);
    assert.deepEqual(destination.service.snapshot().statistics.counters, expected);
  });
});

function make(changes: Partial<Destination> = {}): LiveDestination {
  const service = new LiveService(serviceOn('192.0.2.10'), settings());
  const destination = new LiveDestination(service, destinationOn('10.0.0.11', changes));
  service.add(destination);
  return destination;
}

function counts(destination: LiveDestination): number[] {
  const { activeConnections, inactiveConnections, persistentConnections } = destination;
  return [activeConnections, inactiveConnections, persistentConnections];
}

function overloadedWhileLeaving(destination: LiveDestination, leaving: number): boolean[] {
  return Array.from({ length: leaving }, () => {
    destination.unbind(false);
    return destination.overloaded;
  });
}
