import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { enterOwnNetwork } from '../../../test/netlink/own-network.ts';
import { macvlanData } from './macvlan.ts';
import { RouteNetlink } from './route-netlink.ts';
import type { RouteChange } from './route-watch.ts';

const skip = enterOwnNetwork() ?? false;

describe('rtnetlink of this kernel', { skip, timeout: 20_000 }, () => {
  const netlink = skip === false ? new RouteNetlink() : undefined;

  test('links are made, changed, found, listed and deleted', async () => {
    const { links } = opened(netlink);
    const lo = await links.find('lo');
    assert.deepEqual([lo?.index, lo?.hardware, lo?.up, lo?.mtu], [1, 772, false, 65536]);
    assert.deepEqual(await links.find(1), lo);
    assert.equal(await links.find('nosuch0'), undefined);
    assert.equal(await links.find(77), undefined);

    await links.add({ name: 'left', kind: 'veth', peer: 'right', mtu: 1400, address: '02:00:00:00:00:0A' });
    await assert.rejects(links.add({ name: 'left', kind: 'bridge' }), { code: 'EEXIST' });
    await assert.rejects(links.add({ name: 'odd', kind: 'nosuchkind' }), {
      code: 'EOPNOTSUPP',
      kernelMessage: 'Unknown device type',
    });
    const left = await links.find('left');
    assert.ok(left);
    assert.deepEqual(
      [left.kind, left.mtu, left.address, left.up, left.carrier, left.operationalState],
      ['veth', 1400, '02:00:00:00:00:0a', false, false, 'down'],
    );
    const right = await links.find('right');
    assert.ok(right);
    assert.deepEqual([left.parent, right.parent], [right.index, left.index]);

    await links.add({ name: 'bridge', kind: 'bridge' });
    const bridge = await links.find('bridge');
    assert.ok(bridge);
    await links.change(left.index, { up: true, mtu: 1300, name: 'links', master: bridge.index });
    await links.change(right.index, { up: true });
    const changed = await links.find(left.index);
    assert.deepEqual(
      [changed?.name, changed?.mtu, changed?.up, changed?.carrier, changed?.master],
      ['links', 1300, true, true, bridge.index],
    );
    assert.deepEqual(
      (await links.list())
        .map(({ name }) => name)
        .filter((name) => name !== 'sit0')
        .sort(),
      ['bridge', 'links', 'lo', 'right'],
    );
    await links.change(left.index, { master: 0 });
    assert.equal((await links.find(left.index))?.master, undefined);
    await links.delete(bridge.index);
    await links.delete(left.index);
    assert.equal(await links.find('right'), undefined);
    await assert.rejects(links.delete(left.index), { code: 'ENODEV', request: 'RTM_DELLINK' });
  });

  test('a macvlan lies on another link, and has its own address and mode', async () => {
    const { links } = opened(netlink);
    await links.add({ name: 'below', kind: 'veth', peer: 'beyond' });
    const below = await links.find('below');
    assert.ok(below);
    const address = '00:00:5e:00:01:33';
    await links.add({
      name: 'above',
      kind: 'macvlan',
      parent: below.index,
      address,
      data: macvlanData('private'),
    });
    const above = await links.find('above');
    assert.deepEqual(
      [above?.kind, above?.parent, above?.address, above?.up],
      ['macvlan', below.index, address, false],
    );
    assert.match(
      execFileSync('ip', ['-d', 'link', 'show', 'above'], { encoding: 'utf8' }),
      /macvlan mode private/,
    );
    assert.ok(above);
    const settings = {
      inet: { rp_filter: 2, arp_filter: 1, arp_announce: 2, arp_ignore: 1 },
      inet6AddressGeneration: 'none',
    } as const;
    await links.change(above.index, { settings });
    const read = (name: string) => readFileSync(`/proc/sys/net/${name}`, 'latin1').trim();
    for (const [name, value] of Object.entries(settings.inet))
      assert.equal(read(`ipv4/conf/above/${name}`), `${value}`, name);
    assert.equal(read('ipv6/conf/above/addr_gen_mode'), '1');
    await links.delete(below.index);
    assert.equal(await links.find('above'), undefined);
  });

  test('rules come and go', async () => {
    const { rules } = opened(netlink);
    const from = { address: '192.0.2.0', prefixLength: 24 };
    const one = { family: 'inet', from, table: 1000, priority: 77 } as const;
    await rules.add(one);
    await assert.rejects(rules.add(one), { code: 'EEXIST', request: 'RTM_NEWRULE' });
    const to = { address: '2001:db8::', prefixLength: 32 };
    await rules.add({ family: 'inet6', to, table: 200, priority: 78, mark: 5 });
    assert.deepEqual(
      (await rules.list('inet')).filter(({ priority }) => priority === 77),
      [{ ...one, action: 1 }],
    );
    assert.deepEqual(
      (await rules.list('inet6')).filter(({ priority }) => priority === 78),
      [{ family: 'inet6', to, table: 200, priority: 78, mark: 5, action: 1 }],
    );
    await rules.delete(one);
    await assert.rejects(rules.delete(one), { code: 'ENOENT' });
    assert.ok((await rules.list('inet')).every(({ priority }) => priority !== 77));
  });

  test('addresses come and go', async () => {
    const { addresses, links } = opened(netlink);
    await links.change(1, { up: true });
    await addresses.add({ index: 1, address: '192.0.2.10', prefixLength: 32, label: 'lo:vip', scope: 254 });
    await addresses.add({ index: 1, address: '2001:db8::10', prefixLength: 128, noDuplicateDetection: true });
    await assert.rejects(addresses.add({ index: 1, address: '192.0.2.10', prefixLength: 32 }), {
      code: 'EEXIST',
    });
    await assert.rejects(addresses.add({ index: 77, address: '192.0.2.10', prefixLength: 32 }), {
      code: 'ENODEV',
    });
    await assert.rejects(addresses.add({ index: 1, address: '192.0.2', prefixLength: 24 }), TypeError);
    const listed = await addresses.list(1);
    assert.deepEqual(await addresses.list(), listed);
    assert.deepEqual(await addresses.list(77), []);
    assert.deepEqual(listed.map(({ address, prefixLength }) => `${address}/${prefixLength}`).sort(), [
      '127.0.0.1/8',
      '192.0.2.10/32',
      '2001:db8::10/128',
      '::1/128',
    ]);
    const vip = listed.find(({ address }) => address === '192.0.2.10');
    assert.deepEqual([vip?.label, vip?.scope, vip?.family, vip?.tentative], ['lo:vip', 254, 'inet', false]);
    await addresses.delete({ index: 1, address: '192.0.2.10', prefixLength: 32 });
    await addresses.delete({ index: 1, address: '2001:db8::10', prefixLength: 128 });
    await assert.rejects(addresses.delete({ index: 1, address: '192.0.2.10', prefixLength: 32 }), {
      code: 'EADDRNOTAVAIL',
    });
    assert.equal((await addresses.list()).length, 2);
  });

  test('routes come, are looked up, replaced, listed by table, and go', async () => {
    const { addresses, routes } = opened(netlink);
    const index = await makeLink(opened(netlink), 'rt');
    await addresses.add({ index, address: '10.9.0.1', prefixLength: 24, broadcast: '10.9.0.255' });
    await addresses.add({ index, address: 'fd09::1', prefixLength: 64, noDuplicateDetection: true });
    const to = { address: '198.51.100.0', prefixLength: 24 };
    assert.equal(await routes.lookUp('198.51.100.7'), undefined);
    await routes.add({ destination: to, gateway: '10.9.0.2', metric: 50 });
    await assert.rejects(routes.add({ destination: to, gateway: '10.9.0.2', metric: 50 }), {
      code: 'EEXIST',
    });
    await assert.rejects(routes.add({ destination: to, gateway: '172.31.0.1', metric: 60 }), {
      kind: 'refused',
      code: 'ENETUNREACH',
      kernelMessage: 'Nexthop has invalid gateway',
    });
    const found = await routes.lookUp('198.51.100.7');
    assert.deepEqual([found?.gateway, found?.index, found?.preferredSource], ['10.9.0.2', index, '10.9.0.1']);
    await routes.replace({ destination: to, gateway: '10.9.0.3', metric: 50 });
    assert.equal((await routes.lookUp('198.51.100.7'))?.gateway, '10.9.0.3');
    await routes.add({ destination: { address: '198.51.100.9', prefixLength: 32 }, type: 'blackhole' });
    assert.deepEqual(
      (await routes.lookUpAll(['198.51.100.7', '192.88.99.1', '198.51.100.9', '10.9.0.1', 'fd09::7'])).map(
        (route) => route && [route.type, route.gateway],
      ),
      [['unicast', '10.9.0.3'], undefined, undefined, ['local', undefined], ['unicast', undefined]],
    );
    assert.deepEqual(await routes.lookUpAll([]), []);
    await assert.rejects(routes.lookUpAll(['10.9.0']), TypeError);
    await routes.delete({ destination: { address: '198.51.100.9', prefixLength: 32 }, type: 'blackhole' });
    execFileSync('ip', ['route', 'add', '198.51.101.0/24', 'via', 'inet6', 'fd09::9', 'dev', 'rt']);
    assert.equal((await routes.lookUp('198.51.101.1'))?.gateway, 'fd09::9');
    execFileSync('ip', ['route', 'del', '198.51.101.0/24']);
    await routes.add({ destination: to, type: 'blackhole', table: 5000 });
    await routes.add({
      destination: { address: '203.0.113.0', prefixLength: 24 },
      nextHops: [
        { index, gateway: '10.9.0.4', weight: 3 },
        { index, gateway: '10.9.0.5' },
      ],
    });
    await routes.add({ destination: { address: 'fd0a::', prefixLength: 16 }, gateway: 'fd09::2' });
    await routes.add({ family: 'inet6', index, table: 5000 });
    const main = await routes.list({ family: 'inet', table: 254 });
    assert.deepEqual(
      main.map(({ destination, type }) => [destination?.address, destination?.prefixLength, type]),
      [
        ['10.9.0.0', 24, 'unicast'],
        ['198.51.100.0', 24, 'unicast'],
        ['203.0.113.0', 24, 'unicast'],
      ],
    );
    assert.deepEqual(main[2]?.nextHops, [
      { index, gateway: '10.9.0.4', weight: 3 },
      { index, gateway: '10.9.0.5', weight: 1 },
    ]);
    const other = await routes.list({ table: 5000 });
    assert.deepEqual(
      other.map(({ family, type, destination }) => [family, type, destination?.address]),
      [
        ['inet', 'blackhole', '198.51.100.0'],
        ['inet6', 'unicast', undefined],
      ],
    );
    assert.deepEqual(await routes.list({ table: 4999 }), []);
    const all = await routes.list();
    assert.ok(all.length > main.length + other.length);
    assert.ok((await routes.list({ index })).every((route) => route.index === index));
    assert.ok(all.some(({ destination }) => destination?.address === 'fd0a::'));
    await routes.delete({ destination: to });
    assert.equal(await routes.lookUp('198.51.100.7'), undefined);
    await assert.rejects(routes.delete({ destination: to }), { code: 'ESRCH' });
    await assert.rejects(routes.add({}), TypeError);
  });

  test('neighbours come and go', async () => {
    const { neighbours } = opened(netlink);
    const index = await makeLink(opened(netlink), 'nb');
    const entry = { index, address: '10.8.0.2', linkLayerAddress: '02:00:00:00:00:02' };
    await neighbours.add(entry);
    await assert.rejects(neighbours.add(entry), { code: 'EEXIST' });
    await neighbours.replace({ ...entry, linkLayerAddress: '02:00:00:00:00:03', state: 'stale' });
    await neighbours.add({ index, address: 'fd08::2', linkLayerAddress: '02:00:00:00:00:04' });
    const listed = (await neighbours.list(index)).filter(({ state }) => state !== 'noarp');
    assert.deepEqual(
      listed.map(({ address, linkLayerAddress, state, family }) => [
        address,
        linkLayerAddress,
        state,
        family,
      ]),
      [
        ['10.8.0.2', '02:00:00:00:00:03', 'stale', 'inet'],
        ['fd08::2', '02:00:00:00:00:04', 'permanent', 'inet6'],
      ],
    );
    assert.ok((await neighbours.list()).length >= 2);
    await neighbours.resolve(index, '10.8.0.9');
    assert.ok(
      (await neighbours.list(index)).some(
        ({ address, state }) => address === '10.8.0.9' && state === 'incomplete',
      ),
    );
    await neighbours.resolveAll([
      { index: 77, address: '10.8.0.10' },
      { index, address: '10.8.0.11' },
    ]);
    assert.ok((await neighbours.list(index)).some(({ address }) => address === '10.8.0.11'));
    await neighbours.delete(entry);
    await assert.rejects(neighbours.delete(entry), { code: 'ENOENT' });
  });

  test('a watch tells of changes while the event loop runs, and closing ends it', async (t) => {
    const watch = opened(netlink).watch('link', 'address', 'route', 'rule', 'neighbour', 'link');
    t.after(() => watch.close());
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const changes: RouteChange[] = [];
    const watching = (async () => {
      for await (const change of watch) changes.push(change);
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(ticks > 1, `the event loop stood still: ${ticks} ticks`);
    clearInterval(timer);

    const { addresses, routes, rules, links, neighbours } = opened(netlink);
    const index = await makeLink(opened(netlink), 'wt');
    for (const family of ['inet', 'inet6'] as const) {
      await rules.add({ family, table: 77, priority: 7700 });
      await rules.delete({ family, table: 77, priority: 7700 });
    }
    await addresses.add({ index, address: '10.7.0.1', prefixLength: 24 });
    await routes.add({ destination: { address: '198.18.0.0', prefixLength: 15 }, gateway: '10.7.0.9' });
    await neighbours.add({ index, address: '10.7.0.9', linkLayerAddress: '02:00:00:00:00:09' });
    await addresses.delete({ index, address: '10.7.0.1', prefixLength: 24 });
    await links.delete(index);
    await eventually(() => changes.some((seen) => seen.kind === 'link' && seen.change === 'deleted'));
    const seen = new Set(
      changes.map((change) => (change.kind === 'lost' ? 'lost' : `${change.kind} ${change.change}`)),
    );
    for (const expected of [
      'link set',
      'address set',
      'route set',
      'rule set',
      'rule deleted',
      'neighbour set',
      'address deleted',
      'link deleted',
    ]) {
      assert.ok(seen.has(expected), `no ${expected} among ${[...seen].join(', ')}`);
    }
    watch.close();
    await watching;
    assert.deepEqual(await watch.next(), { done: true, value: undefined });
  });

  test('many watches share one thread, and leaving a loop closes its watch', async (t) => {
    const { addresses } = opened(netlink);
    const watches = Array.from({ length: 20 }, () => opened(netlink).watch('address'));
    t.after(() => watches.forEach((watch) => void watch.close()));
    const heard = watches.map(async (watch) => {
      for await (const change of watch) {
        if (change.kind === 'address' && change.address.address === '192.0.2.77') return change.change;
      }
      return 'end';
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await addresses.add({ index: 1, address: '192.0.2.77', prefixLength: 32 });
    assert.deepEqual(new Set(await Promise.all(heard)), new Set(['set']));
    for (const watch of watches) assert.equal((await watch.next()).done, true);
  });

  test('a process ends when its watch is closed, and when it calls process.exit()', () => {
    const module = JSON.stringify(import.meta.resolve('./route-netlink.ts'));
    for (const end of ['watch.close()', 'process.exit(0)']) {
      const program = `
        const { RouteNetlink } = await import(${module});
        const netlink = new RouteNetlink();
        const watch = netlink.watch('link');
        void watch.next();
        netlink.close();
        setTimeout(() => { ${end}; }, 20);`;
      execFileSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 10_000 });
    }
  });

  test('a watch that falls behind says so', async (t) => {
    const { openNetlinkSocket } = await import('../netlink-connection.ts');
    const { RouteWatch } = await import('./route-watch.ts');
    const watch = new RouteWatch(openNetlinkSocket(0, { groups: [5], receiveBuffer: 4096 }));
    t.after(() => watch.close());
    const { addresses } = opened(netlink);
    for (let n = 1; n < 100; n++)
      await addresses.add({ index: 1, address: `192.0.2.${n}`, prefixLength: 32 }).catch(() => 0);
    const kinds: string[] = [];
    while (!kinds.includes('lost')) kinds.push((await watch.next()).value?.kind ?? 'end');
    assert.ok(kinds.length < 100);
  });

  test('closed', async () => {
    opened(netlink).close();
    await assert.rejects(opened(netlink).links.list(), { kind: 'closed' });
  });
});

function opened(netlink: RouteNetlink | undefined): RouteNetlink {
  assert.ok(netlink);
  return netlink;
}

/** A veth that is up at both ends. */
async function makeLink({ links }: RouteNetlink, name: string): Promise<number> {
  await links.add({ name, kind: 'veth', peer: `${name}-peer` });
  const [link, peer] = [await links.find(name), await links.find(`${name}-peer`)];
  assert.ok(link && peer);
  await links.change(link.index, { up: true });
  await links.change(peer.index, { up: true });
  return link.index;
}

async function eventually(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 200 && !condition(); n++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition(), 'it did not come true within 2 s');
}
