import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import type { IpAddress } from '../../src/model/address.ts';
import type { VirtualRoute } from '../../src/model/vrrp.ts';
import type { Route } from '../../src/netlink/route/route.ts';
import { FakeHost, FakeSegment, vrrpSettings } from './fake-segment.ts';
import { instanceSettings } from './instance-settings.ts';

const VIP = '192.0.2.50';
const ROUTE: VirtualRoute = { destination: { address: '203.0.113.0' as IpAddress, prefixLength: 24 } };

let clock: VirtualClock;
let segment: FakeSegment;
let host: FakeHost;
let peer: FakeHost;

beforeEach(() => {
  clock = new VirtualClock();
  segment = new FakeSegment();
  host = new FakeHost(segment, clock, 1);
  peer = new FakeHost(segment, clock, 2);
});

async function start(which: FakeHost, given: Parameters<typeof instanceSettings>[0] = {}): Promise<void> {
  await which.service.start(vrrpSettings([instanceSettings(given)]));
  await clock.advance(2000);
}

function told(kind: 'oddity' | 'failure'): string[] {
  return host.events.flatMap((event) => (event.kind === kind ? [event.text] : []));
}

describe('what belongs to a master', () => {
  it('is set again where somebody deletes it, within a second, announced again and told', async () => {
    await start(host);
    const before = host.announced.length;
    host.deleteAddress(VIP);
    await clock.advance(1000);
    assert.deepEqual([[...host.taken], host.announced.length > before], [[VIP], true]);
    assert.deepEqual(told('oddity'), [`VRRP VI_1: gone, and set again: ${VIP}`]);
  });

  it('is fought over once a second at most, and told once a minute', async () => {
    await start(host);
    let deletions = 0;
    const end = clock.now() + 120_000;
    while (clock.now() < end) {
      if (host.taken.has(VIP)) deletions += 1;
      host.deleteAddress(VIP);
      await clock.advance(100);
    }
    assert.ok(deletions >= 100 && deletions <= 121, `${deletions}`);
    assert.ok(told('oddity').length <= 3, told('oddity').join('\n'));
    assert.match(told('oddity').at(-1) ?? '', /so it was (?:59|60) times since that was told last$/);
  });

  it('routes, too, when they are heard to be deleted', async () => {
    await start(host, { routes: [ROUTE] });
    assert.deepEqual([...host.routes], ['203.0.113.0']);
    host.routes.clear();
    const route: Route = { family: 'inet', table: 254, protocol: 18, scope: 0, type: 'unicast' };
    host.tell({ kind: 'route', change: 'deleted', route: { ...route, protocol: 4 } });
    await clock.advance(2000);
    assert.deepEqual([...host.routes], []);
    host.tell({ kind: 'route', change: 'deleted', route });
    await clock.advance(1000);
    assert.deepEqual([...host.routes], ['203.0.113.0']);
  });

  it('is asked for again where the host refused it', async () => {
    host.hostFailure = new Error('EPERM');
    await start(host);
    assert.deepEqual([host.state(), host.taken.size], ['master', 0]);
    host.hostFailure = undefined;
    await clock.advance(5000);
    assert.deepEqual([...host.taken], [VIP]);
    assert.deepEqual(told('failure'), [
      'VRRP VI_1: the host did not give all: EPERM',
      'VRRP VI_1: the host did not take all: EPERM',
    ]);
  });

  it('is removed from a backup that has it, at its start and later, and told', async () => {
    host.setAddress(VIP);
    await start(peer, { priority: 150 });
    await start(host);
    assert.deepEqual([host.state(), [...host.taken]], ['backup', []]);
    host.setAddress(VIP);
    host.setAddress('192.0.2.77');
    await clock.advance(2000);
    assert.deepEqual([...host.taken], ['192.0.2.77']);
    assert.equal(told('oddity')[0], `VRRP VI_1: there although it is not master, and removed: ${VIP}`);
  });

  it('stays where another instance has it rightly', async () => {
    const other = instanceSettings({ name: 'VI_2', virtualRouterId: 52 });
    await start(peer, { priority: 150 });
    await host.service.start(vrrpSettings([instanceSettings({}), other]));
    await clock.advance(5000);
    assert.deepEqual([host.state('VI_1'), host.state('VI_2'), [...host.taken]], ['backup', 'master', [VIP]]);
    host.deleteAddress(VIP);
    await clock.advance(5000);
    assert.deepEqual([...host.taken], [VIP]);
  });

  it('is let alone when the service ends', async () => {
    await start(host);
    await host.service.stop();
    await peer.service.stop();
    assert.deepEqual([host.taken.size, clock.waiting], [0, 0]);
  });
});

