import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type IpAddress, parseIpAddress } from '../../../model/address.ts';
import type { HostNetwork, NetworkChange } from '../network/host-network.ts';
import { FakeNetwork } from './fake-network.ts';
import { NextHopResolver } from './next-hop-resolver.ts';

const ETH0 = { index: 3, name: 'eth0', mtu: 1500, address: '02:00:00:00:00:01' };
const GATEWAY = { index: 3, address: '10.0.0.254', linkLayerAddress: '02:00:00:00:00:fe', state: 2 };
const VIA_GATEWAY = { index: 3, gateway: '10.0.0.254', source: '10.0.0.1' };
/** flags 5: resolved, with a source; interface 3, MTU 1500, the gateway's and our MAC address, 10.0.0.1. */
const ENTRY_VIA_GATEWAY = `05000000${'03000000'}dc050000${'0200000000fe'}020000000001${'0a000001'}${'00'.repeat(12)}`;

class Bench {
  readonly fake: FakeNetwork;
  readonly network: HostNetwork;
  readonly resolver: NextHopResolver;
  readonly entries = new Map<number, string>();
  writes = 0;
  raised = 0;
  local: boolean | undefined;
  readonly #heard: NetworkChange[] = [];

  constructor(fake: FakeNetwork, network: HostNetwork) {
    this.fake = fake;
    this.network = network;
    this.resolver = new NextHopResolver({
      network,
      write: (id, entry) => {
        this.writes += 1;
        this.entries.set(id, Buffer.from(entry).toString('hex'));
      },
      routesChanged: () => {
        this.raised += 1;
      },
      localServers: (some) => {
        this.local = some;
      },
    });
    network.listen((change) => {
      this.#heard.push(change);
      this.resolver.heard(change);
    });
  }

  /** Waits until changes were heard and the work after them is done. */
  async hear(count: number, now = 0): Promise<void> {
    while (this.#heard.length < count) await new Promise((resolve) => setImmediate(resolve));
    this.#heard.length = 0;
    await this.resolver.work(now);
  }
}

async function bench(t: TestContext, prepare: (fake: FakeNetwork) => void): Promise<Bench> {
  const fake = new FakeNetwork();
  prepare(fake);
  const network = await fake.open();
  t.after(() => network.close());
  return new Bench(fake, network);
}

test('a destination behind a gateway gets its neighbour, link, MTU and source', async (t) => {
  const { resolver, entries, fake } = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.neighbours.push(GATEWAY);
    fake.routes.set('10.1.0.7', VIA_GATEWAY);
    fake.routes.set('10.1.0.8', { ...VIA_GATEWAY, mtu: 1400 });
  });
  resolver.add(1, ip('10.1.0.7'));
  resolver.add(2, ip('10.1.0.8'));
  assert.equal(entries.size, 0, 'what an earlier process wrote holds until there is something better');
  await resolver.work(0);
  assert.equal(entries.get(1), ENTRY_VIA_GATEWAY);
  assert.equal(entries.get(2), ENTRY_VIA_GATEWAY.replace('dc050000', '78050000'));
  resolver.add(3, ip('10.1.0.9'));
  assert.equal(entries.get(3), '00'.repeat(40), 'the slot may have been that of another destination');
  assert.deepEqual(fake.askedFor, []);
});

test('IPv6 on the link itself', async (t) => {
  const { resolver, entries } = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.neighbours.push({ ...GATEWAY, address: 'fd00::7', linkLayerAddress: '02:00:00:00:00:07' });
    fake.routes.set('fd00::7', { index: 3, source: 'fd00::1' });
  });
  resolver.add(9, ip('fd00::7'));
  await resolver.work(0);
  assert.equal(entries.get(9), `0500000003000000dc050000020000000007020000000001fd00${'00'.repeat(13)}01`);
});

