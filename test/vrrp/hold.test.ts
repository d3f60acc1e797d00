import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import type { IpAddress } from '../../src/model/address.ts';
import type { VrrpInstanceSettings } from '../../src/model/vrrp.ts';
import { FakeHost, FakeSegment, vrrpSettings } from './fake-segment.ts';
import { instanceSettings } from './instance-settings.ts';

const REASON = 'the table of 10.0.0.2';
const INNER: Partial<VrrpInstanceSettings> = {
  name: 'VI_2',
  interface: 'eth1',
  virtualRouterId: 52,
  addresses: [{ address: '192.0.2.51' as IpAddress, prefixLength: 32 }],
};
const GROUP = { name: 'VG', instances: ['VI_1', 'VI_2'], tracked: [], notify: {} };

let clock: VirtualClock;
let one: FakeHost;
let two: FakeHost;

beforeEach(async () => {
  clock = new VirtualClock();
  const segment = new FakeSegment();
  one = new FakeHost(segment, clock, 1);
  two = new FakeHost(segment, clock, 2);
});

describe('a director that is held back', () => {
  it('leaves a master of lower priority alone until it may preempt, and tells why', async () => {
    await two.service.start(vrrpSettings([instanceSettings({ priority: 50 })]));
    await clock.advance(1000);
    one.service.hold(REASON);
    await one.service.start(vrrpSettings([instanceSettings({ priority: 150, initialState: 'master' })]));
    await clock.advance(5000);
    assert.deepEqual([one.state(), two.state(), heldBy(one)], ['backup', 'master', REASON]);
    one.service.hold(undefined);
    await clock.advance(1000);
    assert.deepEqual([one.state(), two.state(), heldBy(one)], ['master', 'backup', undefined]);
    one.service.hold(REASON);
    await clock.advance(1000);
    assert.deepEqual([one.state(), heldBy(one)], ['master', undefined], 'a master is not held');
  });

  it('replaces a dead master', async () => {
    await two.service.start(vrrpSettings([instanceSettings({ priority: 50 })]));
    await clock.advance(1000);
    one.service.hold(REASON);
    await one.service.start(vrrpSettings([instanceSettings({ priority: 150 })]));
    await clock.advance(1000);
    two.isDead = true;
    await clock.advance(500);
    assert.equal(one.state(), 'master');
  });

  it('waits as a backup where nobody speaks, unless it owns the addresses', async () => {
    one.service.hold(REASON);
    const owner = instanceSettings({ ...INNER, priority: 255 });
    const eager = instanceSettings({ priority: 150, initialState: 'master' });
    await one.service.start(vrrpSettings([eager, owner]));
    await clock.advance(10);
    assert.deepEqual([one.state(), one.state('VI_2')], ['backup', 'master']);
    await clock.advance(500);
    assert.equal(one.state(), 'master');
  });

  it('keeps no member of a group from following, nor new instances from being held', async () => {
    const both = (priority: number) => [
      instanceSettings({ priority }),
      instanceSettings({ ...INNER, priority }),
    ];
    await two.service.start(vrrpSettings(both(50), { groups: [GROUP] }));
    await clock.advance(1000);
    one.service.hold(REASON);
    await one.service.start(vrrpSettings(both(150), { groups: [GROUP] }));
    await clock.advance(3000);
    assert.deepEqual([one.state(), one.state('VI_2')], ['backup', 'backup']);
    await one.service.update(vrrpSettings(both(160), { groups: [GROUP] }));
    await clock.advance(3000);
    assert.deepEqual([one.state(), two.state(), two.state('VI_2')], ['backup', 'master', 'master']);
    await two.service.stop();
    await clock.advance(500);
    assert.deepEqual([one.state(), one.state('VI_2')], ['master', 'master']);
  });
});

function heldBy(host: FakeHost): string | undefined {
  return host.service.status().instances[0]?.heldBy;
}
