import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import type { IpAddress } from '../../src/model/address.ts';
import type { ServiceKey } from '../../src/model/service.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import type { Tracked, TrackScript, VrrpInstanceSettings } from '../../src/model/vrrp.ts';
import { encodeAdvertisement } from '../../src/vrrp/packet/encode-advertisement.ts';
import { FakeHost, FakeSegment, vrrpSettings } from './fake-segment.ts';
import { instanceSettings } from './instance-settings.ts';

let clock: VirtualClock;
let segment: FakeSegment;
let one: FakeHost;
let two: FakeHost;

beforeEach(() => {
  clock = new VirtualClock();
  segment = new FakeSegment();
  one = new FakeHost(segment, clock, 1);
  two = new FakeHost(segment, clock, 2);
});

const SECOND: Partial<VrrpInstanceSettings> = {
  name: 'VI_2',
  interface: 'eth1',
  virtualRouterId: 52,
  addresses: [{ address: '192.0.2.51' as IpAddress, prefixLength: 32 }],
};
const GROUP = { name: 'VG', instances: ['VI_1', 'VI_2'], tracked: [], notify: {} };
const CHECK: TrackScript = {
  name: 'check',
  command: { argv: ['/check'] },
  interval: 1000 as Milliseconds,
  timeout: 500 as Milliseconds,
  weight: 0,
  rise: 1,
  fall: 1,
  initFail: false,
};

async function start(host: FakeHost, ...instances: readonly Partial<VrrpInstanceSettings>[]): Promise<void> {
  await host.service.start(vrrpSettings(instances.map(instanceSettings)));
}

/** Starts both directors, the first one with the higher priority and what is tracked. */
async function startBoth(tracked: readonly Tracked[], scripts: readonly TrackScript[] = []): Promise<void> {
  await one.service.start(vrrpSettings([instanceSettings({ priority: 150, tracked })], { scripts }));
  await start(two, { priority: 100 });
  await clock.advance(2000);
  assert.deepEqual([one.state(), two.state()], ['master', 'backup']);
}

