import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HealthState } from '../model/health.ts';
import type { ServiceMonitoring } from '../model/monitoring.ts';
import { checkedWeight, type DestinationCondition, servingWeight } from './destination-weight.ts';
import { effectiveService } from './effective-service.ts';
import { numberedDestination, sampleService, sampleServiceMonitoring } from './testing/sample-monitoring.ts';

const UP: DestinationCondition = { state: 'up', verdicts: [] };
const DOWN: DestinationCondition = { state: 'down', verdicts: [] };
const service = sampleService(1, [numberedDestination(2, 20), numberedDestination(1, 10)]);
const sorry = numberedDestination(99, 5);

/** The effective destinations with the first one in this condition; the other one is up. */
function effective(
  monitoring: Partial<ServiceMonitoring>,
  quorum: HealthState,
  first: DestinationCondition,
  inhibitOnFailure = false,
): string[] {
  const watched = sampleServiceMonitoring(service, monitoring, { inhibitOnFailure });
  const of = (key: string): DestinationCondition => (key === '10.0.0.1:80' ? first : UP);
  return effectiveService(service, watched, { quorum, of }).destinations.map(
    ({ address, weight }) => `${address}=${weight}`,
  );
}

describe('the effective service', () => {
  it('is the service itself where nothing is to be changed', () => {
    const watched = sampleServiceMonitoring(service);
    assert.equal(effectiveService(service, watched, { quorum: 'up', of: () => UP }), service);
    assert.equal(effectiveService(service, watched, { quorum: 'down', of: () => UP }), service);
  });

  it('has the sorry server alone while the quorum is lost, and with weight 0 or not at all otherwise', () => {
    const plain = { sorryServer: { destination: sorry, inhibit: false } };
    const kept = { sorryServer: { destination: sorry, inhibit: true } };
    assert.deepEqual(effective(plain, 'down', DOWN), ['10.0.0.99=5']);
    assert.deepEqual(effective(kept, 'down', DOWN), ['10.0.0.99=5']);
    assert.deepEqual(effective(plain, 'down', DOWN, true), ['10.0.0.99=5', '10.0.0.2=0', '10.0.0.1=0']);
    assert.deepEqual(effective(plain, 'up', DOWN), ['10.0.0.2=20']);
    assert.deepEqual(effective(kept, 'up', DOWN), ['10.0.0.99=0', '10.0.0.2=20']);
    assert.deepEqual(effective(kept, 'up', DOWN, true), ['10.0.0.99=0', '10.0.0.2=20', '10.0.0.1=0']);
  });

  it('has a destination that is the sorry server, too, once', () => {
    const twice = { sorryServer: { destination: numberedDestination(1, 7), inhibit: true } };
    assert.deepEqual(effective(twice, 'down', UP, true), ['10.0.0.1=7', '10.0.0.2=0']);
    assert.deepEqual(effective(twice, 'up', UP), ['10.0.0.2=20', '10.0.0.1=10']);
    assert.deepEqual(effective(twice, 'up', DOWN), ['10.0.0.2=20']);
  });

  it('has weights from checks and slow starts', () => {
    const verdicts = [{ add: 5 }];
    assert.deepEqual(effective({}, 'up', { state: 'up', verdicts }), ['10.0.0.2=20', '10.0.0.1=15']);
    const slowStart = { elapsed: 5000, duration: 10_000 };
    assert.deepEqual(effective({}, 'up', { state: 'up', verdicts, slowStart }), [
      '10.0.0.2=20',
      '10.0.0.1=8',
    ]);
  });
});

describe('the weight that checks make', () => {
  const { weight } = numberedDestination(1, 10);

  it('is set, shifted, or both', () => {
    assert.equal(checkedWeight(weight, []), 10);
    assert.equal(checkedWeight(weight, [{ set: 3 }]), 3);
    assert.equal(checkedWeight(weight, [{ add: -4 }]), 6);
    assert.equal(checkedWeight(weight, [{ set: 3 }, { add: 4 }]), 7);
    assert.equal(checkedWeight(weight, [{ set: 3 }, { set: 12 }]), 5);
  });

  it('stays within its limits, whole', () => {
    assert.equal(checkedWeight(weight, [{ add: -11 }]), 0);
    assert.equal(checkedWeight(weight, [{ add: 1e9 }]), 65_535);
    assert.equal(checkedWeight(numberedDestination(1, 100_000).weight, [{ add: 1 }]), 100_000);
    assert.equal(checkedWeight(weight, [{ add: 0.5 }]), 10);
    assert.equal(servingWeight(weight, { state: 'up', verdicts: [{ set: 0 }] }), 0);
  });
});