test('without a route, a link that is up, or a neighbour, the entry is not resolved', async (t) => {
  const { resolver, entries, fake } = await bench(t, (fake) => {
    fake.links.push(ETH0, { ...ETH0, index: 4, down: true });
    fake.neighbours.push({ index: 4, address: '10.1.0.2', linkLayerAddress: '02:00:00:00:00:02', state: 2 });
    fake.routes.set('10.1.0.2', { index: 4 });
    fake.routes.set('10.1.0.3', { index: 3 });
  });
  resolver.add(1, ip('10.1.0.1'));
  resolver.add(2, ip('10.1.0.2'));
  resolver.add(3, ip('10.1.0.3'));
  await resolver.work(0);
  assert.equal(entries.get(1), '00'.repeat(40));
  assert.equal(entries.get(2), `0000000004000000dc050000${'00'.repeat(28)}`);
  assert.equal(entries.get(3), `0000000003000000dc050000${'00'.repeat(28)}`);
  assert.deepEqual(fake.askedFor, ['10.1.0.3']);
});

test('a neighbour that answers, moves, fails: entries follow, and only what clients may remember lapses', async (t) => {
  const lab = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.routes.set('10.1.0.7', VIA_GATEWAY);
  });
  for (let id = 0; id < 100; id++) lab.resolver.add(id, ip('10.1.0.7'));
  await lab.resolver.work(0);
  lab.fake.lookedUp.length = 0;

  lab.fake.announce({ neighbour: { ...GATEWAY, state: 1, linkLayerAddress: '00:00:00:00:00:00' } });
  lab.fake.announce({ neighbour: GATEWAY });
  await lab.hear(2);
  assert.equal(lab.entries.get(99), ENTRY_VIA_GATEWAY);
  assert.equal(lab.raised, 0, 'nobody can have remembered it');

  lab.writes = 0;
  for (const state of [4, 8, 16, 2]) lab.fake.announce({ neighbour: { ...GATEWAY, state } });
  await lab.hear(4);
  assert.deepEqual([lab.writes, lab.raised], [0, 0], 'stale, delay, probe, reachable: the same address');

  lab.fake.announce({ neighbour: { ...GATEWAY, linkLayerAddress: '02:00:00:00:00:99' } });
  await lab.hear(1);
  assert.equal(lab.entries.get(99), ENTRY_VIA_GATEWAY.replace('0200000000fe', '020000000099'));
  assert.equal(lab.raised, 1);

  lab.fake.announce({ neighbour: { ...GATEWAY, state: 32 } });
  await lab.hear(1);
  assert.equal(lab.entries.get(99)?.slice(0, 8), '04000000');
  assert.equal(lab.raised, 2);
  assert.deepEqual(lab.fake.lookedUp, [], 'no route changed');
});

test('only ways that a changed route can concern are looked up again', async (t) => {
  const lab = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.neighbours.push(GATEWAY);
    for (let n = 0; n < 50; n++) fake.routes.set(`10.1.0.${n}`, { index: 3 });
  });
  for (let n = 0; n < 50; n++) lab.resolver.add(n, ip(`10.1.0.${n}`));
  await lab.resolver.work(0);
  lab.fake.lookedUp.length = 0;
  lab.fake.routes.set('10.1.0.7', VIA_GATEWAY);
  lab.fake.announce({ route: '10.1.0.7' });
  await lab.hear(1);
  assert.deepEqual(lab.fake.lookedUp, ['10.1.0.7']);
  assert.equal(lab.entries.get(7), ENTRY_VIA_GATEWAY);
  assert.equal(lab.raised, 2, 'once before the look-up, and once as it found another way');

  lab.fake.announce({ link: { ...ETH0, mtu: 9000 } });
  await lab.hear(1);
  assert.equal(lab.entries.get(7), ENTRY_VIA_GATEWAY.replace('dc050000', '28230000'));
  assert.equal(lab.fake.lookedUp.length, 1 + 52);
  lab.fake.announce({ link: { ...ETH0, mtu: 9000 } });
  lab.fake.announce({ neighbour: { ...GATEWAY, address: '10.0.0.77' } });
  await lab.hear(2);
  assert.equal(lab.raised, 3, 'the link is as it was, the neighbour new');
});