describe('the VRRP service', () => {
  it('has one master, which gives up in order, and knows whom it heard', async () => {
    await startBoth([]);
    assert.deepEqual([[...one.taken], [...two.taken]], [['192.0.2.50'], []]);
    const [heard] = two.service.status().instances;
    assert.deepEqual(
      [heard?.lastHeard?.address, heard?.lastHeard?.priority, heard?.source, heard?.faults],
      ['10.0.0.1', 150, '10.0.0.2', []],
    );
    await one.service.stop();
    await clock.advance(100);
    assert.equal(two.state(), 'master');
    const [gone, follower] = [one, two].map((host) => host.service.status().instances[0]?.counts);
    assert.deepEqual(
      [gone?.becameMaster, gone?.releasedMaster, gone?.priorityZeroSent, gone?.priorityZeroReceived],
      [1, 1, 1, 0],
    );
    assert.deepEqual([follower?.priorityZeroReceived, follower?.releasedMaster], [1, 0]);
    assert.deepEqual([[...one.taken], [...two.taken]], [[], ['192.0.2.50']]);
    assert.deepEqual(one.lines, [
      'INSTANCE "VI_1" BACKUP 150\n',
      'INSTANCE "VI_1" MASTER 150\n',
      'INSTANCE "VI_1" STOP 150\n',
    ]);
    await two.service.stop();
    assert.equal(clock.waiting, 0);
    assert.equal(segment.ears.size, 0);
  });

  it('waits for its startup delay', async () => {
    const settings = vrrpSettings([instanceSettings({})], { startupDelay: 5000 as Milliseconds });
    await one.service.start(settings);
    await clock.advance(4999);
    assert.equal(one.state(), 'initialize');
    await clock.advance(1);
    assert.equal(one.state(), 'backup');
  });

  it('is in fault while its interface has no carrier, or is gone', async () => {
    await startBoth([]);
    one.carrier('eth0', false);
    await clock.advance(1000);
    assert.deepEqual([one.state(), two.state(), one.taken.size], ['fault', 'master', 0]);
    assert.deepEqual(one.service.status().instances[0]?.faults, ['interface eth0 has no carrier']);
    one.carrier('eth0', true);
    await clock.advance(1000);
    assert.deepEqual([one.state(), two.state()], ['master', 'backup']);
    one.unplug('eth0');
    await clock.advance(1000);
    assert.deepEqual([one.state(), two.state()], ['fault', 'master']);
    one.plug('eth0', 3);
    await clock.advance(1000);
    assert.deepEqual([one.state(), two.state()], ['master', 'backup']);
    assert.equal(one.service.status().instances[0]?.source, '10.0.0.3');
  });

  it('goes on without its interface where it is told to', async () => {
    await start(one, { untrackedInterface: true });
    await clock.advance(1000);
    one.carrier('eth0', false);
    await clock.advance(1000);
    assert.equal(one.state(), 'master');
  });

  it('shares receivers, and counts what is nobody’s and what is malformed', async () => {
    const other = { name: 'VI_3', virtualRouterId: 53 };
    await start(one, {}, other);
    assert.equal(segment.ears.size, 1);
    await start(two, { ...other, virtualRouterId: 99 });
    await clock.advance(1000);
    const [ear] = [...segment.ears].filter(({ host }) => host === one);
    const source = '10.0.0.9' as IpAddress;
    const message = Uint8Array.of(0x31, 51, 1);
    ear?.heard({ source, destination: source, hopLimit: 255, message });
    ear?.heard({ source, destination: '224.0.0.18' as IpAddress, hopLimit: 254, message });
    const { packets } = one.service.status();
    assert.ok(packets.unknownRouter > 0);
    assert.deepEqual(packets.malformed, { 'too-short': 1, 'hop-limit': 1 });
    assert.deepEqual(
      one.events.flatMap(({ kind, text }) => (kind === 'oddity' ? [text] : [])),
      [
        'VRRP: 10.0.0.9 sends on eth0 what is no advertisement: its length is not that of its addresses',
        'VRRP: 10.0.0.9 sends on eth0 what is no advertisement: its hop limit is 254 and not 255, so that it may be of another link',
      ],
    );
  });

  it('counts and names who has another password', async () => {
    const old = { version: 2, advertisementInterval: 1000 as Milliseconds, password: 'one' } as const;
    await start(one, old);
    await start(two, { ...old, password: 'two' });
    await clock.advance(10_000);
    const [status] = two.service.status().instances;
    assert.ok((status?.counts.dismissed.authentication ?? 0) > 0);
    const oddities = two.events.filter(({ kind }) => kind === 'oddity').map(({ text }) => text);
    assert.deepEqual(oddities, ['VRRP VI_1: 10.0.0.1 has another password']);
  });
});