describe('a receiver that fails', () => {
  function failReceivers(): void {
    for (const ear of [...segment.ears]) if (ear.host === host) ear.fail(new Error('ENOMEM'));
  }

  it('is opened again at once, without a word of fault', async () => {
    await start(host);
    failReceivers();
    assert.deepEqual([host.state(), segment.ears.size], ['master', 1]);
    assert.deepEqual(told('failure'), ['nothing is heard on eth0 any more, which is opened again: ENOMEM']);
    await start(peer, { priority: 150 });
    assert.equal(host.state(), 'backup');
  });

  it('is a fault while it cannot be opened, tried up to every 5 s, and told once', async () => {
    await start(host);
    await start(peer);
    host.receiverFailure = new Error('EMFILE');
    failReceivers();
    await clock.advance(30_000);
    assert.deepEqual([host.state(), peer.state()], ['fault', 'master']);
    assert.deepEqual(host.service.status().instances[0]?.faults, ['nothing can be heard on interface eth0']);
    assert.equal(told('failure').length, 1);
    host.receiverFailure = undefined;
    await clock.advance(5000);
    assert.deepEqual([host.state(), host.service.status().instances[0]?.faults], ['backup', []]);
  });

  it('is not opened at full speed where that never lasts', async () => {
    await start(host);
    let opened = 0;
    for (let second = 0; second < 60; second++) {
      if ([...segment.ears].some((ear) => ear.host === host)) opened += 1;
      failReceivers();
      await clock.advance(1000);
    }
    assert.ok(opened <= 16, `${opened}`);
    assert.equal(told('failure').length, 1);
    await host.service.stop();
    assert.equal(clock.waiting, 0);
  });

  it('that cannot be opened at first is tried again', async () => {
    host.receiverFailure = new Error('EMFILE');
    await start(host);
    assert.deepEqual(host.service.status().instances[0]?.faults, ['interface eth0 cannot be used: EMFILE']);
    host.receiverFailure = undefined;
    await clock.advance(8000);
    assert.equal(host.state(), 'master');
  });
});

describe('a watch of rtnetlink that fails', () => {
  it('is opened again, told once, and what changed meanwhile is learned', async () => {
    await start(host);
    host.watchFailure = new Error('EMFILE');
    host.failWatches(new Error('ENOMEM'));
    await clock.advance(20_000);
    host.carrier('eth0', false);
    await clock.advance(1000);
    assert.equal(host.state(), 'master');
    host.watchFailure = undefined;
    await clock.advance(5000);
    assert.equal(host.state(), 'fault');
    host.carrier('eth0', true);
    await clock.advance(1000);
    assert.equal(host.state(), 'master');
    assert.deepEqual(told('failure'), [
      'interfaces were not followed any more, which is begun again: ENOMEM',
    ]);
    await host.service.stop();
    assert.equal(clock.waiting, 0);
  });
});

describe('two masters that hear one another', () => {
  it('are one again, which announces the addresses again, and both tell of the other', async () => {
    await start(host, { priority: 150 });
    await start(peer);
    segment.isCut = true;
    await clock.advance(30_000);
    assert.deepEqual([host.state(), peer.state()], ['master', 'master']);
    const before = [host.announced.length, peer.announced.length];
    segment.isCut = false;
    await clock.advance(1000);
    assert.deepEqual([host.state(), peer.state(), peer.taken.size], ['master', 'backup', 0]);
    assert.ok(host.announced.length > (before[0] ?? 0), 'neighbours may have learned the other one');
    const conflicts = [host, peer].map(({ events }) => events.filter(({ kind }) => kind === 'conflict'));
    assert.deepEqual(
      conflicts.map((each) => each.map(({ text }) => text)),
      [
        ['VRRP VI_1: there is a second master, 10.0.0.2, of priority 100'],
        ['VRRP VI_1: there is a second master, 10.0.0.1, of priority 150'],
      ],
    );
  });

  it('of an ordinary preemption are none to the new one', async () => {
    await start(peer);
    await start(host, { priority: 150 });
    assert.deepEqual([host.state(), peer.state()], ['master', 'backup']);
    assert.deepEqual(
      host.events.filter(({ kind }) => kind === 'conflict'),
      [],
    );
  });
});
