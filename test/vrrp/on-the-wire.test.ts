import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family, IpAddress } from '../../src/model/address.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import type { VrrpInstanceSettings } from '../../src/model/vrrp.ts';
import { RouteNetlink } from '../../src/netlink/route/route-netlink.ts';
import { Announcer } from '../../src/vrrp/announce/announcer.ts';
import { NetlinkMasterHost } from '../../src/vrrp/host/netlink-master-host.ts';
import type { InstanceEvent } from '../../src/vrrp/instance-events.ts';
import { decodeAdvertisement } from '../../src/vrrp/packet/decode-advertisement.ts';
import { VrrpInstance } from '../../src/vrrp/vrrp-instance.ts';
import { VrrpReceiver } from '../../src/vrrp/wire/vrrp-receiver.ts';
import { VrrpSender } from '../../src/vrrp/wire/vrrp-sender.ts';
import { enterOwnNetwork } from '../netlink/own-network.ts';
import { instanceSettings } from './instance-settings.ts';

const skip = enterOwnNetwork() ?? false;

/** The two ends of a cable, in one namespace: sources are local addresses, which IPv4 takes only when told to. */
const ENDS = {
  left: { inet: '10.9.0.1', inet6: 'fe80::1' },
  right: { inet: '10.9.0.2', inet6: 'fe80::2' },
} as const;
type End = keyof typeof ENDS;
const VIRTUAL = {
  inet: { address: '192.0.2.50', prefixLength: 32 },
  inet6: { address: '2001:db8::50', prefixLength: 128 },
};
const LIMIT_MS = 30_000;

describe('VRRP between two ends of a cable', { skip, timeout: 180_000 }, () => {
  let netlink: RouteNetlink;
  const indexes = new Map<End, number>();

  before(async () => {
    writeFileSync('/proc/sys/net/ipv4/conf/all/accept_local', '1');
    netlink = new RouteNetlink();
    await netlink.links.add({ name: 'left', kind: 'veth', peer: 'right' });
    for (const end of ['left', 'right'] as const) {
      const index = (await netlink.links.find(end))?.index ?? 0;
      indexes.set(end, index);
      await netlink.links.change(index, { up: true });
      await netlink.addresses.add({ index, address: ENDS[end].inet, prefixLength: 24 });
      await netlink.addresses.add({
        index,
        address: ENDS[end].inet6,
        prefixLength: 64,
        noDuplicateDetection: true,
      });
    }
  });

  after(() => netlink.close());

  for (const family of ['inet', 'inet6'] as const) {
    for (const way of ['multicast', 'unicast'] as const) {
      for (const version of family === 'inet' ? ([2, 3] as const) : ([3] as const)) {
        it(`the higher priority is master, and a dead one is followed: ${family}, ${way}, version ${version}`, async () => {
          const interval = (version === 2 ? 1000 : 100) as Milliseconds;
          const common = { family, version, advertisementInterval: interval };
          const left = router('left', family, way, { ...common, priority: 150 });
          const right = router('right', family, way, { ...common, priority: 100 });
          try {
            left.instance.start();
            right.instance.start();
            await until(() => left.state() === 'master');
            await until(async () => (await hasVirtual('left', family)) && right.instance.counts.received > 1);
            assert.equal(right.state(), 'backup');
            assert.equal(await hasVirtual('right', family), false);
            assert.deepEqual([...left.oddities, ...right.oddities], []);
            left.cut();
            await until(() => right.state() === 'master');
            await until(() => hasVirtual('right', family));
            assert.deepEqual(right.oddities, []);
          } finally {
            await left.instance.stop();
            await right.instance.stop();
            left.cut();
            right.cut();
          }
          assert.equal((await hasVirtual('left', family)) || (await hasVirtual('right', family)), false);
        });
      }
    }
  }

  it('two masters after a parted network are one again', async () => {
    const left = router('left', 'inet', 'multicast', { priority: 150 });
    const right = router('right', 'inet', 'multicast', { priority: 100 });
    const index = indexes.get('left') ?? 0;
    try {
      left.deaf = true;
      right.deaf = true;
      left.instance.start();
      right.instance.start();
      await until(() => left.state() === 'master' && right.state() === 'master');
      left.deaf = false;
      right.deaf = false;
      await until(() => right.state() === 'backup');
      assert.equal(left.state(), 'master');
      assert.ok(left.instance.counts.conflicts + right.instance.counts.conflicts > 0);
      assert.ok(
        (await netlink.addresses.list(index)).some(({ address }) => address === VIRTUAL.inet.address),
      );
    } finally {
      await left.instance.stop();
      await right.instance.stop();
      left.cut();
      right.cut();
    }
  });

  function router(
    end: End,
    family: Family,
    way: 'multicast' | 'unicast',
    given: Partial<VrrpInstanceSettings>,
  ): { instance: VrrpInstance; state: () => string; cut: () => void; oddities: string[]; deaf: boolean } {
    const on = { name: end, index: indexes.get(end) ?? 0 };
    const peer = ENDS[end === 'left' ? 'right' : 'left'][family] as IpAddress;
    const settings = instanceSettings({
      ...given,
      interface: end,
      addresses: [{ ...VIRTUAL[family], address: VIRTUAL[family].address as IpAddress }],
      ...(way === 'unicast' && { unicastPeers: [peer] }),
    });
    const source = ENDS[end][family] as IpAddress;
    const sender = new VrrpSender(on, {
      source,
      pseudoHeaderChecksum: true,
      ...(settings.unicastPeers !== undefined && { peers: settings.unicastPeers }),
    });
    const announcer = new Announcer();
    const oddities: string[] = [];
    const instance = new VrrpInstance(settings, {
      source,
      host: new NetlinkMasterHost(netlink),
      send: (advertisement) => sender.send(advertisement),
      announce: () =>
        announcer.announce(
          [VIRTUAL[family].address as IpAddress],
          { index: on.index, hardwareAddress: new Uint8Array(6) },
          true,
        ),
      now: () => performance.now(),
      timers: {
        after: (milliseconds, callback) => {
          const timer = setTimeout(callback, milliseconds);
          return () => clearTimeout(timer);
        },
      },
      onEvent: (event: InstanceEvent) => {
        if (event.kind === 'oddity' || event.kind === 'failure') oddities.push(event.text);
      },
    });
    const running = {
      instance,
      state: () => instance.router.state,
      oddities,
      deaf: false,
      cut: () => {
        receiver.close();
        sender.close();
        announcer.close();
      },
    };
    const receiver = new VrrpReceiver(on, family, (packet) => {
      const { advertisement, refusal } = decodeAdvertisement(packet);
      if (running.deaf) return;
      if (advertisement === undefined) oddities.push(refusal);
      else instance.hear(advertisement, packet);
    });
    return running;
  }

  async function hasVirtual(end: End, family: Family): Promise<boolean> {
    const addresses = await netlink.addresses.list(indexes.get(end) ?? 0);
    return addresses.some(({ address }) => address === VIRTUAL[family].address);
  }
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `not within ${LIMIT_MS} ms: ${isSo}`);
    await sleep(10);
  }
}