describe('a VRRP instance among hostile packets', () => {
  const PEER = '10.0.0.9' as IpAddress;
  const OWN = '10.0.0.1' as IpAddress;

  /** As they come from the wire; `source` unless another is given. */
  function hear(priority: number, source = PEER): void {
    const [ear] = [...segment.ears].filter(({ host }) => host === one);
    const envelope = { source, destination: '224.0.0.18' as IpAddress };
    const said = { version: 3, virtualRouterId: 51, priority, interval: 100 as Milliseconds } as const;
    const message = encodeAdvertisement({ ...said, addresses: ['192.0.2.50' as IpAddress] }, envelope, {
      pseudoHeaderChecksum: true,
    });
    ear?.heard({ ...envelope, hopLimit: 255, message });
  }

  function oddities(): string[] {
    return one.events.filter(({ kind }) => kind === 'oddity').map(({ text }) => text);
  }

  it('does not hear its own address, and is no less master', async () => {
    await start(one, {});
    await clock.advance(2000);
    for (let packet = 0; packet < 3; packet++) hear(200, OWN);
    const [status] = one.service.status().instances;
    assert.deepEqual([status?.state, status?.counts.dismissed], ['master', { 'own-address': 3 }]);
    assert.equal(oddities().length, 1);
    assert.match(oddities()[0] ?? '', /^VRRP VI_1: 10\.0\.0\.1 is this router's own address/);
  });

  it('tells of a master that gives up and goes on, and not of one that comes back later', async () => {
    await start(one, {});
    hear(200);
    hear(0);
    await clock.advance(50);
    hear(200);
    assert.deepEqual([one.state(), revoked()], ['backup', 1]);
    assert.match(oddities().join(), /^VRRP VI_1: 10\.0\.0\.9 gave up and goes on/);
    hear(0);
    await clock.advance(2000);
    hear(200);
    assert.deepEqual([one.state(), revoked()], ['backup', 1]);
  });

  it('does not fill the log, whoever it hears', async () => {
    await start(one, {});
    for (let other = 1; other < 5000; other++) hear(1, `10.${other >> 8}.${other & 255}.1` as IpAddress);
    const strangers = {
      version: 3,
      virtualRouterId: 51,
      priority: 1,
      interval: 200 as Milliseconds,
    } as const;
    const [ear] = [...segment.ears].filter(({ host }) => host === one);
    for (let other = 1; other < 5000; other++) {
      const source = `10.${other >> 8}.${other & 255}.1` as IpAddress;
      const envelope = { source, destination: '224.0.0.18' as IpAddress };
      const message = encodeAdvertisement({ ...strangers, addresses: [] }, envelope, {
        pseudoHeaderChecksum: true,
      });
      ear?.heard({ ...envelope, hopLimit: 255, message });
    }
    assert.equal(oddities().length, 65);
  });

  function revoked(): number | undefined {
    return one.service.status().instances[0]?.counts.revokedFarewells;
  }
});

describe('what a VRRP instance tracks', () => {
  it('a script of weight 0 is a fault while it fails', async () => {
    await startBoth([{ kind: 'script', name: 'check' }], [CHECK]);
    one.failing.add('/check');
    await clock.advance(2000);
    assert.deepEqual([one.state(), two.state()], ['fault', 'master']);
    assert.deepEqual(one.service.status().scripts, [
      { name: 'check', state: 'down', detail: 'exited with 1' },
    ]);
    assert.match(one.events.at(-1)?.text ?? '', /VRRP VI_1: master -> fault, .*\(script check is down\)/);
    one.failing.clear();
    await clock.advance(2000);
    assert.deepEqual([one.state(), two.state()], ['master', 'backup']);
  });

  it('an instance whose script fails from the start is never master', async () => {
    one.failing.add('/check');
    const settings = instanceSettings({
      initialState: 'master',
      tracked: [{ kind: 'script', name: 'check' }],
    });
    await one.service.start(vrrpSettings([settings], { scripts: [CHECK] }));
    await clock.advance(3000);
    assert.deepEqual(one.lines, ['INSTANCE "VI_1" FAULT 100\n']);
  });

  const change: readonly [string, Tracked, () => void][] = [
    ['interface', { kind: 'interface', name: 'eth1', weight: -60 }, () => one.carrier('eth1', false)],
    ['file', { kind: 'file', path: '/f', weight: 1 }, () => one.files.set('/f', '-60\n')],
    ['process', { kind: 'process', name: 'nginx', weight: -60 }, () => one.processes.delete('nginx')],
    [
      'service',
      { kind: 'service', service: 'tcp 192.0.2.50:80' as ServiceKey, weight: -60 },
      () => {
        one.quorums.set('tcp 192.0.2.50:80', 'down');
        one.service.reconsider();
      },
    ],
  ];
  for (const [what, tracked, spoil] of change) {
    it(`a weighted ${what} shifts the priority, so that another one is master`, async () => {
      one.processes.add('nginx');
      await startBoth([tracked]);
      spoil();
      await clock.advance(2000);
      assert.deepEqual([one.state(), two.state()], ['backup', 'master']);
      assert.equal(one.service.status().instances[0]?.priority, 90);
    });
  }
});

describe('a VRRP sync group', () => {
  it('is master together, moves together, and is told', async () => {
    for (const [host, priority] of [
      [one, 150],
      [two, 100],
    ] as const) {
      const instances = [instanceSettings({ priority }), instanceSettings({ ...SECOND, priority })];
      await host.service.start(vrrpSettings(instances, { groups: [GROUP] }));
    }
    await clock.advance(2000);
    assert.deepEqual(states(one), ['master', 'master']);
    one.carrier('eth1', false);
    await clock.advance(1000);
    assert.deepEqual(
      [states(one), states(two)],
      [
        ['fault', 'fault'],
        ['master', 'master'],
      ],
    );
    assert.deepEqual([...one.taken], []);
    one.carrier('eth1', true);
    await clock.advance(2000);
    assert.deepEqual(
      [states(one), states(two)],
      [
        ['master', 'master'],
        ['backup', 'backup'],
      ],
    );
    assert.deepEqual(
      one.lines.filter((line) => line.startsWith('GROUP')),
      ['BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'MASTER'].map((state) => `GROUP "VG" ${state} 0\n`),
    );
    assert.equal(one.service.status().groups[0]?.state, 'master');
  });

  it('is in fault until each of its members is without one', async () => {
    const instances = [instanceSettings({}), instanceSettings(SECOND)];
    await one.service.start(vrrpSettings(instances, { groups: [GROUP] }));
    await clock.advance(1000);
    one.carrier('eth0', false);
    one.carrier('eth1', false);
    await clock.advance(1000);
    one.carrier('eth0', true);
    await clock.advance(1000);
    assert.deepEqual(states(one), ['fault', 'fault']);
    one.carrier('eth1', true);
    await clock.advance(1000);
    assert.deepEqual(states(one), ['master', 'master']);
  });

  function states(host: FakeHost): (string | undefined)[] {
    return [host.state('VI_1'), host.state('VI_2')];
  }
});

describe('VRRP with a virtual MAC address', () => {
  const virtualMac = { interface: 'vrrp.51', transmitBase: false };

  it('begins when its interface is made, without a fault, and has the addresses there', async () => {
    await start(one, { virtualMac });
    await clock.advance(1000);
    assert.deepEqual(one.lines, ['INSTANCE "VI_1" BACKUP 100\n', 'INSTANCE "VI_1" MASTER 100\n']);
    assert.ok(one.isThere('vrrp.51'));
    assert.deepEqual(one.announced, ['192.0.2.50']);
    await one.service.stop();
    assert.equal(one.isThere('vrrp.51'), false);
  });

  it('is in fault while its interface is gone with the one below, and comes back with it', async () => {
    await start(one, { virtualMac });
    await clock.advance(1000);
    one.unplug('eth0');
    await clock.advance(1000);
    assert.equal(one.state(), 'fault');
    one.plug('eth0', 1);
    await clock.advance(1000);
    assert.equal(one.state(), 'master');
  });

  it('of an owner has the addresses set, which otherwise has them anyway', async () => {
    await start(one, { virtualMac, priority: 255 }, { ...SECOND, priority: 255 });
    await clock.advance(1000);
    assert.deepEqual([...one.taken], ['192.0.2.50']);
  });
});

describe('VRRP with accept: false', () => {
  it('is in fault, and says why, where packets cannot be kept out', async () => {
    one.guardFault = 'no netfilter here';
    await start(one, { accept: false }, SECOND);
    await clock.advance(1000);
    assert.deepEqual([one.state('VI_1'), one.state('VI_2')], ['fault', 'master']);
    assert.deepEqual(one.service.status().instances[0]?.faults, ['no netfilter here']);
  });

  it('lets the owner alone, who accepts packets whatever is said', async () => {
    one.guardFault = 'no netfilter here';
    await start(one, { accept: false, priority: 255 });
    await clock.advance(1000);
    assert.equal(one.state(), 'master');
  });
});

describe('VRRP with other settings', () => {
  it('leaves instances alone that are the same, and ends and begins the others', async () => {
    await start(one, {}, SECOND);
    await clock.advance(1000);
    const before = one.lines.length;
    const third = { name: 'VI_3', virtualRouterId: 54, priority: 20 };
    await one.service.update(vrrpSettings([instanceSettings({}), instanceSettings(third)]));
    await clock.advance(1000);
    assert.deepEqual(one.lines.slice(before), [
      'INSTANCE "VI_2" STOP 100\n',
      'INSTANCE "VI_3" BACKUP 20\n',
      'INSTANCE "VI_3" MASTER 20\n',
    ]);
    assert.equal(one.state('VI_2'), undefined);
  });
});

describe('notify scripts of VRRP', () => {
  it('run in order with what happened, and failures are told', async () => {
    one.failing.add('/master');
    await start(one, { notify: { any: { argv: ['/any'] }, master: { argv: ['/master'] } } });
    await clock.advance(1000);
    await one.service.stop();
    assert.deepEqual(one.scripts, [
      '/any INSTANCE VI_1 BACKUP 100',
      '/master',
      '/any INSTANCE VI_1 MASTER 100',
      '/any INSTANCE VI_1 STOP 100',
    ]);
    assert.deepEqual(
      one.events.filter(({ kind }) => kind === 'failure').map(({ text }) => text),
      ['script /master: exited with 1'],
    );
  });
});