test('every way is looked up again within half a minute, a few at a time', async (t) => {
  const lab = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.neighbours.push(GATEWAY);
    for (let n = 0; n < 58; n++) fake.routes.set(`10.1.0.${n}`, { index: 3 });
  });
  for (let n = 0; n < 58; n++) lab.resolver.add(n, ip(`10.1.0.${n}`));
  await lab.resolver.work(0);
  lab.fake.lookedUp.length = 0;
  lab.fake.routes.set('10.1.0.7', VIA_GATEWAY);
  for (let second = 0; second < 30; second++) {
    const before = lab.fake.lookedUp.length;
    await lab.resolver.tick(second * 1000);
    assert.equal(lab.fake.lookedUp.length - before, 2);
  }
  assert.equal(new Set(lab.fake.lookedUp).size, 60);
  assert.equal(lab.raised, 1, 'nobody said that the route is another one');
  assert.equal(lab.entries.get(7), ENTRY_VIA_GATEWAY);
});

test('a stale neighbour is asked for at once, a missing one less and less often', async (t) => {
  const { resolver, fake } = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.neighbours.push({ ...GATEWAY, state: 4 });
    fake.routes.set('10.1.0.7', VIA_GATEWAY);
    fake.routes.set('10.1.0.8', { index: 3 });
  });
  resolver.add(1, ip('10.1.0.7'));
  resolver.add(2, ip('10.1.0.8'));
  const asked: string[] = [];
  for (let second = 0; second < 40; second++) {
    await resolver.tick(second * 1000);
    if (fake.askedFor.splice(0).includes('10.1.0.8')) asked.push(String(second));
    if (second === 0) assert.deepEqual(asked, ['0']);
  }
  assert.deepEqual(asked, ['0', '1', '3', '7', '15', '31']);
});

test('a destination that is this host itself is local, and tc egress is told', async (t) => {
  const lab = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.routes.set('10.0.0.1', { type: 2, index: 1, source: '10.0.0.1' });
  });
  lab.resolver.add(4, ip('10.0.0.1'));
  lab.resolver.add(5, ip('10.0.0.1'));
  assert.equal(lab.local, undefined);
  await lab.resolver.work(0);
  assert.equal(lab.local, true);
  assert.equal(lab.entries.get(4), `06000000${'00'.repeat(20)}0a000001${'00'.repeat(12)}`);
  lab.resolver.remove(4);
  assert.equal(lab.local, true);
  assert.equal(lab.entries.get(4), '00'.repeat(40));
  lab.resolver.remove(5);
  assert.equal(lab.local, false);
});

test('a restart without local destinations says so, once all is looked up', async (t) => {
  const lab = await bench(t, () => undefined);
  await lab.resolver.work(0);
  assert.equal(lab.local, false);
});

test('a destination that gets another address leaves the way it had', async (t) => {
  const { resolver, entries } = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.neighbours.push(GATEWAY);
    fake.routes.set('10.1.0.7', VIA_GATEWAY);
  });
  resolver.add(1, ip('10.1.0.7'));
  await resolver.work(0);
  resolver.add(1, ip('10.9.0.1'));
  await resolver.work(0);
  assert.equal(entries.get(1), '00'.repeat(40));
  resolver.add(1, ip('10.1.0.7'));
  resolver.add(2, ip('10.1.0.7'));
  await resolver.work(0);
  assert.deepEqual([entries.get(1), entries.get(2)], [ENTRY_VIA_GATEWAY, ENTRY_VIA_GATEWAY]);
});

test('changes that were lost have everything looked up anew', async (t) => {
  const lab = await bench(t, (fake) => {
    fake.links.push(ETH0);
    fake.routes.set('10.1.0.7', VIA_GATEWAY);
  });
  lab.resolver.add(1, ip('10.1.0.7'));
  await lab.resolver.work(0);
  lab.fake.neighbours.push(GATEWAY);
  lab.fake.watched.faults.overrun = 1;
  lab.fake.announce({ route: '10.1.0.7' });
  await lab.hear(1);
  assert.equal(lab.entries.get(1), ENTRY_VIA_GATEWAY);
  assert.equal(lab.raised, 1);
});

function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  assert.ok(address);
  return address;
}
