import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../../test/engine/sample-table.ts';
import { DestinationTrash } from './destination-trash.ts';
import { LiveDestination } from './live-destination.ts';
import { LiveService } from './live-service.ts';

describe('DestinationTrash', () => {
  test('keeps an idle destination until it was idle for two minutes of sweeps', () => {
    const trash = new DestinationTrash();
    trash.put(make(), 0);
    for (const now of [59_999, 60_000, 120_000, 179_999]) {
      trash.sweep(now);
      assert.equal(trash.size, 1, `at ${now} ms`);
    }
    trash.sweep(180_000);
    assert.equal(trash.size, 0);
  });

  test('keeps one with connections or templates, and counts its idle time from the sweep that found it so', () => {
    const trash = new DestinationTrash();
    const destination = make();
    destination.bindTemplate();
    trash.put(destination, 0);
    for (let now = 0; now <= 600_000; now += 10_000) trash.sweep(now);
    assert.equal(trash.size, 1);
    destination.unbindTemplate();
    trash.sweep(660_000);
    trash.sweep(720_000);
    assert.equal(trash.size, 1);
    trash.sweep(780_000);
    assert.equal(trash.size, 0);
  });

  test('is looked through a minute after the first destination came, whatever came since', () => {
    const trash = new DestinationTrash();
    trash.put(make(), 0);
    trash.put(make('10.0.0.12'), 30_000);
    trash.sweep(60_000);
    trash.sweep(180_000);
    assert.equal(trash.size, 0);
  });

  test('gives an object back once, to the same service identity and port only', () => {
    const trash = new DestinationTrash();
    const destination = make();
    trash.put(destination, 0);
    const { key } = destination;
    assert.equal(trash.take(new LiveService(serviceOn('192.0.2.11'), settings()).key, key), undefined);
    assert.equal(trash.take(destination.service.key, key), destination);
    assert.equal(trash.take(destination.service.key, key), undefined);
  });
});

function make(address = '10.0.0.11'): LiveDestination {
  return new LiveDestination(new LiveService(serviceOn('192.0.2.10'), settings()), destinationOn(address));
}
